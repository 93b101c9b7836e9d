"""What the records hand out: plain, frozen data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal

from autograder.outcome import NotebookReport, Status

__all__ = [
    "Appeal",
    "Attempt",
    "AttemptCell",
    "CellGrade",
    "Change",
    "Graded",
    "Outcome",
    "Reason",
    "Scores",
    "Student",
    "extended",
    "plausible",
    "storable",
]

#: Why the grader records something: a submission was graded, or judged again.
Reason = Literal["grading", "regrade"]
#: What became of an appeal.
Outcome = Literal["granted", "denied", "noted"]


#: No submission is older or younger. Differences of such times fit into 64 bits of nanoseconds, and each of them
#: is a time in every zone.
_FIRST, _LAST = datetime(1970, 1, 2, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


def storable(text: str) -> str:
    """A text that any database takes: without halves of characters, and without the character 0."""
    return text.encode("utf-8", "replace").decode().replace("\x00", "\ufffd")


def plausible(time: datetime | None) -> datetime | None:
    """A time of nbgrader's (UTC, without saying so) with its zone; one that nobody can have meant is the nearest
    that somebody may: students can write the file that it comes from.
    """
    return None if time is None else min(max(time.replace(tzinfo=UTC), _FIRST), _LAST)


def extended(due: datetime | None, extension: timedelta | None) -> datetime | None:
    """When it is due for one student, if it is due at all."""
    return None if due is None else due + (extension or timedelta(0))


@dataclass(frozen=True)
class Student:
    """A student of the course. Names and address are optional, as in nbgrader."""

    id: str
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None

    @property
    def called(self) -> str:
        """The name, if there is one, and the login."""
        name = " ".join(part for part in (self.first_name, self.last_name) if part)
        return f"{name} ({self.id})" if name else self.id


@dataclass(frozen=True)
class CellGrade:
    """What the gradebook says of one graded cell of one submission.

    Args:
        grade_id: nbgrader's id of the cell.
        max_score: Its points.
        auto_score: What the grader gave; ``None`` when only a person can tell.
        manual_score: What a TA gave; it takes precedence.
        extra_credit: What a TA gave on top.
        waits: Whether a TA still has to look.
    """

    grade_id: str
    max_score: float
    auto_score: float | None
    manual_score: float | None
    extra_credit: float | None
    waits: bool

    @property
    def score(self) -> float | None:
        """The points that count, by nbgrader's rule; ``None`` while nobody has decided."""
        base = self.auto_score if self.manual_score is None else self.manual_score
        return None if base is None else base + (self.extra_credit or 0.0)


@dataclass(frozen=True)
class Graded:
    """A notebook of a submission: the grader's report, and what people added to it.

    Args:
        report: The grader's report, as recorded.
        student: Whose it is.
        cells: The graded cells, in the order of the report.
        comments: What TAs wrote, by the id of the cell.
        submitted_at: When it was handed in, if known, with its time zone.
        due: When it was due, the student's extension included, if known.
        recorded_at: When the report was recorded.
        weakened: Whether it ran in a sandbox that lacked a layer, by explicit order.
        answers: A digest of what the student wrote, by the id of the cell, of cells that are graded by hand.
    """

    report: NotebookReport
    student: Student
    cells: tuple[CellGrade, ...]
    comments: Mapping[str, str]
    submitted_at: datetime | None
    due: datetime | None
    recorded_at: datetime
    weakened: bool
    answers: Mapping[str, str] = field(default_factory=dict)

    @property
    def score(self) -> float:
        """Points so far; cells that nobody has decided on count as zero."""
        return float(sum(cell.score or 0.0 for cell in self.cells))

    @property
    def max_score(self) -> float:
        """Points to be had."""
        return float(sum(cell.max_score for cell in self.cells))

    @property
    def pending(self) -> float:
        """Points that a TA has still to decide on."""
        return float(sum(cell.max_score for cell in self.cells if cell.waits and cell.score is None))

    @property
    def needs_review(self) -> bool:
        """Whether the grader failed in a cell that nobody has decided on since."""
        failed = {verdict.grade_id for verdict in self.report.verdicts if verdict.needs_review}
        return any(cell.score is None and cell.grade_id in failed for cell in self.cells)

    @property
    def late_seconds(self) -> float | None:
        """How long after the due time it came, 0 when in time; ``None`` if a time is unknown."""
        if self.submitted_at is None or self.due is None:
            return None
        return max(0.0, (self.submitted_at - self.due).total_seconds())


