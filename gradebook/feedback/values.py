"""What a feedback page shows, as plain values for the template."""

from dataclasses import dataclass
from typing import Literal

from gradebook.feedback.drawings import Drawn
from gradebook.feedback.summary import Summary
from gradebook.pictures.svg import Picture

__all__ = ["Appealed", "Check", "Level", "Mark", "Note", "Page", "Section"]

Mark = Literal["passed", "partial", "failed", "broken"]


@dataclass(frozen=True)
class Check:
    """One outcome."""

    mark: Mark
    title: str
    credit: str | None
    expected: str | None
    actual: str | None
    hint: str | None
    drawings: tuple[Picture, ...] = ()


@dataclass(frozen=True)
class Level:
    """What a reader gave for one criterion of a rubric."""

    criterion: str
    text: str
    points: str
    most: str


@dataclass(frozen=True)
class Section:
    """One graded cell."""

    title: str
    score: str | None
    max_score: str
    share: float
    state: Literal["decided", "waits", "review"]
    manual: bool
    overruled: str | None
    again: bool
    extra: str | None
    reason: str | None
    checks: tuple[Check, ...]
    levels: tuple[Level, ...]
    comment: str | None


@dataclass(frozen=True)
class Note:
    """A TA's remark on a cell that is not graded itself."""

    title: str
    comment: str


@dataclass(frozen=True)
class Appealed:
    """What the student has asked about the grade, and the answer."""

    about: str | None
    text: str
    filed: str
    outcome: str | None
    answer: str | None
    answered: str | None


@dataclass(frozen=True)
class Page:
    """A whole feedback page."""

    language: str
    assignment: str
    title: str
    student: str
    submitted: str | None
    due: str | None
    late: str | None
    status: str
    error: str | None
    score: str
    max_score: str
    share: float
    automatic: tuple[str, str] | None
    manual: tuple[str, str] | None
    pending: str | None
    review: bool
    notices: tuple[str, ...]
    lines: tuple[str, ...]
    drawn: Drawn
    sections: tuple[Section, ...]
    notes: tuple[Note, ...]
    appeals: tuple[Appealed, ...]
    recorded: str
    summary: Summary | None
