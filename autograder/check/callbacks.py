"""Checks that the best epoch of a training was kept, in the model or in a file.

What a model is good for is measured, on validation data, and compared with the epochs of its history: so any way
of keeping the best epoch is right, and a history alone proves nothing.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from autograder.check.epochs import measured_loss, watched
from autograder.check.guard import Finding, StudentFailure, conclude
from autograder.check.saving import load_stored
from autograder.messages import tr

__all__ = ["best_checkpoint", "best_weights"]


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
        >>> import numpy as np
        >>> X, y = np.ones((4, 2)), np.zeros((4, 1))
        >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, kernel_initializer="ones")])
        >>> with collecting() as outcomes:
        ...     best_weights(model, {"val_loss": [4.0, 9.0]}, validation=(X, y), loss="mean_squared_error")
        ...     best_weights(model, {"val_loss": [3.0, 4.0]}, validation=(X, y), loss="mean_squared_error")
        >>> [outcome.passed for outcome in outcomes]
        [True, False]
    """

    def body() -> Finding:
        return _compare(model, watched(history, monitor), validation, loss, rtol)

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
        >>> import numpy as np
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
        values = watched(history, monitor)
        return _compare(load_stored(there), values, validation, loss, rtol)

    conclude(body, title=title or tr("The best epoch in {name}", name=names), weight=weight, hint=hint)


def _compare(model: Any, values: Sequence[float], validation: tuple[Any, Any], loss: str, rtol: float) -> Finding:
    measured, best = measured_loss(model, validation, loss), min(values)
    expected = tr("{value:.4g} on validation data, as in the best epoch", value=best)
    actual = tr("{value:.4g} (the last epoch had {last:.4g})", value=measured, last=values[-1])
    return Finding(abs(measured - best) <= rtol * abs(best), expected, actual)
