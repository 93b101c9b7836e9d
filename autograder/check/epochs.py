"""Which epoch of a training a model is from: its loss is measured and looked for in the history."""

import contextlib
from types import FunctionType
from typing import Any

import numpy as np

from autograder.check.guard import StudentFailure, student_code
from autograder.check.losses import canonical
from autograder.check.training import read_history
from autograder.messages import tr

__all__ = ["measured_loss", "watched"]


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


def measured_loss(model: Any, data: tuple[Any, Any], loss: str | None = None) -> float:
    """The mean loss of a model on some data, penalties of its weights included, as ``evaluate`` gives it.

    Classes may be given as numbers to a model that was trained with one column a class, and the other way round.

    Args:
        model: A Keras model; it need not be compiled if ``loss`` is given.
        data: Inputs and targets.
        loss: The loss by its name in Keras; ``None`` for the one that the model was compiled with.

    Raises:
        StudentFailure: It is no model, or does not predict.
    """
    import keras

    if not callable(model) or not hasattr(model, "predict"):
        other = tr("an object of type {type}", type=type(model).__name__)
        raise StudentFailure(other, expected=tr("a Keras model"))
    with student_code():  # also a loss that does not fit the targets: what the history tells is not of these
        function = loss or _compiled_loss(model)
        X, y = (np.asarray(part) for part in data)
        predictions = np.asarray(model(X, training=False))
        name = canonical(function)
        if name == "categorical_crossentropy" and y.ndim == 1:
            y = np.eye(predictions.shape[-1])[y.astype(int)]
        elif name == "sparse_categorical_crossentropy" and y.ndim == 2 and y.shape[1] > 1:
            y = y.argmax(axis=1)
        elif predictions.shape == (len(y), 1):
            y = y.reshape(-1, 1)
        found = float(np.mean(keras.losses.get(function)(y, predictions)))
    with contextlib.suppress(Exception):  # a model that stays in the student's kernel may not tell them
        found += float(sum(float(penalty) for penalty in model.losses))
    return found


def _compiled_loss(model: Any) -> Any:
    """The loss of a model; a function that is not Keras' own is not asked, but Keras' loss of that name."""
    loss = model.loss
    while isinstance(loss, list | tuple) and len(loss) == 1:
        loss = loss[0]
    places = (type(loss).__module__, loss.__module__ if isinstance(loss, FunctionType) else "")
    known = isinstance(loss, str) or any(place.split(".")[0] == "keras" for place in places)
    return loss if known else canonical(loss)
