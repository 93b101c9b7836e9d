"""The two databases: how each is opened, what its errors mean, and how a writer waits its turn.

**SQLite** lets one process write at a time, and formgrader writes as well. So the database is put into write-ahead
mode (readers never wait), and each of our writes takes the write lock at its beginning: a lock taken half-way
cannot be waited for.

**PostgreSQL** lets everybody write, and a transaction of ours looks before it writes (is this student there? did
somebody grade by hand?). So all our transactions see one state (``REPEATABLE READ``): where nbgrader changed a
row meanwhile that we change, PostgreSQL refuses ours, and it is done again. And our writers wait for each other,
as on SQLite, by a lock on a table that nobody reads, taken before the transaction's state is: what two of them do
at once is what they do one after the other. nbgrader never asks for that lock, so formgrader does not wait for a
grader but for a row that it is just changing, for milliseconds.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, SQLAlchemyError

from autograder.errors import AutograderError, GraderError, UsageError
from gradebook.records.location import parsed_url, printable_url
from gradebook.records.tables import CAUSE

__all__ = ["Backend", "is_lost", "open_backend"]

_MAX_WHY = 500
#: PostgreSQL's codes of what passes: not serializable, deadlock, a lock that was not given in time, a row or a
#: table that somebody else made or removed at the same moment.
_PASSING = frozenset(("40001", "40P01", "55P03", "23505", "23503", "42P07", "42710"))
#: Of what somebody has to set up, with what they may do. Where there is no connection yet there is no code.
_SET_UP: tuple[tuple[str, str], ...] = (
    (
        "authentication failed|no password supplied|no pg_hba.conf entry|role .* does not exist",
        "Check the user, and the password in ~/.pgpass (mode 0600: host:port:database:user:password).",
    ),
    ("database .* does not exist", "Make it: createdb --encoding=UTF8 --template=template0 --owner=USER NAME"),
    ("permission denied|must be owner", "The user has to own the database: ALTER DATABASE NAME OWNER TO USER"),
    ("read-only", "This server only copies another one: say the one that may be written to."),
    ("too many (connections|clients)|remaining connection slots", "Raise max_connections of the server."),
)


@dataclass(frozen=True)
class Backend:
    """A database that was opened.

    Args:
        name: Its URL without secrets.
        engine: What the others are ways to use.
        reader: For transactions that only read.
        writer: For transactions that write.
        preparer: For the one that makes the schema.
        password: What no message may hold.
    """

    name: str
    engine: Engine
    reader: Engine
    writer: Engine
    preparer: Engine
    attempts: int
    password: str | None = None

    def passes(self, error: DBAPIError) -> bool:
        """Whether waiting may help: a lock, or a row that another writer made or changed meanwhile."""
        if self.engine.dialect.name == "postgresql":
            return getattr(error.orig, "sqlstate", None) in _PASSING
        if isinstance(error, IntegrityError):
            return True
        why = str(error.orig).lower()
        return isinstance(error, OperationalError) and any(
            word in why for word in ("locked", "busy", "already exists")
        )

    def explained(self, error: DBAPIError, *, ending: bool) -> AutograderError:
        """What the operator is told.

        Args:
            error: What came.
            ending: Whether the transaction was being committed: of a lost connection nobody knows whether it was.
        """
        why = self.clean(error.orig)
        if any(words in why for words in ("unable to open", "not a database", "readonly")):
            return UsageError(f"The gradebook {self.name} cannot be used: {why}.")
        if any(words in why for words in ("disk is full", "disk I/O error", "No space left")):
            return UsageError(
                f"The gradebook {self.name} cannot be written: {why}.",
                "The disk is full, or fails. Make room, then run the same command again: what was recorded stays.",
            )
        for words, hint in _SET_UP:
            if re.search(words, why):
                return UsageError(f"The gradebook {self.name} cannot be used: {why}.", hint)
        if is_lost(error) and ending:
            return GraderError(
                f"The connection to the gradebook {self.name} was lost as this was recorded: {why}.",
                "It is recorded whole or not at all. When the server answers, run the command again.",
            )
        if is_lost(error):
            return GraderError(
                f"The gradebook {self.name} does not answer: {why}.",
                "Nothing of this was recorded. Is the server running? When it answers, run the command again.",
            )
        if self.passes(error):
            return GraderError(
                f"The gradebook {self.name} stayed locked: {why}.",
                "Another program is writing to it; nothing of this was recorded. Run the command again.",
            )
        return GraderError(f"The gradebook {self.name} failed: {why}.")

    def clean(self, error: object) -> str:
        """What a driver says, in one line, without a password, and without the row that it is about."""
        said = str(error)
        if getattr(error, "sqlstate", None):
            said = said.partition("\n")[0]
        why = " ".join(said.split()).rstrip(".")
        if self.password:
            why = why.replace(self.password, "***")
        return why if len(why) <= _MAX_WHY else f"{why[:_MAX_WHY]}…"


def open_backend(url: str, *, lock_timeout: float) -> Backend:
    """Open SQLite or PostgreSQL. Nothing is asked of it yet.

    Args:
        url: SQLAlchemy's URL.
        lock_timeout: How long, in seconds, one attempt to write waits for the lock.

    Raises:
        UsageError: It is the URL of neither, a driver is missing, or SQLite's folder.
    """
    parsed = parsed_url(url)
    openers: Mapping[str, Any] = {"sqlite": _open_sqlite, "postgresql": _open_postgresql}
    opener = openers.get(parsed.get_backend_name())
    if opener is None:
        raise UsageError(f"{printable_url(parsed)}: a gradebook is kept by SQLite or PostgreSQL.")
    try:
        backend: Backend = opener(parsed, lock_timeout)
    except ImportError as error:
        raise UsageError(
            f"{printable_url(parsed)} needs the driver {error.name}, which is not installed.",
            "Install it: pip install 'psycopg[binary]', and say postgresql+psycopg://…",
        ) from error
    except SQLAlchemyError as error:
        raise UsageError(f"{printable_url(parsed)} is not the URL of a database: {error}.") from error
    return backend


def is_lost(error: DBAPIError) -> bool:
    """Whether there is no connection, or no longer."""
    code = str(getattr(error.orig, "sqlstate", None) or "")
    if error.connection_invalidated or code.startswith(("08", "57P")):
        return True
    # libpq's own errors have no code: the server was not reached.
    return not code and type(error.orig).__module__.startswith("psycopg") and isinstance(error, OperationalError)


def _open_sqlite(url: URL, lock_timeout: float) -> Backend:
    folder = Path(url.database or "").parent
    if not folder.is_dir():
        raise UsageError(f"The gradebook cannot be made: {folder} is not a folder.")
    engine = create_engine(url, connect_args={"timeout": lock_timeout})
    event.listen(engine, "connect", _configure_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    writer = engine.execution_options(writes=True)
    return Backend(printable_url(url), engine, engine, writer, writer, attempts=4)


def _configure_sqlite(connection: Any, _record: Any) -> None:
    # The driver would begin transactions by itself, and too late; _begin_sqlite does it instead.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _open_postgresql(url: URL, lock_timeout: float) -> Backend:
    # In UTF-8 also where the database is not: prepare() refuses that with a message.
    arguments = {"connect_timeout": 10, "client_encoding": "utf8"}
    arguments = {name: value for name, value in arguments.items() if name not in url.query}
    engine = create_engine(url, connect_args=arguments, hide_parameters=True)

    def configure(connection: Any, _record: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"SET lock_timeout = {max(1, round(lock_timeout * 1000))}")
        connection.commit()

    event.listen(engine, "connect", configure)
    event.listen(engine, "begin", _begin_postgresql)
    return Backend(
        printable_url(url),
        engine,
        engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True),
        engine.execution_options(
            isolation_level="REPEATABLE READ", turn=f"LOCK TABLE {CAUSE.name} IN EXCLUSIVE MODE"
        ),
        # Each statement sees what was committed before it: also what another command has just made.
        engine.execution_options(
            isolation_level="READ COMMITTED", turn=f"SELECT pg_advisory_xact_lock({_PREPARING})"
        ),
        attempts=6,  # six seconds in all: a server that is started again is back by then
        password=url.password,
    )


#: The number of our lock among those that programs agree on: "gradeboo".
_PREPARING = int.from_bytes(b"gradeboo", "big", signed=True)


def _begin_postgresql(connection: Connection) -> None:
    # LOCK TABLE is no query: the transaction's state is taken after it, and holds what the writer before has done.
    turn = connection.get_execution_options().get("turn")
    if turn is not None:
        connection.exec_driver_sql(turn)
