"""Figures of a list about nobody: counts, means and histograms of at least ten students."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from gradebook.privacy import FEWEST
from gradebook.records import Graded

__all__ = ["statistics"]

_BINS = 10


def statistics(assignment: str, graded: Iterable[Graded]) -> dict[str, Any]:
    """Figures of each notebook and question of a list, of those who handed it in, for JSON.

    ``histogram`` counts students by tenths of the points that were to be had; more than all counts as the last.
    """
    notebooks: dict[str, list[tuple[float, float]]] = defaultdict(list)
    questions: dict[str, dict[str, list[tuple[float, float]]]] = defaultdict(lambda: defaultdict(list))
    for one in graded:
        if one.report.status != "graded":
            continue
        name = one.report.notebook
        notebooks[name].append((one.score, one.max_score))
        for cell in one.cells:
            if cell.score is not None:
                questions[name][cell.grade_id].append((cell.score, cell.max_score))
    return {
        "assignment": assignment,
        "made_at": datetime.now(UTC).date().isoformat(),
        "fewest": FEWEST,
        "notebooks": {
            name: {
                **_figures(scores),
                "questions": {cell: _figures(found) for cell, found in sorted(questions[name].items())},
            }
            for name, scores in sorted(notebooks.items())
        },
    }


def _figures(scores: list[tuple[float, float]]) -> dict[str, Any]:
    count = len(scores)
    if count < FEWEST:
        return {"count": count}
    histogram = [0] * _BINS
    for score, most in scores:
        share = score / most if most > 0 else 0.0
        histogram[min(_BINS - 1, max(0, int(share * _BINS)))] += 1
    return {
        "count": count,
        "max_score": max(most for _, most in scores),
        "mean": round(sum(score for score, _ in scores) / count, 3),
        "histogram": histogram,
    }
