"""Checks of overfitting and of early stopping."""

from typing import Any

import numpy as np

from autograder.check.epochs import measured_loss, watched
from autograder.check.guard import Finding, StudentFailure, conclude, student_code
from autograder.check.training import read_history
from autograder.messages import tr

__all__ = ["overfitted", "stopped_early"]


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
    model: Any = None,
    *,
    patience: int,
    max_epochs: int | None = None,
    callback: Any = None,
    validation: tuple[Any, Any] | None = None,
    loss: str | None = None,
    restored: bool = True,
    monitor: str = "val_loss",
    rtol: float = 0.02,
    title: str | None = None,
    hint: str | None = None,
    weight: float = 1.0,
) -> None:
    """Check that a training ended before its limit, as soon as ``patience`` epochs had brought nothing better.

    Args:
        history: What ``model.fit`` returned, its ``.history``, or a DataFrame made of that.
        model: The model that was trained.
        patience: How many epochs without improvement end the training.
        max_epochs: The number of epochs that ``fit`` was given; ``None`` reads it of the history or the model.
        callback: The student's ``EarlyStopping``, if the text asks for its name: then what it monitors, its
            patience and ``restore_best_weights`` are asked of it too, and its ``min_delta`` is respected.
        validation: All of the inputs and targets that the training was validated with. With them, the loss of
            ``model`` is measured and must be one of the history: a history alone proves nothing.
        loss: The loss by its name in Keras; ``None`` for the one that the model was compiled with, if Keras' own.
        restored: The loss that is measured must be that of the best epoch.
        monitor: The series that was watched; less is better.
        rtol: Relative margin between the loss that is measured and the one in the history.
        title: What is checked, as the student reads it.
        hint: How to mend it.
        weight: The check's share of the cell's points.

    Example:
        >>> from autograder.check.recorder import collecting
        >>> with collecting() as outcomes:
        ...     stopped_early({"val_loss": [0.9, 0.5, 0.6, 0.7]}, patience=2, max_epochs=10)
        ...     stopped_early({"val_loss": [0.9, 0.5, 0.6, 0.7, 0.8]}, patience=2, max_epochs=10)
        >>> [outcome.passed for outcome in outcomes]
        [True, False]
    """

    def body() -> Finding:
        values = watched(history, monitor)
        least = 0.0 if callback is None else _asked(callback, patience, monitor)
        limit = _limit(history, model) if max_epochs is None else max_epochs
        expected = tr("the best epoch, then {count} more, and an end before the limit", count=patience)
        best = _last_improvement(values, least)
        actual = tr(
            "{count} epochs of {limit}, the best one number {best}",
            count=len(values),
            limit=tr("unknown") if limit is None else limit,
            best=best + 1,
        )
        if len(values) - 1 - best != patience or (limit is not None and len(values) >= limit):
            return Finding(False, expected, actual)
        if values[best] > min(values) + rtol * abs(min(values)):  # what was no improvement hid the best epoch
            return Finding(False, expected, actual)
        if validation is not None:
            _refuse_other_weights(measured_loss(model, validation, loss), values, best, restored, rtol)
        return Finding(True, expected, actual)

    conclude(body, title=title or tr("Training that stopped early"), weight=weight, hint=hint)


def _last_improvement(values: list[float], least: float) -> int:
    """The epoch, counted from 0, of the last value that is better than all before it by more than ``least``."""
    best = 0
    for epoch, value in enumerate(values):
        if value < values[best] - least:
            best = epoch
    return best


def _asked(callback: Any, patience: int, monitor: str) -> float:
    """Refuse what is not the callback that the text asks for; what it takes for an improvement."""
    import keras

    expected = f"EarlyStopping(monitor={monitor!r}, patience={patience}, restore_best_weights=True)"
    if not isinstance(callback, keras.callbacks.EarlyStopping):
        raise StudentFailure(tr("an object of type {type}", type=type(callback).__name__), expected=expected)
    with student_code():
        given = str(callback.monitor), int(callback.patience), bool(callback.restore_best_weights)
        least = abs(float(callback.min_delta))
    if given != (monitor, patience, True):
        told = "EarlyStopping(monitor={!r}, patience={}, restore_best_weights={})".format(*given)
        raise StudentFailure(told, expected=expected)
    return least


def _limit(history: object, model: Any) -> int | None:
    """The number of epochs that ``fit`` was asked for, of the history or of the model's own record."""
    with student_code():
        for record in (history, getattr(model, "history", None)):
            params = getattr(record, "params", None)
            if isinstance(params, dict) and isinstance(params.get("epochs"), int):
                return int(params["epochs"])
    return None


def _refuse_other_weights(found: float, values: list[float], best: int, restored: bool, rtol: float) -> None:
    if restored and not abs(found - values[best]) <= rtol * abs(values[best]):
        raise StudentFailure(
            tr("a model whose validation loss is {found:.4g}", found=found),
            expected=tr(
                "the weights of the best epoch, with the validation loss {wanted:.4g}", wanted=values[best]
            ),
            hint=tr("Ask EarlyStopping for restore_best_weights=True."),
        )
    if not restored and not np.isclose(values, found, rtol=rtol, atol=0).any():
        raise StudentFailure(
            tr("{value:.4g} on validation data, which no epoch of the history has", value=found),
            expected=tr("a model of one of the epochs"),
        )
