"""Checks of overfitting and of early stopping."""

import contextlib
from types import FunctionType
from typing import Any

import numpy as np

from autograder.check.guard import Finding, StudentFailure, conclude, student_code
from autograder.check.losses import canonical
from autograder.check.training import read_history
from autograder.messages import tr

__all__ = ["overfitted", "stopped_early"]

#: Keras clips probabilities, and another machine rounds otherwise: by which part two losses may differ.
_MARGIN = 0.02


def overfitted(
    history: object,
    *,
    ratio: float = 0.5,
    title: str | None = None,
    hint: str | None = None,
    weight: float = 1.0,
) -> None:
    """Check that a training ended overfitted: its loss on training data far below that on validation data.

    Args:
        history: What ``model.fit`` returned, its ``.history``, or a DataFrame made of that; with ``val_loss``.
        ratio: The largest part of the last epoch's ``val_loss`` that its ``loss`` may be, above 0.
        title: What is checked, as the student reads it.
        hint: How to mend it.
        weight: The check's share of the cell's points.

    Example:
        >>> from autograder.check.recorder import collecting
        >>> with collecting() as outcomes:
        ...     overfitted({"loss": [0.9, 0.2], "val_loss": [0.8, 0.7]})
        >>> outcomes[0].passed
        True
    """

    def body() -> Finding:
        series = read_history(history)
        missing = [name for name in ("loss", "val_loss") if not series.get(name)]
        if missing:
            return Finding(False, tr("the series {names}", names="loss, val_loss"), ", ".join(series) or None)
        loss, measured = series["loss"][-1], series["val_loss"][-1]
        return Finding(
            0 <= loss <= ratio * measured,
            tr("a last loss of at most {ratio:g} times val_loss", ratio=ratio),
            tr("loss {loss:.4g}, val_loss {measured:.4g}", loss=loss, measured=measured),
        )

    conclude(body, title=title or tr("A training that overfits"), weight=weight, hint=hint)


def stopped_early(
    history: object,
    model: Any,
    *,
    patience: int,
    callback: Any = None,
    validation: tuple[Any, Any] | None = None,
    monitor: str = "val_loss",
    title: str | None = None,
    hint: str | None = None,
    weight: float = 1.0,
) -> None:
    """Check that a training ended before its limit of epochs, and that the model has the best epoch's weights.

    Args:
        history: What ``model.fit`` returned, its ``.history``, or a DataFrame made of that.
        model: The model that was trained.
        patience: How many epochs without improvement end the training.
        callback: The student's ``EarlyStopping``, if the text asks for its name: then what it monitors, its
            patience and ``restore_best_weights`` are asked of it too.
        validation: All of the inputs and targets that the training was validated with. With them, the loss of
            the model is measured and must be that of the best epoch (a margin of 2 %). For Keras' own losses.
        monitor: The series that was watched; less is better.
        title: What is checked, as the student reads it.
        hint: How to mend it.
        weight: The check's share of the cell's points.

    Example:
        >>> import keras
        >>> from autograder.check.recorder import collecting
        >>> history = keras.callbacks.History()
        >>> history.params = {"epochs": 100}
        >>> history.history = {"loss": [0.9, 0.5, 0.2, 0.1], "val_loss": [0.9, 0.6, 0.7, 0.8]}
        >>> with collecting() as outcomes:
        ...     stopped_early(history, keras.Sequential(), patience=2)
        >>> outcomes[0].passed
        True
    """

    def body() -> Finding:
        watched = read_history(history).get(monitor, [])
        if not watched or not np.isfinite(watched).all():
            return Finding(False, tr("the series {names}", names=monitor), tr("no such series of finite numbers"))
        if callback is not None:
            _refuse_callback(callback, patience, monitor)
        limit = _limit(history, model)
        expected = tr("the best epoch, then {count} more, and an end before the limit", count=patience)
        best = int(np.argmin(watched))
        actual = tr(
            "{count} epochs of {limit}, the best one number {best}",
            count=len(watched),
            limit=tr("unknown") if limit is None else limit,
            best=best + 1,
        )
        kept = len(watched) - 1 - patience  # where the callback saw the last improvement
        # A small min_delta is no error: then a later epoch may be better by a hair.
        stopped = kept >= 0 and watched[kept] <= watched[best] + _MARGIN * abs(watched[best])
        if not stopped or (limit is not None and len(watched) >= limit):
            return Finding(False, expected, actual)
        if validation is not None:
            _refuse_other_weights(model, watched[kept], *validation)
        return Finding(True, expected, actual)

    conclude(body, title=title or tr("Training that stopped early"), weight=weight, hint=hint)


def _refuse_callback(callback: Any, patience: int, monitor: str) -> None:
    import keras

    expected = f"EarlyStopping(monitor={monitor!r}, patience={patience}, restore_best_weights=True)"
    if not isinstance(callback, keras.callbacks.EarlyStopping):
        raise StudentFailure(tr("an object of type {type}", type=type(callback).__name__), expected=expected)
    with student_code():
        given = str(callback.monitor), int(callback.patience), bool(callback.restore_best_weights)
    if given != (monitor, patience, True):
        told = "EarlyStopping(monitor={!r}, patience={}, restore_best_weights={})".format(*given)
        raise StudentFailure(told, expected=expected)


def _limit(history: object, model: Any) -> int | None:
    """The number of epochs that ``fit`` was asked for, of the history or of the model's own record."""
    with student_code():
        for record in (history, getattr(model, "history", None)):
            params = getattr(record, "params", None)
            if isinstance(params, dict) and isinstance(params.get("epochs"), int):
                return int(params["epochs"])
    return None


def _refuse_other_weights(model: Any, wanted: float, inputs: Any, targets: Any) -> None:
    with student_code():  # also a loss that does not fit the targets: what the history tells is not of these
        found = _measured(model, np.asarray(inputs), np.asarray(targets))
    if not abs(found - wanted) <= _MARGIN * abs(wanted):
        raise StudentFailure(
            tr("a model whose validation loss is {found:.4g}", found=found),
            expected=tr("the weights of the best epoch, with the validation loss {wanted:.4g}", wanted=wanted),
            hint=tr("Ask EarlyStopping for restore_best_weights=True."),
        )


def _measured(model: Any, X: np.ndarray, y: np.ndarray) -> float:
    """The loss of a model as it was compiled, penalties of its weights included.

    Classes may be given as numbers to a model that was trained with one column a class, and the other way round.
    """
    import keras

    loss = model.loss
    while isinstance(loss, list | tuple) and len(loss) == 1:
        loss = loss[0]
    name = canonical(loss)
    # What has the name of a known loss is that loss: a function of the student's own is not asked how wrong it is.
    known = isinstance(loss, str) or _is_of_keras(loss)
    predictions = np.asarray(model(X, training=False))
    if name == "categorical_crossentropy" and y.ndim == 1:
        y = np.eye(predictions.shape[-1])[y.astype(int)]
    elif name == "sparse_categorical_crossentropy" and y.ndim == 2 and y.shape[1] > 1:
        y = y.argmax(axis=1)
    elif predictions.shape == (len(y), 1):
        y = y.reshape(-1, 1)
    found = float(np.mean(keras.losses.get(loss if known else name)(y, predictions)))
    with contextlib.suppress(Exception):  # a model that stays in the student's kernel may not tell them
        found += float(sum(float(penalty) for penalty in model.losses))
    return found


def _is_of_keras(loss: Any) -> bool:
    places = (type(loss).__module__, loss.__module__ if isinstance(loss, FunctionType) else "")
    return any(place.split(".")[0] == "keras" for place in places)
