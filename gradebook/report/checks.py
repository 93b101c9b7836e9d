"""What the checks found: analysis, how they fail, and how far from a threshold."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gradebook.privacy import FEWEST
from gradebook.report.grid import Grid
from gradebook.report.items import item_of
from gradebook.report.values import Check, Example, Threshold

__all__ = ["NEAR", "checks_of", "reasons_of", "thresholds_of"]

#: A threshold is missed by little when the value is within this share of it.
NEAR = 0.02
_EXAMPLES = 3


def checks_of(grid: Grid) -> tuple[Check, ...]:
    """Every check of the list, in its order.

    A check is known by its title, within its cell; one that a cell calls twice under one title is two.
    """
    rows = _rows(grid)
    sound = rows[~rows["broken"]]
    order = np.argsort(sound["key"].to_numpy(), kind="stable")
    keys, starts = np.unique(sound["key"].to_numpy()[order], return_index=True)
    students, credits = sound["student"].to_numpy()[order], sound["credit"].to_numpy()[order]
    ends = [*starts[1:], len(order)]
    of_key = {int(key): (students[a:b], credits[a:b]) for key, a, b in zip(keys, starts, ends, strict=False)}
    first = rows.groupby("key").agg(
        column=("column", "first"), number=("number", "min"), repeat=("repeat", "first"), title=("title", "first"),
        broken=("broken", "sum"),
    )  # fmt: skip
    first = first.sort_values(["column", "number", "title", "repeat"])
    examples = _examples(sound[~sound["passed"]], "key")
    rests: dict[int, NDArray[np.float64]] = {}
    nobody = np.zeros(0, int), np.zeros(0)
    found = []
    for key, column, title, repeat, broken in zip(
        first.index, first["column"], first["title"], first["repeat"], first["broken"], strict=True
    ):
        who, share = of_key.get(int(key), nobody)
        if column not in rests:
            rests[column] = grid.rest(column)
        item = item_of(share, rests[column][who])
        where = grid.columns[column]
        found.append(
            Check(
                where.notebook, where.cell, where.title, title if not repeat else f"{title} ({repeat + 1})", item,
                int((share < 1).sum()) if item.students >= FEWEST else 0, int(broken),
                examples.get(key, ()) if item.students >= FEWEST else (),
            )
        )  # fmt: skip
    return tuple(found)


def reasons_of(grid: Grid) -> Mapping[int, tuple[Example, ...]]:
    """Why cells ended early, the most frequent reasons, by column."""
    cells = grid.tables.cells
    early = cells["reason"].notna() & ~cells["needs_review"].fillna(False).astype(bool) & (grid.column >= 0)
    ran = grid.tables.notebooks["status"].eq("graded").to_numpy()[cells["place"].to_numpy()]
    rows = cells[early & ran]
    frame = pd.DataFrame(
        {
            "key": grid.column[(early & ran).to_numpy()],
            "expected": pd.Categorical([None] * len(rows), categories=["-"]),
            "actual": pd.Categorical(rows["reason"].astype(object)),
        }
    )
    return _examples(frame, "key")


def thresholds_of(grid: Grid) -> tuple[Threshold, ...]:
    """How far from each threshold the class came, in the list's order."""
    rows = _rows(grid)
    rows = rows[rows["metric"].notna()]
    found = []
    kinds = ["column", "key", "title", "metric", "threshold", "rises"]
    for kind, one in rows.groupby(kinds, sort=True, observed=True):
        column, _, title, metric, threshold, rises = cast(tuple[int, int, str, str, float, bool], kind)
        where, values = grid.columns[column], np.sort(one["value"].to_numpy())
        enough = len(values) >= FEWEST
        margins = values - threshold if rises else threshold - values
        near = (margins < 0) & (margins >= -NEAR * abs(threshold) * (1 + 1e-9))
        found.append(
            Threshold(
                where.notebook, where.cell, title, metric, threshold, bool(rises), len(values),
                int((margins >= 0).sum()) if enough else None, int(near.sum()) if enough else None,
                tuple(values.tolist()) if enough else (),
            )
        )  # fmt: skip
    return tuple(found)


def _rows(grid: Grid) -> pd.DataFrame:
    """The checks of what counts, with ``student``, ``column``, and ``key``, which is a number a check."""
    outcomes = grid.tables.outcomes
    column = grid.columns_of(outcomes)
    rows = outcomes.assign(
        student=grid.student[outcomes["place"].to_numpy()], column=column, broken=outcomes["error"].notna()
    )[column >= 0]
    titles = len(rows["title"].cat.categories) + 1
    key = rows["column"].to_numpy() * titles + rows["title"].cat.codes.to_numpy()
    of_student = pd.Series(rows["student"].to_numpy() * (len(grid.columns) * titles + 1) + key)
    repeat = np.zeros(len(rows), int)
    if of_student.duplicated().any():
        repeat = of_student.groupby(of_student).cumcount().to_numpy()
    return rows.assign(repeat=repeat, key=key * (int(repeat.max(initial=0)) + 1) + repeat)


def _examples(rows: pd.DataFrame, key: str) -> dict[Any, tuple[Example, ...]]:
    """The most frequent pairs of ``expected`` and ``actual`` (categories) of each key."""
    if rows.empty:
        return {}
    counts = (
        pd.DataFrame({key: rows[key], "e": rows["expected"].cat.codes, "a": rows["actual"].cat.codes})
        .value_counts(sort=False)
        .reset_index(name="count")
    )
    expected, actual = rows["expected"].cat.categories, rows["actual"].cat.categories
    # As many as may tie with the last that is shown, and then by the text: the same class has the same page.
    counts = counts[counts.groupby(key)["count"].rank(method="min", ascending=False) <= _EXAMPLES]
    found: dict[Any, list[Example]] = defaultdict(list)
    for one, e, a, count in counts.itertuples(index=False, name=None):
        found[one].append(Example(expected[e] if e >= 0 else None, actual[a] if a >= 0 else None, int(count)))
    order = {
        one: sorted(few, key=lambda x: (-x.count, x.actual or "", x.expected or "")) for one, few in found.items()
    }
    return {one: tuple(few[:_EXAMPLES]) for one, few in order.items()}
