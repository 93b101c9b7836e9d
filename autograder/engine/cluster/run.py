"""Items on their way: send them, hear how they go on, fetch what comes back; each ends once, whatever is lost."""

import asyncio
import json
import secrets
import tempfile
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from distributed import CancelledError, Client, Future, KilledWorker

from autograder.engine.cluster.fitness import refusal
from autograder.engine.cluster.parcel import pack
from autograder.engine.cluster.result import settle
from autograder.engine.cluster.storage import Storage, Stored
from autograder.engine.cluster.worker import TOPIC, grade_item
from autograder.engine.course import Course
from autograder.engine.grading import Graded, failed, grade_notebook, left_aside
from autograder.engine.item import Item
from autograder.engine.observer import Observer
from autograder.engine.ran_on import ran_on
from autograder.errors import GraderError, UsageError, stop_on_full_disk

__all__ = ["Run"]

#: Seconds: waiting for a worker when there is none any more; for a scheduler to answer; between looks.
_PATIENCE, _ANSWER, _WATCH = 900.0, 30.0, 5.0
#: How often an item is sent when its results do not arrive. Dask itself bounds how many workers it may take along.
_ATTEMPTS = 3
#: Bytes of a student's folder that travel with the item; larger ones go through the storage.
_INLINE = 2 * 2**20


class _Again(Exception):
    """The item has to be sent once more."""


class _Moved(_Again):
    """… and that was nobody's failure."""


