"""Grade on this machine, several notebooks at once: one event loop, one sandbox a notebook."""

import asyncio
from collections.abc import AsyncGenerator, Sequence

from autograder.engine.admission import Past, Queue, Used, free_memory
from autograder.engine.course import Course
from autograder.engine.grading import Graded, grade_notebook
from autograder.engine.item import Item
from autograder.engine.observer import Observer, Silent
from autograder.engine.places import Places, Plan

__all__ = ["grade_all", "used_by"]


async def grade_all(
    course: Course,
    items: Sequence[Item],
    *,
    jobs: int = 1,
    plan: Plan | None = None,
    observer: Observer | None = None,
    past: Past | None = None,
) -> AsyncGenerator[tuple[Item, Graded], None]:
    """Grade ``items``, ``jobs`` at a time at most, as memory allows, the longest first.

    Yields each when it is done, in the order they end. Leaving the iteration early cancels what runs; its
    sandboxes are killed.

    Args:
        course: What is graded.
        items: The work.
        jobs: Notebooks at once, where there is no plan.
        plan: How many at once, with how many threads, on which GPUs.
        observer: Told how it goes on.
        past: What is known of how long they take.
    """
    told = observer or Silent()
    memory = course.assignment.settings.limits.memory * 2**20
    places = Places(plan or Plan("local", jobs, course.threads))
    queue = Queue(items, past or Past(), free_memory(), memory)
    room = asyncio.Event()
    done: asyncio.Queue[tuple[Item, Graded] | BaseException] = asyncio.Queue()

    async def work(worker: str) -> None:
        while True:
            item = queue.take()
            if item is None:
                if not len(queue):
                    return
                room.clear()
                await room.wait()
                continue
            place = places.acquire()
            assert place is not None  # there are as many workers as places
            graded = None
            try:
                told.began(item, worker)
                graded = await grade_notebook(
                    course,
                    item.submission,
                    item.template,
                    on_cell=lambda item=item: told.cell(item),  # type: ignore[misc]
                    on_retry=lambda why, item=item: told.retried(item, why),  # type: ignore[misc]
                    place=place,
                )
            finally:
                places.release(place)
                queue.done(item, used_by(item, graded) if graded is not None else None)
                room.set()
            await done.put((item, graded))

    async def run(worker: str) -> None:
        try:
            await work(worker)
        except Exception as error:
            await done.put(error)

    workers = [asyncio.create_task(run(f"{number}")) for number in range(1, min(places.at_once, len(items)) + 1)]
    try:
        for _ in items:
            ended = await done.get()
            if isinstance(ended, BaseException):
                raise ended
            yield ended
    finally:
        for task in workers:
            task.cancel()
        await asyncio.gather(*workers, return_exceptions=True)


def used_by(item: Item, graded: Graded) -> Used | None:
    """What ``item`` has used; ``None`` if it did not run."""
    report = graded.report
    if report.status != "graded":
        return None
    return Used(*item.key, report.cpu_seconds, int(report.sandbox.get("memory", 0)))
