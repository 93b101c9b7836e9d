"""A consistent copy of the database while others write to it, and getting rid of what was deleted in it."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine
from sqlalchemy.exc import SQLAlchemyError

from autograder.errors import GraderError, UsageError
from gradebook.records.location import parsed_url
from gradebook.records.transfer import copy_to_sqlite
from gradebook.records.vacuum import compact_tables

__all__ = ["check_database", "compact", "copy_database"]


def copy_database(url: str, to: Path) -> None:
    """Copy the database at ``url`` into the file ``to``, in one state, without changing it.

    Of PostgreSQL, too, the copy is a file of SQLite's.

    Raises:
        UsageError: It is no gradebook, or cannot be read.
        GraderError: The server does not answer.
    """
    parsed = parsed_url(url)
    if parsed.get_backend_name() == "postgresql":
        copy_to_sqlite(url, to)
        check_database(to)
        return
    if parsed.get_backend_name() != "sqlite":
        raise UsageError("A gradebook is kept by SQLite or PostgreSQL.")
    if not Path(parsed.database or "").is_file():
        raise UsageError(f"There is no gradebook at {parsed.database}.")
    engine = create_engine(parsed)
    try:
        with closing(engine.raw_connection()) as connection, closing(sqlite3.connect(to)) as copy:
            source: Any = connection.driver_connection
            source.backup(copy)
            # One file, without a write-ahead log beside it.
            copy.execute("PRAGMA journal_mode=DELETE")
    except (sqlite3.Error, SQLAlchemyError) as error:
        raise UsageError(f"The gradebook {parsed.database} cannot be copied: {error}.") from error
    finally:
        engine.dispose()
    check_database(to)


def check_database(path: Path) -> None:
    """Refuse a file that is no sound SQLite database of nbgrader's.

    Raises:
        UsageError: It is not.
    """
    try:
        with closing(sqlite3.connect(path)) as database:
            (said,) = database.execute("PRAGMA integrity_check").fetchone()
            database.execute("SELECT count(*) FROM submitted_assignment").fetchone()
    except sqlite3.Error as error:
        raise UsageError(f"{path.name} is no gradebook: {error}.") from error
    if said != "ok":
        raise UsageError(f"{path.name} is damaged: {str(said)[:200]}.")


def compact(url: str) -> None:
    """Leave nothing in the files of a database of what was deleted in it.

    Of PostgreSQL these are its tables and what it knows of their values; not its logs.

    Raises:
        UsageError: It cannot be used.
        GraderError: Somebody else is using it.
    """
    parsed = parsed_url(url)
    if parsed.get_backend_name() == "postgresql":
        compact_tables(url, patience=_PATIENCE)
        return
    try:
        with closing(sqlite3.connect(parsed.database or "", timeout=_PATIENCE, isolation_level=None)) as database:
            database.execute("VACUUM")
            (busy, *_) = database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.Error as error:
        raise GraderError(f"The gradebook cannot be compacted: {error}.", _AGAIN) from error
    if busy:
        raise GraderError("Somebody is using the gradebook, so its log keeps what was deleted.", _AGAIN)


#: How long others are waited for, in seconds.
_PATIENCE = 30.0
_AGAIN = "Stop formgrader and other programs that use it, and run the command again."
