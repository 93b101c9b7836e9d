"""What the feedback pages of a list have in common: read once."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.assignment import Assignment
from gradebook.feedback.bands import Band, bands_of
from gradebook.policies.settings import Policy
from gradebook.records import Appeal
from gradebook.records.appeals import read_appeals
from gradebook.records.database import Database
from gradebook.records.reader import read_curves
from gradebook.review.store import Reviews, rubrics_of

__all__ = ["Shared", "read_shared"]


@dataclass(frozen=True)
class Shared:
    """Of a whole list.

    Args:
        policy: What becomes of points.
        rows: A row of ``Grades.notebooks`` by student and notebook.
        totals: Each student's grade, and what could be had.
        levels: What the first reader chose, by student, notebook and cell: a level a criterion, 0 for the best.
        bands: Of the class's learning curves, by notebook and series.
        appeals: By student and notebook, oldest first.
    """

    policy: Policy = field(default_factory=Policy)
    rows: Mapping[tuple[str, str], Any] = field(default_factory=dict)
    totals: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    levels: Mapping[tuple[str, str, str], Sequence[int]] = field(default_factory=dict)
    bands: Mapping[str, Mapping[str, Band]] = field(default_factory=dict)
    appeals: Mapping[tuple[str, str], Sequence[Appeal]] = field(default_factory=dict)


def read_shared(assignment: Assignment, *, course: Path, db: str, compare: bool = True) -> Shared:
    """Read it from the gradebook at ``db`` and the course's policies.

    Args:
        assignment: The list.
        course: Root of the course.
        db: URL of the gradebook.
        compare: Whether pages may compare a student with the class.

    Raises:
        UsageError: The policies cannot be used.
        GraderError: The gradebook does not answer.
    """
    # Imported here: whoever only renders a page pays nothing for pandas.
    from gradebook.frames import grades

    found = grades(assignment.name, course=course, db=db)
    with closing(Database(db)) as database:
        curves = database.read(lambda session: read_curves(session, assignment.name)) if compare else {}
        asked = database.read(lambda session: read_appeals(session, assignment.name, None))
        given = Reviews(database, assignment.name, rubrics_of(assignment)).given()
    appeals: dict[tuple[str, str], list[Appeal]] = {}
    for appeal in asked:
        appeals.setdefault((appeal.student, appeal.notebook), []).append(appeal)
    return Shared(
        policy=found.policy,
        rows={(str(row.student), str(row.notebook)): row for row in found.notebooks.itertuples(index=False)},
        totals={str(student): (float(total), float(most)) for student, total, most in found.totals.to_numpy()},
        levels={(answer.student, answer.notebook, answer.cell): mark.levels for answer, mark in given.items()},
        bands={notebook: bands_of(by_student) for notebook, by_student in curves.items()},
        appeals=appeals,
    )
