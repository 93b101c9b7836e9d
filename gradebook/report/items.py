"""Item analysis: what the answers to one question, or the results of one check, say about it.

An *item* is anything with a share between 0 and 1 of each student: a graded cell, or one check of it. It is
compared with the *rest*: the same students' share of all other points. What is not decided does not count.
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from gradebook.privacy import FEWEST

__all__ = [
    "BINS",
    "Doubt",
    "Item",
    "bin_of",
    "bins_of",
    "correlation",
    "doubts",
    "interval",
    "item_of",
    "quarters",
]

Numbers = NDArray[np.float64]
#: Why an item is suspect: students who do well elsewhere do worse here; how they do elsewhere says nothing; the
#: best quarter does no better than the lowest; nearly nobody, or nearly everybody, gets it right.
Doubt = Literal["negative", "flat", "upside_down", "nobody", "everybody"]

#: Bars of a histogram of shares.
BINS = 10
#: Below this a correlation says next to nothing.
_FLAT = 0.1
#: A mean share at most, or 1 minus it at least, that nearly everybody has.
_EXTREME = 0.05
_TINY = 1e-9


@dataclass(frozen=True)
class Item:
    """What is known of an item; nothing but the number of students where they are fewer than ``FEWEST``.

    Args:
        students: Of how many.
        difficulty: Mean share; the higher, the easier.
        full, partial, none: How many earned all, a part, or nothing.
        discrimination: Correlation with the rest, from -1 to 1; ``None`` where it is not defined.
        low, high: Its confidence interval of 95 %.
        lower, upper: Mean shares of the quarters of students who did worst and best in the rest.
        bins: How many have a share in each tenth.
    """

    students: int
    difficulty: float | None = None
    full: int | None = None
    partial: int | None = None
    none: int | None = None
    discrimination: float | None = None
    low: float | None = None
    high: float | None = None
    lower: float | None = None
    upper: float | None = None
    bins: tuple[int, ...] = ()


def item_of(share: Numbers, rest: Numbers) -> Item:
    """Analyse one item.

    Args:
        share: Of each student whose answer is decided, from 0 to 1.
        rest: The same students' share of all other points; NaN where there is none.
    """
    number = len(share)
    if number < FEWEST:
        return Item(number)
    full, none = int((share >= 1 - _TINY).sum()), int((share <= _TINY).sum())
    known = ~np.isnan(rest)
    tells = correlation(share[known], rest[known])
    low, high = (None, None) if tells is None else interval(tells, int(known.sum()))
    lower, upper = quarters(share[known], rest[known]) or (None, None)
    return Item(
        number,
        float(share.mean()),
        full,
        number - full - none,
        none,
        tells,
        low,
        high,
        lower,
        upper,
        bins_of(share),
    )


def correlation(item: Numbers, rest: Numbers) -> float | None:
    """Corrected item-total correlation: Pearson's, of an item with the total that leaves it out.

    For an item that is right or wrong this is the point-biserial correlation. With the item in the total, each
    would correlate with itself (S. Henrysson, *Correction of item-total correlations in item analysis*,
    Psychometrika 28, 1963, 211-218; F. M. Lord and M. R. Novick, *Statistical Theories of Mental Test Scores*,
    1968, chapter 15).

    Args:
        item: Share of each student.
        rest: Share of everything else, of the same students.

    Returns:
        From -1 to 1; ``None`` where it is not defined: of fewer than ``FEWEST`` students, or where one of the two
        is the same for all.
    """
    if len(item) < FEWEST:
        return None
    one, other = item - item.mean(), rest - rest.mean()
    spread = math.sqrt(float(one @ one) * float(other @ other))
    # What is left of equal numbers when their mean is taken off is rounding, not spread.
    if np.ptp(item) < _TINY or np.ptp(rest) < _TINY or spread == 0:
        return None
    return min(1.0, max(-1.0, float(one @ other) / spread))


def interval(tells: float, number: int) -> tuple[float, float]:
    """Confidence interval of 95 % of a correlation of ``number`` pairs (R. A. Fisher's z, 1921).

    For items it is a rule of thumb: their shares are not normally distributed.
    """
    if number <= 3:
        return -1.0, 1.0
    z, half = math.atanh(min(max(tells, -1 + _TINY), 1 - _TINY)), 1.959964 / math.sqrt(number - 3)
    return math.tanh(z - half), math.tanh(z + half)


def quarters(share: Numbers, rest: Numbers) -> tuple[float, float] | None:
    """Mean share of the quarter with the lowest rest, and of that with the highest; with all who tie with it.

    ``None`` of fewer than ``FEWEST`` students, or where so many have the same rest that both are not apart.
    """
    if len(share) < FEWEST:
        return None
    first, last = np.quantile(rest, (0.25, 0.75))
    if last - first < _TINY:
        return None
    return float(share[rest <= first + _TINY].mean()), float(share[rest >= last - _TINY].mean())


def bins_of(share: Numbers) -> tuple[int, ...]:
    """How many have a share in each tenth; 1, and what extra credit lifts above it, belongs to the last."""
    places = bin_of(share)
    return tuple(int(count) for count in np.bincount(places, minlength=BINS))


def bin_of(share: Numbers) -> NDArray[np.int64]:
    """The tenth of each share, from 0."""
    # 0.3 * 10 is a little less than 3.
    return np.clip((share * BINS + _TINY).astype(np.int64), 0, BINS - 1)


def doubts(item: Item) -> tuple[Doubt, ...]:
    """Why an item is suspect, the weightiest reason first."""
    if item.difficulty is None:
        return ()
    found: list[Doubt] = []
    if item.discrimination is not None and item.discrimination < 0:
        found.append("negative")
    elif item.discrimination is not None and item.discrimination < _FLAT:
        found.append("flat")
    extreme = item.difficulty <= _EXTREME or item.difficulty >= 1 - _EXTREME
    if item.upper is not None and item.lower is not None and item.upper <= item.lower + _TINY and not extreme:
        found.append("upside_down")
    if item.difficulty <= _EXTREME:
        found.append("nobody")
    elif item.difficulty >= 1 - _EXTREME:
        found.append("everybody")
    return tuple(found)


def chance(item: Item) -> bool:
    """Whether a fair item could have looked like that: its interval reaches up to where a correlation tells."""
    return item.high is None or item.high >= _FLAT
