"""Writing a report into nbgrader's tables, beside what people have written there."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    Notebook,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
)
from sqlalchemy import Table, delete, insert, select
from sqlalchemy.orm import Session, selectinload, with_polymorphic

from autograder.errors import GraderError, UsageError
from autograder.messages import tr
from autograder.outcome import CellVerdict, NotebookReport
from gradebook.records.attempts import keep_attempt
from gradebook.records.sync import add_submission
from gradebook.records.tables import EXHIBIT, REPORT, SHOWN
from gradebook.records.triggers import name_cause
from gradebook.records.values import Reason

__all__ = ["find_assignment", "write_report"]


@dataclass(frozen=True)
class _Before:
    """What was recorded of this notebook the last time."""

    submitted_at: datetime | None
    answers: Mapping[str, str]


def find_assignment(session: Session, name: str) -> Any:
    """nbgrader's row of the assignment.

    Raises:
        UsageError: It was never brought into the gradebook.
    """
    assignment = session.scalars(select(Assignment).where(Assignment.name == name)).one_or_none()
    if assignment is None:
        raise UsageError(f"The gradebook has no assignment {name!r}.", f"Run 'autograder grade {name}' first.")
    return assignment


def write_report(
    session: Session,
    report: NotebookReport,
    *,
    submitted_at: datetime | None,
    answers: Mapping[str, str] | None,
    reason: Reason | None,
) -> None:
    """Write ``report`` and all that nbgrader keeps of it.

    Args:
        session: A writing session.
        report: What the grader found.
        submitted_at: When the submission came, naive and in UTC; ``None`` leaves what is known.
        answers: A digest of what the student wrote in each manual cell, by its id.
        reason: What the history calls it; ``None`` to tell from the time and the answers.

    Raises:
        UsageError: The gradebook does not have the assignment or the notebook.
        GraderError: The report is of another version of the notebook.
    """
    submission = _submission(session, report)
    if submitted_at is not None:
        submission.timestamp = submitted_at
    submitted = session.scalars(
        select(SubmittedNotebook)
        .join(Notebook, Notebook.id == SubmittedNotebook.notebook_id)
        .where(SubmittedNotebook.assignment_id == submission.id, Notebook.name == report.notebook)
        .options(*_with_cells())
    ).one_or_none()
    if submitted is None:
        raise UsageError(
            f"The gradebook has no notebook {report.notebook!r} in {report.assignment}.",
            "Bring it up to date with the source notebooks first.",
        )
    grades = {grade.cell.name: grade for grade in submitted.grades}
    report = _complete(report, grades)
    verdicts = {verdict.grade_id: verdict for verdict in report.verdicts}
    before = _before(session, report)
    if reason is None:
        same = before is not None and _same(before, submission.timestamp, answers)
        reason = "regrade" if same else "grading"
    name_cause(session, "autograder", reason)
    if before is not None and submitted_at not in (None, before.submitted_at):
        keep_attempt(session, _key(report), submitted.grades, before.answers)
    for name, grade in grades.items():
        changed = before is not None and _changed(name, before, submitted_at, answers)
        _write_grade(grade, verdicts[name], changed=changed)
    for comment in submitted.comments:
        # A cell that is written in but not graded has a comment and no verdict.
        comment.auto_comment = _auto_comment(report, verdicts.get(comment.cell.name))
    kept = dict(before.answers) if before is not None and answers is None else dict(answers or {})
    _write_own(session, report, submitted_at=submission.timestamp, answers=kept)


@cache
def _with_cells() -> tuple[Any, ...]:
    """Options of a query for a submitted notebook: grades and comments come with their cells, in few queries."""
    cells = with_polymorphic(BaseCell, "*")
    return (
        selectinload(SubmittedNotebook.grades).selectinload(Grade.cell.of_type(cells)),
        selectinload(SubmittedNotebook.comments).selectinload(Comment.cell.of_type(cells)),
    )


def _submission(session: Session, report: NotebookReport) -> Any:
    assignment = find_assignment(session, report.assignment)
    student = session.get(Student, report.student)
    if student is None:
        student = Student(id=report.student)
        session.add(student)
    submission = session.scalars(
        select(SubmittedAssignment).where(
            SubmittedAssignment.assignment_id == assignment.id,
            SubmittedAssignment.student_id == report.student,
        )
    ).one_or_none()
    return add_submission(session, assignment, student) if submission is None else submission


def _complete(report: NotebookReport, grades: Mapping[str, Any]) -> NotebookReport:
    """The report with a verdict for each cell of the gradebook: what the grader left out needs review."""
    where = f"{report.student}: {report.assignment}/{report.notebook}"
    seen: set[str] = set()
    for verdict in report.verdicts:
        grade = grades.get(verdict.grade_id)
        if grade is None or verdict.grade_id in seen:
            raise GraderError(
                f"{where}: the report has a score for {verdict.grade_id!r}, "
                f"{'twice' if verdict.grade_id in seen else 'which the gradebook does not have'}.",
                "The source notebook changed while it was graded; grade it again.",
            )
        if abs(verdict.max_score - grade.cell.max_score) > 1e-9:
            raise GraderError(
                f"{where}: {verdict.grade_id!r} is worth {grade.cell.max_score:g} in the gradebook "
                f"and {verdict.max_score:g} in the report.",
                "The source notebook changed while it was graded; grade it again.",
            )
        seen.add(verdict.grade_id)
    missing = tuple(
        CellVerdict(name, grade.cell.max_score, None, needs_review=True, reason="The grader gave no verdict.")
        for name, grade in grades.items()
        if name not in seen
    )
    return replace(report, verdicts=report.verdicts + missing)


def _before(session: Session, report: NotebookReport) -> _Before | None:
    row = session.execute(select(REPORT.c.submitted_at, REPORT.c.answers).where(*_key(report))).one_or_none()
    return None if row is None else _Before(row.submitted_at, json.loads(row.answers))


def _key(report: NotebookReport, table: Table = REPORT) -> tuple[Any, ...]:
    """What finds the report's row in a table of ours."""
    return (
        table.c.student == report.student,
        table.c.assignment == report.assignment,
        table.c.notebook == report.notebook,
    )


