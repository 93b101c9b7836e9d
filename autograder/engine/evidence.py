"""What the judge gets of a cell that the sandbox ran, and how a cell's text is recognised."""

import hashlib

from nbformat import NotebookNode

from autograder.judge import CellEvidence
from autograder.sandbox.run import CellRun

__all__ = ["evidence_of", "source_digest"]


def evidence_of(cell: NotebookNode, ran: CellRun) -> CellEvidence:
    """The outputs of ``cell``, and how it ended."""
    return CellEvidence(cell.outputs, ran.status, ran.limit, ran.raised, ran.complete)


def source_digest(source: str) -> str:
    """Tells whether a cell's text is the same."""
    return hashlib.sha256(source.encode()).hexdigest()
