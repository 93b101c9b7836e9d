"""Real schedulers and workers for tests, and what happens on them."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cloudpickle
from courses import TinyCourse
from distributed import Client

from autograder.engine import Course, Graded, Item, items_of
from autograder.engine.cluster import grade_on_cluster
from autograder.submission import find

#: Runs while a test kills somebody, and needs no CPU.
SLOW = "import time\ntime.sleep(6)\n"


def wait_until(what: Callable[[], Any], seconds: float = 200.0) -> Any:
    """Ask again and again until the answer is true, and return it."""
    deadline = time.monotonic() + seconds
    while not (answer := what()):
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.2)
    return answer


class Cluster:
    """A scheduler and workers as processes of ``dask``, ended with the block."""

    def __init__(self, folder: Path, *, options: Sequence[str] = (), env: dict[str, str] | None = None) -> None:
        self.folder = folder
        self.temporary = folder / "tmp"
        self.temporary.mkdir()
        self._started: list[subprocess.Popen[bytes]] = []
        self.scheduler = self._run("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard",
                                   "--scheduler-file", str(folder / "scheduler.json"),
                                   *options, env=env)  # fmt: skip
        wait_until((folder / "scheduler.json").exists)
        time.sleep(0.2)  # it is written at once, and not all at once

    def __enter__(self) -> "Cluster":
        return self

    def __exit__(self, *_: object) -> None:
        for process in reversed(self._started):
            process.terminate()
        for process in self._started:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    @property
    def address(self) -> str:
        """As Dask says it."""
        return str(json.loads((self.folder / "scheduler.json").read_text())["address"])

    @property
    def engine(self) -> str:
        """As our command says it."""
        return "dask://" + self.address.partition("://")[2]

    def start(self, *names: str, options: Sequence[str] = (), env: dict[str, str] | None = None) -> None:
        """Start workers, and wait until they are there."""
        with Client(self.address, set_as_default=False, timeout=60) as client:
            before = len(client.nthreads())
            self.join(*names, options=options, env=env)
            client.wait_for_workers(before + len(names), timeout=200)

    def join(self, *names: str, options: Sequence[str] = (), env: dict[str, str] | None = None) -> None:
        """Start workers."""
        for name in names:
            self._run("worker", self.address, "--name", name, "--nthreads", "1", "--no-dashboard",
                      "--local-directory", str(self.folder), *options, env=env, log=name)  # fmt: skip

    def pids(self) -> dict[str, int]:
        """The processes of the workers, by name."""
        return dict(self.ask(_who).values())

    def plugins(self) -> list[str]:
        """Names of our plugins that are on any worker."""
        return sorted({name for names in self.ask(_plugins).values() for name in names})

    def ask(self, function: Callable[..., Any]) -> dict[str, Any]:
        """Run a function on all workers."""
        with Client(self.address, set_as_default=False, timeout=60) as client:
            # By value: workers do not have the tests.
            cloudpickle.register_pickle_by_value(sys.modules[__name__])
            found: dict[str, Any] = client.run(function)
            return found

    def quarters(self) -> list[Path]:
        """The folders in which workers keep a course now."""
        return sorted(self.temporary.glob("autograder-course-*"))

    def _run(
        self, *command: str, env: dict[str, str] | None = None, log: str = "scheduler"
    ) -> "subprocess.Popen[bytes]":
        with (self.folder / f"{log}.log").open("ab") as output:
            process = subprocess.Popen(
                [Path(sys.executable).with_name("dask"), *command], cwd=self.folder, stdout=output, stderr=output,
                env={**os.environ, "TMPDIR": str(self.temporary), **(env or {})},
            )  # fmt: skip
        self._started.append(process)
        return process


def _who(dask_worker: Any) -> tuple[str, int]:
    return str(dask_worker.name), os.getpid()


def _plugins(dask_worker: Any) -> list[str]:
    return [name for name in dask_worker.plugins if name.startswith("autograder-")]


@dataclass
class Seen:
    """An observer that remembers, and may act when an item begins."""

    on_begin: Callable[[Item, str], None] = lambda item, worker: None
    began_on: list[tuple[str, str]] = field(default_factory=list)
    cells: list[str] = field(default_factory=list)
    anew: list[tuple[str, str]] = field(default_factory=list)

    def began(self, item: Item, worker: str) -> None:
        """Remember, and act."""
        self.began_on.append((item.submission.student, worker))
        self.on_begin(item, worker)

    def cell(self, item: Item) -> None:
        """Remember."""
        self.cells.append(item.submission.student)

    def retried(self, item: Item, why: str) -> None:
        """Remember."""
        self.anew.append((item.submission.student, why))


def graded_on(
    cluster: Cluster, course: TinyCourse, seen: Seen | None = None, **options: Any
) -> list[tuple[str, Graded]]:
    """Everybody's results, in the order in which they ended."""

    async def run() -> list[tuple[str, Graded]]:
        items = items_of(find(course.root, "lista"), course.assignment.notebooks)
        done = grade_on_cluster(
            Course.open(course.root, course.assignment), items, address=cluster.engine,
            storage=options.pop("storage", ""), observer=seen or Seen(), **options,
        )  # fmt: skip
        return [(item.submission.student, result) async for item, result in done]

    return asyncio.run(run())


def kill(pid: int) -> None:
    """As the kernel does when memory is short."""
    os.kill(pid, signal.SIGKILL)
