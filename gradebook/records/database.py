"""The database: opening it, its schema, and transactions that wait their turn.

SQLite lets one process write at a time, and formgrader writes as well. So the database is put into
write-ahead mode (readers never wait), each of our writes takes the write lock at its beginning (a lock
taken half-way cannot be waited for) and waits for it; and what still fails for a lock is tried again.
"""

import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from alembic.script import ScriptDirectory
from nbgrader.api import Base, Course
from nbgrader.dbutil import ALEMBIC_DIR
from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session

from autograder.errors import GraderError, UsageError
from gradebook.records.tables import ARCHIVE, OURS, REPORT, REVIEW_MARK, REVIEW_PHRASE, REVIEW_TASK
from gradebook.records.triggers import forget_cause, install_triggers

__all__ = ["ARCHIVE", "REPORT", "REVIEW_MARK", "REVIEW_PHRASE", "REVIEW_TASK", "Database", "database_url"]

_T = TypeVar("_T")
_ATTEMPTS = 4

#: What nbgrader's pages look up by and has no index: with 500 submissions a page takes a third of the time.
_INDEXED = (("grade", "notebook_id"), ("comment", "notebook_id"), ("submitted_notebook", "assignment_id"))


def database_url(course: Path, db: str | None) -> str:
    """Where a course's gradebook is.

    Raises:
        UsageError: It is not there.
    """
    if db is not None:
        return db
    path = (course / "gradebook.db").resolve()
    if not path.exists():
        raise UsageError(f"There is no gradebook at {path}.", "Grade first, or say --course or --db where it is.")
    return f"sqlite:///{path}"


class Database:
    """nbgrader's database with our tables beside its own; made when missing.

    Args:
        url: SQLAlchemy's URL, such as ``sqlite:////srv/course/gradebook.db``.
        course_id: nbgrader's course.
        lock_timeout: How long, in seconds, one attempt to write waits for the lock.

    Raises:
        UsageError: The URL is wrong, the file cannot be opened, or its schema is of another nbgrader.
        GraderError: The database does not answer, or stays locked.
    """

    def __init__(self, url: str, *, course_id: str = "default_course", lock_timeout: float = 30.0) -> None:
        self.course_id = course_id
        try:
            parsed = make_url(url)
            sqlite = parsed.get_backend_name() == "sqlite"
            options: dict[str, Any] = {"timeout": lock_timeout} if sqlite else {}
            self._engine = create_engine(parsed, connect_args=options)
        except (ArgumentError, SQLAlchemyError, ImportError) as error:
            raise UsageError(
                f"{url!r} is not the URL of a database: {error}.",
                "It looks like sqlite:////path/to/gradebook.db.",
            ) from error
        self.name = parsed.render_as_string(hide_password=True)
        if sqlite:
            folder = Path(parsed.database or "").parent
            if not folder.is_dir():
                self._engine.dispose()
                raise UsageError(f"The gradebook cannot be made: {folder} is not a folder.")
            event.listen(self._engine, "connect", _configure_sqlite)
            event.listen(self._engine, "begin", _begin_sqlite)
        self._writer: Engine = self._engine.execution_options(writes=True)
        try:
            self.write(self._prepare)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Let the connections go."""
        self._engine.dispose()

    def read(self, work: Callable[[Session], _T]) -> _T:
        """Call ``work`` with a session that sees one state of the database."""
        return self._attempt(self._engine, work)

    def write(self, work: Callable[[Session], _T]) -> _T:
        """Call ``work`` in one transaction: all of it is kept, or nothing. It may be called again."""
        return self._attempt(self._writer, work)

    def _attempt(self, engine: Engine, work: Callable[[Session], _T]) -> _T:
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                with Session(engine) as session, session.begin():
                    result = work(session)
                    if engine is self._writer:
                        # What was changed is written, with its cause, before the cause is forgotten.
                        session.flush()
                        forget_cause(session)
                    return result
            except DBAPIError as error:
                if attempt < _ATTEMPTS and _passes(error):
                    # Writers that were refused together must not come back together.
                    time.sleep(0.1 * 2**attempt * (0.5 + random.random()))  # noqa: S311
                    continue
                raise self._explain(error) from error
            except SQLAlchemyError as error:
                raise GraderError(f"The gradebook {self.name} failed: {error}.") from error
        raise AssertionError("unreachable")

    def _explain(self, error: DBAPIError) -> Exception:
        why = str(error.orig).strip()
        if "unable to open" in why or "not a database" in why or "readonly" in why:
            return UsageError(f"The gradebook {self.name} cannot be used: {why}.")
        if _passes(error):
            return GraderError(
                f"The gradebook {self.name} stayed locked: {why}.",
                "Another program is writing to it; nothing of this was recorded. Run the command again.",
            )
        return GraderError(f"The gradebook {self.name} failed: {why}.")

    def _prepare(self, session: Session) -> None:
        connection = session.connection()
        tables = set(inspect(connection).get_table_names())
        head = ScriptDirectory(ALEMBIC_DIR).get_current_head()
        Base.metadata.create_all(connection)
        if not tables:
            connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
            connection.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": head})
        elif "alembic_version" in tables:
            version = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
            if version != head:
                raise UsageError(
                    f"The gradebook {self.name} was made by another version of nbgrader.",
                    "Run 'nbgrader db upgrade' in the course, after a backup.",
                )
        OURS.create_all(connection)
        install_triggers(connection)
        for table, column in _INDEXED:
            connection.execute(
                text(f"CREATE INDEX IF NOT EXISTS autograder_{table}_{column} ON {table} ({column})")
            )
        if session.get(Course, self.course_id) is None:
            session.add(Course(id=self.course_id))


def _passes(error: DBAPIError) -> bool:
    """Whether waiting may help: a lock, or a row that another writer made at the same moment."""
    if isinstance(error, IntegrityError):
        return True
    why = str(error.orig).lower()
    return isinstance(error, OperationalError) and any(
        word in why for word in ("locked", "busy", "deadlock", "serialize", "already exists")
    )


def _configure_sqlite(connection: Any, _record: Any) -> None:
    # The driver would begin transactions by itself, and too late; _begin_sqlite does it instead.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
