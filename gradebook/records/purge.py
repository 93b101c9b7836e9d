"""Removing what the database holds of students: nbgrader's rows and ours."""

from typing import Any

from nbgrader.api import Assignment, Comment, Grade, Student, SubmittedAssignment, SubmittedNotebook
from sqlalchemy import MetaData, Table, delete, func, select
from sqlalchemy.orm import Session

from autograder.errors import UsageError
from gradebook.records.order import by_bytes
from gradebook.records.tables import HISTORY

__all__ = ["assignment_names", "purge_rows"]

#: Rows about nobody: what readers write again and again; and what no transaction leaves.
_NOBODYS = {"autograder_review_phrase", "autograder_cause"}


def purge_rows(session: Session, assignment: str | None) -> dict[str, int]:
    """Remove every row about students.

    Args:
        session: A writing session.
        assignment: Of which assignment: then students leave the roster who have nothing in another one.
            ``None``: of all, and the whole roster.

    Returns:
        How many rows of each table.

    Raises:
        UsageError: There is no such assignment.
    """
    submissions = select(SubmittedAssignment.id)
    if assignment is not None:
        found = session.scalar(select(Assignment.id).where(Assignment.name == assignment))
        if found is None:
            known = (
                ", ".join(session.scalars(select(Assignment.name).order_by(by_bytes(Assignment.name)))) or "none"
            )
            raise UsageError(f"The gradebook has no assignment {assignment!r}.", f"There are: {known}.")
        submissions = submissions.where(SubmittedAssignment.assignment_id == found)
    whose = set(
        session.scalars(select(SubmittedAssignment.student_id).where(SubmittedAssignment.id.in_(submissions)))
    )
    counts: dict[str, int] = {}
    ours = _ours(session)
    for table in ours:
        if assignment is None:
            _remove(session, counts, table)
        elif "assignment" in table.c:
            here = table.c.assignment == assignment
            if "student" in table.c:
                whose |= set(session.scalars(select(table.c.student).where(here)))
            _remove(session, counts, table, here)
    notebooks = select(SubmittedNotebook.id).where(SubmittedNotebook.assignment_id.in_(submissions))
    for entity in (Grade, Comment):
        _remove(session, counts, entity.__table__, entity.notebook_id.in_(notebooks))
    # The removal of a score is a change, too, which the history has just written down.
    session.execute(delete(HISTORY).where(*([HISTORY.c.assignment == assignment] if assignment else [])))
    _remove(session, counts, SubmittedNotebook.__table__, SubmittedNotebook.id.in_(notebooks))
    _remove(session, counts, SubmittedAssignment.__table__, SubmittedAssignment.id.in_(submissions))
    busy = set(session.scalars(select(SubmittedAssignment.student_id)))
    for table in ours:
        if assignment is not None and "assignment" in table.c and "student" in table.c:
            busy |= set(session.scalars(select(table.c.student)))
    gone = [Student.id.in_(whose - busy)] if assignment is not None else []
    _remove(session, counts, Student.__table__, *gone)
    return {name: count for name, count in counts.items() if count}


def _ours(session: Session) -> list[Table]:
    """Our tables that are in this database: also those of another version."""
    metadata = MetaData()
    metadata.reflect(
        session.connection(), only=lambda name, _: name.startswith("autograder_") and name not in _NOBODYS
    )
    return list(metadata.tables.values())


def _remove(session: Session, counts: dict[str, int], table: Any, *where: Any) -> None:
    counts[table.name] = session.scalar(select(func.count()).select_from(table).where(*where)) or 0
    session.execute(delete(table).where(*where))


def assignment_names(session: Session) -> tuple[str, ...]:
    """Every assignment's name, sorted."""
    return tuple(session.scalars(select(Assignment.name).order_by(by_bytes(Assignment.name))))
