"""The check of a training that was interrupted and went on from a file."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograder.check.guard import Finding, StudentFailure, conclude, student_code
from autograder.check.training import read_history
from autograder.messages import tr

__all__ = ["resumed"]


def resumed(
    model: Any,
    straight: Any,
    *,
    interrupted: Any = None,
    history: Any,
    straight_history: Any,
    epochs: int,
    rtol: float = 2e-3,
    atol: float = 1e-3,
    title: str | None = None,
    hint: str | None = None,
    weight: float = 1.0,
) -> None:
    """Check that a training went on as if it had never been interrupted.

    Both models come from one run, so their weights can be compared: another optimizer state, another learning
    rate or another number of epochs leaves differences of a few hundredths with Adam and its like. The optimizers
    of both must have made the same number of steps.

    Args:
        model: The model that was loaded and trained further.
        straight: The same network, trained without a break.
        interrupted: The model that was saved; going on with this very object is not resuming.
        history: The history of the further training alone.
        straight_history: The history of the whole training, whose last epochs it must repeat.
        epochs: How many epochs the further training has.
        rtol: Relative margin of the losses.
        atol: Absolute margin of the weights.
        title: What is checked, as the student reads it.
        hint: How to mend it.
        weight: The check's share of the cell's points.

    Example:
        >>> import keras
        >>> from autograder.check.recorder import collecting
        >>> straight = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1)])
        >>> model = keras.models.clone_model(straight)
        >>> model.set_weights(straight.get_weights())
        >>> losses = {"loss": [0.9, 0.5, 0.4]}
        >>> with collecting() as outcomes:
        ...     resumed(model, straight, history={"loss": [0.4]}, straight_history=losses, epochs=1)
        >>> outcomes[0].passed
        True
    """

    def body() -> Finding:
        expected = tr("the weights and losses of the training without a break")
        _refuse_others(model, straight, interrupted)
        ours, theirs = (read_history(each).get("loss", []) for each in (history, straight_history))
        if len(ours) != epochs:
            return Finding(False, tr("{count} epochs", count=epochs), tr("{count} epochs", count=len(ours)))
        with student_code():
            weights, others = ([np.asarray(w) for w in each.get_weights()] for each in (model, straight))
        far = _distance(weights, others)
        if far is None:
            return Finding(False, expected, tr("another architecture"))
        if not far <= atol:
            return Finding(False, expected, tr("weights that differ by up to {far:.2g}", far=far))
        if not np.allclose(ours, theirs[-epochs:], rtol=rtol, atol=1e-6):
            return Finding(False, expected, tr("the losses {losses}", losses=_numbers(ours)))
        made, wanted = _steps(model), _steps(straight)
        if made != wanted:
            return Finding(
                False, tr("{count} training steps", count=wanted), tr("{count} training steps", count=made)
            )
        return Finding(True, expected, expected)

    conclude(body, title=title or tr("Resumed training"), weight=weight, hint=hint)


def _refuse_others(model: Any, straight: Any, interrupted: Any) -> None:
    if interrupted is not None and model is interrupted:
        raise StudentFailure(tr("the very object that was saved"), expected=tr("a model loaded from the file"))
    if model is straight:
        raise StudentFailure(
            tr("the very object that was trained without a break"), expected=tr("a model loaded from the file")
        )
    for each in (model, straight):
        if not hasattr(each, "get_weights"):
            found = tr("an object of type {type}", type=type(each).__name__)
            raise StudentFailure(found, expected=tr("a Keras model"))


def _distance(weights: Sequence[np.ndarray], others: Sequence[np.ndarray]) -> float | None:
    """The largest difference between two weights; ``None`` if they have not the same shapes."""
    if not weights or [w.shape for w in weights] != [w.shape for w in others]:
        return None
    with student_code():
        return float(np.max([np.abs(w - o).max(initial=0.0) for w, o in zip(weights, others, strict=True)]))


def _steps(model: Any) -> int:
    with student_code():
        made = getattr(getattr(model, "optimizer", None), "iterations", None)
        return 0 if made is None else int(np.asarray(made))


def _numbers(values: Sequence[float]) -> str:
    return ", ".join(f"{value:.4g}" for value in values[:8])
