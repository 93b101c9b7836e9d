"""How far readers are, and how far two agree, of a whole class at once: plain rows, no object an answer."""

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nbgrader.api import Assignment, BaseCell, Grade, Notebook, SubmittedAssignment, SubmittedNotebook
from sqlalchemy import select
from sqlalchemy.orm import Session

from autograder.rubric import Rubric
from gradebook.records.tables import REPORT, REVIEW_MARK, REVIEW_TASK
from gradebook.review.agreement import Agreement, agreement

__all__ = ["Key", "Overview", "Progress", "Rubrics", "fits", "read_answers", "read_overview"]

Rubrics = Mapping[tuple[str, str], Rubric]
#: Notebook, cell, student.
Key = tuple[str, str, str]


@dataclass(frozen=True)
class Progress:
    """How far a reader is with a question."""

    reviewer: str
    notebook: str
    cell: str
    done: int
    tasks: int


@dataclass(frozen=True)
class Overview:
    """How far everybody is, how far two readers agree, and how many answers nobody reads yet.

    Args:
        undealt: How many.
        progress: By reader and question.
        agreement: By notebook, cell and title of the criterion.
    """

    undealt: int
    progress: list[Progress]
    agreement: Mapping[tuple[str, str, str], Agreement]

    def to_json(self) -> dict[str, Any]:
        """The same for programs."""
        return {
            "undealt": self.undealt,
            "progress": [vars(row) for row in self.progress],
            "agreement": [
                {"notebook": notebook, "cell": cell, "criterion": title, **vars(row)}
                for (notebook, cell, title), row in self.agreement.items()
            ],
        }


def read_overview(
    session: Session,
    assignment: str,
    rubrics: Rubrics,
    *,
    answers: Collection[Key] | None = None,
    texts: Mapping[tuple[str, str], str] | None = None,
) -> Overview:
    """How far readers are.

    Args:
        session: Of the gradebook.
        assignment: The list.
        rubrics: By notebook and cell.
        answers: All that people mark; read if not given.
        texts: Digests of what was answered, by notebook and student, as recorded; read if not given.
    """
    tasks = _tasks(session, assignment, rubrics)
    marks = _marks(session, assignment, rubrics, _texts(session, assignment) if texts is None else texts)
    there = read_answers(session, assignment, rubrics) if answers is None else answers
    dealt = {key for key, _, _ in tasks}
    return Overview(
        sum(key not in dealt for key in there), _progress(tasks, marks), _agreement(tasks, marks, rubrics)
    )


def read_answers(session: Session, assignment: str, rubrics: Rubrics) -> set[Key]:
    """What people have to read, or have read: handed in, with a rubric, and without an automatic score."""
    query = (
        select(Notebook.name, BaseCell.name, SubmittedAssignment.student_id)
        .select_from(Grade)
        .join(BaseCell, BaseCell.id == Grade.cell_id)
        .join(SubmittedNotebook, SubmittedNotebook.id == Grade.notebook_id)
        .join(SubmittedAssignment, SubmittedAssignment.id == SubmittedNotebook.assignment_id)
        .join(Notebook, Notebook.id == SubmittedNotebook.notebook_id)
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .where(Assignment.name == assignment, Grade.auto_score.is_(None))
    )
    return {(row[0], row[1], row[2]) for row in session.execute(query) if (row[0], row[1]) in rubrics}


def fits(levels: Sequence[int], rubric: Rubric) -> bool:
    """Whether these are levels of this rubric: it may have been changed since."""
    return len(levels) == len(rubric.criteria) and all(
        0 <= level < len(criterion.levels) for level, criterion in zip(levels, rubric.criteria, strict=True)
    )


def _tasks(session: Session, assignment: str, rubrics: Rubrics) -> list[tuple[Key, str, bool]]:
    table = REVIEW_TASK.c
    query = select(table.notebook, table.cell, table.student, table.reviewer, table.second)
    return [
        ((notebook, cell, student), reviewer, second)
        for notebook, cell, student, reviewer, second in session.execute(
            query.where(table.assignment == assignment)
        )
        if (notebook, cell) in rubrics
    ]


def _marks(
    session: Session, assignment: str, rubrics: Rubrics, texts: Mapping[tuple[str, str], str]
) -> dict[tuple[Key, str], tuple[int, ...]]:
    """Levels of the texts that are there, by the rubrics that hold; others are to be given again."""
    table = REVIEW_MARK.c
    query = select(table.notebook, table.cell, table.student, table.reviewer, table.answer, table.levels)
    # A few combinations of levels and texts repeat a thousand times.
    levels_of: dict[tuple[str, str, str], tuple[int, ...] | None] = {}
    found = {}
    for notebook, cell, student, reviewer, answer, text in session.execute(
        query.where(table.assignment == assignment)
    ):
        kind = (notebook, cell, text)
        if kind not in levels_of:
            levels, rubric = tuple(json.loads(text)), rubrics.get((notebook, cell))
            levels_of[kind] = levels if rubric is not None and fits(levels, rubric) else None
        known = levels_of[kind]
        if known is not None and json.loads(texts.get((notebook, student), "{}")).get(cell, "") == answer:
            found[(notebook, cell, student), reviewer] = known
    return found


def _texts(session: Session, assignment: str) -> dict[tuple[str, str], str]:
    table = REPORT.c
    rows = session.execute(
        select(table.notebook, table.student, table.answers).where(table.assignment == assignment)
    )
    return {(notebook, student): answers for notebook, student, answers in rows}


def _progress(
    tasks: Sequence[tuple[Key, str, bool]], marks: Mapping[tuple[Key, str], tuple[int, ...]]
) -> list[Progress]:
    every, done = Counter[tuple[str, str, str]](), Counter[tuple[str, str, str]]()
    for key, reviewer, _ in tasks:
        question = reviewer, key[0], key[1]
        every[question] += 1
        done[question] += (key, reviewer) in marks
    return [Progress(*question, done[question], count) for question, count in sorted(every.items())]


def _agreement(
    tasks: Sequence[tuple[Key, str, bool]], marks: Mapping[tuple[Key, str], tuple[int, ...]], rubrics: Rubrics
) -> dict[tuple[str, str, str], Agreement]:
    first = {key: reviewer for key, reviewer, second in tasks if not second}
    pairs: dict[tuple[str, str], list[tuple[tuple[int, ...], tuple[int, ...]]]] = defaultdict(list)
    for key, reviewer, second in tasks:
        if second and key in first:
            one, two = marks.get((key, first[key])), marks.get((key, reviewer))
            if one is not None and two is not None:
                pairs[key[0], key[1]].append((one, two))
    return {
        (*question, criterion.title): agreement(
            [one[n] for one, _ in found], [two[n] for _, two in found], len(criterion.levels)
        )
        for question, found in sorted(pairs.items())
        for n, criterion in enumerate(rubrics[question].criteria)
    }
