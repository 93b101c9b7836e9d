"""The figures of a class report: pure functions of what the gradebook says."""

from collections.abc import Collection, Sequence
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from autograder.assignment import Assignment
from gradebook.policies.settings import Policy
from gradebook.privacy import FEWEST
from gradebook.records.bulk import ClassTables
from gradebook.report.checks import checks_of, reasons_of, thresholds_of
from gradebook.report.grid import Grid
from gradebook.report.items import bins_of, item_of
from gradebook.report.roster import failures_of, pupils_of, summary_of
from gradebook.report.values import ClassReport, Notebook, Question, Spread
from gradebook.review.overview import Overview

__all__ = ["report_of"]


def report_of(
    tables: ClassTables,
    assignment: Assignment,
    review: Overview,
    *,
    policy: Policy,
    made_at: datetime,
    collected: Collection[str] = (),
) -> ClassReport:
    """All figures.

    Args:
        tables: What the gradebook says of the list.
        assignment: The list.
        review: How far readers are.
        policy: The course's; of it only extensions, grace and groups count here: points are those before it.
        made_at: When, UTC.
        collected: Who has a folder of submissions, graded or not.
    """
    grid = Grid(tables, assignment)
    pupils, failures = pupils_of(grid, policy), failures_of(grid)
    questions = _questions(grid)
    whole = grid.list_share()
    return ClassReport(
        assignment.name,
        assignment.settings.title or assignment.name,
        made_at,
        float(sum(column.points for column in grid.columns)),
        summary_of(grid, pupils, failures, collected),
        spread(whole),
        _bins(whole),
        tuple(_notebook(grid, name, questions) for name in grid.notebooks),
        questions,
        checks_of(grid),
        thresholds_of(grid),
        pupils,
        failures,
        review,
    )


def spread(values: NDArray[np.float64]) -> Spread:
    """How numbers are spread; NaN are left out."""
    known = values[~np.isnan(values)]
    if len(known) < FEWEST:
        return Spread(len(known))
    return Spread(len(known), *(float(q) for q in np.quantile(known, (0, 0.25, 0.5, 0.75, 0.9, 1))))


def _bins(values: NDArray[np.float64]) -> tuple[int, ...]:
    known = values[~np.isnan(values)]
    return bins_of(np.clip(known, 0, 1)) if len(known) >= FEWEST else ()


def _questions(grid: Grid) -> tuple[Question, ...]:
    reasons = reasons_of(grid)
    found = []
    for number, column in enumerate(grid.columns):
        share = grid.share(number)
        known = ~np.isnan(share)
        item = item_of(share[known], grid.rest(number)[known])
        found.append(
            Question(
                column.notebook, column.cell, column.title, column.points, column.manual, item,
                reasons.get(number, ()) if item.students >= FEWEST else (),
            )
        )  # fmt: skip
    return tuple(found)


def _notebook(grid: Grid, name: str, questions: Sequence[Question]) -> Notebook:
    place = grid.notebooks[name]
    own = [question for question in questions if question.notebook == name]
    ran = (grid.notebook == place) & grid.tables.notebooks["status"].eq("graded").to_numpy()
    share = grid.notebook_share(place)

    def total(field: str) -> int | None:
        """Of the questions of which there is something to say."""
        known = [getattr(question.item, field) for question in own]
        return sum(number for number in known if number is not None) if any(n is not None for n in known) else None

    return Notebook(
        name,
        grid.titles[name],
        float(sum(column.points for column in grid.columns if column.notebook == name)),
        int(grid.handed_in[:, place].sum()),
        int(grid.with_status("refused")[:, place].sum()),
        total("full"),
        total("partial"),
        total("none"),
        spread(share),
        _bins(share),
        spread(grid.tables.notebooks["cpu_seconds"].to_numpy(float)[ran]),
        spread(grid.tables.notebooks["seconds"].to_numpy(float)[ran]),
    )
