"""All rows of a gradebook from one database into another: backups of PostgreSQL, and the way back.

A copy is a ``gradebook.db`` of SQLite whatever it is a copy of, so a backup opens anywhere and a course may move
from one database to the other. The rows are those of nbgrader's tables and of ours; triggers are silent meanwhile.
"""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from nbgrader.api import Base
from sqlalchemy import Connection, Table, create_engine, func, insert, inspect, select, text
from sqlalchemy.exc import DBAPIError

from autograder.errors import UsageError
from gradebook.records.database import Database
from gradebook.records.engines import Backend, open_backend
from gradebook.records.schema import make_tables
from gradebook.records.tables import CAUSE, OURS
from gradebook.records.triggers import install_triggers

__all__ = ["copy_to_sqlite", "holds_students", "replacing"]

_ROWS = 1000
_TABLES: tuple[Table, ...] = (*Base.metadata.sorted_tables, *(t for t in OURS.sorted_tables if t is not CAUSE))


def copy_to_sqlite(url: str, to: Path) -> None:
    """Copy the PostgreSQL database at ``url`` into the new file ``to``, in one state, without changing it.

    Raises:
        UsageError: It is no gradebook, or that of another version.
        GraderError: It does not answer.
    """
    with _connected(url) as (backend, connection):
        there = set(inspect(connection).get_table_names())
        if "submitted_assignment" not in there:
            raise UsageError(f"There is no gradebook at {backend.name}.")
        _copy_to_file(connection, to, name=backend.name)


def holds_students(url: str) -> bool:
    """Whether a PostgreSQL database has anything of students or assignments.

    Raises:
        UsageError: It cannot be used.
        GraderError: It does not answer.
    """
    with _connected(url) as (_, connection):
        there = set(inspect(connection).get_table_names())
        return any(
            connection.scalar(text(f"SELECT 1 FROM {name} LIMIT 1"))  # noqa: S608  (names of ours)
            for name in ("student", "assignment", "autograder_report", "autograder_history")
            if name in there
        )


@contextmanager
def replacing(url: str, source: Path, *, aside: Path) -> Iterator[Callable[[], None]]:
    """Replace all rows of a PostgreSQL gradebook by those of an SQLite file, if the block calls what it gets.

    Args:
        url: The database; its tables are made where they are missing.
        source: The file.
        aside: Where a copy of what was there goes: a new file of SQLite's.

    Raises:
        UsageError: One of them is that of another version.
        GraderError: The database failed; nothing was changed.
    """
    with closing(Database(url)):
        pass  # makes what is missing
    with _connected(url, writes=True) as (backend, connection):
        names = ", ".join(table.name for table in _TABLES)
        # Nobody reads or writes until it is done.
        connection.exec_driver_sql(f"LOCK TABLE {names} IN ACCESS EXCLUSIVE MODE")
        _copy_to_file(connection, aside, name=backend.name)
        connection.exec_driver_sql(f"TRUNCATE {names}")
        connection.exec_driver_sql("ALTER TABLE grade DISABLE TRIGGER USER")
        engine = create_engine(f"sqlite:///{source}")
        try:
            with engine.connect() as file:
                _refuse_other_versions(file, source.name)
                _copy(file, connection)
        finally:
            engine.dispose()
        connection.exec_driver_sql("ALTER TABLE grade ENABLE TRIGGER USER")
        yield connection.commit


@contextmanager
def _connected(url: str, *, writes: bool = False) -> Iterator[tuple[Backend, Connection]]:
    """A transaction, which is taken back if the block does not commit it."""
    backend = open_backend(url, lock_timeout=30.0)
    try:
        with (backend.writer if writes else backend.reader).connect() as connection:
            yield backend, connection
    except DBAPIError as error:
        raise backend.explained(error, ending=False) from error
    finally:
        backend.engine.dispose()


def _copy_to_file(source: Connection, to: Path, *, name: str) -> None:
    _refuse_other_versions(source, name)
    engine = create_engine(f"sqlite:///{to}")
    try:
        with engine.begin() as file:
            make_tables(file, name=to.name)
            _copy(source, file)
            install_triggers(file)
    finally:
        engine.dispose()


def _refuse_other_versions(connection: Connection, name: str) -> None:
    """What this version does not know would be lost."""
    inspector = inspect(connection)
    there = set(inspector.get_table_names())
    strange = sorted(one for one in there - set(OURS.tables) if one.startswith("autograder_"))
    if strange:
        raise UsageError(f"The gradebook {name} has {', '.join(strange)}: it was written by a newer version.")
    for table in _TABLES:
        if table.name in there:
            columns = {column["name"] for column in inspector.get_columns(table.name)}
            if columns != {column.name for column in table.columns}:
                raise UsageError(
                    f"The gradebook {name} was made by another version of nbgrader.",
                    "Run 'nbgrader db upgrade' in the course, after a backup.",
                )


def _copy(source: Connection, target: Connection) -> None:
    """All rows, with their numbers, and which numbers come next."""
    there = set(inspect(source).get_table_names())
    for table in _TABLES:
        if table.name not in there:
            continue  # of an older version
        rows = source.execute(select(table), execution_options={"yield_per": _ROWS}).mappings()
        for part in rows.partitions():
            target.execute(insert(table), [{name: _text(value) for name, value in row.items()} for row in part])
        if "id" in table.c and table in OURS.sorted_tables:
            _set_last_number(target, table, _last_number(source, table))


def _text(value: Any) -> Any:
    """PostgreSQL has no room for a character 0 in a text."""
    return value.replace("\x00", "\ufffd") if isinstance(value, str) else value


def _last_number(connection: Connection, table: Table) -> int:
    """The largest number that a row has, or had."""
    known = connection.scalar(select(func.max(table.c.id))) or 0
    given: int | None
    if connection.dialect.name == "postgresql":
        sequence = connection.scalar(text("SELECT pg_get_serial_sequence(:table, 'id')"), {"table": table.name})
        given = connection.scalar(text(f"SELECT last_value FROM {sequence} WHERE is_called"))  # noqa: S608
    elif table.dialect_options["sqlite"]["autoincrement"]:
        given = connection.scalar(text("SELECT seq FROM sqlite_sequence WHERE name = :name"), {"name": table.name})
    else:
        given = None
    return max(known, given or 0)


def _set_last_number(connection: Connection, table: Table, number: int) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(
            text("SELECT setval(pg_get_serial_sequence(:table, 'id'), GREATEST(:number, 1), :number > 0)"),
            {"table": table.name, "number": number},
        )
    elif number and table.dialect_options["sqlite"]["autoincrement"]:
        connection.execute(text("DELETE FROM sqlite_sequence WHERE name = :name"), {"name": table.name})
        connection.execute(
            text("INSERT INTO sqlite_sequence VALUES (:name, :number)"), {"name": table.name, "number": number}
        )
