"""The client's side: hand the course over, send items, fetch results, leave nothing behind."""

import asyncio
import hashlib
import secrets
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

import dask
from distributed import Client, Security

from autograder.engine.cluster.address import refuse_open_workers, scheduler_address
from autograder.engine.cluster.fitness import differences, fingerprint, refusal
from autograder.engine.cluster.forget import ForgetWithClient
from autograder.engine.cluster.handover import pack_course
from autograder.engine.cluster.run import Run
from autograder.engine.cluster.storage import Storage
from autograder.engine.cluster.worker import CourseOnWorker, Order, plugin_name, readiness
from autograder.engine.course import Course
from autograder.engine.grading import Graded
from autograder.engine.item import Item
from autograder.engine.observer import Observer
from autograder.engine.seats import JUDGE_MEMORY
from autograder.errors import GraderError, UsageError

__all__ = ["STORAGE", "grade_on_cluster"]

#: Folder of the course that is the shared storage where no other is named.
STORAGE = ".cluster"
#: Seconds until a scheduler has to answer, and a first worker to be there.
_CONNECT, _FIRST_WORKER = 30.0, 120.0


async def grade_on_cluster(
    course: Course,
    items: Sequence[Item],
    *,
    address: str,
    storage: str,
    observer: Observer,
    allow_weak: bool = False,
    allow_plain: bool = False,
) -> AsyncGenerator[tuple[Item, Graded], None]:
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
            name = secrets.token_hex(8)
            try:
                try:
                    await _somebody(client, place, allow_plain=allow_plain)
                    resources = await _hand_over(client, course, shared, name, allow_weak=allow_weak)
                except OSError as error:
                    raise GraderError(f"The Dask scheduler at {place} was lost: {error}.") from error
                run = Run(client, course, shared, observer, name=name, resources=resources)
                async for done in run.results(items):
                    yield done
            finally:
                await _take_back(client, name)
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


async def _somebody(client: Client, place: str, *, allow_plain: bool) -> None:
    """Wait until a worker is there.

    Raises:
        UsageError: None came, or the way to one is open, or one would grade otherwise than this machine.
    """
    try:
        await client.wait_for_workers(1, timeout=_FIRST_WORKER)
    except TimeoutError as error:
        raise UsageError(
            f"The scheduler at {place} has no workers.", "Start some: see docs/scaling.md."
        ) from error
    refuse_open_workers(await client.nthreads(), allow_plain=allow_plain)
    found = await client.run(fingerprint, on_error="return")
    _refuse({worker: _unlike(theirs) for worker, theirs in found.items()})


async def _hand_over(
    client: Client, course: Course, shared: Storage, name: str, *, allow_weak: bool
) -> dict[str, float]:
    """Give the workers the course; what an item asks of them.

    Raises:
        UsageError: The course cannot be read, or a worker cannot grade it.
    """
    need = course.assignment.settings.limits.memory * 2**20 + JUDGE_MEMORY
    try:
        packed = await asyncio.to_thread(pack_course, course)
    except OSError as error:
        raise UsageError(f"The course cannot be read: {error}.") from error
    digest = hashlib.sha256(packed).hexdigest()
    order = Order(name, course.assignment.name, digest, shared.url, fingerprint(), need, allow_weak)
    try:
        # First who takes it back when this process is killed.
        await client.register_plugin(ForgetWithClient(client.id, plugin_name(name)))
        await client.register_plugin(CourseOnWorker(order, packed))
    except Exception as error:  # of any kind: it comes from another process
        why = f"{type(error).__name__}: {error}"[:300]
        raise UsageError(
            f"The cluster cannot take the course: {why}.",
            "Has its scheduler the same environment? See docs/scaling.md.",
        ) from error
    answers = await client.run(readiness, name, on_error="return")
    states = {worker: answer for worker, answer in answers.items() if isinstance(answer, dict)}  # others went away
    _refuse({worker: state["refused"] for worker, state in states.items()})
    asked = {"GPU": 1.0, "memory": float(need)}
    # Where only some declare it, each worker sees to its own: Dask would leave the others without work.
    return {what: n for what, n in asked.items() if states and all(what in s["declares"] for s in states.values())}


async def _take_back(client: Client, name: str) -> None:
    """Take the course off the workers; what still runs there ends."""
    if client.status != "running":
        return  # who lost the scheduler has no workers either
    try:
        async with asyncio.timeout(60):
            await client.unregister_worker_plugin(plugin_name(name))
    except Exception:  # of any kind; the scheduler does the same when this client has gone
        return


def _unlike(theirs: object) -> str | None:
    if not isinstance(theirs, Mapping):
        return f"cannot run this project: {type(theirs).__name__}: {theirs}"[:300]
    return "; ".join(differences(fingerprint(), theirs)) or None


def _refuse(found: Mapping[str, str | None]) -> None:
    refused = {worker: why for worker, why in found.items() if why is not None}
    if refused:
        raise UsageError(*refusal(refused))
