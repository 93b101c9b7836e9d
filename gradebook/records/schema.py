"""The schema: nbgrader's tables, ours beside them, triggers and indexes; made where they are missing.

What is there is left alone and costs a few looks: statements that make something lock tables that formgrader uses,
also where they find it made.
"""

from alembic.script import ScriptDirectory
from nbgrader.api import Base, Course
from nbgrader.dbutil import ALEMBIC_DIR
from sqlalchemy import Connection, MetaData, inspect, text
from sqlalchemy.orm import Session

from autograder.errors import UsageError
from gradebook.records.tables import OURS
from gradebook.records.triggers import install_triggers

__all__ = ["make_tables", "prepare"]

#: What nbgrader's pages look up by and has no index: with 500 submissions a page takes a third of the time.
_INDEXED = (("grade", "notebook_id"), ("comment", "notebook_id"), ("submitted_notebook", "assignment_id"))


def prepare(session: Session, *, course_id: str, name: str) -> None:
    """Make what is missing.

    Args:
        session: A session that nobody else of us prepares beside.
        course_id: nbgrader's course.
        name: What the database is called in messages.

    Raises:
        UsageError: The tables are those of another nbgrader, or the database cannot hold every text.
    """
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        encoding = connection.scalar(text("SELECT current_setting('server_encoding')"))
        if encoding != "UTF8":
            raise UsageError(
                f"The gradebook {name} is encoded in {encoding}, which has no room for every name.",
                "Make another database: createdb --encoding=UTF8 --template=template0 NAME",
            )
    make_tables(connection, name=name)
    install_triggers(connection)
    _make_indexes(connection)
    if session.get(Course, course_id) is None:
        session.add(Course(id=course_id))


def make_tables(connection: Connection, *, name: str) -> None:
    """Make the tables that are missing.

    Raises:
        UsageError: Those that are there are those of another nbgrader.
    """
    there = set(inspect(connection).get_table_names())
    head = ScriptDirectory(ALEMBIC_DIR).get_current_head()
    _make(connection, Base.metadata, there)
    if not there:
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
        connection.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": head})
    elif "alembic_version" in there:
        version = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        if version != head:
            raise UsageError(
                f"The gradebook {name} was made by another version of nbgrader.",
                "Run 'nbgrader db upgrade' in the course, after a backup.",
            )
    _make(connection, OURS, there)


def _make(connection: Connection, metadata: MetaData, there: set[str]) -> None:
    missing = [table for table in metadata.sorted_tables if table.name not in there]
    if missing:
        metadata.create_all(connection, tables=missing)


def _make_indexes(connection: Connection) -> None:
    there: set[str] = set()
    if connection.dialect.name == "postgresql":
        query = text(
            r"SELECT relname FROM pg_class WHERE relname LIKE 'autograder\_%' AND pg_table_is_visible(oid)"
        )
        there = set(connection.scalars(query))
    for table, column in _INDEXED:
        name = f"autograder_{table}_{column}"
        if name not in there:
            connection.execute(text(f"CREATE INDEX IF NOT EXISTS {name} ON {table} ({column})"))
