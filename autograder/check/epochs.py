"""Which epoch of a training a model is from: its loss is measured and looked for in the history."""

import contextlib
import math
from collections.abc import Mapping
from types import FunctionType
from typing import Any

import numpy as np

from autograder.check.guard import Finding, StudentFailure, conclude, student_code
from autograder.check.losses import canonical
from autograder.check.training import read_history
from autograder.messages import tr

__all__ = ["measured_loss", "validated", "watched"]


def watched(history: object, monitor: str) -> list[float]:
    """A series of a history, a number an epoch.

    Raises:
        StudentFailure: There is none, or not all its numbers are finite.
    """
    series = read_history(history)
    values = series.get(monitor)
    if not values or not np.isfinite(values).all():
        raise StudentFailure(
            ", ".join(series) or tr("an empty history"), expected=tr("the series {names}", names=monitor)
        )
    return values


def validated(
    history: object,
    model: Any,
    inputs: Any,
    targets: Any,
    *,
    loss: str | None = None,
    tolerance: float = 0.02,
    title: str | None = None,
    hint: str | None = None,
    weight: float = 1.0,
) -> None:
    """Check that a history is that of the model at hand: its validation loss, at some epoch, is the model's.

    So the validation data were those, and what is handed in is what was trained.

    Args:
        history: What ``model.fit`` returned, its ``.history``, or a DataFrame made of that.
        model: The model that was trained.
        inputs: All validation inputs: an array of shape (n, …), or a tuple of them.
        targets: Their targets, shape (n,) or (n, outputs).
        loss: The loss as Keras names it; ``None`` for the one that the model was compiled with.
        tolerance: Tolerated difference, relative to the model's loss.
        title: What is checked, as the student reads it.
        hint: How to mend it.
        weight: The check's share of the cell's points.

    Example:
        >>> from autograder.check.recorder import collecting
        >>> class Zero:
        ...     def __call__(self, X, training=None):
        ...         return 0 * X
        >>> with collecting() as outcomes:
        ...     validated({"val_loss": [3.0, 1.0]}, Zero(), np.ones((4, 1)), np.ones(4), loss="mse")
        >>> outcomes[0].passed
        True
    """

    def body() -> Finding:
        measured = measured_loss(model, (inputs, targets), loss)
        told = [value for value in read_history(history).get("val_loss", []) if math.isfinite(value)]
        nearest = min(told, key=lambda value: abs(value - measured), default=math.inf)
        passed = math.isfinite(measured) and abs(nearest - measured) <= tolerance * measured
        return Finding(
            passed,
            tr("{name} = {value:.4g} at some epoch", name="val_loss", value=measured),
            tr("{name} = {value:.4g}, the nearest", name="val_loss", value=nearest),
        )

    conclude(body, title=title or tr("The history is that of this model"), weight=weight, hint=hint)


def measured_loss(model: Any, data: tuple[Any, Any], loss: str | None = None) -> float:
    """The mean loss of a model on some data, penalties of its weights included, as ``evaluate`` gives it.

    Classes may be given as numbers to a model that was trained with one column a class, and the other way round.

    Args:
        model: A Keras model; it need not be compiled if ``loss`` is given.
        data: Inputs, an array of shape (n, ...) or a tuple or list of them; and targets, shape (n,) or (n, k).
        loss: The loss by its name in Keras; ``None`` for the one that the model was compiled with.

    Raises:
        StudentFailure: It is no model, or does not predict.
    """
    import keras

    if not callable(model):
        other = tr("an object of type {type}", type=type(model).__name__)
        raise StudentFailure(other, expected=tr("a Keras model"))
    with student_code():  # also a loss that does not fit the targets: what the history tells is not of these
        function = loss or _compiled_loss(model)
        X, y = data[0], np.asarray(data[1])
        inputs = type(X)(np.asarray(part) for part in X) if isinstance(X, list | tuple) else np.asarray(X)
        answer = model(inputs, training=False)
        predictions = np.asarray(answer)
        predictions = predictions.reshape(-1, 1) if predictions.ndim == 1 else predictions
        name = canonical(function)
        if name == "categorical_crossentropy" and y.ndim == 1:
            y = np.eye(predictions.shape[-1])[y.astype(int)]
        elif name == "sparse_categorical_crossentropy" and y.ndim == 2 and y.shape[1] > 1:
            y = y.argmax(axis=1)
        elif predictions.shape == (len(y), 1):
            y = y.reshape(-1, 1)
        # A tensor of Keras' softmax still has its logits: Keras computes the loss with these, as in training.
        whole = hasattr(answer, "_keras_logits") and predictions.shape == tuple(answer.shape)
        found = float(np.mean(keras.losses.get(function)(y, answer if whole else predictions)))
    with contextlib.suppress(Exception):  # a model that stays in the student's kernel may not tell them
        found += float(sum(float(penalty) for penalty in model.losses))
    return found


def _compiled_loss(model: Any) -> Any:
    """The loss of a model; a function that is not Keras' own is not asked, but Keras' loss of that name."""
    loss = model.loss
    while isinstance(loss, list | tuple | Mapping) and len(loss) == 1:
        loss = next(iter(loss.values() if isinstance(loss, Mapping) else loss))
    places = (type(loss).__module__, loss.__module__ if isinstance(loss, FunctionType) else "")
    known = isinstance(loss, str) or any(place.split(".")[0] == "keras" for place in places)
    return loss if known else canonical(loss)
