"""The database: opening it, and transactions that wait their turn and are tried again where that helps."""

import random
import time
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.orm import Session

from autograder.errors import GraderError
from gradebook.records.engines import is_lost, open_backend
from gradebook.records.schema import prepare
from gradebook.records.triggers import forget_cause

__all__ = ["Database"]

_T = TypeVar("_T")


class Database:
    """nbgrader's database with our tables beside its own; made when missing.

    Args:
        url: SQLAlchemy's URL, such as ``sqlite:////srv/course/gradebook.db`` or
            ``postgresql+psycopg://grader@/course``.
        course_id: nbgrader's course.
        lock_timeout: How long, in seconds, one attempt to write waits for the lock.

    Raises:
        UsageError: The URL is wrong, the database cannot be opened, or its schema is of another nbgrader.
        GraderError: The database does not answer, or stays locked.
    """

    def __init__(self, url: str, *, course_id: str = "default_course", lock_timeout: float = 30.0) -> None:
        self.course_id = course_id
        self._backend = open_backend(url, lock_timeout=lock_timeout)
        self.name = self._backend.name
        try:
            self._attempt(
                self._backend.preparer,
                lambda session: prepare(session, course_id=course_id, name=self.name),
            )
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Let the connections go."""
        self._backend.engine.dispose()

    def read(self, work: Callable[[Session], _T]) -> _T:
        """Call ``work`` with a session that sees one state of the database. It may be called again."""
        return self._attempt(self._backend.reader, work)

    def write(self, work: Callable[[Session], _T]) -> _T:
        """Call ``work`` in one transaction: all of it is kept, or nothing. It may be called again."""
        return self._attempt(self._backend.writer, work)

    def _attempt(self, engine: Engine, work: Callable[[Session], _T]) -> _T:
        backend = self._backend
        for attempt in range(1, backend.attempts + 1):
            ending = False
            try:
                with Session(engine) as session, session.begin():
                    result = work(session)
                    if engine is not backend.reader:
                        # What was changed is written, with its cause, before the cause is forgotten.
                        session.flush()
                        forget_cause(session)
                        ending = True
                return result
            except DBAPIError as error:
                # A server that does not answer at the beginning is the operator's to start.
                again = backend.passes(error) or (is_lost(error) and not ending and engine is not backend.preparer)
                if again and attempt < backend.attempts:
                    # Writers that were refused together must not come back together.
                    time.sleep(0.1 * 2**attempt * (0.5 + random.random()))  # noqa: S311
                    continue
                raise backend.explained(error, ending=ending) from error
            except SQLAlchemyError as error:
                raise GraderError(f"The gradebook {self.name} failed: {backend.clean(error)}.") from error
        raise AssertionError("unreachable")
