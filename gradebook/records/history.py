"""Reading the history of scores."""

from datetime import UTC

from nbgrader.api import Assignment, Grade, Notebook, SubmittedAssignment, SubmittedNotebook
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gradebook.records.tables import HISTORY
from gradebook.records.values import Change, Scores

__all__ = ["read_history"]


def read_history(
    session: Session, *, assignment: str | None, student: str | None, notebook: str | None
) -> list[Change]:
    """The changes of whom and what is named, in the order in which they were made."""
    query = select(HISTORY).order_by(HISTORY.c.id.desc())
    for name, value in (("assignment", assignment), ("student", student), ("notebook", notebook)):
        if value is not None:
            query = query.where(HISTORY.c[name] == value)
    # Backwards from what is there: the first scores may be older than the history.
    totals = _totals(session)
    changes = []
    for row in session.execute(query).mappings():
        whose = row["student"], row["assignment"], row["notebook"]
        total = totals.get(whose, 0.0)
        change = Change(
            id=row["id"],
            at=row["at"].replace(tzinfo=UTC),
            student=whose[0],
            assignment=whose[1],
            notebook=whose[2],
            cell=row["cell"],
            actor=row["actor"],
            why=row["why"],
            old=Scores(row["old_auto"], row["old_manual"], row["old_extra"]),
            new=Scores(row["new_auto"], row["new_manual"], row["new_extra"]),
            total=total,
        )
        totals[whose] = total - change.gain
        changes.append(change)
    return changes[::-1]


def _totals(session: Session) -> dict[tuple[str, str, str], float]:
    """Points of each notebook, by student, assignment and notebook."""
    query = (
        select(SubmittedAssignment.student_id, Assignment.name, Notebook.name, func.sum(Grade.score))
        .select_from(Grade)
        .join(SubmittedNotebook, SubmittedNotebook.id == Grade.notebook_id)
        .join(SubmittedAssignment, SubmittedAssignment.id == SubmittedNotebook.assignment_id)
        .join(Notebook, Notebook.id == SubmittedNotebook.notebook_id)
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .group_by(SubmittedAssignment.student_id, Assignment.name, Notebook.name)
    )
    return {(student, name, notebook): float(total) for student, name, notebook, total in session.execute(query)}
