"""Grade on this machine, several notebooks at once: one event loop, one sandbox a notebook."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence

from autograder.engine.course import Course
from autograder.engine.grading import Graded, grade_notebook
from autograder.engine.item import Item, items_of

__all__ = ["Item", "grade_all", "items_of"]


async def grade_all(
    course: Course,
    items: Sequence[Item],
    *,
    jobs: int,
    on_cell: Callable[[Item], None] | None = None,
    on_start: Callable[[Item], None] | None = None,
) -> AsyncIterator[tuple[Item, Graded]]:
    """Grade ``items``, ``jobs`` at a time; yields each when it is done, in the order they end.

    Leaving the iteration early cancels what runs; its sandboxes are killed.
    """
    waiting = asyncio.Semaphore(jobs)

    async def work(item: Item) -> tuple[Item, Graded]:
        async with waiting:
            if on_start is not None:
                on_start(item)
            step = None if on_cell is None else lambda: on_cell(item)
            return item, await grade_notebook(course, item.submission, item.template, on_cell=step)

    tasks = [asyncio.create_task(work(item)) for item in items]
    try:
        for done in asyncio.as_completed(tasks):
            yield await done
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
