"""The unit of work, whatever engine does it."""

from collections.abc import Sequence
from dataclasses import dataclass

from autograder.assignment import Template
from autograder.submission import Submission

__all__ = ["Item", "items_of"]


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
