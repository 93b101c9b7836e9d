"""What runs on a worker: the plugin that keeps a course and warm zygotes there, and the task that grades one
notebook.

All of it runs in the worker's own event loop, as the local engine's does in the command's; what blocks goes to
threads. As many notebooks at once as the worker has threads, or as its declared GPUs and memory allow. The plugin
holds each notebook's task of asyncio, since Dask lets a running task go on when nobody wants it any more: when the
plugin is taken off, or the worker closes, they are cancelled, and the zygote's keepers end their sandboxes.
"""

import asyncio
import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from distributed import Worker, WorkerPlugin, get_worker

from autograder import data
from autograder.engine.cluster.fitness import differences, fingerprint, missing_layers
from autograder.engine.cluster.handover import Quarters
from autograder.engine.cluster.parcel import unpack
from autograder.engine.cluster.result import write_result
from autograder.engine.cluster.storage import Storage, Stored
from autograder.engine.course import DATASETS, Course
from autograder.engine.grading import grade_notebook
from autograder.engine.here import machine_here
from autograder.engine.places import Places, plan
from autograder.errors import AutograderError, GraderError, UsageError, stop_on_full_disk
from autograder.sandbox.client import Zygote
from autograder.submission import Submission

__all__ = ["TOPIC", "CourseOnWorker", "Order", "grade_item", "plugin_name", "readiness"]

#: Topic of Dask's event log under which workers tell how items go on.
TOPIC = "autograder"


@dataclass(frozen=True)
class Order:
    """What a run asks of its workers.

    Args:
        run: Names the run.
        assignment: What is graded.
        digest: SHA-256 of the course's bytes.
        storage: URL of the run's folder.
        client: Versions and code of the client: see ``fitness``.
        memory: Bytes that a notebook and its judge may use together.
        allow_weak: Whether a sandbox without namespaces will do.
    """

    run: str
    assignment: str
    digest: str
    storage: str
    client: Mapping[str, str]
    memory: int
    allow_weak: bool = False


def plugin_name(run: str) -> str:
    """Under which name a run's plugin is known."""
    return f"autograder-{run}"


