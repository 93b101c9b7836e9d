"""Who reads which answer: even shares of each question, some answers twice, and nothing of a plan ever moved.

The order is drawn by a digest, so that nobody chooses whom they read. Pure functions of what is there: the same
answers are dealt alike whenever the plan is made.
"""

import hashlib
import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

__all__ = ["Answer", "Task", "deal", "freed"]


@dataclass(frozen=True, order=True)
class Answer:
    """One answer of one student to a question that people mark.

    Args:
        notebook: Name of the notebook.
        cell: nbgrader's id of the cell.
        student: Login.
    """

    notebook: str
    cell: str
    student: str


@dataclass(frozen=True, order=True)
class Task:
    """Somebody reads an answer.

    Args:
        answer: Which.
        reviewer: Who.
        second: Whether it is read to compare two readers; the other one's mark counts.
    """

    answer: Answer
    reviewer: str
    second: bool = False


def deal(
    answers: Iterable[Answer], reviewers: Sequence[str], *, double: float = 0.1, before: Iterable[Task] = ()
) -> list[Task]:
    """Deal answers among reviewers; the tasks that are new.

    Each question is dealt on its own, so that everybody reads each question, and to who has fewest of it: shares
    differ by one at most when all come at once. The share ``double`` of each question (rounded up) is read by
    another reviewer as well.

    Args:
        answers: All that are to be read; those with a task are left where they are.
        reviewers: Who reads. Tasks of somebody who is no longer among them are left as well (see ``freed``).
        double: Share of the answers that two people read, 0 to 1; 0 where there is only one reviewer.
        before: Tasks that were dealt already.

    Raises:
        ValueError: There is no reviewer, one is named twice, or ``double`` is no share.
    """
    if not reviewers or len(set(reviewers)) < len(reviewers):
        raise ValueError(f"reviewers must be one or more different people, got {list(reviewers)}")
    if not 0 <= double <= 1:
        raise ValueError(f"double must be from 0 to 1, got {double}")
    known = list(before)
    first = {task.answer for task in known if not task.second}
    questions: dict[tuple[str, str], list[Answer]] = defaultdict(list)
    for answer in sorted(set(answers), key=_drawn):
        questions[answer.notebook, answer.cell].append(answer)
    new: list[Task] = []
    for question, there in sorted(questions.items()):
        ours = [task for task in known if (task.answer.notebook, task.answer.cell) == question]
        new += _deal_question(there, reviewers, ours, first, double if len(reviewers) > 1 else 0.0)
    return new


def freed(tasks: Iterable[Task], marked: Collection[Task], reviewers: Collection[str]) -> list[Task]:
    """Tasks that may be dealt again: without a mark, of somebody who is not among the reviewers.

    A first reading stays where the only reviewer reads the answer already, as its second.
    """
    known = list(tasks)
    away = [task for task in known if task not in marked and task.reviewer not in reviewers]
    second = {task.answer: task.reviewer for task in known if task.second and task not in away}
    return [task for task in away if task.second or set(reviewers) - {second.get(task.answer)}]


def _deal_question(
    there: Sequence[Answer], reviewers: Sequence[str], ours: list[Task], first: set[Answer], double: float
) -> list[Task]:
    new: list[Task] = []
    reader = {task.answer: task.reviewer for task in ours if not task.second}
    twice = {task.answer: task.reviewer for task in ours if task.second}
    for answer in there:
        if answer not in first:
            others = [name for name in reviewers if name != twice.get(answer)]
            reader[answer] = _least(others, [*ours, *new], second=False)
            new.append(Task(answer, reader[answer]))
    for answer in there[: math.ceil(double * len(there))]:
        if answer not in twice:
            others = [name for name in reviewers if name != reader[answer]]
            new.append(Task(answer, _least(others, [*ours, *new], second=True), second=True))
    return new


def _least(reviewers: Sequence[str], tasks: Iterable[Task], *, second: bool) -> str:
    """Who has the fewest tasks of this kind; of several, the first."""
    count = Counter(task.reviewer for task in tasks if task.second == second)
    return min(reviewers, key=lambda name: (count[name], reviewers.index(name)))


def _drawn(answer: Answer) -> bytes:
    return hashlib.sha256("\0".join((answer.notebook, answer.cell, answer.student)).encode()).digest()