class Run:
    """One run on the cluster, whose workers have the course.

    Args:
        client: Connected.
        course: What is graded.
        shared: The run's folder in the storage.
        observer: Told how it goes on.
        name: Of the run.
        resources: What each item asks of a worker.
    """

    def __init__(
        self,
        client: Client,
        course: Course,
        shared: Storage,
        observer: Observer,
        *,
        name: str,
        resources: Mapping[str, float],
    ) -> None:
        self._client = client
        self._course = course
        self._shared = shared
        self._observer = observer
        self._id = name
        self._resources = dict(resources)
        self._refused: dict[str, str] = {}
        self._alive: set[str] = set()
        self._room = asyncio.Semaphore(0)
        self._roomy = 0
        self._flying: dict[str, tuple[Future[str], list[str] | None]] = {}
        self._moved: set[str] = set()
        self._items: dict[str, Item] = {}
        self._began: dict[str, str] = {}
        self._ended: asyncio.Queue[tuple[Item, Graded] | BaseException] = asyncio.Queue()

    async def results(self, items: Sequence[Item]) -> AsyncGenerator[tuple[Item, Graded], None]:
        """Each item once, as it ends."""
        self._client.subscribe_topic(TOPIC, self._hear)
        tasks = [asyncio.create_task(self._watch())]
        tasks += [asyncio.create_task(self._work(str(n), item)) for n, item in enumerate(items)]
        try:
            for _ in items:
                ended = await self._ended.get()
                if isinstance(ended, BaseException):
                    raise ended
                yield ended
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _work(self, identity: str, item: Item) -> None:
        """Take one item to its end, and report that once."""
        try:
            async with self._room:
                self._items[identity] = item
                graded = await self._grade(identity, item)
            self._began.pop(identity, None)
            del self._items[identity]
            self._ended.put_nowait((item, graded))
        except Exception as error:
            self._ended.put_nowait(error)

    async def _grade(self, identity: str, item: Item) -> Graded:
        submission, template = item.submission, item.template
        if submission.folder is None or submission.problem is not None:
            return await grade_notebook(self._course, submission, template)  # there is nothing to run
        attempts, why = 0, ""
        while attempts < _ATTEMPTS:
            try:
                return await self._attempt(identity, item)
            except KilledWorker as error:
                count = error.allowed_failures + 1
                return failed(self._course, submission, template, f"{count} workers were lost with it")
            except OSError as error:  # the folder that was handed in, or this disk
                stop_on_full_disk(error)
                return failed(self._course, submission, template, f"{type(error).__name__}: {error}")
            except _Again as error:
                attempts += not isinstance(error, _Moved)
                why = str(error)
                self._began.pop(identity, None)
                self._observer.retried(item, why)
        return failed(self._course, submission, template, why)

    async def _attempt(self, identity: str, item: Item) -> Graded:
        """Send an item, and settle what comes back.

        Raises:
            _Again: Nothing usable came back.
            KilledWorker: Too many workers were lost with it.
            GraderError: The scheduler was lost.
            UsageError: A disk is full here, or no worker is fit any more.
        """
        with tempfile.TemporaryDirectory(prefix="autograder-result-") as folder:
            depends = await asyncio.to_thread(ran_on, self._course, item.submission, item.template)
            message, parcel = await asyncio.to_thread(self._pack, identity, item, Path(folder))
            key = f"autograder-{self._id}-{identity}-{secrets.token_hex(4)}"
            workers = sorted(self._alive - set(self._refused)) if self._refused else None
            if workers == []:
                raise UsageError(*refusal(self._refused))
            future: Future[str] = self._client.submit(
                grade_item, self._id, message, parcel, key=key, pure=False, workers=workers,
                resources=self._resources or None,
            )  # fmt: skip
            self._flying[key] = future, workers
            try:
                answer = json.loads(await future.result())
            except CancelledError as error:
                if key in self._moved:
                    raise _Moved("its workers left") from error
                raise self._lost() from error
            except KilledWorker:
                raise
            except Exception as error:  # Dask could not run it at all
                if self._client.status != "running":
                    raise self._lost() from error
                raise _Again(f"{type(error).__name__}: {error}"[:300]) from error
            finally:
                del self._flying[key]
                future.release()
            if answer["status"] == "refused":
                self._refused[answer["worker"]] = answer["why"]
                raise _Moved(refusal({answer["worker"]: answer["why"]})[0])
            if answer["status"] != "done":
                raise _Again(f"{answer['worker']}: {answer['why']}")
            stored = Stored(answer["name"], answer["digest"], answer["size"])
            graded = await asyncio.to_thread(self._fetch, item, stored, Path(folder) / "result.tar")
            if "ran_on" not in graded.report.sandbox:
                return graded
            # The worker had a copy without what no run is given; what this course has is what has to be the same.
            sandbox = {**graded.report.sandbox, "ran_on": depends.to_json()}
            return replace(graded, report=replace(graded.report, sandbox=sandbox))

    def _pack(self, identity: str, item: Item, folder: Path) -> tuple[str, bytes | None]:
        """The message and, if it is small, the parcel; a large one goes to the storage."""
        submission = item.submission
        assert submission.folder is not None
        when = submission.submitted_at
        message: dict[str, Any] = {
            "id": identity,
            "student": submission.student,
            "notebook": item.template.name,
            "submitted_at": None if when is None else when.isoformat(),
        }
        parcel: bytes | None = pack(submission.folder, leave=left_aside(self._course.assignment.settings))
        assert parcel is not None
        if len(parcel) > _INLINE:
            (folder / "parcel").write_bytes(parcel)
            try:
                message["parcel"], parcel = asdict(self._shared.put(folder / "parcel")), None
            except GraderError as error:
                stop_on_full_disk(error)
                raise _Again(str(error)) from error
        return json.dumps(message), parcel

    def _fetch(self, item: Item, stored: Stored, path: Path) -> Graded:
        try:
            self._shared.get(stored, path)
            return settle(self._course, item, path)
        except GraderError as error:
            stop_on_full_disk(error)
            raise _Again(str(error)) from error
        finally:
            self._shared.remove(stored.name)

    def _hear(self, event: tuple[float, Mapping[str, Any]]) -> None:
        """A worker tells how an item goes on."""
        _, told = event
        item = self._items.get(told.get("item", "")) if told.get("run") == self._id else None
        if item is None:
            return
        if told["what"] == "cell":
            self._observer.cell(item)
            return
        before = self._began.get(told["item"])
        self._began[told["item"]] = told["name"]
        if before is not None:
            self._observer.retried(item, f"worker {before} was lost")
        self._observer.began(item, told["name"])

    async def _watch(self) -> None:
        """See to it that somebody hears of what goes wrong here."""
        try:
            await self._keep_flying()
        except Exception as error:
            self._ended.put_nowait(error)

    async def _keep_flying(self) -> None:
        """Keep as many items on their way as the workers of now can have, and see whether there are any."""
        loop = asyncio.get_running_loop()
        seen = loop.time()
        while True:
            threads: dict[str, int] | None = None
            with suppress(OSError, TimeoutError, CancelledError):
                async with asyncio.timeout(_ANSWER):
                    threads = await self._client.nthreads()
            if self._client.status != "running":
                self._ended.put_nowait(self._lost())
                return
            if threads is None:  # a scheduler that is busy: nothing is known of its workers
                if loop.time() - seen > _PATIENCE:
                    self._ended.put_nowait(
                        GraderError("The Dask scheduler has not answered for 15 minutes.", "Look at its log.")
                    )
                    return
                await asyncio.sleep(_WATCH)
                continue
            self._alive = set(threads)
            fit = {worker: n for worker, n in threads.items() if worker not in self._refused}
            if fit:
                seen = loop.time()
            elif loop.time() - seen > _PATIENCE:
                self._ended.put_nowait(
                    GraderError("The cluster has had no worker for 15 minutes.", "Start some, and run it again.")
                )
                return
            # Twice what runs at once: the next item is there when one ends, and no more wait in the scheduler.
            while self._roomy < 2 * sum(fit.values()):
                self._roomy += 1
                self._room.release()
            for key, (future, workers) in list(self._flying.items()):
                if workers is not None and not self._alive.intersection(workers):
                    self._moved.add(key)
                    await future.cancel()
            await asyncio.sleep(_WATCH)

    def _lost(self) -> GraderError:
        return GraderError(
            "The connection to the Dask scheduler was lost.",
            "What had been graded is recorded; run the same command again for the rest.",
        )
