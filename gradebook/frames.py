"""Grades as tables: a row a graded cell, a row a notebook, a row a student."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from autograder.assignment import Assignment, Template
from autograder.assignment import load as load_assignment
from autograder.errors import UsageError
from gradebook.attempts import with_attempts
from gradebook.headings import cell_titles
from gradebook.policies.rules import apply, totals
from gradebook.policies.settings import FILE, Policy, read_policy
from gradebook.records import Graded, Records, Student
from gradebook.records.database import database_url

__all__ = ["COLUMNS", "Grades", "by_notebook", "cells", "grades", "load"]

#: A row a graded cell of ``load``, with the kinds of its columns; ``docs/data.md`` says what each means.
COLUMNS = {
    "student": "string", "first_name": "string", "last_name": "string", "email": "string", "assignment": "string",
    "notebook": "string", "cell": "string", "question": "string", "auto_score": "float64",
    "manual_score": "float64", "extra_credit": "float64", "score": "float64", "max_score": "float64",
    "waits": "bool", "comment": "string", "status": "string", "submitted_at": "datetime64[us, UTC]",
    "due": "datetime64[us, UTC]", "recorded_at": "datetime64[us, UTC]",
}  # fmt: skip


def load(assignment: str, *, course: str | Path = ".", db: str | None = None) -> pd.DataFrame:
    """What the gradebook says of a list: a row a graded cell.

    Args:
        assignment: The list, such as ``lista12``.
        course: Root of the course.
        db: URL of the gradebook; ``gradebook.db`` of the course if not given.

    Raises:
        UsageError: There is no such list or gradebook.
    """
    source = load_assignment(Path(course), assignment)
    with Records(database_url(Path(course), db)) as records:
        return cells(records.reports(assignment), source)


def cells(graded: Sequence[Graded], source: Assignment) -> pd.DataFrame:
    """Recorded notebooks as a table; columns as ``COLUMNS`` says."""
    titles = {template.name: cell_titles(template) for template in source.notebooks}
    rows = [
        (
            one.student.id, one.student.first_name, one.student.last_name, one.student.email,
            one.report.assignment, one.report.notebook, cell.grade_id,
            titles.get(one.report.notebook, {}).get(cell.grade_id, cell.grade_id), cell.auto_score,
            cell.manual_score, cell.extra_credit, cell.score, cell.max_score, cell.waits,
            one.comments.get(cell.grade_id), one.report.status, one.submitted_at, one.due, one.recorded_at,
        )
        for one in graded
        for cell in one.cells
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    times = [name for name, kind in COLUMNS.items() if kind.startswith("datetime")]
    frame[times] = frame[times].apply(pd.to_datetime, utc=True)
    return frame.astype(COLUMNS)


def by_notebook(frame: pd.DataFrame, students: Sequence[str], source: Assignment) -> pd.DataFrame:
    """A row a student and notebook, also where nothing was handed in: what the rules of a policy read.

    Args:
        frame: From ``cells``.
        students: Everybody who is enrolled.
        source: The list.
    """
    grouped = frame.assign(pending=frame["max_score"].where(frame["waits"] & frame["score"].isna(), 0.0)).groupby(
        ["student", "notebook"], as_index=False
    )
    found = grouped.agg(
        raw=("score", "sum"), max_score=("max_score", "sum"), pending=("pending", "sum"),
        status=("status", "first"), submitted_at=("submitted_at", "first"), due=("due", "first"),
    )  # fmt: skip
    everybody = pd.DataFrame(
        [(student, template.name, _points(template)) for student in students for template in source.notebooks],
        columns=["student", "notebook", "points"],
    ).astype({"student": "string", "notebook": "string"})
    whole = everybody.merge(found, on=["student", "notebook"], how="left")
    return whole.assign(
        raw=whole["raw"].fillna(0.0).clip(lower=0.0),
        max_score=whole["max_score"].fillna(whole["points"]),
        pending=whole["pending"].fillna(0.0),
        status=whole["status"].fillna("missing"),
    ).drop(columns="points")


def _points(template: Template) -> float:
    return float(sum(cell.points for cell in template.cells if cell.graded))


class Grades:
    """The grades of a list, its policy used.

    Args:
        assignment: The list.
        policy: What was used.
        students: Names and addresses, by login.
        notebooks: A row a student and notebook, with the columns of all rules.
        totals: A row a student: ``total`` of ``max_total``.
    """

    def __init__(
        self, assignment: Assignment, policy: Policy, students: Mapping[str, Student], frame: pd.DataFrame
    ) -> None:
        self.assignment, self.policy, self.students = assignment, policy, students
        self.notebooks = apply(frame, policy)
        self.totals = totals(self.notebooks, policy.scale)

    def wide(self) -> pd.DataFrame:
        """A row a student, by last name: names, points of each notebook, total, what waits for a reader."""
        points = self.notebooks.pivot(index="student", columns="notebook", values="score")
        pending = self.notebooks.groupby("student")["pending"].sum()
        table = self.totals.set_index("student").join(points).assign(pending=pending).reset_index()
        people = [self.students.get(name, Student(name)) for name in table["student"]]
        for place, field in enumerate(("last_name", "first_name", "email"), start=1):
            table.insert(place, field, pd.Series([getattr(p, field) or "" for p in people], dtype="string"))
        names = [template.name for template in self.assignment.notebooks]
        table = table[["student", "last_name", "first_name", "email", *names, "total", "max_total", "pending"]]
        return table.sort_values(["last_name", "first_name", "student"], ignore_index=True)


def grades(assignment: str, *, course: str | Path = ".", db: str | None = None) -> Grades:
    """The grades of a list, after what the course's ``policies.toml`` says.

    Args:
        assignment: The list, such as ``lista12``.
        course: Root of the course.
        db: URL of the gradebook; ``gradebook.db`` of the course if not given.

    Raises:
        UsageError: There is no such list or gradebook, or the policy names somebody who is not enrolled.
    """
    course = Path(course)
    source = load_assignment(course, assignment)
    policy = read_policy(course, assignment, [template.name for template in source.notebooks])
    with Records(database_url(course, db)) as records:
        people = {person.id: person for person in records.people()}
        graded = records.reports(assignment)
        earlier = records.attempts(assignment)
    named = {*policy.extensions, *(student for group in policy.groups.values() for student in group)}
    strange = sorted(named - people.keys())
    if strange:
        raise UsageError(
            f"{course / FILE}, of {assignment}: nobody is enrolled as {', '.join(strange)}.",
            "Correct the login, or enrol them: nbgrader db student add LOGIN",
        )
    frame = by_notebook(cells(graded, source), sorted(people), source)
    frame = with_attempts(frame, graded, earlier, rows=policy.submission == "best")
    return Grades(source, policy, people, frame)
