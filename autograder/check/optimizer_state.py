"""Checks of an optimizer: of a live model's, and of the one in its file."""

import math
import os
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from autograder.check.guard import Finding, StudentFailure, brief, conclude, student_code
from autograder.check.losses import read_optimizer
from autograder.check.stored import Stored, read_stored
from autograder.messages import tr

__all__ = ["h5_optimizer", "optimizer"]


def optimizer(
    model: Any,
    name: str | Iterable[str] | None = None,
    *,
    hyperparameters: Mapping[str, float] | None = None,
    steps: int | None = None,
    steps_at_least: int = 0,
    title: str | None = None,
    hint: str | None = None,
    weight: float = 1.0,
) -> None:
    """Check the optimizer that a model is compiled with.

    Args:
        model: A Keras model.
        name: Name of the optimizer's class; several names mean any of them; not checked when ``None``.
        hyperparameters: Values that its configuration must have, by Keras' names (``learning_rate``).
        steps: How many training steps (batches) it has made; not checked when ``None``.
        steps_at_least: The least number of steps.
        title: What is checked, as the student reads it.
        hint: How to mend it.
        weight: The check's share of the cell's points.

    Example:
        >>> import keras
        >>> from autograder.check.recorder import collecting
        >>> model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1)])
        >>> model.compile(optimizer=keras.optimizers.Adam(learning_rate=0.005), loss="mse")
        >>> with collecting() as outcomes:
        ...     optimizer(model, "adam", hyperparameters={"learning_rate": 0.005, "beta_1": 0.9})
        >>> outcomes[0].passed
        True
    """

    def body() -> Finding:
        used = read_optimizer(model)
        if used is None:
            raise StudentFailure(
                tr("a model that is not compiled, or has no loss"),
                hint=tr("Call model.compile(loss=…, optimizer=…)."),
            )
        with student_code():
            settings = dict(model.optimizer.get_config())
            made = int(np.asarray(model.optimizer.iterations))
        expected = _refuse_settings(used, settings, name, hyperparameters)
        least, most = (steps_at_least, math.inf) if steps is None else (steps, steps)
        if not least <= made <= most:
            wanted = tr("{count} training steps", count=least)
            return Finding(
                False, wanted if steps is not None else tr("{wanted} or more", wanted=wanted),
                tr("{count} training steps", count=made),
            )  # fmt: skip
        return Finding(True, expected, expected)

    conclude(body, title=title or tr("Optimizer of the model"), weight=weight, hint=hint)


def h5_optimizer(
    path: str | os.PathLike[str],
    model: Any,
    *,
    optimizer: str | Iterable[str] | None = None,
    hyperparameters: Mapping[str, float] | None = None,
    steps: int | None = None,
    title: str | None = None,
    hint: str | None = None,
    weight: float = 1.0,
) -> None:
    """Check that an HDF5 file holds an optimizer in the midst of its work: hyperparameters and state.

    The state is the number of steps, which must not be zero, and the slots that the optimizer keeps for each
    trainable weight of the model. So an optimizer without any, plain ``SGD``, does not pass.

    Args:
        path: The file, ``.h5`` or ``.hdf5``.
        model: The live model, for the shapes of its weights.
        optimizer: Name of the optimizer's class; several names mean any of them; not checked when ``None``.
        hyperparameters: Values that its configuration must have, by Keras' names (``learning_rate``).
        steps: How many training steps (batches) it has made; any number but zero when ``None``.
        title: What is checked, as the student reads it.
        hint: How to mend it.
        weight: The check's share of the cell's points.

    Example:
        >>> import keras
        >>> from autograder.check.recorder import collecting
        >>> model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1)])
        >>> model.compile(optimizer="adam", loss="mean_squared_error")
        >>> model.save("modelo.h5")
        >>> with collecting() as outcomes:
        ...     h5_optimizer("modelo.h5", model, optimizer="adam")
        >>> outcomes[0].actual
        'um otimizador que ainda não fez nenhum passo'
    """
    file = Path(path)

    def body() -> Finding:
        if file.suffix not in (".h5", ".hdf5"):
            raise ValueError(f"{file.name} is not the name of an HDF5 file")
        stored = read_stored(file)
        if stored.kind != "h5":
            raise StudentFailure(
                tr("{name} is no whole model in HDF5 format", name=file.name),
                hint=tr("Let model.save write the file."),
            )
        expected = refuse_state(stored, model, optimizer, hyperparameters, steps)
        return Finding(True, expected, expected)

    conclude(body, title=title or tr("Optimizer saved in {name}", name=file.name), weight=weight, hint=hint)


def refuse_state(
    stored: Stored,
    model: Any,
    name: str | Iterable[str] | None,
    hyperparameters: Mapping[str, float] | None,
    steps: int | None,
) -> str:
    """Raise unless a file holds this optimizer with its state; what was expected, in words.

    Raises:
        StudentFailure: It holds another one, or none.
    """
    if stored.optimizer is None:
        raise StudentFailure(
            tr("a file without an optimizer"), expected=tr("an optimizer with its state"),
            hint=tr("Save a compiled model. One that was saved in .h5 before loses it in a .keras file."),
        )  # fmt: skip
    used = str(stored.optimizer.get("class_name")).split(">")[-1].lower()
    settings = stored.optimizer["config"]
    expected = _refuse_settings(used, settings, name, hyperparameters)
    if not stored.steps:
        raise StudentFailure(
            tr("an optimizer that has made no step yet"), expected=tr("an optimizer with its state")
        )
    if steps is not None and stored.steps != steps:
        raise StudentFailure(
            tr("{count} training steps", count=stored.steps), expected=tr("{count} training steps", count=steps)
        )
    with student_code():
        needed = Counter(tuple(variable.shape) for variable in model.trainable_variables)
    kept = Counter(slot.shape for slot in stored.slots)
    if needed - kept or not any(slot.any() for slot in stored.slots):
        raise StudentFailure(
            tr("the hyperparameters and the number of steps, without what it keeps of each weight"),
            expected=tr("an optimizer with its state"),
        )
    return expected


def _refuse_settings(
    used: str, settings: Mapping[str, Any], name: str | Iterable[str] | None, wanted: Mapping[str, float] | None
) -> str:
    """Raise unless an optimizer is one of these, with these settings; what was expected, in words."""
    names = () if name is None else (name,) if isinstance(name, str) else tuple(name)
    expected = tr(" or ").join(names)
    if names and used not in {each.replace("_", "").lower() for each in names}:
        raise StudentFailure(used, expected=expected)
    given = {key: settings.get(key) for key in wanted or {}}
    listed = ", ".join(filter(None, (expected, _list(wanted or {}))))
    if not all(_same(given[key], value) for key, value in (wanted or {}).items()):
        raise StudentFailure(", ".join((used, _list(given))), expected=listed)
    return listed


def _list(settings: Mapping[str, Any]) -> str:
    return ", ".join(
        f"{key}={value:.6g}" if isinstance(value, float) else f"{key}={brief(value, 40)}"
        for key, value in settings.items()
    )


def _same(given: Any, wanted: float) -> bool:
    if isinstance(given, bool) or not isinstance(given, int | float):
        return given is wanted
    return math.isclose(given, wanted, rel_tol=1e-5, abs_tol=1e-12)
