"""Where a course's gradebook is: one answer for our commands, nbgrader's and formgrader.

``--db`` if it is given; else what the course's ``nbgrader_config.py`` calls ``c.CourseDirectory.db_url``, which is
what nbgrader and formgrader go by; else ``gradebook.db`` at the root of the course, as there. That file is a
program, so no password need stand in it: it may read one from the environment; with ``~/.pgpass`` it needs none.
"""

import re
from pathlib import Path

from sqlalchemy import URL
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from autograder.errors import UsageError
from gradebook.records.source import read_config

__all__ = ["database_url", "parsed_url", "printable_url", "sqlite_file"]

_FILE = "gradebook.db"
#: Of a URL's options, those that are secrets.
_SECRET = ("password", "sslpassword")


def database_url(course: Path, db: str | None = None, *, must_exist: bool = True) -> str:
    """SQLAlchemy's URL of a course's gradebook.

    Args:
        course: Root of the course.
        db: What ``--db`` says.
        must_exist: Whether an SQLite gradebook that is not there is an error; else it will be made.

    Raises:
        UsageError: It is not there, or ``nbgrader_config.py`` fails.
    """
    if db:
        return db
    url = _configured(course)
    if url is None:
        url = f"sqlite:///{(course / _FILE).resolve()}"
    path = sqlite_file(url)
    if must_exist and path is not None and not path.exists():
        raise UsageError(f"There is no gradebook at {path}.", "Grade first, or say --course or --db where it is.")
    return url


def _configured(course: Path) -> str | None:
    """What ``nbgrader_config.py`` says; a file of SQLite's is looked for from the root of the course."""
    found = read_config(course).get("CourseDirectory", {}).get("db_url")
    if not isinstance(found, str) or not found:
        return None
    file = sqlite_file(found)
    if file is None or file.is_absolute():
        return found
    return f"sqlite:///{(course / file).resolve()}"


def parsed_url(url: str) -> URL:
    """The parts of a URL.

    Raises:
        UsageError: It is none. The message does not repeat it where it may hold a password.
    """
    try:
        return make_url(url)
    except (ArgumentError, ValueError) as error:
        shown = repr(url) if re.fullmatch(r"[\w./-]{1,80}", url) else "What --db or nbgrader_config.py says"
        raise UsageError(
            f"{shown} is not the URL of a database.",
            "It looks like sqlite:////path/to/gradebook.db or postgresql+psycopg://user@host/database.",
        ) from error


def printable_url(url: URL) -> str:
    """A URL without its secrets."""
    query = {name: "***" if name in _SECRET else value for name, value in url.query.items()}
    return url.set(query=query).render_as_string(hide_password=True)


def sqlite_file(url: str) -> Path | None:
    """The file of an SQLite database; ``None`` for another, or one in memory.

    Raises:
        UsageError: It is not the URL of a database.
    """
    parsed = parsed_url(url)
    if parsed.get_backend_name() != "sqlite" or parsed.database in (None, "", ":memory:"):
        return None
    return Path(str(parsed.database))
