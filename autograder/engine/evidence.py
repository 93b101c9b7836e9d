"""What the judge gets of a cell that the sandbox ran."""

from nbformat import NotebookNode

from autograder.judge import CellEvidence
from autograder.sandbox.run import CellRun

__all__ = ["evidence_of"]


def evidence_of(cell: NotebookNode, ran: CellRun) -> CellEvidence:
    """The outputs of ``cell``, and how it ended."""
    return CellEvidence(cell.outputs, ran.status, ran.limit, ran.raised, ran.complete)