class CourseOnWorker(WorkerPlugin):  # type: ignore[misc]
    """A course on a worker, ready to grade.

    Args:
        order: What the run asks.
        course: What ``pack_course`` packed.
    """

    def __init__(self, order: Order, course: bytes) -> None:
        self.name = plugin_name(order.run)
        self._order = order
        self._packed = course

    def setup(self, worker: Worker) -> None:
        """Called by Dask on each worker, also on one that joins later. Returns at once: see ``ready``."""
        self._worker = worker
        self._over = False
        self._tasks: set[asyncio.Task[dict[str, Any]]] = set()
        self._quarters: Quarters | None = None
        self._course: Course | None = None
        self._storage: Storage | None = None
        self._places: Places | None = None
        self._slots = _slots(worker, self._order.memory)
        self._seats = asyncio.Semaphore(1)
        self._preparing = asyncio.create_task(asyncio.to_thread(self._prepare))

    async def teardown(self, worker: Worker) -> None:
        """Called by Dask when the run ends, or the worker closes: end what runs, forget the course."""
        self._over = True  # also for what waits for its turn
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(self._preparing, *self._tasks, return_exceptions=True)
        if self._course is not None:
            self._course.close()
        if self._quarters is not None:
            await asyncio.to_thread(self._quarters.close)
        self._packed = b""

    async def ready(self) -> str | None:
        """Wait until this worker is prepared; why it is refused, or ``None``."""
        return await asyncio.shield(self._preparing)

    def _prepare(self) -> str | None:
        """Look whether this worker is fit, and lay out the course; why it is refused, or ``None``."""
        try:
            if different := differences(self._order.client, fingerprint()):
                return "; ".join(different)
            if self._slots < 1:
                has = dict(self._worker.state.total_resources)
                return f"it declares {has}, and a notebook asks for a GPU of these or {self._order.memory} bytes"
            if hashlib.sha256(self._packed).hexdigest() != self._order.digest:
                return "the course arrived damaged"
            missing = missing_layers(allow_weak=self._order.allow_weak)
            for name in DATASETS:
                data.load(name)
            self._storage = Storage(self._order.storage)
            self._quarters = Quarters()
            threads = max(1, self._worker.state.nthreads // self._slots)
            self._course = self._quarters.open_course(
                self._packed, self._order.assignment, weakened=missing, threads=threads
            )
            self._share_out(self._course, threads)
            self._course.prepare()
            for role in ("kernel", "judge"):
                Zygote.connect(role)
        # A worker that cannot be prepared, for whatever reason, takes no part; the client is told why.
        except Exception as error:
            return str(error) if isinstance(error, AutograderError) else f"{type(error).__name__}: {error}"
        return None

    def _share_out(self, course: Course, threads: int) -> None:
        """Share out this machine's GPUs, where the assignment asks for them.

        Raises:
            UsageError: It requires one, and none can be given here.
        """
        limits = course.assignment.settings.limits
        visible = os.environ.get("CUDA_VISIBLE_DEVICES")
        worker = str(self._worker.name)
        machine = machine_here(limits, visible=visible, weakened=bool(course.weakened), worker=worker)
        made = plan(machine, limits, jobs=self._slots, threads=threads)
        self._places = Places(made)
        self._seats = asyncio.Semaphore(made.at_once)

    async def grade(self, item: Mapping[str, Any], parcel: bytes | None) -> dict[str, Any]:
        """Grade one notebook and store the results.

        Args:
            item: ``student``, ``notebook``, ``submitted_at``, and ``parcel`` where it lies in the storage.
            parcel: The student's folder, where it travels along.

        Returns:
            ``status`` ``done`` with the stored object; ``refused`` if this worker is not fit, or ``failed``,
            with ``why``.
        """
        if (why := await self.ready()) is not None:
            return {"status": "refused", "why": why}
        async with self._seats:
            if self._over:
                return {"status": "failed", "why": "the run is over"}
            task = asyncio.create_task(self._grade(item, parcel))
            self._tasks.add(task)
            try:
                return await task
            finally:
                self._tasks.discard(task)

    async def _grade(self, item: Mapping[str, Any], parcel: bytes | None) -> dict[str, Any]:
        assert self._course is not None
        assert self._quarters is not None
        self._say("began", item)
        template = self._course.assignment.notebook(item["notebook"])
        evidence = self._course.evidence(item["student"], template.name)
        assert self._places is not None
        place = self._places.acquire()
        assert place is not None  # there are as many seats as places
        folder = self._quarters.folder / secrets.token_hex(8)
        try:
            folder.mkdir(mode=0o700)
            submission = await asyncio.to_thread(self._unpack, item, parcel, folder)
            graded = await grade_notebook(
                self._course, submission, template, on_cell=lambda: self._say("cell", item), place=place
            )
            stored = await asyncio.to_thread(self._store, graded, evidence, folder)
        except (AutograderError, OSError, ValueError) as error:
            return _answer(error)
        finally:
            self._places.release(place)
            for left in (folder, evidence):
                shutil.rmtree(left, ignore_errors=True)
        return {"status": "done", **asdict(stored)}

    def _unpack(self, item: Mapping[str, Any], parcel: bytes | None, place: Path) -> Submission:
        assert self._storage is not None
        if parcel is None:
            self._storage.get(Stored(**item["parcel"]), place / "parcel")
            parcel = (place / "parcel").read_bytes()
        folder = place / "submitted"
        folder.mkdir()
        unpack(parcel, folder)
        when = item["submitted_at"]
        return Submission(item["student"], folder, None if when is None else datetime.fromisoformat(when))

    def _store(self, graded: Any, evidence: Path, place: Path) -> Stored:
        assert self._storage is not None
        path = place / "result.tar"
        write_result(graded, evidence, path)
        return self._storage.put(path)

    def _say(self, what: str, item: Mapping[str, Any]) -> None:
        # Not "worker": Dask writes its address there.
        event = {"run": self._order.run, "what": what, "item": item["id"], "name": str(self._worker.name)}
        self._worker.log_event(TOPIC, event)


def _slots(worker: Worker, memory: int) -> int:
    """How many notebooks at once a worker can have, by its threads and what it declares."""
    slots: int = worker.state.nthreads
    declared = worker.state.total_resources
    if "GPU" in declared:
        slots = min(slots, int(declared["GPU"]))
    if "memory" in declared:
        slots = min(slots, int(declared["memory"] // memory))
    return slots


def _answer(error: Exception) -> dict[str, Any]:
    """What is said of an item that could not be graded here: where no other would be either, to send no more."""
    try:
        stop_on_full_disk(error)
        if not isinstance(error, UsageError):
            return {"status": "failed", "why": f"{type(error).__name__}: {error}"[:500]}
    except UsageError as full:
        error = full
    return {"status": "refused", "why": str(error)[:500]}


async def readiness(run: str, dask_worker: Worker) -> dict[str, Any]:
    """Run by the client on each worker: whether it is fit, and which resources it declares."""
    plugin = dask_worker.plugins.get(plugin_name(run))
    if plugin is None:
        raise GraderError("The course did not arrive.")
    return {"refused": await plugin.ready(), "declares": sorted(dask_worker.state.total_resources)}


async def grade_item(run: str, item: str, parcel: bytes | None) -> str:
    """The task of Dask: JSON in, JSON out. What goes wrong is said in the answer, not raised."""
    worker = get_worker()
    plugin = worker.plugins.get(plugin_name(run))
    if plugin is None:
        answer: dict[str, Any] = {"status": "failed", "why": "the course is not on this worker"}
    else:
        answer = await plugin.grade(json.loads(item), parcel)
    return json.dumps({**answer, "worker": worker.address})
