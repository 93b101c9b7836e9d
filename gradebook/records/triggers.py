"""Triggers by which the database itself writes down every change of a score.

Formgrader and nbgrader's commands write to the table ``grade`` without any code of ours; a trigger sees them all.
What it cannot see is who: our writers say so (``name_cause``) inside their transaction. On SQLite, where one
transaction writes at a time and triggers read tables only, that is a row which the transaction removes before it
ends; on PostgreSQL a setting that ends with the transaction. So no crash leaves it to somebody else's change, and
a change without it is nbgrader's.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from sqlalchemy import Connection, delete, event, insert, inspect, text
from sqlalchemy.orm import Session

from gradebook.records.tables import CAUSE

__all__ = ["STRANGER", "caused_by", "forget_cause", "install_triggers", "name_cause"]

#: Who made a change that none of our writers made.
STRANGER = "nbgrader"

_SCORES = (("auto", "auto_score"), ("manual", "manual_score"), ("extra", "extra_credit"))
_NAMES = "student, assignment, notebook, cell"
_COLUMNS = ", ".join(f"{when}_{kind}" for kind, _ in _SCORES for when in ("old", "new"))
#: From a row of ``grade`` to names. What is not there any more is no reason to refuse somebody's change.
_WHOSE = """\
FROM (SELECT 1 AS one) AS here
LEFT JOIN submitted_notebook sn ON sn.id = {row}.notebook_id
LEFT JOIN submitted_assignment sa ON sa.id = sn.assignment_id
LEFT JOIN notebook n ON n.id = sn.notebook_id
LEFT JOIN assignment a ON a.id = sa.assignment_id
LEFT JOIN base_cell c ON c.id = {row}.cell_id"""
_WHOSE_NAMES = "COALESCE(sa.student_id, '?'), COALESCE(a.name, '?'), COALESCE(n.name, '?'), COALESCE(c.name, '?')"


def name_cause(session: Session, actor: str, why: str) -> None:
    """Say who makes the changes of this transaction from now on, and why.

    Args:
        session: A writing session of ``Database.write``, which forgets the cause at its end.
        actor: A person's name, or ``autograder``.
        why: See ``records.values.Change``.
    """
    now = datetime.now(UTC).replace(tzinfo=None)
    session.flush()  # what was changed before had another cause
    if session.connection().dialect.name == "postgresql":
        settings = {"actor": actor[:128], "why": why, "at": now.isoformat(sep=" ", timespec="microseconds")}
        for name, value in settings.items():
            session.execute(
                text("SELECT set_config(:name, :value, true)"), {"name": f"autograder.{name}", "value": value}
            )
        return
    session.execute(delete(CAUSE))
    session.execute(insert(CAUSE).values(id=1, at=now, actor=actor[:128], why=why))


def forget_cause(session: Session) -> None:
    """Forget who made the changes; at the end of every writing transaction."""
    if session.connection().dialect.name != "postgresql":
        session.execute(delete(CAUSE))


@contextmanager
def caused_by(session: Session, actor: str, why: str) -> Iterator[None]:
    """What a session of nbgrader's commits inside the block was done by ``actor``.

    A gradebook that no program of ours has opened yet has no history, and nothing is noted.
    """
    if not inspect(session.connection()).has_table(CAUSE.name):
        yield
        return

    def forget(committing: Session) -> None:
        committing.flush()
        forget_cause(committing)

    event.listen(session, "before_commit", forget)
    try:
        name_cause(session, actor, why)
        yield
    finally:
        event.remove(session, "before_commit", forget)
        # What was not committed: the cause must not stay behind for somebody else. And where another writer did
        # not let us, the transaction that was begun would show later requests the state of now, and never write.
        session.rollback()


def install_triggers(connection: Connection) -> None:
    """Make the triggers, or replace those of an older version."""
    if connection.dialect.name == "sqlite":
        _install(connection)
    elif connection.dialect.name == "postgresql":
        _install_postgresql(connection)


def _install(connection: Connection) -> None:
    rows = connection.execute(
        text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'autograder_history_%'")
    )
    there = {row.name: row.sql for row in rows}
    for name, statement in sqlite_triggers().items():
        if there.pop(name, None) != statement:
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}")
            connection.exec_driver_sql(statement)
    for name in there:
        connection.exec_driver_sql(f"DROP TRIGGER {name}")


def sqlite_triggers() -> dict[str, str]:
    """SQLite's triggers, by name."""
    differs = " OR ".join(f"OLD.{column} IS NOT NEW.{column}" for _, column in _SCORES)
    given = {row: " OR ".join(f"{row}.{column} IS NOT NULL" for _, column in _SCORES) for row in ("OLD", "NEW")}
    scores = ", ".join(column for _, column in _SCORES)
    return {
        "autograder_history_update": _sqlite(
            "autograder_history_update", f"AFTER UPDATE OF {scores}", differs, old="OLD", new="NEW"
        ),
        "autograder_history_insert": _sqlite(
            "autograder_history_insert", "AFTER INSERT", given["NEW"], old=None, new="NEW"
        ),
        "autograder_history_delete": _sqlite(
            "autograder_history_delete", "BEFORE DELETE", given["OLD"], old="OLD", new=None
        ),
    }


