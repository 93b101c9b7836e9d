"""The client's side: hand the course over, send items, fetch results, leave nothing behind."""

import asyncio
import hashlib
import json
import secrets
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import dask
from distributed import CancelledError, Client, Future, KilledWorker, Security

from autograder.engine.cluster.address import refuse_open_workers, scheduler_address
from autograder.engine.cluster.fitness import differences, fingerprint
from autograder.engine.cluster.forget import ForgetWithClient
from autograder.engine.cluster.handover import pack_course
from autograder.engine.cluster.parcel import pack
from autograder.engine.cluster.result import settle
from autograder.engine.cluster.storage import Storage, Stored
from autograder.engine.cluster.worker import TOPIC, CourseOnWorker, Order, grade_item, plugin_name, readiness
from autograder.engine.course import Course
from autograder.engine.grading import Graded, failed, grade_notebook, left_aside
from autograder.engine.item import Item
from autograder.engine.observer import Observer
from autograder.engine.seats import JUDGE_MEMORY
from autograder.errors import GraderError, UsageError

__all__ = ["STORAGE", "grade_on_cluster"]

#: Folder of the course that is the shared storage where no other is named.
STORAGE = ".cluster"
#: Seconds until a scheduler has to answer, and a first worker to be there.
_CONNECT, _FIRST_WORKER = 30.0, 120.0
#: Seconds that a run waits for a worker when there is none any more.
_PATIENCE = 900.0
_WATCH = 5.0
#: How often an item is sent when its results do not arrive. Dask itself bounds how many workers it may take along.
_ATTEMPTS = 3
#: Bytes of a student's folder that travel with the item; larger ones go through the storage.
_INLINE = 2 * 2**20


class _Again(Exception):
    """The item has to be sent once more."""


class _Moved(_Again):
    """… and that was nobody's failure."""


async def grade_on_cluster(
    course: Course,
    items: Sequence[Item],
    *,
    address: str,
    storage: str,
    observer: Observer,
    allow_weak: bool = False,
    allow_plain: bool = False,
) -> AsyncIterator[tuple[Item, Graded]]:
    """Grade ``items`` on a Dask cluster; yields each when it is done, in the order they end.

    Leaving the iteration early ends what runs on the workers, and makes them forget the course.

    Args:
        course: Its sources, release and key are given to the workers; evidence is settled in it.
        items: What to grade.
        address: ``dask://HOST:PORT`` of the scheduler.
        storage: Folder or URL that client and workers share; empty for a folder of the course.
        observer: Told how it goes on.
        allow_weak: Accept workers whose sandbox lacks namespaces; each report says so.
        allow_plain: Go to other machines without TLS.

    Raises:
        UsageError: There is no cluster there, or its workers are not fit. Nothing was graded.
        GraderError: The cluster was lost.
    """
    tls = bool(dask.config.get("distributed.comm.tls.ca-file", None))
    place = scheduler_address(address, tls=tls, allow_plain=allow_plain)
    shared = await asyncio.to_thread(Storage.of_a_run, storage or str(course.root / STORAGE))
    try:
        async with _connected(place, tls=tls) as client:
            run = _Run(client, course, shared, observer, allow_weak=allow_weak)
            try:
                await run.begin(place, allow_plain=allow_plain)
                async for done in run.results(items):
                    yield done
            finally:
                await run.end()
    finally:
        await asyncio.to_thread(shared.close)


@asynccontextmanager
async def _connected(place: str, *, tls: bool) -> AsyncIterator[Client]:
    security = Security(require_encryption=True) if tls else Security()
    try:
        client = await Client(
            place, asynchronous=True, security=security, timeout=_CONNECT, set_as_default=False, name="autograder"
        )
    except (OSError, TimeoutError, ValueError, TypeError) as error:
        raise UsageError(
            f"No Dask scheduler answers at {place}: {error}.", "Start one: see docs/scaling.md."
        ) from error
    try:
        yield client
    finally:
        await client.close(timeout=10)


