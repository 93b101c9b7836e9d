"""What a class report says: plain, frozen data."""

import math
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime, timedelta
from typing import Any

from gradebook.report.items import Item
from gradebook.review.overview import Overview

__all__ = [
    "Check", "ClassReport", "Example", "Failure", "Notebook", "Pupil", "Question", "Spread", "Summary",
    "Threshold", "plain",
]  # fmt: skip


@dataclass(frozen=True)
class Summary:
    """The class in numbers, of students where nothing else is said.

    Args:
        students: On the roster.
        handed_in: Handed in something.
        ungraded: Handed in, and not graded yet.
        graded: Have at least one notebook that ran, or was refused.
        complete: Handed in every notebook.
        missing: Handed in nothing.
        late: Handed in after their due time.
        waiting: Answers that a reader has to look at.
        waiting_students: Of how many students.
        failures: Cells in which the grader failed, and nobody has decided since.
        failing_students: Of how many students.
    """

    students: int
    handed_in: int
    ungraded: int
    graded: int
    complete: int
    missing: int
    late: int
    waiting: int
    waiting_students: int
    failures: int
    failing_students: int


@dataclass(frozen=True)
class Spread:
    """How numbers are spread; nothing of fewer than ``FEWEST`` students.

    Args:
        students: Of how many.
        least, first, median, third, ninth, most: Minimum, quartiles, the ninth decile, maximum.
    """

    students: int
    least: float | None = None
    first: float | None = None
    median: float | None = None
    third: float | None = None
    ninth: float | None = None
    most: float | None = None


@dataclass(frozen=True)
class Notebook:
    """One notebook.

    Args:
        name: Its name.
        title: Its first heading.
        points: To be had.
        handed_in: How many handed it in.
        refused: Of these, how many files could not be graded.
        full, partial, none: Answers to its questions that earned all, a part, nothing.
        shares: Shares of the points that are decided, of those whose notebook ran.
        bins: How many have a share in each tenth.
        cpu, wall: Seconds that the grader's run took: CPU time, and time on the wall.
    """

    name: str
    title: str
    points: float
    handed_in: int
    refused: int
    full: int | None
    partial: int | None
    none: int | None
    shares: Spread
    bins: tuple[int, ...]
    cpu: Spread
    wall: Spread


@dataclass(frozen=True)
class Example:
    """How often the same went wrong in the same way. Its texts come from students."""

    expected: str | None
    actual: str | None
    count: int


@dataclass(frozen=True)
class Question:
    """One graded cell.

    Args:
        notebook, cell: Where.
        title: The heading above it.
        points: To be had.
        manual: People mark it.
        item: Its analysis.
        reasons: Why cells ended early, the most frequent ones.
    """

    notebook: str
    cell: str
    title: str
    points: float
    manual: bool
    item: Item
    reasons: tuple[Example, ...]


@dataclass(frozen=True)
class Check:
    """One check of a graded cell.

    Args:
        notebook, cell, question: Where, and the heading above it.
        title: What it checks.
        item: Its analysis, of those whose cell got as far as this check.
        failed: How many did not pass in full.
        broken: How often the check itself broke.
        examples: How it fails, the most frequent ways.
    """

    notebook: str
    cell: str
    question: str
    title: str
    item: Item
    failed: int
    broken: int
    examples: tuple[Example, ...]


@dataclass(frozen=True)
class Threshold:
    """How far from a threshold a class came.

    Args:
        notebook, cell, title: Of which check.
        metric: What was measured.
        threshold: What earns full credit.
        rises: Whether more is better.
        students: How many were measured.
        passed: How many reached it.
        near: How many missed it by little.
        values: What was measured, sorted; nothing of fewer than ``FEWEST`` students.
    """

    notebook: str
    cell: str
    title: str
    metric: str
    threshold: float
    rises: bool
    students: int
    passed: int | None
    near: int | None
    values: tuple[float, ...]

    @property
    def margins(self) -> tuple[float, ...]:
        """By how much each passed; negative where missed."""
        return tuple(value - self.threshold if self.rises else self.threshold - value for value in self.values)


@dataclass(frozen=True)
class Pupil:
    """One student.

    Args:
        student, name: Login, and name if known.
        handed_in: How many notebooks.
        missing: Names of those that are not there.
        late: How late, if late.
        score: Points so far, before any policy.
        share: Of the points that are decided; ``None`` of who handed in nothing.
        bins: The tenth of each share, a digit each: of the list, each notebook, each question; ``-`` for none.
    """

    student: str
    name: str
    handed_in: int
    missing: tuple[str, ...]
    late: timedelta | None
    score: float
    share: float | None
    bins: str


@dataclass(frozen=True)
class Failure:
    """Where the grader failed, and nobody has decided since."""

    student: str
    notebook: str
    question: str | None
    reason: str


@dataclass(frozen=True)
class ClassReport:
    """Everything.

    Args:
        assignment, title: Name and title of the list.
        made_at: When, UTC.
        points: To be had in the list.
        summary: The class in numbers.
        shares: Shares of the list's points that are decided, of those who handed in something.
        bins: How many have a share in each tenth.
        thresholds: In the order of the notebooks, as the others.
        review: How far readers are.
    """

    assignment: str
    title: str
    made_at: datetime
    points: float
    summary: Summary
    shares: Spread
    bins: tuple[int, ...]
    notebooks: tuple[Notebook, ...]
    questions: tuple[Question, ...]
    checks: tuple[Check, ...]
    thresholds: tuple[Threshold, ...]
    pupils: tuple[Pupil, ...]
    failures: tuple[Failure, ...]
    review: Overview


def plain(value: Any) -> Any:
    """Data that JSON knows; no NaN, and times as ISO 8601 or seconds."""
    if isinstance(value, Overview):
        return plain(value.to_json())
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, timedelta):
        return value.total_seconds()
    return value.isoformat() if isinstance(value, datetime) else value
