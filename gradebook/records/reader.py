"""Reading recorded reports back, with what people have added to them."""

import json
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC
from functools import cache
from typing import Any

from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    Notebook,
    SubmittedAssignment,
    SubmittedNotebook,
)
from sqlalchemy import and_, select
from sqlalchemy.orm import Session, selectinload, with_polymorphic

from autograder.errors import GraderError
from autograder.outcome import Curve, NotebookReport
from gradebook.records.order import by_bytes
from gradebook.records.tables import EXHIBIT, REPORT
from gradebook.records.values import CellGrade, Graded, Student, plausible

__all__ = ["read_curves", "read_graded", "with_cells"]


def read_graded(session: Session, assignment: str, *, student: str | None, notebook: str | None) -> list[Graded]:
    """The recorded notebooks of ``assignment``, by student and notebook."""
    query = select(REPORT).where(REPORT.c.assignment == assignment)
    if student is not None:
        query = query.where(REPORT.c.student == student)
    if notebook is not None:
        query = query.where(REPORT.c.notebook == notebook)
    whose = ("student", "assignment", "notebook")
    query = query.add_columns(EXHIBIT.c.exhibits).outerjoin(
        EXHIBIT, and_(*(EXHIBIT.c[name] == REPORT.c[name] for name in whose))
    )
    rows = (
        session.execute(query.order_by(by_bytes(REPORT.c.student), by_bytes(REPORT.c.notebook))).mappings().all()
    )
    submitted = _submitted(session, assignment, {row["student"] for row in rows}) if rows else {}
    graded = []
    for row in rows:
        ours = submitted.get((row["student"], row["notebook"]))
        # A notebook that was taken out of the assignment keeps its report, but counts no more.
        if ours is not None:
            graded.append(_graded(row, ours))
    return graded


def read_curves(session: Session, assignment: str) -> dict[str, dict[str, tuple[Curve, ...]]]:
    """The learning curves of an assignment, by notebook and student."""
    query = select(REPORT.c.student, REPORT.c.notebook, REPORT.c.report).where(REPORT.c.assignment == assignment)
    found: dict[str, dict[str, tuple[Curve, ...]]] = {}
    for student, notebook, text in session.execute(query):
        try:
            curves = tuple(Curve(c["name"], tuple(c["values"])) for c in json.loads(text)["curves"])
        except (ValueError, TypeError, KeyError) as error:
            where = f"{student}: {assignment}/{notebook}"
            why = f"{where}: the recorded report cannot be read: {error}."
            raise GraderError(why, "Grade it again.") from error
        if curves:
            found.setdefault(notebook, {})[student] = curves
    return found


@cache
def with_cells() -> tuple[Any, ...]:
    """Options of a query for submitted notebooks: grades and comments come with their cells, in few queries."""
    cells = with_polymorphic(BaseCell, "*")
    return (
        selectinload(SubmittedNotebook.grades).selectinload(Grade.cell.of_type(cells)),
        selectinload(SubmittedNotebook.comments).selectinload(Comment.cell.of_type(cells)),
    )


def _submitted(session: Session, assignment: str, students: Iterable[str]) -> dict[tuple[str, str], Any]:
    wanted = set(students)
    query = (
        select(SubmittedAssignment.student_id, Notebook.name, SubmittedNotebook)
        .join(SubmittedAssignment, SubmittedAssignment.id == SubmittedNotebook.assignment_id)
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .join(Notebook, Notebook.id == SubmittedNotebook.notebook_id)
        .where(Assignment.name == assignment)
        .options(*with_cells())
    )
    if len(wanted) == 1:
        query = query.where(SubmittedAssignment.student_id.in_(wanted))
    return {(who, name): row for who, name, row in session.execute(query) if who in wanted}


def _report(data: dict[str, Any], exhibits: str | None) -> NotebookReport:
    """The report; without pictures where those that are recorded are another version's, or damaged."""
    if exhibits is not None:
        with suppress(ValueError, TypeError, KeyError):
            return NotebookReport.from_json({**data, **json.loads(exhibits)})
    return NotebookReport.from_json(data)


def _graded(row: Any, submitted: Any) -> Graded:
    try:
        report = _report(json.loads(row["report"]), row["exhibits"])
    except (ValueError, TypeError, KeyError) as error:
        where = f"{row['student']}: {row['assignment']}/{row['notebook']}"
        raise GraderError(f"{where}: the recorded report cannot be read: {error}.", "Grade it again.") from error
    order = {verdict.grade_id: place for place, verdict in enumerate(report.verdicts)}
    cells = [
        CellGrade(
            grade.cell.name,
            float(grade.cell.max_score),
            grade.auto_score,
            grade.manual_score,
            grade.extra_credit,
            bool(grade.needs_manual_grade),
        )
        for grade in submitted.grades
    ]
    cells.sort(key=lambda cell: order.get(cell.grade_id, len(order)))
    person, submission = submitted.assignment.student, submitted.assignment
    due = submission.duedate if submission.assignment.duedate is not None else None
    return Graded(
        report=report,
        student=Student(person.id, person.first_name, person.last_name, person.email),
        cells=tuple(cells),
        comments={c.cell.name: c.manual_comment for c in submitted.comments if c.manual_comment},
        submitted_at=plausible(submission.timestamp),
        due=plausible(due),
        recorded_at=row["recorded_at"].replace(tzinfo=UTC),
        weakened=bool(row["weakened"]),
        answers=json.loads(row["answers"]),
    )