class _Run:
    """One run on the cluster.

    Args:
        client: Connected.
        course: What is graded.
        shared: The run's folder in the storage.
        observer: Told how it goes on.
        allow_weak: See ``grade_on_cluster``.
    """

    def __init__(
        self, client: Client, course: Course, shared: Storage, observer: Observer, *, allow_weak: bool
    ) -> None:
        self._client = client
        self._course = course
        self._shared = shared
        self._observer = observer
        self._allow_weak = allow_weak
        self._id = secrets.token_hex(8)
        self._handed_over = False
        self._resources: dict[str, float] = {}
        self._refused: dict[str, str] = {}
        self._alive: set[str] = set()
        self._room = asyncio.Semaphore(0)
        self._roomy = 0
        self._flying: dict[str, tuple[Future[str], list[str] | None]] = {}
        self._moved: set[str] = set()
        self._items: dict[str, Item] = {}
        self._began: dict[str, str] = {}
        self._ended: asyncio.Queue[tuple[Item, Graded] | BaseException] = asyncio.Queue()

    async def begin(self, place: str, *, allow_plain: bool) -> None:
        """Look who is there, and hand the course over.

        Raises:
            UsageError: Nobody is, or somebody is not fit.
        """
        try:
            await self._client.wait_for_workers(1, timeout=_FIRST_WORKER)
        except TimeoutError as error:
            raise UsageError(
                f"The scheduler at {place} has no workers.", "Start some: see docs/scaling.md."
            ) from error
        refuse_open_workers(await self._client.nthreads(), allow_plain=allow_plain)
        mine = fingerprint()
        found = await self._client.run(fingerprint, on_error="return")
        _refuse({worker: _unlike(mine, theirs) for worker, theirs in found.items()})
        limits = self._course.assignment.settings.limits
        need = limits.memory * 2**20 + JUDGE_MEMORY
        packed = await asyncio.to_thread(pack_course, self._course)
        order = Order(
            self._id, self._course.assignment.name, hashlib.sha256(packed).hexdigest(), self._shared.url, mine,
            need, self._allow_weak,
        )  # fmt: skip
        self._handed_over = True
        await self._client.register_plugin(ForgetWithClient(self._client.id, plugin_name(self._id)))
        await self._client.register_plugin(CourseOnWorker(order, packed))
        self._client.subscribe_topic(TOPIC, self._hear)
        answers = await self._client.run(readiness, self._id, on_error="return")
        states = {w: a for w, a in answers.items() if isinstance(a, dict)}  # others went away meanwhile
        _refuse({worker: state["refused"] for worker, state in states.items()})
        declared = [set(state["declares"]) for state in states.values()]
        asked = {"GPU": 1.0, "memory": float(need)}
        # Where only some declare it, each worker sees to its own: Dask would leave the others without work.
        self._resources = {name: n for name, n in asked.items() if declared and all(name in d for d in declared)}

    async def end(self) -> None:
        """Take the course off the workers; what still runs there ends."""
        self._client.unsubscribe_topic(TOPIC) if TOPIC in self._client._event_handlers else None
        if self._handed_over and self._client.status == "running":
            try:
                async with asyncio.timeout(60):
                    await self._client.unregister_worker_plugin(plugin_name(self._id))
            except Exception:  # the scheduler does the same when this client has gone
                return

    async def results(self, items: Sequence[Item]) -> AsyncIterator[tuple[Item, Graded]]:
        """Each item once, as it ends."""
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
        """
        with tempfile.TemporaryDirectory(prefix="autograder-result-") as folder:
            message, parcel = await asyncio.to_thread(self._pack, identity, item, Path(folder))
            key = f"autograder-{self._id}-{identity}-{secrets.token_hex(4)}"
            workers = sorted(self._alive - set(self._refused)) if self._refused else None
            if workers == []:
                raise UsageError(*_refusal(self._refused))
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
                raise _Moved(_refusal({answer["worker"]: answer["why"]})[0])
            if answer["status"] != "done":
                raise _Again(f"{answer['worker']}: {answer['why']}")
            stored = Stored(answer["name"], answer["digest"], answer["size"])
            return await asyncio.to_thread(self._fetch, item, stored, Path(folder) / "result.tar")

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
                raise _Again(str(error)) from error
        return json.dumps(message), parcel

    def _fetch(self, item: Item, stored: Stored, path: Path) -> Graded:
        try:
            self._shared.get(stored, path)
            return settle(self._course, item, path)
        except GraderError as error:
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
        self._began[told["item"]] = told["worker"]
        if before is not None:
            self._observer.retried(item, f"worker {before} was lost")
        self._observer.began(item, told["worker"])

    async def _watch(self) -> None:
        """Keep as many items on their way as the workers of now can have, and see whether there are any."""
        loop = asyncio.get_running_loop()
        seen = loop.time()
        while True:
            try:
                async with asyncio.timeout(_CONNECT):
                    threads: dict[str, int] = await self._client.nthreads()
            except (OSError, TimeoutError, CancelledError):
                threads = {}
            if self._client.status != "running":
                self._ended.put_nowait(self._lost())
                return
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


def _unlike(mine: Mapping[str, str], theirs: object) -> str | None:
    if not isinstance(theirs, Mapping):
        return f"cannot run this project: {type(theirs).__name__}: {theirs}"[:300]
    return "; ".join(differences(mine, theirs)) or None


def _refuse(found: Mapping[str, str | None]) -> None:
    refused = {worker: why for worker, why in found.items() if why is not None}
    if refused:
        raise UsageError(*_refusal(refused))


def _refusal(refused: Mapping[str, str]) -> tuple[str, str]:
    """What is wrong with workers, each reason once."""
    by_reason = Counter(refused.values())
    said = []
    for why, count in by_reason.most_common(5):
        worker = min(w for w, reason in refused.items() if reason == why)
        more = f" and {count - 1} more" if count > 1 else ""
        said.append(f"worker {worker}{more}: {why}")
    return (
        "The cluster is not fit to grade this course: " + "; ".join(said).rstrip(".") + ".",
        "Workers need the same environment as this command, and `autograder data` run once: see docs/scaling.md.",
    )
