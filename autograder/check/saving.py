"""Checks of saved and reloaded models.

A model whose ``.h5`` file Keras cannot load compiled (one compiled with ``loss="mse"``, say) was saved
rightly all the same, so files are loaded with ``compile=False`` here. Loading a file is running what is in it, so
that is done in the student's own kernel alone. The judge reads files with ``reading_with`` a reader of its own.
"""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import numpy as np

from autograder.check.guard import Finding, StudentFailure, conclude, student_code
from autograder.check.stored import listing
from autograder.messages import tr

__all__ = ["h5_round_trip", "reading_with", "reloaded", "same_predictions"]

#: Reads a whole model from a file that is there; is given the path, and the live model to compare with.
Reader = Callable[[Path, Any], Any]
_reader: ContextVar[Reader | None] = ContextVar("reader", default=None)

_SUFFIXES = (".h5", ".hdf5")


@contextmanager
def reading_with(reader: Reader) -> Iterator[None]:
    """Read model files with ``reader`` inside the block. It raises ``StudentFailure`` where a file holds no
    model."""
    token = _reader.set(reader)
    try:
        yield
    finally:
        _reader.reset(token)


def h5_round_trip(
    path: str | os.PathLike[str],
    model: Any,
    *,
    rtol: float = 1e-3,
    atol: float = 1e-5,
    title: str | None = None,
    hint: str | None = None,
    weight: float = 1.0,
) -> None:
    """Check that an HDF5 file holds this model: its architecture and its weights as they are now.

    Args:
        path: The file, ``.h5`` or ``.hdf5``.
        model: The live model.
        rtol: Relative margin of weights and predictions.
        atol: Absolute margin of weights and predictions.
        title: What is checked, as the student reads it.
        hint: How to mend it.
        weight: The check's share of the cell's points.

    Example:
        >>> import keras
        >>> from autograder.check.recorder import collecting
        >>> model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1)])
        >>> model.save("modelo.h5")
        >>> with collecting() as outcomes:
        ...     h5_round_trip("modelo.h5", model)
        >>> outcomes[0].passed
        True
    """
    name = Path(path).name

    def body() -> Finding:
        expected = tr("{name} with this model's architecture and weights", name=name)
        if Path(path).suffix not in _SUFFIXES:
            raise ValueError(f"{name} is not the name of an HDF5 file")
        stored = load_h5(Path(path), model)
        found = difference(stored, model, rtol, atol)
        return Finding(found is None, expected, found or expected)

    conclude(body, title=title or tr("Model saved in {name}", name=name), weight=weight, hint=hint)


def same_predictions(
    loaded_model: Any,
    model: Any,
    *,
    inputs: Any = None,
    rtol: float = 1e-3,
    atol: float = 1e-5,
    title: str | None = None,
    hint: str | None = None,
    weight: float = 1.0,
) -> None:
    """Check that two models predict the same for a batch of random inputs, and are not one and the same object.

    Args:
        loaded_model: One model.
        model: The other one.
        inputs: What they are asked instead, shape (n, …); a subclass of ``keras.Model`` does not say what fits.
        rtol: Relative margin of weights and predictions.
        atol: Absolute margin of weights and predictions.
        title: What is checked, as the student reads it.
        hint: How to mend it.
        weight: The check's share of the cell's points.

    Example:
        >>> import keras
        >>> from autograder.check.recorder import collecting
        >>> model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1)])
        >>> model.save("modelo.h5")
        >>> loaded_model = keras.models.load_model("modelo.h5", compile=False)
        >>> with collecting() as outcomes:
        ...     same_predictions(loaded_model, model)
        >>> outcomes[0].passed
        True
    """

    def body() -> Finding:
        _refuse_alias(loaded_model, model)
        found = difference(loaded_model, model, rtol, atol, inputs)
        expected = tr("the same predictions")
        return Finding(found is None, expected, found or expected)

    conclude(body, title=title or tr("Predictions of the reloaded model"), weight=weight, hint=hint)


def reloaded(
    loaded_model: Any,
    *,
    model: Any,
    path: str | os.PathLike[str],
    rtol: float = 1e-3,
    atol: float = 1e-5,
    title: str | None = None,
    hint: str | None = None,
    weight: float = 1.0,
) -> None:
    """Check that a model was reloaded: it is what the file holds, or what ``model`` is, and not ``model`` itself.

    Whether the file holds what it should is another question, that of ``h5_round_trip``: one defect costs
    its points once.

    Example:
        >>> import keras
        >>> from autograder.check.recorder import collecting
        >>> model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1)])
        >>> model.save("modelo.h5")
        >>> with collecting() as outcomes:
        ...     reloaded(model, model=model, path="modelo.h5")
        >>> outcomes[0].actual
        'o próprio objeto que foi treinado'
    """
    name = Path(path).name

    def body() -> Finding:
        _refuse_alias(loaded_model, model)
        expected = tr("the model of {name}", name=name)
        if difference(loaded_model, model, rtol, atol) is None:
            return Finding(True, expected, expected)
        found = difference(loaded_model, load_h5(Path(path), model), rtol, atol)
        return Finding(found is None, expected, found or expected)

    conclude(body, title=title or tr("Model reloaded from {name}", name=name), weight=weight, hint=hint)


