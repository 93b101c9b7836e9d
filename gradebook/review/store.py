"""Reviews in the gradebook: tasks and marks in our tables, what counts in nbgrader's own."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from nbgrader.api import Assignment, Notebook, SubmittedAssignment, SubmittedNotebook
from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from autograder.assignment import Assignment as Source
from autograder.errors import UsageError
from autograder.rubric import Rubric
from gradebook.records.database import Database
from gradebook.records.tables import REPORT, REVIEW_MARK, REVIEW_PHRASE, REVIEW_TASK
from gradebook.records.triggers import name_cause
from gradebook.records.values import storable
from gradebook.review.agreement import Agreement
from gradebook.review.overview import Overview, Progress, Rubrics, fits, read_answers, read_overview
from gradebook.review.plan import Answer, Task, deal, freed

__all__ = ["Mark", "Overview", "Progress", "Reviews", "rubrics_of"]


@dataclass(frozen=True)
class Mark:
    """What a reader gave an answer.

    Args:
        levels: The chosen level of each criterion, 0 for the best.
        comment: What the student reads beside it.
        marked_at: When, in UTC without a zone.
    """

    levels: tuple[int, ...]
    comment: str
    marked_at: datetime


def rubrics_of(assignment: Source) -> dict[tuple[str, str], Rubric]:
    """The rubric of each question, by notebook and cell."""
    return {
        (notebook, cell): rubric
        for notebook, rubrics in assignment.settings.rubrics.items()
        for cell, rubric in rubrics.items()
    }


class Reviews:
    """The reviews of one assignment.

    Args:
        database: The gradebook.
        assignment: Its name.
        rubrics: The rubric of each question, by notebook and cell.
    """

    def __init__(self, database: Database, assignment: str, rubrics: Rubrics) -> None:
        self._database = database
        self._assignment = assignment
        self._rubrics = rubrics

    def answers(self) -> list[Answer]:
        """What people have to read, or have read: handed in, with a rubric, and without an automatic score."""
        return self._database.read(self._answers)

    def deal(self, reviewers: Sequence[str], *, double: float = 0.1) -> list[Task]:
        """Deal what nobody reads yet, and what waits for somebody who is not among the reviewers; the new tasks.

        Raises:
            UsageError: The reviewers are none, or the share is none.
        """

        def work(session: Session) -> list[Task]:
            tasks, marks = self._tasks(session), self._marks(session)
            again = freed(tasks, {task for task in tasks if (task.answer, task.reviewer) in marks}, reviewers)
            before = [task for task in tasks if task not in again]
            try:
                new = deal(self._answers(session), reviewers, double=double, before=before)
            except ValueError as error:
                raise UsageError(f"The answers cannot be dealt: {error}.") from error
            for task in again:
                session.execute(delete(REVIEW_TASK).where(*self._where(REVIEW_TASK, task.answer, task.reviewer)))
            if new:
                session.execute(
                    insert(REVIEW_TASK), [self._row(t.answer, t.reviewer, second=t.second) for t in new]
                )
            return new

        return self._database.write(work)

    def undealt(self) -> int:
        """How many answers nobody reads yet."""
        return self.overview().undealt

    def queue(self, reviewer: str) -> list[tuple[Task, Mark | None]]:
        """What somebody reads, question by question, with what they gave."""

        def work(session: Session) -> list[tuple[Task, Mark | None]]:
            marks = self._marks(session)
            tasks = sorted(task for task in self._tasks(session) if task.reviewer == reviewer)
            return [(task, marks.get((task.answer, reviewer))) for task in tasks]

        return self._database.read(work)

    def text(self, answer: Answer) -> str:
        """A digest of what is to be read, by which ``mark`` knows whether another text has come meanwhile."""
        return self._database.read(lambda session: self._texts(session).get(answer, ""))

    def mark(
        self, answer: Answer, reviewer: str, levels: Sequence[int], comment: str = "", *, text: str | None = None
    ) -> float:
        """Mark an answer; the points of the rubric.

        The first reader's mark becomes nbgrader's manual score and comment. Of a second reader nothing reaches the
        student. When the student hands in another text, the mark is one no more.

        Args:
            answer: Which.
            reviewer: Who has read it.
            levels: The chosen level of each criterion, 0 for the best.
            comment: For the student.
            text: The digest of what was read; the text that is there now if not given.

        Raises:
            UsageError: It is nobody's task, a level is missing or does not exist, or another text has come.
        """
        rubric = self._rubrics.get((answer.notebook, answer.cell))
        if rubric is None:
            raise UsageError(f"{answer.notebook} has no rubric for {answer.cell!r}.")
        if not fits(levels, rubric):
            raise UsageError(
                f"Each of the {len(rubric.criteria)} criteria needs one of its levels, got {list(levels)}."
            )
        score = sum(c.levels[level].points for level, c in zip(levels, rubric.criteria, strict=True))

        comment = storable(comment)

        def work(session: Session) -> None:
            task = next((t for t in self._tasks(session) if (t.answer, t.reviewer) == (answer, reviewer)), None)
            if task is None:
                raise UsageError(f"{reviewer} does not read this answer.", "Deal the answers again.")
            there = self._texts(session).get(answer, "")
            if text is not None and text != there:
                raise UsageError(
                    "The student has handed in another text meanwhile.", "Open it again, and read it."
                )
            where = self._where(REVIEW_MARK, answer, reviewer)
            session.execute(delete(REVIEW_MARK).where(*where))
            session.execute(
                insert(REVIEW_MARK).values(
                    **self._row(answer, reviewer, second=task.second),
                    answer=there,
                    levels=json.dumps(list(levels)),
                    comment=comment,
                    marked_at=datetime.now(UTC).replace(tzinfo=None),
                )
            )
            if not task.second:
                name_cause(session, reviewer, "review")
                self._write(session, answer, score, comment)

        self._database.write(work)
        return score

    def phrases(self, notebook: str, cell: str) -> list[str]:
        """Kept comments of a question."""
        return self._database.read(
            lambda session: sorted(
                session.scalars(
                    select(REVIEW_PHRASE.c.text).where(
                        REVIEW_PHRASE.c.assignment == self._assignment,
                        REVIEW_PHRASE.c.notebook == notebook,
                        REVIEW_PHRASE.c.cell == cell,
                    )
                )
            )
        )

    def keep(self, notebook: str, cell: str, phrase: str) -> None:
        """Keep a comment, to use it again.

        Raises:
            UsageError: It is empty, or longer than 2,000 characters.
        """
        phrase = storable(phrase).strip()
        if not 0 < len(phrase) <= 2000:
            raise UsageError("A kept comment has from 1 to 2,000 characters.")

        def work(session: Session) -> None:
            values = {"assignment": self._assignment, "notebook": notebook, "cell": cell, "text": phrase}
            session.execute(delete(REVIEW_PHRASE).where(*(REVIEW_PHRASE.c[k] == v for k, v in values.items())))
            session.execute(insert(REVIEW_PHRASE).values(**values))

        self._database.write(work)

    def given(self) -> dict[Answer, Mark]:
        """What the first reader of each answer gave: what the student is told."""

        def work(session: Session) -> dict[Answer, Mark]:
            marks = self._marks(session)
            first = [task for task in self._tasks(session) if not task.second]
            return {t.answer: marks[t.answer, t.reviewer] for t in first if (t.answer, t.reviewer) in marks}

        return self._database.read(work)

    def progress(self) -> list[Progress]:
        """By reader and question."""
        return self.overview().progress

    def agreement(self) -> Mapping[tuple[str, str, str], Agreement]:
        """How far two readers agree, by notebook, cell and title of the criterion."""
        return self.overview().agreement

    def overview(self) -> Overview:
        """All of that."""
        return self._database.read(lambda session: read_overview(session, self._assignment, self._rubrics))

    def _answers(self, session: Session) -> list[Answer]:
        return sorted(Answer(*key) for key in read_answers(session, self._assignment, self._rubrics))

    def _tasks(self, session: Session) -> list[Task]:
        rows = session.execute(select(REVIEW_TASK).where(REVIEW_TASK.c.assignment == self._assignment)).mappings()
        found = [Task(_answer(row), row["reviewer"], row["second"]) for row in rows]
        return [task for task in found if (task.answer.notebook, task.answer.cell) in self._rubrics]

    def _marks(self, session: Session) -> dict[tuple[Answer, str], Mark]:
        """Marks of the texts that are there, by the rubrics that hold; others are to be given again."""
        rows = session.execute(select(REVIEW_MARK).where(REVIEW_MARK.c.assignment == self._assignment)).mappings()
        texts = self._texts(session)
        found = {}
        for row in rows:
            answer, levels = _answer(row), tuple(json.loads(row["levels"]))
            rubric = self._rubrics.get((answer.notebook, answer.cell))
            if rubric is not None and fits(levels, rubric) and row["answer"] == texts.get(answer, ""):
                found[answer, row["reviewer"]] = Mark(levels, row["comment"], row["marked_at"])
        return found

    def _texts(self, session: Session) -> dict[Answer, str]:
        """A digest of each answer, as it was recorded when it was graded."""
        rows = session.execute(
            select(REPORT.c.notebook, REPORT.c.student, REPORT.c.answers).where(
                REPORT.c.assignment == self._assignment
            )
        )
        return {
            Answer(row.notebook, cell, row.student): digest
            for row in rows
            for cell, digest in json.loads(row.answers).items()
        }

    def _row(self, answer: Answer, reviewer: str, *, second: bool) -> dict[str, Any]:
        return {
            "assignment": self._assignment, "notebook": answer.notebook, "cell": answer.cell,
            "student": answer.student, "reviewer": reviewer, "second": second,
        }  # fmt: skip

    def _where(self, table: Any, answer: Answer, reviewer: str) -> list[Any]:
        row = self._row(answer, reviewer, second=False)
        return [table.c[name] == value for name, value in row.items() if name != "second"]

    def _write(self, session: Session, answer: Answer, score: float, comment: str) -> None:
        """What counts, where formgrader and the feedback read it."""
        submitted = session.scalars(
            select(SubmittedNotebook)
            .join(SubmittedAssignment, SubmittedAssignment.id == SubmittedNotebook.assignment_id)
            .join(Notebook, Notebook.id == SubmittedNotebook.notebook_id)
            .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
            .where(
                Assignment.name == self._assignment,
                Notebook.name == answer.notebook,
                SubmittedAssignment.student_id == answer.student,
            )
        ).one()
        for grade in submitted.grades:
            if grade.cell.name == answer.cell:
                grade.manual_score = score
                grade.needs_manual_grade = False
        for written in submitted.comments:
            if written.cell.name == answer.cell:
                written.manual_comment = comment or None


def _answer(row: Any) -> Answer:
    return Answer(row["notebook"], row["cell"], row["student"])
