"""Checks of how a notebook prepares the sets that it splits its data into."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from autograder.check.general import numbers
from autograder.check.guard import Finding, StudentFailure, conclude, student_code
from autograder.messages import tr

__all__ = ["same_preparation", "same_scale"]

#: So many rows tell the scale; of a large array no more need be sent.
_ROWS = 300
#: Of a table with few columns so many rows are looked at, but no more numbers than of images.
_TABLE_ROWS, _NUMBERS = 5000, 250_000
#: Spreads of two samples of one scale differ by less than this factor, medians by less than both spreads together.
_FACTOR = 3.0
#: A column with so many rows to each of its values stands on a grid, if there is one.
_ROWS_A_LEVEL = 3
#: Of a sample of few rows, the smallest step may be so many steps of its grid; of another scale it is more.
_STEPS = 5


def same_scale(
    reference: ArrayLike,
    other: ArrayLike,
    *,
    own: bool = False,
    title: str | None = None,
    hint: str | None = None,
    weight: float = 1.0,
) -> None:
    """Check that two sets of inputs were scaled in the same way, whichever way that is.

    Column by column where there are two dimensions, else of all numbers together. A column whose values are
    steps of a grid (whole years, hundredths of a degree, pixels) must be on the same grid in both sets, to which
    scaling each by its own statistics does not lead. Of others medians and quartiles are compared.

    Args:
        reference: The inputs that the model was trained with, shape (n, ...).
        other: Other inputs for it, shape (m, ...).
        own: Whether statistics of both sets together are refused as well: where means are 0 and deviations 1, or
            ends 0 and 1, they must be so in ``reference`` alone. All rows are looked at; shapes (n, k), (m, k).
        title: What is checked, as the student reads it.
        hint: How to mend it.
        weight: The check's share of the cell's points.

    Example:
        >>> from autograder.check.recorder import collecting
        >>> pixels = np.arange(200.0).reshape(10, 20)
        >>> with collecting() as outcomes:
        ...     same_scale(pixels / 255, pixels, title="mesma escala")
        >>> outcomes[0].passed
        False
    """

    def body() -> Finding:
        with student_code():
            samples = [_rows(data, all_of_them=own) for data in (reference, other)]
        first, second = (s if s.ndim == 2 else s.reshape(-1, 1) for s in samples)
        if not first.size or not second.size:
            raise StudentFailure(tr("no value at all"))
        wanted = tr("inputs on the scale of the training set")
        if first.shape[1] != second.shape[1]:
            return Finding(False, wanted, tr("shape {shape}", shape=samples[1].shape))
        if own and _scaled_together(first, second):
            return Finding(False, tr("statistics of the training set"), tr("statistics of both sets together"))
        columns = list(zip(first.T, second.T, strict=True))
        verdicts = [_alike_column(one, two) for one, two in columns]
        # Where no column tells a scale, they are at least the same constants.
        constant = bool(np.allclose(np.median(first, axis=0), np.median(second, axis=0)))
        if False in verdicts or (set(verdicts) == {None} and not constant):
            low, high = np.percentile(columns[verdicts.index(False) if False in verdicts else 0][1], (25, 75))
            return Finding(
                False, wanted, tr("half of the values between {low:g} and {high:g}", low=low, high=high)
            )
        return Finding(True, wanted)

    conclude(body, title=title or tr("The sets are on the same scale"), weight=weight, hint=hint)


def _rows(data: Any, *, all_of_them: bool) -> np.ndarray:
    """As many rows as tell the scale."""
    if all_of_them:
        return numbers(np.asarray(data))
    few = numbers(np.asarray(data[:_ROWS]))
    if few.ndim == 2 and few.shape[1] * _TABLE_ROWS <= _NUMBERS:
        return numbers(np.asarray(data[:_TABLE_ROWS]))
    return few


def _alike_column(first: np.ndarray, second: np.ndarray) -> bool | None:
    """Whether two samples of a column are on one scale; ``None`` where they hardly vary."""
    one, two = _grid(first), _grid(second)
    if one is not None and two is not None:
        # Of few rows, the smallest step may be several: these must be on the finer grid.
        fine, coarse, rows = (one, two, second) if one[1] <= two[1] else (two, one, first)
        places, ratio = (rows - fine[0]) / fine[1], coarse[1] / fine[1]
        on_it = float(np.mean(np.abs(places - np.rint(places)) < 0.1)) > 0.9
        return on_it and round(ratio) <= _STEPS and abs(ratio - round(ratio)) < 0.02 * round(ratio)
    (low, middle, high), (low2, middle2, high2) = (np.percentile(part, (25, 50, 75)) for part in (first, second))
    spread, spread2 = high - low, high2 - low2
    if not (spread > 0 and spread2 > 0):
        return None
    return bool(
        spread2 < _FACTOR * spread and spread < _FACTOR * spread2 and abs(middle2 - middle) <= spread + spread2
    )


def _grid(values: np.ndarray) -> tuple[float, float] | None:
    """Begin and step of the grid on which all values of a column are, if it has few different ones."""
    levels = np.unique(values.astype(float))
    if len(levels) < 5 or len(values) < _ROWS_A_LEVEL * len(levels):
        return None
    span = float(levels[-1] - levels[0])
    if not np.isfinite(span):
        return None
    steps = np.diff(levels)
    step = float(steps[steps > 1e-6 * span].min())
    step = span / round(span / step)  # the smallest step alone is not exact enough for hundreds of them
    places = (levels - levels[0]) / step
    return (float(levels[0]), step) if np.abs(places - np.rint(places)).max() < 0.1 else None


def _scaled_together(first: np.ndarray, second: np.ndarray) -> bool:
    """Whether the statistics that scaling leaves behind are those of both sets together, and not the first's.

    They are mean 0 and deviation 1, median 0 and quartiles 1 apart, or the same ends of all columns; those of
    columns on a grid may be the values themselves. Of a third set, scaled with both, nothing is known here.
    """

    def near(values: np.ndarray, wanted: float, tolerance: float) -> bool:
        return bool(np.abs(values - wanted).max() < tolerance)

    def standard(rows: np.ndarray) -> bool:
        return near(rows.mean(axis=0), 0, 1e-3) and near(rows.std(axis=0), 1, 1e-3)

    def robust(rows: np.ndarray) -> bool:
        low, middle, high = np.percentile(rows, (25, 50, 75), axis=0)
        return near(middle, 0, 1e-4) and near(high - low, 1, 1e-4)

    def ends(rows: np.ndarray) -> bool:
        low, high = rows.min(axis=0), rows.max(axis=0)
        same = np.ptp(low) < 1e-5 and np.ptp(high) < 1e-5 and low[0] < high[0]
        return bool(same) and any(_grid(column) is None for column in rows.T)

    both, alone = np.concatenate([first, second]).astype(float), first.astype(float)
    with np.errstate(over="ignore", invalid="ignore"):
        return any(scaled(both) and not scaled(alone) for scaled in (standard, robust, ends))


def same_preparation(
    predictor: Any,
    model: Any,
    prepared: ArrayLike,
    labels: ArrayLike,
    *,
    shape: tuple[int, ...] | None = None,
    levels: int = 256,
    learned: float = 0.3,
    agreement: float = 0.98,
    title: str | None = None,
    hint: str | None = None,
    weight: float = 1.0,
) -> None:
    """Check that a function of raw images prepares them as those that its model was trained with.

    The raw images are computed back from ``prepared``, and the classes that the function gives for them are
    compared with the model's for ``prepared``; probabilities too, where the function gives them. That can be done
    where preparing was one scale and one offset for all pixels; any other way of preparing passes, if the function
    answers at all.

    Args:
        predictor: Takes raw images with integers from 0 to ``levels - 1``, shape (n, ...); gives class ids,
            shape (n,) or (n, 1), or one number a class, shape (n, classes).
        model: The trained model, which gives one number a class.
        prepared: Some hundred inputs that the model was trained or validated with, shape (n, ...).
        labels: Their classes, shape (n,), or one-hot, shape (n, classes).
        shape: Of one raw image, where a prepared one may have another (a channel more, or flat).
        levels: How many values a raw pixel can have; both ends must be somewhere in ``prepared``.
        learned: The least part of ``prepared`` that the model must get right: one that has learned nothing shows
            nothing.
        agreement: The least part of the images of which both must say the same.
        title: What is checked, as the student reads it.
        hint: How to mend it.
        weight: The check's share of the cell's points.

    Example:
        >>> from autograder.check.recorder import collecting
        >>> images = np.arange(256).repeat(2).reshape(32, 16)
        >>> model = lambda X: np.stack([1 - X.mean(axis=1), X.mean(axis=1)], axis=1)
        >>> X, y = images / 255, images.mean(axis=1) > 127
        >>> with collecting() as outcomes:
        ...     same_preparation(lambda X: model(X / 255), model, X, y, title="mesma escala")
        ...     same_preparation(lambda X: model(X), model, X, y, title="sem escala")
        >>> [outcome.passed for outcome in outcomes]
        [True, False]
    """

    def body() -> Finding:
        with student_code():
            inputs, classes = numbers(np.asarray(prepared)), numbers(np.asarray(labels))
            wanted = numbers(np.asarray(model(inputs)))
        expected = tr("for raw images the answers that the model gives for the prepared ones")
        if wanted.ndim != 2 or len(wanted) != len(inputs) or len(classes) != len(inputs):
            raise StudentFailure(tr("shape {shape}", shape=wanted.shape), expected=tr("one number a class"))
        right = float(np.mean(_classes(wanted) == _classes(classes)))
        if right < learned:
            raise StudentFailure(
                tr("a model that gets {part:.1%} right", part=right), expected=tr("a model that was trained")
            )
        part, candidates = 0.0, _raw(inputs, levels)
        for raw in candidates:
            with student_code():
                found = numbers(np.asarray(predictor(raw if shape is None else raw.reshape(len(raw), *shape))))
            if found.shape not in ((len(inputs),), (len(inputs), 1), wanted.shape):
                raise StudentFailure(tr("shape {shape}", shape=found.shape), expected=expected)
            part = max(part, float(np.mean(_alike(found, wanted))))
            if part >= agreement or len(candidates) == 1:
                return Finding(True, expected)
        return Finding(False, expected, tr("the same for {part:.1%} of the images", part=part))

    conclude(body, title=title or tr("Raw images are prepared as in training"), weight=weight, hint=hint)


def _raw(prepared: np.ndarray, levels: int) -> list[np.ndarray]:
    """The integers that were scaled, by a positive factor and by a negative one.

    Where they were not all scaled alike, there is no telling: then only noise.
    """
    integer = "uint8" if levels <= 256 else "int64"
    low, high = float(np.min(prepared, initial=np.inf)), float(np.max(prepared, initial=-np.inf))
    if low < high < np.inf and low > -np.inf:
        steps = (prepared.astype(float) - low) / (high - low) * (levels - 1)
        raw = np.rint(steps)
        if np.abs(steps - raw).max() < 0.05:
            return [made.astype(integer) for made in (raw, levels - 1 - raw)]
    return [np.random.default_rng(0).integers(0, levels, prepared.shape, dtype=integer)]


def _alike(found: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    same = _classes(found) == _classes(wanted)
    if found.shape == wanted.shape:
        # A function may give what the model gives, or probabilities where the model gives logits.
        same &= _near(found, wanted) | _near(found, _softmax(wanted))
    return np.asarray(same)


def _classes(answers: np.ndarray) -> np.ndarray:
    return answers.argmax(axis=1) if answers.ndim == 2 and answers.shape[1] > 1 else answers.reshape(-1)


def _near(found: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    return np.asarray(np.abs(found - wanted).max(axis=1) <= 0.02 * max(1.0, float(np.abs(wanted).max())))


def _softmax(logits: np.ndarray) -> np.ndarray:
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))
