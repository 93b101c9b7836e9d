"""Checks of how well a model predicts data that it has not seen."""

import math
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from autograder.check.claim import Claim, Target, grade
from autograder.check.guard import Finding, StudentFailure, conclude, student_code
from autograder.check.mistakes import show_errors
from autograder.check.recorder import CLAIM_MIME, publish
from autograder.holdout import Holdout
from autograder.messages import tr

__all__ = ["accuracy", "mae", "mse"]

_BATCH = 2500
#: Rows that are asked for once more, without the others.
_ALONE = 20


def accuracy(
    predictor: Any,
    data: Holdout,
    *,
    at_least: float,
    partial: Iterable[tuple[float, float]] = (),
    title: str | None = None,
    hint: str | None = None,
    weight: float = 1.0,
) -> None:
    """Check the share of held-out examples whose class is predicted.

    Args:
        predictor: A Keras model, or a function that takes inputs of shape (n, …) and returns class
            probabilities (n, classes), or class ids (n,). Of two classes, one probability an example will do:
            that of the second one.
        data: A handle from ``autograder.holdout``.
        at_least: The accuracy that earns full credit, in [0, 1].
        partial: Pairs (lower accuracy, credit).
        title: What is checked, as the student reads it.
        hint: How to mend it.
        weight: The check's share of the cell's points.

    Example:
        >>> from types import SimpleNamespace as Data  # in a test cell: holdout.fashion_mnist()
        >>> from autograder.check.recorder import collecting
        >>> data = Data(dataset="fashion_mnist", inputs=lambda: np.eye(4), labels=lambda: np.arange(4))
        >>> with collecting() as outcomes:
        ...     accuracy(lambda X: X, data, at_least=0.85, partial=[(0.80, 0.5)])
        >>> outcomes[0].actual
        'acurácia = 100.0%'
    """
    name = title or tr("Accuracy on data never seen")
    _check(predictor, data, "accuracy", at_least, partial, name, hint, weight)


def mse(
    predictor: Any,
    data: Holdout,
    *,
    at_most: float,
    partial: Iterable[tuple[float, float]] = (),
    clip: tuple[float, float] | None = None,
    title: str | None = None,
    hint: str | None = None,
    weight: float = 1.0,
) -> None:
    """Check the mean squared error for held-out examples, in the squared unit of the target.

    Args:
        predictor: A Keras model, or a function that takes inputs of shape (n, …) and returns values of shape
            (n,) or (n, 1). What it returns for a row may not depend on the others, as it does where inputs are
            scaled by their own statistics.
        data: A handle from ``autograder.holdout``.
        at_most: The error that earns full credit.
        partial: Pairs (larger error, credit).
        clip: Range that predictions are limited to first. Of a target whose range is known, so that one
            extreme row among thousands does not decide.
        title: What is checked, as the student reads it.
        hint: How to mend it.
        weight: The check's share of the cell's points.

    Example:
        >>> from types import SimpleNamespace as Data  # in a test cell: holdout.california_housing()
        >>> from autograder.check.recorder import collecting
        >>> data = Data(dataset="california_housing", inputs=lambda: np.eye(4), labels=lambda: np.arange(4))
        >>> with collecting() as outcomes:
        ...     mse(lambda X: np.ones(len(X)), data, at_most=0.5)
        >>> outcomes[0].passed, outcomes[0].actual
        (False, 'MSE = 1.500')
    """
    name = title or tr("Mean squared error on data never seen")
    _check(predictor, data, "mse", at_most, partial, name, hint, weight, clip)


def mae(
    predictor: Any,
    data: Holdout,
    *,
    at_most: float,
    partial: Iterable[tuple[float, float]] = (),
    clip: tuple[float, float] | None = None,
    title: str | None = None,
    hint: str | None = None,
    weight: float = 1.0,
) -> None:
    """Check the mean absolute error for held-out examples, in the unit of the target.

    Takes what ``mse`` takes.

    Example:
        >>> from types import SimpleNamespace as Data  # in a test cell: holdout.california_housing()
        >>> from autograder.check.recorder import collecting
        >>> data = Data(dataset="california_housing", inputs=lambda: np.eye(4), labels=lambda: np.arange(4))
        >>> with collecting() as outcomes:
        ...     mae(lambda X: np.ones(len(X)), data, at_most=1.0)
        >>> outcomes[0].passed
        True
    """
    name = title or tr("Mean absolute error on data never seen")
    _check(predictor, data, "mae", at_most, partial, name, hint, weight, clip)


