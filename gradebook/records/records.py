"""The records of a course: who is in it, what its assignments hold, what was graded."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from nbgrader.api import Student as StudentRow
from sqlalchemy import select
from sqlalchemy.orm import Session

from autograder.assignment import Assignment
from autograder.outcome import NotebookReport
from gradebook.records.appeals import answer_appeal, file_appeal, read_appeals
from gradebook.records.attempts import read_attempts
from gradebook.records.database import Database
from gradebook.records.history import read_history
from gradebook.records.order import by_bytes
from gradebook.records.ran import Ran, read_ran
from gradebook.records.reader import read_graded
from gradebook.records.source import read_config, source_of
from gradebook.records.sync import sync
from gradebook.records.tables import REPORT
from gradebook.records.turns import Turn, admit, finish, read_times, read_turns
from gradebook.records.values import Appeal, Attempt, Change, Graded, Outcome, Reason, Student
from gradebook.records.writer import find_assignment, write_report

__all__ = ["Records"]


class Records:
    """The one writer onto nbgrader's gradebook. A context manager.

    Every method is one transaction and waits for other writers.

    Args:
        db_url: SQLAlchemy's URL, such as ``sqlite:////srv/course/gradebook.db``.
        course_id: nbgrader's course.
        lock_timeout: How long, in seconds, one attempt to write waits for other writers.

    Raises:
        UsageError: The URL or the database cannot be used.
        GraderError: The database does not answer, or stays locked.
    """

    def __init__(self, db_url: str, *, course_id: str = "default_course", lock_timeout: float = 30.0) -> None:
        self._database = Database(db_url, course_id=course_id, lock_timeout=lock_timeout)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let the database go."""
        self._database.close()

    def sync(self, assignment: Assignment) -> None:
        """Bring the gradebook up to the source notebooks and the due date of ``assignment``.

        What is stored is what ``nbgrader generate_assignment`` stores (with the stubs and delimiters of the
        course's ``nbgrader_config.py``). Unlike there, submissions may exist: points change, cells and
        notebooks come and go, and no manual score and no comment is lost. Automatic scores stay as they
        are until the submissions are graded again.

        Raises:
            UsageError: nbgrader would refuse a notebook, or its configuration fails.
            GraderError: The database failed.
        """
        # The course is the folder that holds assignments/<name>/.
        config = read_config(assignment.path.resolve().parent.parent)
        notebooks = tuple(
            source_of(template, assignment=assignment.name, config=config) for template in assignment.notebooks
        )
        due = _utc(assignment.settings.due, local=True)
        course_id = self._database.course_id

        def work(session: Session) -> None:
            sync(session, assignment.name, notebooks, due=due, course_id=course_id)

        self._database.write(work)

    def students(self) -> tuple[str, ...]:
        """The roster: every student's id, sorted."""
        return self._database.read(
            lambda session: tuple(session.scalars(select(StudentRow.id).order_by(by_bytes(StudentRow.id))))
        )

    def known_assignment(self, name: str) -> None:
        """Refuse a name that no assignment has.

        Raises:
            UsageError: ``sync`` did not bring the assignment in.
        """
        self._database.read(lambda session: find_assignment(session, name))

    def people(self) -> tuple[Student, ...]:
        """The roster with names and addresses, by id."""

        def work(session: Session) -> tuple[Student, ...]:
            rows = session.scalars(select(StudentRow).order_by(by_bytes(StudentRow.id)))
            return tuple(Student(row.id, row.first_name, row.last_name, row.email) for row in rows)

        return self._database.read(work)

    def enrol(self, students: Iterable[str | Student]) -> None:
        """Put students on the roster. Of those that are there, given names and addresses are updated."""
        people = [Student(who) if isinstance(who, str) else who for who in students]

        def work(session: Session) -> None:
            for person in people:
                row = session.get(StudentRow, person.id)
                if row is None:
                    row = StudentRow(id=person.id)
                    session.add(row)
                for name in ("first_name", "last_name", "email"):
                    value = getattr(person, name)
                    if value is not None:
                        setattr(row, name, value)
                session.flush()

        self._database.write(work)

    def record(
        self,
        report: NotebookReport,
        *,
        submitted_at: datetime | None,
        answers: Mapping[str, str] | None = None,
        reason: Reason | None = None,
    ) -> None:
        """Record what the grader found in one notebook of one submission.

        The student is enrolled and the submission made if they are new. What TAs gave and wrote is kept;
        they are asked again if the student's text changed since. A cell of the gradebook that the report
        leaves out is recorded as needing review.

        Args:
            report: What the grader found.
            submitted_at: When it was handed in (a naive time is UTC, as nbgrader's are); ``None`` if
                unknown, which leaves what is known.
            answers: A digest of what the student wrote in each cell that is graded by hand, by its id.
                Without it, a submission with another time counts as a changed text.
            reason: What the history calls it. If not given: a regrade where time and answers (as far as they
                are given) are those of the record before, else a grading.

        Raises:
            UsageError: ``sync`` did not bring the assignment and the notebook in.
            GraderError: The report is of another version of the notebook, or the database failed.
        """
        time = _utc(submitted_at)

        def work(session: Session) -> None:
            write_report(session, report, submitted_at=time, answers=answers, reason=reason)

        self._database.write(work)

    def reports(self, assignment: str, *, student: str | None = None, notebook: str | None = None) -> list[Graded]:
        """What was recorded of ``assignment``, by student and notebook.

        Raises:
            UsageError: The gradebook has no such assignment.
            GraderError: A recorded report cannot be read, or the database failed.
        """

        def work(session: Session) -> list[Graded]:
            find_assignment(session, assignment)
            return read_graded(session, assignment, student=student, notebook=notebook)

        return self._database.read(work)

    def ran(self, assignment: str) -> list[Ran]:
        """The last run of each notebook of ``assignment``, in no order; a damaged one is left out."""
        return self._database.read(lambda session: read_ran(session, assignment))

    def graded_students(self, assignment: str) -> list[str]:
        """Who has something recorded of ``assignment``, by id."""
        query = select(REPORT.c.student).where(REPORT.c.assignment == assignment).distinct()
        return self._database.read(lambda session: sorted(session.scalars(query)))

    def graded_times(self, assignment: str) -> Mapping[str, set[datetime | None]]:
        """When what is recorded of each student was handed in (UTC); several times where a run was cut short."""
        return self._database.read(lambda session: read_times(session, assignment))

    def turns(self, assignment: str) -> list[Turn]:
        """Which submissions of an assignment ``autograder watch`` has admitted to grading; in no order."""
        return self._database.read(lambda session: read_turns(session, assignment))

    def admit(self, turn: Turn) -> None:
        """Write a turn down: before its submission is graded, and once."""
        self._database.write(lambda session: admit(session, turn))

    def finish(self, turn: Turn) -> None:
        """What the turn was for is done."""
        self._database.write(lambda session: finish(session, turn))

    def history(
        self, *, assignment: str | None = None, student: str | None = None, notebook: str | None = None
    ) -> list[Change]:
        """Every change of a score, oldest first: whoever made it, also about what is gone since."""
        return self._database.read(
            lambda session: read_history(session, assignment=assignment, student=student, notebook=notebook)
        )

    def attempts(self, assignment: str) -> list[Attempt]:
        """Earlier submissions of an assignment's notebooks, which others replaced; by student and notebook."""
        return self._database.read(lambda session: read_attempts(session, assignment))

    def file_appeal(
        self,
        assignment: str,
        student: str,
        notebook: str,
        text: str,
        *,
        cell: str | None = None,
        by: str | None = None,
    ) -> Appeal:
        """Write down what a student asks about a grade.

        Args:
            assignment: Of which assignment.
            student: Whose grade.
            notebook: Of which notebook.
            text: What is asked.
            cell: nbgrader's id of the cell; the whole notebook if not given.
            by: Who writes it down; the student if not given.

        Raises:
            UsageError: Somebody or something of that name is not there, or a text is empty or too long.
        """
        return self._database.write(
            lambda session: file_appeal(session, assignment, student, notebook, text, cell=cell, by=by)
        )

    def answer_appeal(self, number: int, text: str, *, by: str, outcome: Outcome) -> Appeal:
        """Answer an appeal. Points stay as they are: who grants it changes them where they are changed.

        Raises:
            UsageError: There is no such appeal, it was answered already, or a text is empty or too long.
        """
        return self._database.write(lambda session: answer_appeal(session, number, text, by=by, outcome=outcome))

    def appeals(self, assignment: str | None = None, student: str | None = None) -> tuple[Appeal, ...]:
        """Appeals of an assignment, or of all, and of a student, or of all; oldest first."""
        return self._database.read(lambda session: read_appeals(session, assignment, student))


def _utc(time: datetime | None, *, local: bool = False) -> datetime | None:
    """``time`` as nbgrader keeps it: UTC, without saying so.

    A naive time is in UTC, or, if ``local``, in this machine's time zone: what a person writes into a
    settings file is the time on the wall.
    """
    if time is None:
        return None
    if time.tzinfo is None and not local:
        return time
    return time.astimezone(UTC).replace(tzinfo=None)