def load_h5(path: Path, model: Any) -> Any:
    """Load a whole model from an HDF5 file, uncompiled.

    Args:
        path: The file.
        model: The live model, whose own classes and functions the file may name.

    Raises:
        StudentFailure: There is no such file, it is no HDF5 file, or it holds no whole model.
    """
    import h5py
    import keras

    reader = _reader.get()
    if not path.is_file() or (reader is None and path.is_symlink()):
        raise StudentFailure(
            tr("no file {name}", name=path.name) + listing(path.parent),
            expected=tr("the file {name}", name=path.name),
            hint=tr("Save it with model.save('{name}').", name=path.name),
        )
    if reader is not None:
        return reader(path, model)
    if not h5py.is_hdf5(path):
        raise StudentFailure(
            tr("{name} is not in HDF5 format", name=path.name), hint=tr("Let model.save write the file.")
        )
    with student_code():
        with h5py.File(path, "r") as file:
            whole = "model_config" in file.attrs
        if not whole:
            raise StudentFailure(
                tr("{name} holds weights only, no architecture", name=path.name),
                hint=tr("Use model.save, not model.save_weights."),
            )
        try:
            return keras.models.load_model(path, custom_objects=own_objects(model), compile=False, safe_mode=False)
        except Exception:
            # Keras writes files that it cannot read, of a model with ``x / 255`` in it, say. Such a file is
            # complete all the same: compare its architecture, and load the weights into a copy of the model.
            return _load_into_copy(path, model)


def load_stored(path: Path) -> Any:
    """Load a whole model from a file of either format, uncompiled.

    Raises:
        StudentFailure: The file holds no whole model.
    """
    import keras

    reader = _reader.get()
    if reader is not None:
        return reader(path, None)
    with student_code():
        return keras.models.load_model(path, compile=False)


def _load_into_copy(path: Path, model: Any) -> Any:
    import h5py
    import keras

    with h5py.File(path, "r") as file:
        stored = json.loads(file.attrs["model_config"])
    found, wanted = class_names(stored.get("config")), class_names(model.get_config())
    if found != wanted:
        raise StudentFailure(", ".join(found), expected=", ".join(wanted))
    copy = keras.models.clone_model(model)
    copy.load_weights(path)
    return copy


def class_names(config: Any) -> list[str]:
    """Classes of the layers in a model's configuration, in order."""
    layers = config.get("layers", []) if isinstance(config, dict) else []
    return [str(layer.get("class_name")) for layer in layers if layer.get("class_name") != "InputLayer"]


def own_objects(model: Any) -> dict[str, Any]:
    """Classes and functions of the student's that the layers of a model are made of."""
    found: dict[str, Any] = {}
    for layer in getattr(model, "layers", ()):
        for thing in (type(layer), getattr(layer, "activation", None)):
            module, name = getattr(thing, "__module__", None), getattr(thing, "__name__", None)
            if isinstance(name, str) and isinstance(module, str) and module.split(".")[0] != "keras":
                found[name] = thing
    return found


def _refuse_alias(loaded_model: Any, model: Any) -> None:
    if loaded_model is model:
        raise StudentFailure(
            tr("the very object that was trained"),
            expected=tr("a model loaded from the file"),
            hint=tr("Use keras.models.load_model."),
        )


def difference(one: Any, other: Any, rtol: float, atol: float, inputs: Any = None) -> str | None:
    """In what two models differ, or ``None``; ``inputs`` are what they are asked, random ones if ``None``."""
    for model in (one, other):
        if not hasattr(model, "get_weights"):
            found = tr("an object of type {type}", type=type(model).__name__)
            raise StudentFailure(found, expected=tr("a Keras model"))
    with student_code():
        weights, others = (model.get_weights() for model in (one, other))
        shapes = [[w.shape for w in weights], [w.shape for w in others]]
    if shapes[0] != shapes[1]:
        return tr("another architecture: {one} weights, {other} expected", one=_size(weights), other=_size(others))
    pairs = zip(weights, others, strict=True)
    if not all(np.allclose(w, o, rtol=rtol, atol=atol, equal_nan=True) for w, o in pairs):
        return tr("the architecture is right, the weights are others")
    with student_code():
        if not hasattr(one, "predict") or not hasattr(other, "predict"):
            return None  # its file holds a layer that only the student's kernel knows: the weights have to do
        batch = inputs
        if batch is None:
            batch = _probe(tuple(int(size or 4) for size in other.input_shape[1:]))
        given, wanted = (_predictions(model, batch) for model in (one, other))
    if given.shape == wanted.shape and np.allclose(given, wanted, rtol=rtol, atol=atol, equal_nan=True):
        return None
    return tr("the weights are the same, the predictions are others")


def _predictions(model: Any, batch: np.ndarray) -> np.ndarray:
    # `predict` traces a graph first; for one batch a call is ten times quicker. Only a real model can be called
    # so.
    if type(model).__module__.split(".")[0] == "keras":
        return np.asarray(model(batch, training=False))
    return np.asarray(model.predict(batch, verbose=0))


def _size(weights: list[np.ndarray]) -> int:
    return sum(weight.size for weight in weights)


def _probe(shape: tuple[int, ...], size: int = 32) -> np.ndarray:
    """Inputs of several magnitudes: models may expect pixels, scaled or standardised values."""
    random = np.random.default_rng(12)
    scale = np.geomspace(0.1, 255.0, size).reshape(-1, *(1 for _ in shape))
    return (random.normal(size=(size, *shape)) * scale).astype("float32")
