"""Turns of ``autograder watch``: which submissions were admitted to grading, and when.

A turn is written before the submission is graded and is never taken back, so that neither the end of the program
nor anything a student does gives another one: a student's day is counted by the grader's clock, and a submission
that had its turn keeps it, however often its grading has to begin again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from gradebook.records.tables import REPORT, WATCH

__all__ = ["Turn", "admit", "finish", "read_times", "read_turns"]


@dataclass(frozen=True)
class Turn:
    """One submission's turn. Times are in UTC, and say so.

    Args:
        student: Whose.
        assignment: Of which assignment.
        submitted_at: When what is graded was handed in: tells a student's submissions apart.
        admitted_at: When it was admitted, by the grader's clock.
        over: Whether it is beyond what the student may have graded on that day.
        done: Whether it was graded, and its feedback released where that is wanted.
    """

    student: str
    assignment: str
    submitted_at: datetime
    admitted_at: datetime
    over: bool = False
    done: bool = False


def admit(session: Session, turn: Turn) -> None:
    """Write a turn down before anything is graded. A submission has one."""
    session.execute(
        insert(WATCH).values(
            student=turn.student, assignment=turn.assignment, submitted_at=_naive(turn.submitted_at),
            admitted_at=_naive(turn.admitted_at), over=turn.over,
        )
    )  # fmt: skip


def finish(session: Session, turn: Turn) -> None:
    """All is done that the turn was for."""
    session.execute(
        update(WATCH)
        .where(
            WATCH.c.assignment == turn.assignment,
            WATCH.c.student == turn.student,
            WATCH.c.submitted_at == _naive(turn.submitted_at),
        )
        .values(done_at=datetime.now(UTC).replace(tzinfo=None))
    )


def read_turns(session: Session, assignment: str) -> list[Turn]:
    """All turns of an assignment, in no order."""
    return [
        Turn(
            row["student"], row["assignment"], row["submitted_at"].replace(tzinfo=UTC),
            row["admitted_at"].replace(tzinfo=UTC), bool(row["over"]), row["done_at"] is not None,
        )
        for row in session.execute(select(WATCH).where(WATCH.c.assignment == assignment)).mappings()
    ]  # fmt: skip


def read_times(session: Session, assignment: str) -> Mapping[str, set[datetime | None]]:
    """When what is recorded of each student was handed in; several times where a run was cut short."""
    query = select(REPORT.c.student, REPORT.c.submitted_at).where(REPORT.c.assignment == assignment).distinct()
    found: dict[str, set[datetime | None]] = {}
    for student, at in session.execute(query):
        found.setdefault(student, set()).add(None if at is None else at.replace(tzinfo=UTC))
    return found


def _naive(time: datetime) -> datetime:
    return time.astimezone(UTC).replace(tzinfo=None)
