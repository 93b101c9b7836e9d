"""The check that two models were trained in the same way, so that they may be compared."""

import math
from typing import Any

import numpy as np

from autograder.check.guard import Finding, StudentFailure, conclude, student_code
from autograder.check.losses import read_loss, read_optimizer
from autograder.check.training import read_history
from autograder.messages import tr

__all__ = ["trained_alike"]


def trained_alike(
    first: tuple[Any, object],
    second: tuple[Any, object],
    *,
    title: str | None = None,
    hint: str | None = None,
    weight: float = 1.0,
) -> None:
    """Check that two trainings had the same epochs, steps an epoch, loss, optimizer and learning rate.

    What nobody wrote down (the steps, where a history is only a dict and its model has no record either) is not
    compared.

    Args:
        first: A model and its history.
        second: Another model and its history.
        title: What is checked, as the student reads it.
        hint: How to mend it.
        weight: The check's share of the cell's points.

    Example:
        >>> import keras
        >>> from autograder.check.recorder import collecting
        >>> one, other = (keras.Sequential([keras.Input((8,)), keras.layers.Dense(1)]) for _ in range(2))
        >>> one.compile(loss="mse", optimizer="sgd")
        >>> other.compile(loss="mean_squared_error", optimizer=keras.optimizers.SGD(0.5))
        >>> with collecting() as outcomes:
        ...     trained_alike((one, {"loss": [2.0, 1.0]}), (other, {"loss": [3.0, 1.0]}))
        >>> outcomes[0].passed
        False
    """

    def body() -> Finding:
        one, other = _facts(*first), _facts(*second)
        different = [name for name in one if not _same(one[name], other[name])]
        return Finding(
            not different,
            tr("the same epochs, steps, loss, optimizer and learning rate"),
            "; ".join(f"{name}: {one[name]} ≠ {other[name]}" for name in different) or None,
        )

    conclude(body, title=title or tr("Two models trained in the same way"), weight=weight, hint=hint)


def _facts(model: Any, history: object) -> dict[str, Any]:
    epochs = max((len(values) for values in read_history(history).values()), default=0)
    loss = read_loss(model)
    if loss is None:
        raise StudentFailure(
            tr("a model that is not compiled, or has no loss"),
            hint=tr("Call model.compile(loss=…, optimizer=…)."),
        )
    steps = None
    with student_code():
        for record in (history, getattr(model, "history", None)):
            params = getattr(record, "params", None)
            if steps is None and isinstance(params, dict):
                steps = params.get("steps")
        rate = getattr(getattr(model, "optimizer", None), "learning_rate", None)
        rate = None if rate is None else float(np.asarray(rate))
    return {
        tr("epochs"): epochs,
        tr("steps an epoch"): steps,
        tr("loss"): loss.name,
        tr("optimizer"): read_optimizer(model),
        tr("learning rate"): rate,
    }


def _same(one: Any, other: Any) -> bool:
    if one is None or other is None:
        return True
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-3)
    return bool(one == other)