def _sqlite(name: str, when: str, condition: str, *, old: str | None, new: str | None) -> str:
    def cause(column: str, otherwise: str) -> str:
        return f"COALESCE((SELECT {column} FROM autograder_cause WHERE id = 1), {otherwise})"  # noqa: S608  (names of ours)

    # Six digits after the second, as SQLAlchemy writes times, so that they sort as text.
    at = cause("at", "strftime('%Y-%m-%d %H:%M:%f', 'now') || '000'")
    return f"""CREATE TRIGGER {name} {when} ON grade
WHEN {condition}
BEGIN
INSERT INTO autograder_history (at, {_NAMES}, actor, why, {_COLUMNS})
SELECT {at}, {_WHOSE_NAMES}, {cause("actor", f"'{STRANGER}'")}, {cause("why", _guess(old, new, "IS NOT"))},
{_values(old, new)}
{_WHOSE.format(row=new or old)};
END"""


def _guess(old: str | None, new: str | None, differs: str) -> str:
    """What nbgrader did, when nobody says: people change manual scores and extra credit, programs the others."""
    by_hand = [
        f"{old}.{column} {differs} {new}.{column}" if old and new else f"{new or old}.{column} IS NOT NULL"
        for _, column in _SCORES[1:]
    ]
    return f"CASE WHEN {' OR '.join(by_hand)} THEN 'by hand' ELSE 'grading' END"


def _values(old: str | None, new: str | None) -> str:
    return ", ".join(f"{row}.{column}" if row else "NULL" for _, column in _SCORES for row in (old, new))


_PREFIX = "autograder_history_"


def _install_postgresql(connection: Connection) -> None:
    # By their names alone, which hold a digest of what they do: to replace a trigger locks the table.
    query = text("SELECT tgname FROM pg_trigger WHERE tgrelid = 'grade'::regclass AND tgname LIKE :names")
    there = set(connection.scalars(query, {"names": f"{_PREFIX}%"}))
    function, triggers = postgresql_triggers()
    if there == set(triggers):
        return
    for name in there:
        connection.exec_driver_sql(f"DROP TRIGGER {name} ON grade")
    for statement in (function, *triggers.values()):
        connection.exec_driver_sql(statement)


def postgresql_triggers() -> tuple[str, dict[str, str]]:
    """PostgreSQL's function, and its triggers by name."""

    def setting(name: str, otherwise: str, kind: str = "text") -> str:
        # Empty, not NULL, once a transaction of this connection had set it.
        return f"COALESCE(NULLIF(current_setting('autograder.{name}', true), '')::{kind}, {otherwise})"

    def insert_row(old: str | None, new: str | None) -> str:
        at = setting("at", "clock_timestamp() AT TIME ZONE 'UTC'", "timestamp")
        why = setting("why", _guess(old, new, "IS DISTINCT FROM"))
        return f"""INSERT INTO autograder_history (at, {_NAMES}, actor, why, {_COLUMNS})
SELECT {at}, {_WHOSE_NAMES}, {setting("actor", f"'{STRANGER}'")}, {why},
{_values(old, new)}
{_WHOSE.format(row=new or old)};"""

    def given(row: str) -> str:
        return " OR ".join(f"{row}.{column} IS NOT NULL" for _, column in _SCORES)

    differs = " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for _, column in _SCORES)
    body = f"""BEGIN
IF TG_OP = 'UPDATE' THEN
IF {differs} THEN
{insert_row("OLD", "NEW")}
END IF;
RETURN NEW;
ELSIF TG_OP = 'INSERT' THEN
IF {given("NEW")} THEN
{insert_row(None, "NEW")}
END IF;
RETURN NEW;
END IF;
IF {given("OLD")} THEN
{insert_row("OLD", None)}
END IF;
RETURN OLD;
END"""
    digest = hashlib.sha256(body.encode()).hexdigest()[:8]
    function = f"{_PREFIX}{digest}"
    # Before a row is removed: then its notebook and cell are still there, also when they go with it.
    moments = {"change": "AFTER INSERT OR UPDATE", "delete": "BEFORE DELETE"}
    triggers = {
        f"{_PREFIX}{name}_{digest}": f"CREATE TRIGGER {_PREFIX}{name}_{digest} {when} ON grade "
        f"FOR EACH ROW EXECUTE FUNCTION {function}()"
        for name, when in moments.items()
    }
    return f"CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $f$ {body} $f$", triggers
