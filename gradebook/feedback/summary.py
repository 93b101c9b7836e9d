"""A student's whole list: each notebook's score and how it came about, the grade, and what to look at next."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from autograder.assignment import Assignment
from gradebook.feedback.shared import Shared
from gradebook.headings import notebook_title
from gradebook.policies.explain import Words, explain_notebook, explain_total
from gradebook.records import Graded
from gradebook.text import clean

__all__ = ["Line", "Next", "Summary", "share_of", "summary_of"]

_MAX_NEXT = 6


@dataclass(frozen=True)
class Line:
    """One notebook of the list."""

    name: str
    title: str
    score: str
    max_score: str
    share: float
    handed_in: bool
    pending: str | None
    counts: bool
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Next:
    """Something to look at next: a check that was not met.

    Args:
        notebook: The notebook's title.
        name: The notebook.
        check: What was checked.
        lost: Points that it cost.
        hint: How to go on.
    """

    notebook: str
    name: str
    check: str
    lost: str
    hint: str | None


@dataclass(frozen=True)
class Summary:
    """The whole list of one student."""

    total: str
    max_total: str
    share: float
    pending: str | None
    rows: tuple[Line, ...]
    lines: tuple[str, ...]
    next: tuple[Next, ...]


def summary_of(
    student: str, graded: Sequence[Graded], assignment: Assignment, shared: Shared, *, language: str
) -> Summary | None:
    """The whole list of ``student``; ``None`` where their grade is not known. Speak ``language`` around this call.

    Args:
        student: Whose.
        graded: What was recorded of them.
        assignment: The list.
        shared: What is known of it.
        language: Such as ``pt_BR``.
    """
    if student not in shared.totals:
        return None
    due = assignment.settings.due
    words = Words(language, due.tzinfo if due is not None else None)
    titles = {t.name: clean(notebook_title(t), limit=200) for t in assignment.notebooks}
    rows = [shared.rows[student, name] for name in titles if (student, name) in shared.rows]
    total, max_total = shared.totals[student]
    pending = _pending(rows, max_total)
    # What is left out, or was a mate's work, is nothing to mend for the grade.
    counting = {row.notebook for row in rows if not row.dropped and row.by == row.student}
    return Summary(
        total=words.points(total),
        max_total=words.points(max_total),
        share=share_of(total, max_total),
        pending=words.points(pending) if pending else None,
        rows=tuple(_line(row, titles[row.notebook], shared, words) for row in rows),
        lines=explain_total(rows, total, shared.policy, words),
        next=_next([one for one in graded if one.report.notebook in counting], titles, words),
    )


def _line(row: Any, title: str, shared: Shared, words: Words) -> Line:
    return Line(
        name=row.notebook,
        title=title,
        score=words.points(row.score),
        max_score=words.points(row.max_score),
        share=share_of(row.score, row.max_score),
        handed_in=row.status != "missing",
        pending=words.points(row.pending) if row.pending else None,
        counts=not row.dropped,
        lines=explain_notebook(row, shared.policy, words),
    )


def _next(graded: Sequence[Graded], titles: dict[str, str], words: Words) -> tuple[Next, ...]:
    """The checks that cost most points, the costliest first."""
    found: list[tuple[float, Next]] = []
    for one in graded:
        counted = {cell.grade_id: cell for cell in one.cells if cell.manual_score is None}
        for verdict in one.report.verdicts:
            weights = sum(outcome.weight for outcome in verdict.outcomes)
            if verdict.grade_id not in counted or not verdict.outcomes or verdict.needs_review:
                continue
            for outcome in verdict.outcomes:
                lost = verdict.max_score * outcome.weight / weights * (1 - outcome.credit)
                if lost > 0 and outcome.error is None:
                    name = one.report.notebook
                    text = clean(outcome.hint, limit=400) if outcome.hint else None
                    title = clean(outcome.title, limit=200)
                    found.append((lost, Next(titles.get(name, name), name, title, words.points(lost), text)))
    found.sort(key=lambda pair: -pair[0])
    return tuple(one for _, one in found[:_MAX_NEXT])


def _pending(rows: Sequence[Any], full: float) -> float:
    """By how much the grade may still rise, in its own points; ``full`` are all of them."""

    def weighted(column: str, some: Iterable[Any]) -> float:
        return float(sum(getattr(row, column) * row.weight for row in some))

    asked = [row for row in rows if not row.bonus]
    counted = [row for row in asked if not row.dropped]
    waits, extra = weighted("pending", counted), weighted("pending", (row for row in rows if row.bonus))
    most, whole = weighted("max_score", counted), weighted("max_score", asked)
    return ((waits / most if waits else 0.0) + (extra / whole if extra and whole else 0.0)) * full


def share_of(score: float, most: float) -> float:
    """The filled part of a bar, in percent."""
    return round(100 * min(1.0, max(0.0, score / most)), 1) if most > 0 else 0.0
