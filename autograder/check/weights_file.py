"""Checks of the other two files that Keras writes: a whole model in ``.keras``, and weights alone."""

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from autograder.check.guard import Finding, StudentFailure, conclude, student_code
from autograder.check.optimizer_state import refuse_state
from autograder.check.saving import class_names, difference, own_objects
from autograder.check.stored import Stored, read_stored
from autograder.messages import tr

__all__ = ["keras_round_trip", "weights_round_trip"]


def keras_round_trip(
    path: str | os.PathLike[str],
    model: Any,
    *,
    optimizer: str | Iterable[str] | None = None,
    hyperparameters: Mapping[str, float] | None = None,
    steps: int | None = None,
    rtol: float = 1e-3,
    atol: float = 1e-5,
    title: str | None = None,
    hint: str | None = None,
    weight: float = 1.0,
) -> None:
    """Check that a ``.keras`` file holds this model as it is now; and, if asked, its optimizer with its state.

    Args:
        path: The file, ``.keras``.
        model: The live model.
        optimizer: Name of the optimizer's class, as in ``h5_optimizer``; no optimizer is asked for when this,
            ``hyperparameters`` and ``steps`` are ``None``.
        hyperparameters: Values that its configuration must have, by Keras' names.
        steps: How many training steps (batches) it has made.
        rtol: Relative margin of weights and predictions.
        atol: Absolute margin of weights and predictions.
        title: What is checked, as the student reads it.
        hint: How to mend it.
        weight: The check's share of the cell's points.

    Example:
        >>> import keras
        >>> from autograder.check.recorder import collecting
        >>> model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1)])
        >>> model.save("modelo.keras")
        >>> with collecting() as outcomes:
        ...     keras_round_trip("modelo.keras", model)
        >>> outcomes[0].passed
        True
    """
    file = Path(path)

    def body() -> Finding:
        expected = tr("{name} with this model's architecture and weights", name=file.name)
        if file.suffix != ".keras":
            raise ValueError(f"{file.name} is not the name of a .keras file")
        stored = read_stored(file)
        if stored.kind != "keras":
            raise StudentFailure(
                tr("{name} is not in Keras' own format", name=file.name),
                hint=tr("Let model.save write the file."),
            )
        found = _difference(file, stored, model, rtol, atol)
        if found is not None:
            return Finding(False, expected, found)
        if (optimizer, hyperparameters, steps) != (None, None, None):
            refuse_state(stored, model, optimizer, hyperparameters, steps)
        return Finding(True, expected, expected)

    conclude(body, title=title or tr("Model saved in {name}", name=file.name), weight=weight, hint=hint)


def weights_round_trip(
    path: str | os.PathLike[str],
    model: Any,
    *,
    rtol: float = 1e-3,
    atol: float = 1e-5,
    title: str | None = None,
    hint: str | None = None,
    weight: float = 1.0,
) -> None:
    """Check that a file of weights alone holds the weights of this model as they are now.

    The model may be a subclass of ``keras.Model``: Keras names the weights in such a file by the model's
    attributes, so they are compared by shape and value, whatever they are called.

    Args:
        path: The file, ``.weights.h5``.
        model: The live model, built.
        rtol: Relative margin of the weights.
        atol: Absolute margin of the weights.
        title: What is checked, as the student reads it.
        hint: How to mend it.
        weight: The check's share of the cell's points.

    Example:
        >>> import keras
        >>> from autograder.check.recorder import collecting
        >>> model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1)])
        >>> model.save_weights("pesos.weights.h5")
        >>> with collecting() as outcomes:
        ...     weights_round_trip("pesos.weights.h5", model)
        >>> outcomes[0].passed
        True
    """
    file = Path(path)

    def body() -> Finding:
        expected = tr("{name} with this model's weights, and nothing else", name=file.name)
        stored = read_stored(file, method="save_weights")
        if stored.kind not in ("weights.h5", "h5-weights"):
            raise StudentFailure(
                tr("{name} holds a whole model", name=file.name),
                expected=expected,
                hint=tr("Use model.save_weights, not model.save."),
            )
        found = _unlike(stored.weights, _weights(model), rtol, atol)
        return Finding(found is None, expected, found or expected)

    conclude(body, title=title or tr("Weights saved in {name}", name=file.name), weight=weight, hint=hint)


def _difference(file: Path, stored: Stored, model: Any, rtol: float, atol: float) -> str | None:
    import keras

    try:
        # In the judge this asks the inspector.
        loaded = keras.models.load_model(file, custom_objects=own_objects(model), compile=False, safe_mode=False)
    except StudentFailure:
        raise
    except Exception:
        # Keras writes files that it cannot read: see ``saving``. Weights and layers tell enough.
        return _unlike(stored.weights, _weights(model), rtol, atol) or _other_layers(stored, model)
    return difference(loaded, model, rtol, atol)


def _other_layers(stored: Stored, model: Any) -> str | None:
    with student_code():
        ours, theirs = class_names(stored.config), class_names(model.get_config())
    return None if ours == theirs else ", ".join(ours)


def _weights(model: Any) -> list[np.ndarray]:
    if not hasattr(model, "get_weights"):
        raise StudentFailure(
            tr("an object of type {type}", type=type(model).__name__), expected=tr("a Keras model")
        )
    with student_code():
        weights = [np.asarray(weight, dtype=float) for weight in model.get_weights()]
    if not weights:
        raise StudentFailure(
            tr("a model that has no weights yet"), hint=tr("Call it on some data once: model(X[:1]).")
        )
    return weights


def _unlike(stored: Sequence[np.ndarray], weights: Sequence[np.ndarray], rtol: float, atol: float) -> str | None:
    """In what the weights of a file and of a model differ, or ``None``; their order does not count."""
    left = list(stored)
    if sorted(w.shape for w in left) != sorted(w.shape for w in weights):
        return tr(
            "another architecture: {one} weights, {other} expected",
            one=sum(w.size for w in left),
            other=sum(w.size for w in weights),
        )
    for weight in weights:
        match = next(
            (
                number
                for number, other in enumerate(left)
                if other.shape == weight.shape and np.allclose(other, weight, rtol=rtol, atol=atol, equal_nan=True)
            ),
            None,
        )
        if match is None:
            return tr("the architecture is right, the weights are others")
        del left[match]
    return None
