"""A PostgreSQL server of the tests' own: Debian's programs, in a folder that is gone at the end.

Nothing of a server that the machine may run is used or touched. PostgreSQL refuses to run as root, so root's tests
start it as the account ``postgres``, or ``nobody``. It asks for an end of itself when this process ends, however
that ends.
"""

import ctypes
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from psycopg import sql

__all__ = ["MISSING", "Server", "programs", "running_server"]

MISSING = "Debian's PostgreSQL is not installed. Install it: apt-get install --no-install-recommends postgresql"
#: In the password: what a URL has to write otherwise, and by which it is found where it must not be.
CANARY = "canary/pass%word"
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True)
#: Names are sorted otherwise than by their bytes, and the clock is not at UTC, as on a server in Brazil.
_INITDB = ("--encoding=UTF8", "--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=pt-BR", "--no-sync")
_SETTINGS = {
    "shared_buffers": "64MB", "max_connections": "60", "fsync": "off", "timezone": "America/Sao_Paulo",
    "log_timezone": "America/Sao_Paulo", "deadlock_timeout": "200ms", "jit": "off",
}  # fmt: skip


def programs() -> Path | None:
    """The folder of the newest server that Debian has installed."""
    found = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/postgres")]
    return max(found, key=lambda path: float(path.parent.name), default=None)


class Server:
    """A server that runs, on the loopback interface and on a socket.

    Args:
        folder: Where its files are.
        port: Where it listens.
        bin: Where its programs are.
    """

    def __init__(self, folder: Path, port: int, bin: Path) -> None:
        self.folder, self.port, self._bin = folder, port, bin
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def data(self) -> Path:
        """Its data directory."""
        return self.folder / "data"

    def url(self, database: str, *, password: str = CANARY) -> str:
        """SQLAlchemy's URL of a database, over the loopback interface."""
        return f"postgresql+psycopg://autograder:{quote(password, safe='')}@127.0.0.1:{self.port}/{database}"

    def connect(self, database: str = "postgres") -> "psycopg.Connection[tuple[object, ...]]":
        """A connection of the superuser's, over the socket."""
        return psycopg.connect(
            host=str(self.folder), port=self.port, user="autograder", dbname=database, autocommit=True
        )

    @contextmanager
    def database(self) -> Iterator[str]:
        """A new database's name; the database is gone at the end."""
        name = f"course_{secrets.token_hex(4)}"
        with self.connect() as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield name
        finally:
            with self.connect() as connection:  # the server may have been started again meanwhile
                connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def start(self) -> None:
        """Start it, and wait until it answers."""
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._bin / "postgres", "-D", self.data], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                cwd=self.folder, preexec_fn=_end_with_parent, **_account(),
            )  # fmt: skip
        for _ in range(600):
            if self._process.poll() is not None:
                break
            try:
                self.connect().close()
            except psycopg.OperationalError:
                time.sleep(0.05)
            else:
                return
        raise RuntimeError(f"PostgreSQL does not start:\n{(self.folder / 'log').read_text()}")

    def stop(self) -> None:
        """End it and all connections to it."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self._process.send_signal(signal.SIGQUIT)
                self._process.wait(20)
            self._process = None


@contextmanager
def running_server(settings: Mapping[str, str] | None = None) -> Iterator[Server]:
    """A server that is there until the block ends, with settings beside those of tests.

    Where PostgreSQL is not installed, tests fail for root, who can install it, and where everything has to
    be run (``CI`` or ``TP555_COMPLETE`` is set); elsewhere they are skipped, and pytest's summary says why.
    """
    bin = programs()
    if bin is None:
        if os.geteuid() == 0 or os.environ.keys() & {"CI", "TP555_COMPLETE"}:
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
    try:
        if account := _account():
            os.chown(folder, int(account["user"]), int(account["group"]))
        password = folder / "password"
        password.write_text(CANARY)
        password.chmod(0o644)
        subprocess.run(
            [bin / "initdb", "-D", folder / "data", "--username=autograder", "--auth-local=trust",
             "--auth-host=scram-sha-256", f"--pwfile={password}", *_INITDB],
            check=True, stdout=subprocess.DEVNULL, cwd=folder, **account,
        )  # fmt: skip
        password.unlink()
        server = Server(folder, _free_port(), bin)
        settings = {
            **_SETTINGS, **(settings or {}), "listen_addresses": "127.0.0.1", "port": str(server.port),
            "unix_socket_directories": str(folder),
        }  # fmt: skip
        with (folder / "data" / "postgresql.conf").open("a") as file:
            file.writelines(f"{name} = '{value}'\n" for name, value in settings.items())
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _account() -> dict[str, int]:
    """For root: whose process it is."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": found.pw_uid, "group": found.pw_gid}
    raise RuntimeError("There is no account that PostgreSQL could run as: neither postgres nor nobody.")


def _end_with_parent() -> None:
    # SIGINT: it ends its connections and itself. Asked for after the change of the account, which would undo it.
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGINT)


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
