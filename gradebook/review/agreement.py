"""How far two readers agree, beyond what chance would give."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

__all__ = ["Agreement", "agreement"]


@dataclass(frozen=True)
class Agreement:
    """Of pairs of marks.

    Args:
        pairs: How many answers two people marked.
        same: Share of them with the same level.
        kappa: Cohen's kappa with quadratic weights, from -1 to 1; ``None`` where it is not defined: no pairs, or
            all marks alike.
    """

    pairs: int
    same: float
    kappa: float | None


def agreement(first: Sequence[int], second: Sequence[int], levels: int) -> Agreement:
    """Compare two readers of the same answers.

    Levels are ordered, so a mark two levels off counts four times one that is one level off (Cohen 1968).

    Args:
        first: Levels that one reader chose, each from 0 to ``levels`` - 1.
        second: Those of the other, of the same answers in the same order.
        levels: How many there are.

    Raises:
        ValueError: The lengths differ, or a level does not exist.
    """
    if len(first) != len(second):
        raise ValueError(f"{len(first)} marks of one reader and {len(second)} of the other")
    if levels < 2 or not all(0 <= level < levels for level in (*first, *second)):
        raise ValueError(f"levels must be from 0 to {levels - 1}")
    if not first:
        return Agreement(0, math.nan, None)
    seen = np.zeros((levels, levels))
    np.add.at(seen, (np.asarray(first), np.asarray(second)), 1 / len(first))
    chance = np.outer(seen.sum(1), seen.sum(0))
    apart = np.subtract.outer(np.arange(levels), np.arange(levels)) ** 2
    expected = float((apart * chance).sum())
    kappa = None if expected == 0 else 1 - float((apart * seen).sum()) / expected
    return Agreement(len(first), float(np.trace(seen)), kappa)
