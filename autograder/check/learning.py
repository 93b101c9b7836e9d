"""Whether a model has learned anything: what a history claims, measured.

Two measures, and it is enough to be better in one: the model's own loss; and, for a single number, one minus the
correlation with the target, which is the same whatever scale the student gave the target. Where neither can be
had (a loss or layers of the student's own, targets in another form) nothing is held against the model.
"""

import contextlib
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from autograder.check.guard import StudentFailure, student_code
from autograder.messages import tr

__all__ = ["refuse_unlearned"]

#: Better than before: this part of the measure, or less. Clearly better than the best of so many untrained
# networks.
_BETTER, _CLEARLY, _FRESH = 0.999, 0.6, 8


def refuse_unlearned(model: Any, since: Sequence[Any], inputs: Any, targets: Any) -> None:
    """Compare a model with what it was before, and with the same network untrained.

    Args:
        model: A Keras model, sequential or functional; others pass.
        since: Its weights before it was trained; of no use if they are another network's.
        inputs: Validation inputs, shape (n, …); a list or dict of arrays for a model with several inputs.
        targets: Their targets, shape (n,) or (n, classes); every output's, where there are several.

    Raises:
        StudentFailure: It is no better than either.
    """
    if type(model).__module__.split(".")[0] != "keras" or not getattr(model, "built", False):
        return
    with student_code():
        X, y = _fitting(model, inputs), np.asarray(targets)
    try:
        now = _measures(model, model, X, y)
        fresh = _untrained(model)
    except Exception:
        # See the head of this module: it cannot be measured here.
        return
    before = tuple(math.inf for _ in now)
    if since and [np.shape(w) for w in since] == [w.shape for w in model.get_weights()]:
        fresh.set_weights(list(since))
        before = _measures(fresh, model, X, y)
    if any(value < earlier * _BETTER for value, earlier in zip(now, before, strict=True)):
        return
    untrained = [_measures(_untrained(model), model, X, y) for _ in range(_FRESH)]
    if any(
        value < _CLEARLY * min(others) for value, others in zip(now, zip(*untrained, strict=True), strict=True)
    ):
        return
    raise StudentFailure(
        tr(
            "{now:.4g} on validation data, {before:.4g} before the training (less is better)",
            now=now[0],
            before=before[0],
        ),
        expected=tr("a model that has learned"),
        hint=tr("Keep the model that fit trained in the same variable, and its history."),
    )


def _fitting(model: Any, inputs: Any) -> Any:
    """The inputs as the model takes them; several arrays go to the inputs of their shape, or of their place."""
    import keras

    wanted = list(getattr(model, "inputs", None) or ())
    if len(wanted) < 2:
        return np.asarray(inputs)
    arrays = [np.asarray(one) for one in (inputs.values() if isinstance(inputs, Mapping) else inputs)]
    shapes = [tuple(tensor.shape[1:]) for tensor in wanted]
    given = [array.shape[1:] for array in arrays]
    if sorted(map(str, shapes)) == sorted(map(str, given)) and len(set(shapes)) == len(shapes):
        arrays = [arrays[given.index(shape)] for shape in shapes]
    return keras.tree.pack_sequence_as(getattr(model, "_inputs_struct", wanted), arrays)


def _measures(network: Any, model: Any, X: Any, y: np.ndarray) -> tuple[float, ...]:
    """How wrong ``network`` is, as ``model`` was compiled; less is better. All outputs have the same targets."""
    import keras

    outputs = [np.asarray(output) for output in keras.tree.flatten(network(X, training=False))]
    losses = getattr(model, "loss", None)
    if isinstance(losses, Mapping) and "class_name" not in losses:
        losses = list(losses.values())
    if not isinstance(losses, list | tuple) or len(losses) != len(outputs):
        losses = [losses] * len(outputs)
    found = [m for output, loss in zip(outputs, losses, strict=True) for m in _measures_of(output, loss, y)]
    if not found:
        raise ValueError("no measure fits")
    return tuple(found)


def _measures_of(predictions: np.ndarray, given: Any, y: np.ndarray) -> list[float]:
    import keras

    single = predictions.ndim == 2 and predictions.shape[1] == 1 and y.size == len(predictions)
    found = []
    with contextlib.suppress(Exception):  # of a loss of the student's own; the correlation may still tell
        loss = keras.losses.get(given)
        found.append(float(np.mean(loss(y.reshape(-1, 1) if single else y, predictions))))
    if single:
        found.append(_uncorrelated(predictions[:, 0].astype(float), y.astype(float).reshape(-1)))
    return found


def _uncorrelated(given: np.ndarray, wanted: np.ndarray) -> float:
    spread = float(given.std() * wanted.std())
    if not spread > 0:
        return 1.0
    return 1.0 - abs(float(np.mean((given - given.mean()) * (wanted - wanted.mean())))) / spread


def _untrained(model: Any) -> Any:
    """The same network with new weights, uncompiled."""
    return type(model).from_config(model.get_config())
