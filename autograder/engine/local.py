"""Grade on this machine, several notebooks at once: one event loop, one sandbox a notebook."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass

from autograder.assignment import Template
from autograder.engine.course import Course
from autograder.engine.grading import Graded, grade_notebook
from autograder.submission import Submission

__all__ = ["Item", "grade_all", "items_of"]


@dataclass(frozen=True)
class Item:
    """A piece of work: one notebook of one submission."""

    submission: Submission
    template: Template

    @property
    def name(self) -> str:
        """For a progress bar."""
        return f"{self.submission.student}/{self.template.name}"

    @property
    def cells(self) -> int:
        """Code cells to run, roughly: the unit of progress."""
        return sum(cell.cell_type == "code" for cell in self.template.notebook.cells)


def items_of(submissions: Sequence[Submission], templates: Sequence[Template]) -> list[Item]:
    """Every notebook of every submission, missing ones included."""
    return [Item(s, t) for s in submissions for t in templates]


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
