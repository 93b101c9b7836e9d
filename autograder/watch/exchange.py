"""nbgrader's exchange from inside a program that runs on: collecting from it, releasing feedback to it.

The settings are those that ``nbgrader collect`` would read: Jupyter's folders of settings, then the course's own
``nbgrader_config.py``. Collecting is always ``OwnedCollect``, whatever they name: nobody looks at what comes.
"""

import glob
import logging
from collections.abc import Callable, Collection
from contextlib import suppress
from copy import deepcopy
from pathlib import Path
from typing import Any

from nbgrader.apps.baseapp import NbGrader
from nbgrader.auth import Authenticator
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange import ExchangeError
from nbgrader.exchange.default import ExchangeReleaseFeedback
from traitlets.config import Application, Config

from autograder.errors import UsageError
from autograder.nbgrader_exchange import OwnedCollect

__all__ = ["Exchange"]


class Exchange:
    """The exchange of a course, for one assignment.

    Args:
        course: Root of the course.
        assignment: Which.
        db: URL of the gradebook.
        say: Told what nbgrader warns of.

    Raises:
        UsageError: nbgrader's settings cannot be used.
    """

    def __init__(self, course: Path, assignment: str, db: str, *, say: Callable[[str], None]) -> None:
        self._config = _settings(course)
        self._config.CourseDirectory.root = str(course)
        self._config.CourseDirectory.db_url = db
        self._config.CourseDirectory.assignment_id = assignment
        self._config.ExchangeCollect.update = True
        self._log = logging.Logger("autograder.exchange", logging.WARNING)
        self._log.addHandler(_Telling(say))
        tool = self._tool(OwnedCollect)
        if not tool.coursedir.course_id:
            raise UsageError(
                "nbgrader's settings name no course.",
                "Put c.CourseDirectory.course_id into the course's nbgrader_config.py.",
            )
        self.inbound = Path(tool.root) / tool.coursedir.course_id / "inbound"

    def collect(self, student: str, only: Collection[str]) -> dict[str, str]:
        """Collect the newest submission of ``student``, as ``nbgrader collect --update`` does.

        Args:
            student: Whose.
            only: Folders that are whole; all others are left where they are.

        Returns:
            Why folders could not be collected, by name.

        Raises:
            UsageError: The exchange cannot be used.
        """
        tool = self._tool(OwnedCollect, glob.escape(student))
        tool.only = frozenset(only)
        self._start(tool)
        failed: dict[str, str] = tool.failed
        return failed

    def release_feedback(self, student: str) -> None:
        """Put the pages of ``student`` where they, and nobody else, find them.

        Raises:
            UsageError: The exchange cannot be used.
            OSError: A file cannot be read or written.
        """
        self._start(self._tool(ExchangeReleaseFeedback, glob.escape(student)))

    def _start(self, tool: Any) -> None:
        try:
            tool.start()
        except ExchangeError as error:
            raise UsageError(f"nbgrader's exchange cannot be used: {error}.") from error

    def _tool(self, kind: type, student: str | None = None) -> Any:
        config = deepcopy(self._config)
        if student is not None:
            config.CourseDirectory.student_id = student
        directory = CourseDirectory(config=config, log=self._log)
        return kind(coursedir=directory, authenticator=Authenticator(config=config), config=config, log=self._log)


class _Telling(logging.Handler):
    """Hands on what is logged; what cannot be formatted is not worth a program's end."""

    def __init__(self, say: Callable[[str], None]) -> None:
        super().__init__()
        self._say = say

    def emit(self, record: logging.LogRecord) -> None:
        """Say it."""
        with suppress(ValueError, TypeError):
            self._say(record.getMessage())


def _settings(course: Path) -> Config:
    app = NbGrader()
    app.log_level = logging.ERROR
    app.load_cwd_config = False
    app.raise_config_file_errors = True
    try:
        app.load_config_file()
        Application.load_config_file(app, "nbgrader_config", path=str(course))
    except Exception as error:  # the files are programs: anything may come out of them
        raise UsageError(f"nbgrader's settings cannot be loaded: {type(error).__name__}: {error}.") from error
    return deepcopy(app.config)
