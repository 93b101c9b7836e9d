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
#: Spreads of two samples of one scale differ by less than this factor, medians by less than both spreads together.
_FACTOR = 3.0


def same_scale(
    reference: ArrayLike,
    other: ArrayLike,
    *,
    title: str | None = None,
    hint: str | None = None,
    weight: float = 1.0,
) -> None:
    """Check that two sets of inputs were scaled in the same way, whichever way that is.

    Medians and quartiles of their first 300 rows are compared, column by column where there are two dimensions,
    else of all numbers together. Other statistics of one scaling (of the whole set for those of the training set)
    make no difference here.

    Args:
        reference: The inputs that the model was trained with, shape (n, ...).
        other: Other inputs for it, shape (m, ...).
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
            samples = [numbers(np.asarray(data[:_ROWS])) for data in (reference, other)]  # type: ignore[index]
        first, second = (s if s.ndim == 2 else s.reshape(-1, 1) for s in samples)
        if not first.size or not second.size:
            raise StudentFailure(tr("no value at all"))
        wanted = tr("inputs on the scale of the training set")
        if first.shape[1] != second.shape[1]:
            return Finding(False, wanted, tr("shape {shape}", shape=samples[1].shape))
        low, middle, high = np.percentile(first, (25, 50, 75), axis=0)
        low2, middle2, high2 = np.percentile(second, (25, 50, 75), axis=0)
        spread, spread2 = high - low, high2 - low2
        told = (spread > 0) & (spread2 > 0)  # a column that hardly varies tells no scale
        same = (spread2 < _FACTOR * spread) & (spread < _FACTOR * spread2)
        same &= np.abs(middle2 - middle) <= spread + spread2
        passed = bool(same[told].all()) and bool(told.any() or np.allclose(middle, middle2))
        worst = int(np.argmax(~same & told))
        return Finding(
            passed,
            wanted,
            tr("half of the values between {low:g} and {high:g}", low=low2[worst], high=high2[worst]),
        )

    conclude(body, title=title or tr("The sets are on the same scale"), weight=weight, hint=hint)


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

    Where they were not all scaled alike, there is no telling: then only zeros.
    """
    integer = "uint8" if levels <= 256 else "int64"
    low, high = float(np.min(prepared, initial=np.inf)), float(np.max(prepared, initial=-np.inf))
    if low < high < np.inf and low > -np.inf:
        steps = (prepared.astype(float) - low) / (high - low) * (levels - 1)
        raw = np.rint(steps)
        if np.abs(steps - raw).max() < 0.05:
            return [made.astype(integer) for made in (raw, levels - 1 - raw)]
    return [np.zeros(prepared.shape, integer)]


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
