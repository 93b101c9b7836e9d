"""Checks of what callbacks do in a training: the best epoch kept in a file, and a training stopped in time.

What a model is good for is measured, on validation data, and compared with the epochs of its history: so any way
of keeping the best epoch is right, and a history alone proves nothing.
"""

import math
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from autograder.check.guard import Finding, StudentFailure, conclude, student_code
from autograder.check.saving import load_stored
from autograder.check.training import read_history
from autograder.messages import tr

__all__ = ["best_checkpoint", "best_weights", "early_stopped"]


def early_stopped(
    history: object,
    *,
    patience: int,
    max_epochs: int,
    monitor: str = "val_loss",
    model: Any = None,
    validation: tuple[Any, Any] | None = None,
    loss: str | None = None,
    rtol: float = 0.02,
    title: str | None = None,
    hint: str | None = None,
    weight: float = 1.0,
) -> None:
    """Check that a training ended early, and as soon as ``patience`` epochs had passed since the best.

    Args:
        history: What ``model.fit`` returned, or its ``.history``.
        patience: Epochs without a better value after which the training ends.
        max_epochs: The number of epochs that ``fit`` was given: there have to be fewer.
        monitor: The series that is watched; less is better.
        model: The model that was trained. With ``validation`` and ``loss``, the history must have an epoch in
            which the model was as good as it is now: the last, or the one that was restored.
        validation: Inputs and targets that the training was validated with.
        loss: The loss by its name in Keras; ``monitor`` is its series.
        rtol: Relative margin between the loss that is measured and the one in the history.
        title: What is checked, as the student reads it.
        hint: How to mend it.
        weight: The check's share of the cell's points.

    Example:
        >>> from autograder.check.recorder import collecting
        >>> with collecting() as outcomes:
        ...     early_stopped({"val_loss": [0.9, 0.5, 0.6, 0.7]}, patience=2, max_epochs=10)
        >>> outcomes[0].passed
        True
    """

    def body() -> Finding:
        values = _watched(history, monitor)
        since = len(values) - 1 - int(np.argmin(values))
        expected = tr(
            "fewer than {most} epochs, the last {patience} of them without a better {name}",
            most=max_epochs,
            patience=patience,
            name=monitor,
        )
        actual = tr("{count} epochs, {since} of them after the best", count=len(values), since=since)
        if model is not None and validation is not None and loss is not None:
            measured = _measured(model, validation, loss)
            if not np.isclose(values, measured, rtol=rtol).any():
                claimed = tr("{value:.4g} on validation data, which no epoch of the history has", value=measured)
                return Finding(False, expected, claimed)
        return Finding(len(values) < max_epochs and since == patience, expected, actual)

    conclude(body, title=title or tr("The training stopped early"), weight=weight, hint=hint)


def best_weights(
    model: Any,
    history: object,
    *,
    validation: tuple[Any, Any],
    loss: str,
    monitor: str = "val_loss",
    rtol: float = 0.02,
    title: str | None = None,
    hint: str | None = None,
    weight: float = 1.0,
) -> None:
    """Check that a model is that of the best epoch of its training, by its loss on validation data.

    The last epoch has to be worse by far more than ``rtol``, or this check cannot tell the two: the exercise must
    see to that.

    Args:
        model: A Keras model.
        history: What ``model.fit`` returned, or its ``.history``.
        validation: Inputs and targets that the training was validated with.
        loss: The loss by its name in Keras.
        monitor: The series of the history that holds this loss.
        rtol: Relative margin between the loss that is measured and the one in the history.
        title: What is checked, as the student reads it.
        hint: How to mend it.
        weight: The check's share of the cell's points.

    Example:
        >>> from autograder.check.recorder import collecting
        >>> import keras
        >>> X, y = np.ones((4, 2)), np.zeros((4, 1))
        >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, kernel_initializer="ones")])
        >>> with collecting() as outcomes:
        ...     best_weights(model, {"val_loss": [4.0, 9.0]}, validation=(X, y), loss="mean_squared_error")
        ...     best_weights(model, {"val_loss": [3.0, 4.0]}, validation=(X, y), loss="mean_squared_error")
        >>> [outcome.passed for outcome in outcomes]
        [True, False]
    """

    def body() -> Finding:
        return _compare(model, _watched(history, monitor), validation, loss, rtol)

    conclude(body, title=title or tr("The model of the best epoch"), weight=weight, hint=hint)


def best_checkpoint(
    path: str | os.PathLike[str] | Sequence[str],
    history: object,
    *,
    validation: tuple[Any, Any],
    loss: str,
    monitor: str = "val_loss",
    rtol: float = 0.02,
    title: str | None = None,
    hint: str | None = None,
    weight: float = 1.0,
) -> None:
    """Check that a file holds the whole model as it was in the best epoch of a training.

    Takes what ``best_weights`` takes, and the path of the file, ``.keras`` or ``.h5``; of several paths, the first
    that is there counts.

    Example:
        >>> from autograder.check.recorder import collecting
        >>> import keras
        >>> X, y = np.ones((4, 2)), np.zeros((4, 1))
        >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, kernel_initializer="ones")])
        >>> model.save("best.keras")
        >>> history = {"val_loss": [4.0, 9.0]}
        >>> with collecting() as outcomes:
        ...     best_checkpoint("best.keras", history, validation=(X, y), loss="mean_squared_error")
        >>> outcomes[0].passed
        True
    """
    paths = [Path(path)] if isinstance(path, str | os.PathLike) else [Path(one) for one in path]
    names = tr(" or ").join(one.name for one in paths)

    def body() -> Finding:
        there = next((one for one in paths if one.is_file()), None)
        if there is None:
            raise StudentFailure(
                tr("no file {name}", name=names),
                expected=tr("the file {name}", name=names),
                hint=tr("Pass keras.callbacks.ModelCheckpoint(…) in callbacks=[…] of fit."),
            )
        values = _watched(history, monitor)
        return _compare(load_stored(there), values, validation, loss, rtol)

    conclude(body, title=title or tr("The best epoch in {name}", name=names), weight=weight, hint=hint)


def _watched(history: object, monitor: str) -> list[float]:
    series = read_history(history)
    values = series.get(monitor)
    if not values or not all(math.isfinite(value) for value in values):
        raise StudentFailure(
            ", ".join(series) or tr("an empty history"), expected=tr("the series {names}", names=monitor)
        )
    return values


def _compare(model: Any, values: Sequence[float], validation: tuple[Any, Any], loss: str, rtol: float) -> Finding:
    measured, best = _measured(model, validation, loss), min(values)
    expected = tr("{value:.4g} on validation data, as in the best epoch", value=best)
    actual = tr("{value:.4g} (the last epoch had {last:.4g})", value=measured, last=values[-1])
    return Finding(abs(measured - best) <= rtol * abs(best), expected, actual)


def _measured(model: Any, validation: tuple[Any, Any], loss: str) -> float:
    """The mean loss of a model, as ``evaluate`` gives it; models need not be compiled for that."""
    import keras

    if not hasattr(model, "predict"):
        found = tr("an object of type {type}", type=type(model).__name__)
        raise StudentFailure(found, expected=tr("a Keras model"))
    function = keras.losses.get(loss)
    with student_code():
        X, y = (np.asarray(part) for part in validation)
        predictions = np.asarray(model.predict(X, verbose=0))
        return float(np.mean(function(y.reshape(-1, 1) if predictions.shape[1:] == (1,) else y, predictions)))