@dataclass(frozen=True)
class AttemptCell:
    """What a graded cell of an earlier submission had when another one took its place.

    Args:
        score: The points that counted; ``None`` where nobody had decided.
        max_score: Its points then.
        manual: Whether people grade it, or had overruled its score.
        answer: Digest of the answer, where people grade it.
    """

    score: float | None
    max_score: float
    manual: bool
    answer: str | None


@dataclass(frozen=True)
class Attempt:
    """An earlier submission of a notebook. It is as it was: no regrade and no reader changes it any more.

    Args:
        student: Whose.
        assignment: Of which assignment.
        notebook: Of which notebook.
        submitted_at: When it was handed in, with its time zone, if known.
        replaced_at: When the next one was recorded.
        status: What became of it.
        cells: Its graded cells, by id.
    """

    student: str
    assignment: str
    notebook: str
    submitted_at: datetime | None
    replaced_at: datetime
    status: Status
    cells: Mapping[str, AttemptCell]


@dataclass(frozen=True)
class Scores:
    """The three numbers that nbgrader keeps of a graded cell, each ``None`` where there is none."""

    auto: float | None = None
    manual: float | None = None
    extra: float | None = None

    @property
    def points(self) -> float | None:
        """The points that count, by nbgrader's rule; ``None`` while nobody has decided."""
        base = self.auto if self.manual is None else self.manual
        return None if base is None else base + (self.extra or 0.0)


@dataclass(frozen=True)
class Change:
    """A change of a cell's scores.

    Args:
        id: Its number; later ones are larger.
        at: When, with its time zone. Changes of one transaction of ours have the same time.
        student: Whose.
        assignment: Of which assignment, as it was called then.
        notebook: Of which notebook.
        cell: nbgrader's id of the cell, which may be gone.
        actor: A person's name, ``autograder``, or ``nbgrader`` for what was changed without our code.
        why: ``grading``, ``regrade``, ``review``, ``sources changed`` or ``by hand``.
        old: Before; nothing where the row is new.
        new: After; nothing where the row was removed.
        total: Points of the whole notebook after it.
    """

    id: int
    at: datetime
    student: str
    assignment: str
    notebook: str
    cell: str
    actor: str
    why: str
    old: Scores
    new: Scores
    total: float

    @property
    def gain(self) -> float:
        """By how many points the notebook rose; negative where it fell."""
        return (self.new.points or 0.0) - (self.old.points or 0.0)


@dataclass(frozen=True)
class Appeal:
    """What a student asks about a grade, and what they were answered.

    Args:
        id: Its number.
        student: Whose grade.
        assignment: Of which assignment.
        notebook: Of which notebook.
        cell: nbgrader's id of the cell; ``None`` for the whole notebook.
        text: What is asked; somebody else wrote it.
        filed_by: Who wrote it down.
        filed_at: When, with its time zone.
        outcome: ``granted``, ``denied`` or ``noted``; ``None`` while it is open. No score changes by it.
        answer: What the student is answered.
        answered_by: By whom.
        answered_at: When, with its time zone.
    """

    id: int
    student: str
    assignment: str
    notebook: str
    cell: str | None
    text: str
    filed_by: str
    filed_at: datetime
    outcome: Outcome | None = None
    answer: str | None = None
    answered_by: str | None = None
    answered_at: datetime | None = None

    @property
    def open(self) -> bool:
        """Whether nobody has answered yet."""
        return self.outcome is None
