"""Reading the history of scores."""

from datetime import UTC

from sqlalchemy import select
from sqlalchemy.orm import Session

from gradebook.records.tables import HISTORY
from gradebook.records.values import Change, Scores

__all__ = ["read_history"]


def read_history(
    session: Session, *, assignment: str | None, student: str | None, notebook: str | None
) -> list[Change]:
    """The changes of whom and what is named, in the order in which they were made."""
    query = select(HISTORY).order_by(HISTORY.c.id)
    for name, value in (("assignment", assignment), ("student", student), ("notebook", notebook)):
        if value is not None:
            query = query.where(HISTORY.c[name] == value)
    return [
        Change(
            row["id"],
            row["at"].replace(tzinfo=UTC),
            *(row[name] for name in ("student", "assignment", "notebook", "cell", "actor", "why")),
            old=Scores(row["old_auto"], row["old_manual"], row["old_extra"]),
            new=Scores(row["new_auto"], row["new_manual"], row["new_extra"]),
        )
        for row in session.execute(query).mappings()
    ]
