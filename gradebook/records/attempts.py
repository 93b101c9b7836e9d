"""Earlier submissions: what they got is kept when another one takes their place."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from gradebook.records.order import by_bytes
from gradebook.records.tables import ATTEMPT, REPORT
from gradebook.records.values import Attempt, AttemptCell, Scores, plausible

__all__ = ["keep_attempt", "read_attempts"]


def keep_attempt(
    session: Session, where: tuple[Any, ...], grades: Iterable[Any], answers: Mapping[str, str]
) -> None:
    """Keep what is recorded of a notebook, before another submission is recorded in its place.

    Args:
        session: A writing session.
        where: What finds the notebook's row of our reports.
        grades: nbgrader's rows of it, as they are.
        answers: A digest of what the student wrote in each manual cell, by its id.
    """
    row = session.execute(select(REPORT).where(*where)).mappings().one()
    report = json.loads(row["report"])
    if report["status"] == "missing":
        return  # nothing was handed in, so nothing was tried
    by_hand = {verdict["grade_id"] for verdict in report["verdicts"] if verdict["manual"]}
    cells = {
        grade.cell.name: AttemptCell(
            Scores(grade.auto_score, grade.manual_score, grade.extra_credit).points,
            float(grade.cell.max_score),
            grade.manual_score is not None or grade.cell.name in by_hand,
            answers.get(grade.cell.name),
        )
        for grade in grades
    }
    whose = {name: row[name] for name in ("student", "assignment", "notebook")}
    # A submission that is put back and replaced again is one attempt.
    session.execute(
        delete(ATTEMPT).where(
            *(ATTEMPT.c[name] == value for name, value in whose.items()),
            ATTEMPT.c.submitted_at.is_not_distinct_from(row["submitted_at"]),
        )
    )
    session.execute(
        insert(ATTEMPT).values(
            **whose,
            submitted_at=row["submitted_at"],
            replaced_at=datetime.now(UTC).replace(tzinfo=None),
            status=report["status"],
            cells=json.dumps({name: asdict(cell) for name, cell in cells.items()}),
        )
    )


def read_attempts(session: Session, assignment: str) -> list[Attempt]:
    """The kept submissions of an assignment, by student, notebook and the time at which they were replaced."""
    query = (
        select(ATTEMPT)
        .where(ATTEMPT.c.assignment == assignment)
        .order_by(by_bytes(ATTEMPT.c.student), by_bytes(ATTEMPT.c.notebook), ATTEMPT.c.id)
    )
    return [
        Attempt(
            student=row["student"],
            assignment=row["assignment"],
            notebook=row["notebook"],
            submitted_at=plausible(row["submitted_at"]),
            replaced_at=row["replaced_at"].replace(tzinfo=UTC),
            status=row["status"],
            cells={name: AttemptCell(**cell) for name, cell in json.loads(row["cells"]).items()},
        )
        for row in session.execute(query).mappings()
    ]
