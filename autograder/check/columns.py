"""Checks of attributes: which columns a part has, and which of them predictions depend on."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from autograder.check.general import numbers
from autograder.check.guard import Finding, StudentFailure, conclude
from autograder.check.performance import predict
from autograder.holdout import Holdout
from autograder.messages import tr

__all__ = ["depends_on", "same_columns"]

#: Rank correlation of a column with itself; a little less than 1 where float32 has made values equal.
_SAME = 0.999
_ROWS = 200


def same_columns(
    part: Any,
    whole: Any,
    columns: Iterable[int],
    *,
    title: str | None = None,
    hint: str | None = None,
    weight: float = 1.0,
) -> None:
    """Check that an array has these columns of another one, row by row, each on whatever scale.

    Args:
        part: The array that is checked, shape (n, number of columns).
        whole: The array that it was taken from, shape (n, …).
        columns: Which columns of ``whole`` it has, in this order.
        title: What is checked, as the student reads it.
        hint: How to mend it.
        weight: The check's share of the cell's points.

    Example:
        >>> from autograder.check.recorder import collecting
        >>> X = np.random.default_rng(0).normal(size=(50, 8))
        >>> with collecting() as outcomes:
        ...     same_columns(10 * X[:, 2:], X, range(2, 8))
        ...     same_columns(X[:, 1:7], X, range(2, 8))
        >>> [outcome.passed for outcome in outcomes]
        [True, False]
    """

    def body() -> Finding:
        wanted = list(columns)
        given, source = numbers(part), numbers(whole)
        if source.ndim != 2 or source.shape[1] <= max(wanted):
            raise StudentFailure(tr("an array of shape {shape}", shape=source.shape))
        shape = (len(source), len(wanted))
        if given.shape != shape:
            return Finding(False, tr("shape {shape}", shape=shape), tr("shape {shape}", shape=given.shape))
        found = [_which(given[:, place], source) for place in range(len(wanted))]
        return Finding(
            found == wanted,
            tr("the columns {columns}", columns=wanted),
            tr("the columns {columns}", columns=["?" if number is None else number for number in found]),
        )

    conclude(body, title=title or tr("Columns of the data"), weight=weight, hint=hint)


def depends_on(
    predictor: Any,
    data: Holdout,
    columns: Iterable[int],
    *,
    title: str | None = None,
    hint: str | None = None,
    weight: float = 1.0,
) -> None:
    """Check that predictions change with each of these attributes.

    Args:
        predictor: A Keras model, or a function that takes inputs of shape (n, attributes) and returns values of
            shape (n,) or (n, 1).
        data: A handle from ``autograder.holdout``.
        columns: The attributes, by column.
        title: What is checked, as the student reads it.
        hint: How to mend it.
        weight: The check's share of the cell's points.

    Example:
        >>> from types import SimpleNamespace as Data  # in a test cell: holdout.california_housing()
        >>> from autograder.check.recorder import collecting
        >>> data = Data(inputs=lambda: np.random.default_rng(0).normal(size=(50, 3)))
        >>> with collecting() as outcomes:
        ...     depends_on(lambda X: X[:, 0] + X[:, 2], data, range(3))
        >>> outcomes[0].passed, outcomes[0].actual
        (False, 'as previsões não dependem das colunas [1]')
    """

    def body() -> Finding:
        wanted = list(columns)
        inputs = np.asarray(data.inputs())[:_ROWS]
        parts = [inputs]
        for column in wanted:
            changed = inputs.copy()
            changed[:, column] = np.roll(changed[:, column], len(changed) // 2)
            parts.append(changed)
        answers = predict(predictor, np.concatenate(parts), classes=False).reshape(len(parts), len(inputs))
        before = answers[0]
        ignored = [
            column
            for column, after in zip(wanted, answers[1:], strict=True)
            if np.allclose(after, before, rtol=1e-5, atol=1e-5)
        ]
        return Finding(
            not ignored,
            tr("predictions that depend on the columns {columns}", columns=wanted),
            tr("predictions do not depend on the columns {columns}", columns=ignored),
        )

    conclude(body, title=title or tr("What predictions depend on"), weight=weight, hint=hint)


def _which(column: np.ndarray, source: np.ndarray) -> int | None:
    """The column of ``source`` that orders the rows as ``column`` does."""
    ranks = _ranks(column)
    found = [abs(_correlation(ranks, _ranks(source[:, number]))) for number in range(source.shape[1])]
    best = int(np.argmax(found))
    return best if found[best] >= _SAME else None


def _ranks(values: np.ndarray) -> np.ndarray:
    return np.unique(values, return_inverse=True)[1].astype(float)


def _correlation(one: np.ndarray, other: np.ndarray) -> float:
    spread = float(one.std() * other.std())
    return float(np.mean((one - one.mean()) * (other - other.mean()))) / spread if spread > 0 else 0.0
