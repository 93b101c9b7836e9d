"""Which rows of a dataset are held out, and which rows stand in their place.

Rows are ranked by HMAC-SHA256 of their index under the course's key. So the draw cannot be predicted
without the key, is the same on every machine, and does not depend on the version of a random generator.
"""

import hmac
from collections import Counter
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import overload

import numpy as np

from autograder.data.datasets import Array, CaliforniaHousing, Dataset, FashionMnist

__all__ = ["HELD_OUT", "SPARED", "Draw", "Holdout", "draw", "held_out", "replaced"]

#: Rows held out of each dataset.
HELD_OUT = 2000
#: Rows at the beginning that stay as they are, since lectures and notebooks print them.
SPARED = 100
#: Raised whenever the same key should give other rows.
VERSION = 2
#: A district with an attribute further than this many interquartile ranges from its median is not drawn: a few
#: such districts (a prison with 1243 people a household) decide the error of the best of models, by chance.
EXTREME = 20.0


@dataclass(frozen=True, eq=False)
class Draw:
    """The rows that are held out.

    Args:
        rows: Their indices, in an order that tells nothing.
        donors: For each of them, the row whose copy takes its place; never a held-out one.
    """

    rows: Array
    donors: Array


@dataclass(frozen=True, eq=False)
class Holdout:
    """Rows that student code has not seen, in raw units and shuffled.

    Args:
        X: Inputs, as in the dataset.
        y: Targets or classes, one a row of ``X``.
    """

    X: Array
    y: Array


def draw(
    key: bytes,
    name: str,
    X: Array,
    *,
    elsewhere: Array | None = None,
    leave: Array | None = None,
    size: int = HELD_OUT,
    spared: int = SPARED,
) -> Draw:
    """Draw ``size`` rows of ``X`` by ``key``.

    Only rows whose content is unique are drawn, as a second copy would stay visible.

    Args:
        key: The course's key.
        name: The dataset, so that two datasets of one size do not share a draw.
        X: The rows to draw from, shape (n, ...).
        elsewhere: Rows that are visible too (a training set), where a copy would give a row away.
        leave: Rows that are not drawn, boolean, shape (n,).
        size: How many rows to draw.
        spared: How many rows at the beginning are never drawn.

    Raises:
        ValueError: There are too few rows for that.
    """
    prints = _fingerprints(X)
    count = Counter(prints)
    if elsewhere is not None:
        count.update(_fingerprints(elsewhere))
    left = np.zeros(len(X), bool) if leave is None else leave
    eligible = [row for row in range(spared, len(X)) if count[prints[row]] == 1 and not left[row]]
    if size > len(eligible) or size >= len(X):
        raise ValueError(f"cannot hold out {size} of {len(X)} rows: {len(eligible)} can be drawn")

    def number(purpose: str, row: int) -> int:
        text = f"tp555-autograder/{VERSION}/{name}/{purpose}/{row}"
        return int.from_bytes(hmac.digest(key, text.encode(), "sha256"), "big")

    rows = sorted(eligible, key=lambda row: number("row", row))[:size]
    hidden = set(rows)
    visible = [row for row in range(len(X)) if row not in hidden]
    donors = [visible[number("donor", row) % len(visible)] for row in rows]
    return Draw(np.array(rows, np.int64), np.array(donors, np.int64))


def held_out(key: bytes, dataset: Dataset, *, size: int = HELD_OUT, spared: int = SPARED) -> Holdout:
    """The true rows that the public view of ``dataset`` lacks."""
    X, y = _pool(dataset)
    chosen = _draw(key, dataset, size, spared)
    return Holdout(X[chosen.rows], y[chosen.rows])


@overload
def replaced(key: bytes, dataset: FashionMnist, *, size: int = ..., spared: int = ...) -> FashionMnist: ...
@overload
def replaced(
    key: bytes, dataset: CaliforniaHousing, *, size: int = ..., spared: int = ...
) -> CaliforniaHousing: ...
def replaced(key: bytes, dataset: Dataset, *, size: int = HELD_OUT, spared: int = SPARED) -> Dataset:
    """``dataset`` as student code sees it: same shapes, held-out rows overwritten with copies of others."""
    X, y = (array.copy() for array in _pool(dataset))
    chosen = _draw(key, dataset, size, spared)
    X[chosen.rows], y[chosen.rows] = X[chosen.donors], y[chosen.donors]
    if isinstance(dataset, FashionMnist):
        return replace(dataset, X_test=X, y_test=y)
    return replace(dataset, X=X, y=y)


def _pool(dataset: Dataset) -> tuple[Array, Array]:
    """The rows to draw from: the test images, or all districts."""
    if isinstance(dataset, FashionMnist):
        return dataset.X_test, dataset.y_test
    return dataset.X, dataset.y


def _draw(key: bytes, dataset: Dataset, size: int, spared: int) -> Draw:
    X = _pool(dataset)[0]
    elsewhere = dataset.X_train if isinstance(dataset, FashionMnist) else None
    leave = _extreme(X) if isinstance(dataset, CaliforniaHousing) else None
    return draw(key, dataset.name, X, elsewhere=elsewhere, leave=leave, size=size, spared=spared)


def _extreme(X: Array) -> Array:
    """Which rows of ``X``, shape (n, attributes), have an attribute far out; boolean, shape (n,)."""
    low, middle, high = np.percentile(X, [25, 50, 75], axis=0)
    return np.asarray((np.abs(X - middle) > EXTREME * (high - low)).any(axis=1))


def _fingerprints(X: Array) -> list[bytes]:
    rows = np.ascontiguousarray(X).reshape(len(X), -1)
    return [blake2b(row.tobytes(), digest_size=16).digest() for row in rows]
