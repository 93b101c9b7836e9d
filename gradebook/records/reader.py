"""Reading recorded reports back, with what people have added to them."""

import json
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    GradeCell,
    Notebook,
    SubmittedAssignment,
    SubmittedNotebook,
    TaskCell,
)
from nbgrader.api import Student as StudentRow
from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from autograder.errors import GraderError
from autograder.outcome import Curve, NotebookReport
from gradebook.records.order import by_bytes
from gradebook.records.tables import EXHIBIT, REPORT
from gradebook.records.values import CellGrade, Graded, Student, extended, plausible

__all__ = ["read_comments", "read_curves", "read_graded"]

_LIST, _NOTEBOOK, _CELL, _GRADED_CELL, _TASK_CELL, _STUDENT, _HANDED, _PART, _GRADE, _COMMENT = (
    kind.__table__
    for kind in (
        Assignment, Notebook, BaseCell, GradeCell, TaskCell, StudentRow, SubmittedAssignment, SubmittedNotebook,
        Grade, Comment,
    )
)  # fmt: skip
#: Submitted notebooks, and whose they are.
_PARTS = (
    _PART.join(_HANDED, _HANDED.c.id == _PART.c.assignment_id)
    .join(_LIST, _LIST.c.id == _HANDED.c.assignment_id)
    .join(_NOTEBOOK, _NOTEBOOK.c.id == _PART.c.notebook_id)
    .join(_STUDENT, _STUDENT.c.id == _HANDED.c.student_id)
)


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
    kept = _kept(session, assignment, student, notebook) if rows else {}
    # A notebook that was taken out of the assignment keeps its report, but counts no more.
    return [
        _graded(row, kept[row["student"], row["notebook"]])
        for row in rows
        if (row["student"], row["notebook"]) in kept
    ]


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


def read_comments(
    session: Session, assignment: str, *, student: str | None = None, notebook: str | None = None
) -> dict[tuple[str, str, str], str]:
    """What TAs wrote on cells of ``assignment``, by student, notebook and cell."""
    query = (
        select(_STUDENT.c.id, _NOTEBOOK.c.name, _CELL.c.name, _COMMENT.c.manual_comment)
        .select_from(
            _PARTS.join(_COMMENT, _COMMENT.c.notebook_id == _PART.c.id).join(
                _CELL, _CELL.c.id == _COMMENT.c.cell_id
            )
        )
        .where(*_which(assignment, student, notebook), _COMMENT.c.manual_comment.is_not(None))
    )
    return {(who, name, cell): text for who, name, cell, text in session.execute(query) if text}


@dataclass
class _Kept:
    """What nbgrader keeps of a submitted notebook."""

    student: Student
    submitted_at: datetime | None
    due: datetime | None
    cells: list[CellGrade] = field(default_factory=list)
    comments: dict[str, str] = field(default_factory=dict)


def _kept(
    session: Session, assignment: str, student: str | None, notebook: str | None
) -> dict[tuple[str, str], _Kept]:
    """By student and notebook. Plain rows: nbgrader's objects would take five times as long."""
    which = _which(assignment, student, notebook)
    handed_in = (
        select(
            _NOTEBOOK.c.name, _HANDED.c.timestamp, _LIST.c.duedate, _HANDED.c.extension,
            _STUDENT.c.id, _STUDENT.c.first_name, _STUDENT.c.last_name, _STUDENT.c.email,
        )
        .select_from(_PARTS)
        .where(*which)
    )  # fmt: skip
    found = {}
    for name, at, due, extension, *person in session.execute(handed_in):
        kept = _Kept(Student(*person), plausible(at), plausible(extended(due, extension)))
        found[kept.student.id, name] = kept
    grades = (
        select(
            _STUDENT.c.id, _NOTEBOOK.c.name,
            _CELL.c.name, func.coalesce(_GRADED_CELL.c.max_score, _TASK_CELL.c.max_score),
            _GRADE.c.auto_score, _GRADE.c.manual_score, _GRADE.c.extra_credit, _GRADE.c.needs_manual_grade,
        )
        .select_from(
            _PARTS.join(_GRADE, _GRADE.c.notebook_id == _PART.c.id)
            .join(_CELL, _CELL.c.id == _GRADE.c.cell_id)
            .outerjoin(_GRADED_CELL, _GRADED_CELL.c.id == _CELL.c.id)
            .outerjoin(_TASK_CELL, _TASK_CELL.c.id == _CELL.c.id)
        )
        .where(*which)
    )  # fmt: skip
    for who, name, cell, points, auto, manual, extra, waits in session.execute(grades):
        found[who, name].cells.append(CellGrade(cell, float(points), auto, manual, extra, bool(waits)))
    for (who, name, cell), text in read_comments(session, assignment, student=student, notebook=notebook).items():
        found[who, name].comments[cell] = text
    return found


def _which(assignment: str, student: str | None, notebook: str | None) -> list[ColumnElement[bool]]:
    """Conditions on ``_PARTS``."""
    which = [_LIST.c.name == assignment]
    if student is not None:
        which.append(_STUDENT.c.id == student)
    if notebook is not None:
        which.append(_NOTEBOOK.c.name == notebook)
    return which


def _report(data: dict[str, Any], exhibits: str | None) -> NotebookReport:
    """The report; without pictures where those that are recorded are another version's, or damaged."""
    if exhibits is not None:
        with suppress(ValueError, TypeError, KeyError):
            return NotebookReport.from_json({**data, **json.loads(exhibits)})
    return NotebookReport.from_json(data)


def _graded(row: Any, kept: _Kept) -> Graded:
    try:
        report = _report(json.loads(row["report"]), row["exhibits"])
    except (ValueError, TypeError, KeyError) as error:
        where = f"{row['student']}: {row['assignment']}/{row['notebook']}"
        raise GraderError(f"{where}: the recorded report cannot be read: {error}.", "Grade it again.") from error
    order = {verdict.grade_id: place for place, verdict in enumerate(report.verdicts)}
    return Graded(
        report=report,
        student=kept.student,
        cells=tuple(sorted(kept.cells, key=lambda cell: (order.get(cell.grade_id, len(order)), cell.grade_id))),
        comments=kept.comments,
        submitted_at=kept.submitted_at,
        due=kept.due,
        recorded_at=row["recorded_at"].replace(tzinfo=UTC),
        weakened=bool(row["weakened"]),
        answers=json.loads(row["answers"]),
    )
