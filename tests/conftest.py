"""Fixtures of the whole suite: a runtime folder and a zygote of its own.

The zygote is started by the first test that needs a kernel and serves all of them, so that TensorFlow is
imported once. Its folder is not the one of the commands that somebody runs beside the tests.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from postgresql_server import Server, running_server
from xdist.scheduler import LoadFileScheduling

from autograder.sandbox.client import Zygote

# A busy machine fails no property: how long an example takes is not what these tests are about.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

#: Planted in the environment of whoever starts the zygote; no kernel may ever see it.
PLANTED = "AUTOGRADER_TEST_SECRET"


class _ByFile(LoadFileScheduling):  # type: ignore[misc]
    """When several processes share the suite, a file's tests stay together, with what its fixtures have made.

    All attacks stay together: some plant what others look for on the whole host.
    """

    def _split_scope(self, nodeid: str) -> str:
        return "attacks" if nodeid.startswith("tests/attacks/") else str(super()._split_scope(nodeid))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> _ByFile:
    """How ``make test`` spreads the tests."""
    return _ByFile(config, log)


@pytest.fixture(scope="session", autouse=True)
def runtime() -> Iterator[Path]:
    """A short path (those of sockets are limited) that only this user can enter."""
    folder = Path(tempfile.mkdtemp(prefix="ag-", dir="/tmp"))
    before = os.environ.get("XDG_RUNTIME_DIR")
    os.environ["XDG_RUNTIME_DIR"] = str(folder)
    os.environ[PLANTED] = "canary-in-the-environment"
    yield folder
    for socket in folder.glob("autograder-*/[jz]-*"):
        if socket.is_socket():
            Zygote(socket).stop()
    shutil.rmtree(folder, ignore_errors=True)  # the zygote removes its socket at the same moment
    del os.environ[PLANTED]
    if before is None:
        del os.environ["XDG_RUNTIME_DIR"]
    else:
        os.environ["XDG_RUNTIME_DIR"] = before


@pytest.fixture(scope="session")
def zygote(runtime: Path) -> Zygote:
    """The warm process that kernels are forked from."""
    return Zygote.connect()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """A PostgreSQL server, started by the first test that asks for one."""
    with running_server() as server:
        yield server


@pytest.fixture
def postgresql_url(postgresql: Server) -> Iterator[str]:
    """SQLAlchemy's URL of a new database on it."""
    with postgresql.database() as name:
        yield postgresql.url(name)