def _check(
    predictor: Any,
    data: Holdout,
    metric: str,
    threshold: float,
    partial: Iterable[tuple[float, float]],
    title: str,
    hint: str | None,
    weight: float,
    clip: tuple[float, float] | None = None,
) -> None:
    def body() -> Finding | None:
        pairs = tuple((float(limit), float(credit)) for limit, credit in partial)
        target = Target(metric, float(threshold), pairs)
        if not (math.isfinite(weight) and weight > 0):
            raise ValueError(f"weight must be a finite number > 0, got {weight!r}")
        inputs = data.inputs()
        chosen = getattr(data, "classes", None)
        pair = chosen is not None and len(chosen) == 2
        predictions = predict(predictor, inputs, classes=metric == "accuracy", pair=pair)
        if clip is not None:
            predictions = np.clip(predictions, *clip)
        labels = data.labels()
        if labels is not None:
            show_errors(data, metric, predictions, labels, title)
            return grade(target, predictions, labels)
        claim = Claim(target, data.dataset, predictions, title, weight, hint, chosen)
        if not publish(CLAIM_MIME, claim.to_json(), text=tr("… {title}: being judged", title=title)):
            raise RuntimeError("held-out labels are needed outside a notebook")
        return None

    conclude(body, title=title, weight=weight, hint=hint)


def predict(predictor: Any, inputs: np.ndarray, *, classes: bool, pair: bool = False) -> np.ndarray:
    """Ask a predictor for class ids (int16) or values (float32), shape (n,).

    Args:
        predictor: A model or a function.
        inputs: What it is asked about, shape (n, …).
        classes: Whether class ids are wanted.
        pair: Whether there are two classes, so that one probability tells which.

    Raises:
        StudentFailure: It raised, or returned something of another shape or kind.
    """
    function = _function(predictor)
    parts = []
    for start in range(0, len(inputs), _BATCH):
        batch = inputs[start : start + _BATCH]
        with student_code():
            # A copy: a function that changes its argument must not change the next check's data.
            answer = np.asarray(function(batch.copy()))
        parts.append(_class_ids(answer, len(batch), pair) if classes else _values(answer, len(batch)))
    if not classes and len(inputs) >= 2 * _ALONE:
        _refuse_batch_statistics(function, inputs[:_ALONE], parts[0])
    return np.concatenate(parts)


def _refuse_batch_statistics(function: Callable[[np.ndarray], Any], few: np.ndarray, together: np.ndarray) -> None:
    """Raise if rows alone get other values than among others; a function that answers at random passes."""
    tolerance = 0.02 * float(np.std(together)) + 1e-6

    def ask() -> np.ndarray:
        with student_code():
            answer = np.asarray(function(few.copy()))
        return _values(answer, len(few))

    alone = ask()
    if np.abs(alone - together[: len(few)]).max() > tolerance and np.abs(alone - ask()).max() <= tolerance:
        raise StudentFailure(
            tr("predictions of a row that depend on the other rows"),
            expected=tr("the same prediction for a row, alone and among others"),
            hint=tr("Scale the inputs with the statistics of the training set, not with their own."),
        )


def _function(predictor: Any) -> Callable[[np.ndarray], Any]:
    with student_code():
        if hasattr(predictor, "predict"):
            silent = {"verbose": 0} if hasattr(predictor, "get_weights") else {}
            return lambda batch: predictor.predict(batch, **silent)
    if not callable(predictor):
        raise StudentFailure(
            tr("an object of type {type}", type=type(predictor).__name__),
            expected=tr("a function that predicts"),
        )
    function: Callable[[np.ndarray], Any] = predictor
    return function


def _class_ids(answer: np.ndarray, count: int, pair: bool) -> np.ndarray:
    expected = tr("probabilities of shape ({count}, classes), or class ids of shape ({count},)", count=count)
    if answer.ndim == 2 and answer.shape[1] == 1:
        answer = answer[:, 0]
    if answer.ndim not in (1, 2) or len(answer) != count or answer.dtype.kind not in "iufb":
        raise _wrong_shape(answer, expected)
    if not np.isfinite(answer).all():
        raise StudentFailure(tr("numbers that are not finite (NaN or infinity)"), expected=expected)
    if answer.ndim == 2:
        return np.asarray(answer.argmax(axis=1), dtype=np.int16)
    if pair and answer.min() >= 0 and answer.max() <= 1:
        return np.asarray(answer > 0.5, dtype=np.int16)
    if (answer != np.round(answer)).any() or answer.min() < 0 or answer.max() > 1000:
        raise StudentFailure(
            tr("one number an example that is no class id"),
            expected=expected,
            hint=tr("Return what model.predict gives, or its argmax(axis=1)."),
        )
    return np.asarray(answer, dtype=np.int16)


def _values(answer: np.ndarray, count: int) -> np.ndarray:
    expected = tr("values of shape ({count},) or ({count}, 1)", count=count)
    if answer.ndim == 2 and answer.shape[1] == 1:
        answer = answer[:, 0]
    if answer.shape != (count,) or answer.dtype.kind not in "iufb":
        raise _wrong_shape(answer, expected)
    with student_code(), np.errstate(over="ignore"):
        values = answer.astype(np.float32)
    if not np.isfinite(values).all():
        raise StudentFailure(
            tr("numbers that are not finite (NaN or infinity)"),
            expected=expected,
            hint=tr("The training diverged: scale the inputs, or lower the learning rate."),
        )
    return values


def _wrong_shape(answer: np.ndarray, expected: str) -> StudentFailure:
    return StudentFailure(
        tr("an array of shape {shape}, type {type}", shape=answer.shape, type=answer.dtype),
        expected=expected,
        hint=tr("The function gets many examples at once and returns one prediction for each."),
    )
