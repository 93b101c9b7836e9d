"""Where a class lies with its learning curves, epoch by epoch, without saying who is where."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from autograder.outcome import Curve
from gradebook.privacy import FEWEST

__all__ = ["Band", "bands_of"]

_MAX_EPOCHS = 400
_HUGE = 1e30


@dataclass(frozen=True)
class Band:
    """The middle half of a class.

    Args:
        low: A quarter of the class lies below this, at each epoch.
        middle: The median.
        high: A quarter lies above.
        students: How many there are at the first epoch.
    """

    low: tuple[float, ...]
    middle: tuple[float, ...]
    high: tuple[float, ...]
    students: int


def bands_of(curves: Mapping[str, Iterable[Curve]]) -> dict[str, Band]:
    """The band of each series that enough students have, by the name of the series.

    Args:
        curves: The curves of one notebook, by student. An epoch that fewer than ``FEWEST`` students reached ends a
            band; values that are no plain numbers count as not reached.
    """
    series: dict[str, list[np.ndarray]] = {}
    for own in curves.values():
        for curve in {curve.name: curve for curve in own}.values():  # of one name a student counts once
            values = np.array(curve.values[:_MAX_EPOCHS], dtype=float)
            series.setdefault(curve.name, []).append(np.where(np.abs(values) < _HUGE, values, np.nan))
    found = {}
    for name, rows in series.items():
        if len(rows) >= FEWEST:
            table = np.full((len(rows), max(map(len, rows))), np.nan)
            for place, row in enumerate(rows):
                table[place, : len(row)] = row
            there = (~np.isnan(table)).sum(axis=0)
            enough = int(np.argmin(there >= FEWEST)) if (there < FEWEST).any() else len(there)
            if enough:
                low, middle, high = np.nanpercentile(table[:, :enough], (25, 50, 75), axis=0)
                found[name] = Band(tuple(low), tuple(middle), tuple(high), int(there[0]))
    return found