def _same(before: _Before, submitted_at: datetime | None, answers: Mapping[str, str] | None) -> bool:
    """Whether it is the submission that was recorded the last time."""
    return submitted_at == before.submitted_at and (answers is None or dict(answers) == before.answers)


def _changed(cell: str, before: _Before, submitted_at: datetime | None, answers: Mapping[str, str] | None) -> bool:
    """Whether the student wrote something else in ``cell`` since the last record."""
    if answers is not None and cell in before.answers:
        return answers.get(cell) != before.answers[cell]
    # Nothing tells the text apart: a submission of another time is another submission.
    return submitted_at is not None and submitted_at != before.submitted_at


def _write_grade(grade: Any, verdict: CellVerdict, *, changed: bool) -> None:
    """Set the automatic side of a grade, and whether a person must look.

    What a person gave is kept. They are asked again when the student wrote something else, or when the
    grader changed its mind about a cell that they had overruled; and stay asked until they answer.
    """
    score = None if verdict.needs_review else verdict.score
    if grade.manual_score is None:
        grade.needs_manual_grade = score is None
    elif changed or score != grade.auto_score:
        grade.needs_manual_grade = True
    grade.auto_score = score


def _auto_comment(report: NotebookReport, verdict: CellVerdict | None) -> str | None:
    if report.status == "missing":
        return tr("This notebook was not handed in.")
    if verdict is not None and verdict.manual and verdict.score == 0:
        return tr("No response.")
    return None


def _write_own(
    session: Session, report: NotebookReport, *, submitted_at: datetime | None, answers: Mapping[str, str]
) -> None:
    for table in (REPORT, EXHIBIT):
        session.execute(delete(table).where(*_key(report, table)))
    whose = {"student": report.student, "assignment": report.assignment, "notebook": report.notebook}
    data = report.to_json()
    shown = {name: data.pop(name) for name in SHOWN}
    session.execute(
        insert(REPORT).values(
            **whose,
            recorded_at=datetime.now(UTC).replace(tzinfo=None),
            submitted_at=submitted_at,
            weakened=bool(report.sandbox.get("weakened", False)),
            report=json.dumps(data),
            answers=json.dumps(dict(answers)),
        )
    )
    if any(shown.values()):
        session.execute(insert(EXHIBIT).values(**whose, exhibits=json.dumps(shown)))
