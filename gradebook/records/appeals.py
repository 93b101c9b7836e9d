"""Appeals in the database: what students ask about their grades, and what they are answered."""

from datetime import UTC, datetime
from typing import Any

from nbgrader.api import Assignment, Student
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from autograder.errors import UsageError
from gradebook.records.order import by_bytes
from gradebook.records.tables import APPEAL
from gradebook.records.values import Appeal, Outcome, storable

__all__ = ["answer_appeal", "file_appeal", "read_appeals"]

_MAX_TEXT = 10_000
_MAX_NAME = 128


def file_appeal(
    session: Session,
    assignment: str,
    student: str,
    notebook: str,
    text: str,
    *,
    cell: str | None,
    by: str | None,
) -> Appeal:
    """Write an appeal down; see ``Records.file_appeal``."""
    _refuse_unknown(session, assignment, student, notebook, cell)
    values = {
        "student": student, "assignment": assignment, "notebook": notebook, "cell": cell,
        "text": _written(text, "text", _MAX_TEXT),
        "filed_by": student if by is None else _written(by, "name", _MAX_NAME),
        "filed_at": datetime.now(UTC).replace(tzinfo=None),
    }  # fmt: skip
    number = session.execute(insert(APPEAL).values(**values).returning(APPEAL.c.id)).scalar_one()
    return _one(session, number)


def answer_appeal(session: Session, number: int, text: str, *, by: str, outcome: Outcome) -> Appeal:
    """Answer an appeal; see ``Records.answer_appeal``."""
    appeal = _one(session, number)
    if appeal.answered_at is not None:
        raise UsageError(
            f"{appeal.answered_by} has answered appeal {number} on {appeal.answered_at:%Y-%m-%d}.",
            "An answer is not rewritten; file another appeal.",
        )
    values = {
        "outcome": outcome,
        "answer": _written(text, "text", _MAX_TEXT),
        "answered_by": _written(by, "name", _MAX_NAME),
        "answered_at": datetime.now(UTC).replace(tzinfo=None),
    }
    session.execute(update(APPEAL).where(APPEAL.c.id == number).values(**values))
    return _one(session, number)


def read_appeals(session: Session, assignment: str | None, student: str | None) -> tuple[Appeal, ...]:
    """The appeals of what and whom is named, oldest first."""
    query = select(APPEAL).order_by(APPEAL.c.id)
    if assignment is not None:
        query = query.where(APPEAL.c.assignment == assignment)
    if student is not None:
        query = query.where(APPEAL.c.student == student)
    return tuple(_appeal(row) for row in session.execute(query).mappings())


def _one(session: Session, number: int) -> Appeal:
    row = session.execute(select(APPEAL).where(APPEAL.c.id == number)).mappings().one_or_none()
    if row is None:
        raise UsageError(f"There is no appeal {number}.", "gradebook appeal list LIST says which there are.")
    return _appeal(row)


def _appeal(row: Any) -> Appeal:
    times = {name: row[name].replace(tzinfo=UTC) for name in ("filed_at", "answered_at") if row[name] is not None}
    return Appeal(**{**row, **times})


def _refuse_unknown(session: Session, assignment: str, student: str, notebook: str, cell: str | None) -> None:
    found = session.scalars(select(Assignment).where(Assignment.name == assignment)).one_or_none()
    if found is None:
        known = ", ".join(session.scalars(select(Assignment.name).order_by(by_bytes(Assignment.name)))) or "none"
        raise UsageError(f"The gradebook has no assignment {assignment!r}.", f"There are: {known}.")
    if session.get(Student, student) is None:
        raise UsageError(f"Nobody is enrolled as {student!r}.")
    names = {one.name: one for one in found.notebooks}
    if notebook not in names:
        raise UsageError(f"{assignment} has no notebook {notebook!r}.", f"It has: {', '.join(sorted(names))}.")
    cells = {one.name for one in names[notebook]._base_cells}
    if cell is not None and cell not in cells:
        raise UsageError(f"{notebook} has no cell {cell!r}.", f"It has: {', '.join(sorted(cells))}.")


def _written(text: str, what: str, most: int) -> str:
    text = storable(text).strip()  # a terminal's bytes may be none of UTF-8
    if not 0 < len(text) <= most:
        raise UsageError(f"A {what} has from 1 to {most:,} characters, not {len(text):,}.")
    return text
