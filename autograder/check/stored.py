"""What is in a model file, as numbers and settings: the optimizer in it, and the weights, whatever they belong to.

In a student's own kernel the file is theirs and is read here. The judge reads no file of a student's: it says
with ``stored_with`` who does.
"""

import json
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from autograder.check.guard import StudentFailure, student_code
from autograder.messages import tr

__all__ = ["Stored", "listing", "read_stored", "stored_archive", "stored_h5", "stored_with", "weights_of"]

#: Endings of the files that Keras writes models to.
_SUFFIXES = (".h5", ".hdf5", ".keras")
_STATE = "optimizer/vars/"


@dataclass(frozen=True)
class Stored:
    """What a file holds.

    Args:
        kind: ``"h5"`` or ``"keras"`` for a whole model, ``"h5-weights"`` or ``"weights.h5"`` for weights alone.
        weights: The model's weights, in the file's order.
        optimizer: The optimizer's ``class_name`` and ``config``; ``None`` if the file names none.
        state: The optimizer's variables in Keras' order: steps made, learning rate, then its slots.
        config: The configuration of the model, of a whole one.
    """

    kind: str
    weights: tuple[np.ndarray, ...] = ()
    optimizer: Mapping[str, Any] | None = None
    state: tuple[np.ndarray, ...] = ()
    config: Any = None

    @property
    def steps(self) -> int | None:
        """How many training steps the optimizer has made; ``None`` if the file does not say."""
        first = self.state[0] if self.state else None
        if first is None or first.size != 1 or first.dtype.kind not in "iu":
            return None
        return int(first.reshape(-1)[0])

    @property
    def slots(self) -> tuple[np.ndarray, ...]:
        """Moments, accumulators and the like: what the optimizer keeps for each weight."""
        return tuple(array for array in self.state if array.ndim)


Reader = Callable[[Path], Stored]
_reader: ContextVar[Reader | None] = ContextVar("stored_reader", default=None)


@contextmanager
def stored_with(reader: Reader) -> Iterator[None]:
    """Read model files with ``reader`` inside the block. It raises ``StudentFailure`` where a file is none."""
    token = _reader.set(reader)
    try:
        yield
    finally:
        _reader.reset(token)


def read_stored(path: Path, *, method: str = "save") -> Stored:
    """What is in a model file.

    Args:
        path: The file.
        method: The method of a model that would have written it.

    Raises:
        StudentFailure: There is no such file, or it is none that Keras wrote.
    """
    reader = _reader.get()
    if not path.is_file() or (reader is None and path.is_symlink()):
        raise StudentFailure(
            tr("no file {name}", name=path.name) + listing(path.parent),
            expected=tr("the file {name}", name=path.name),
            hint=tr("Save it with model.{method}('{name}').", method=method, name=path.name),
        )
    if reader is not None:
        return reader(path)
    with student_code():
        return _from_archive(path) if zipfile.is_zipfile(path) else _from_hdf5(path)


def listing(folder: Path) -> str:
    """The model files of a folder, in parentheses; nothing if there is none."""
    found = sorted(p.name for p in folder.glob("*") if p.suffix in _SUFFIXES)
    return f" ({', '.join(found)})" if found else ""


def stored_archive(config: Any, variables: Mapping[str, np.ndarray]) -> Stored:
    """A ``.keras`` file by its configuration and its variables by path."""
    compiled = config.get("compile_config") if isinstance(config, Mapping) else None
    optimizer = compiled.get("optimizer") if isinstance(compiled, Mapping) else None
    return Stored("keras", weights_of(variables), _optimizer(optimizer), state_of(variables), _inner(config))


def stored_h5(config: Any, training: Any, weights: Iterable[np.ndarray], state: Iterable[np.ndarray]) -> Stored:
    """A whole model in an ``.h5`` file by its configurations, its weights and the optimizer's variables."""
    optimizer = training.get("optimizer_config") if isinstance(training, Mapping) else None
    return Stored("h5", tuple(weights), _optimizer(optimizer), tuple(state), _inner(config))


def state_of(variables: Mapping[str, np.ndarray]) -> tuple[np.ndarray, ...]:
    """The optimizer's variables among those that Keras stores by path, in the optimizer's order."""
    numbers = [path.removeprefix(_STATE) for path in variables if path.startswith(_STATE)]
    return tuple(variables[_STATE + number] for number in sorted(filter(str.isdecimal, numbers), key=int))


def weights_of(variables: Mapping[str, np.ndarray]) -> tuple[np.ndarray, ...]:
    """The weights of a model among those that Keras stores by path: no optimizer, no states of generators."""
    return tuple(
        array
        for path, array in variables.items()
        if not path.startswith("optimizer/") and "seed_generator" not in path
    )


def _optimizer(config: Any) -> Mapping[str, Any] | None:
    return config if isinstance(config, Mapping) and isinstance(config.get("config"), Mapping) else None


def _inner(config: Any) -> Any:
    return config.get("config") if isinstance(config, Mapping) else None


def _from_archive(path: Path) -> Stored:
    with zipfile.ZipFile(path) as archive:
        config = json.loads(archive.read("config.json"))
        variables = _variables(BytesIO(archive.read("model.weights.h5")))
    return stored_archive(config, variables)


def _from_hdf5(path: Path) -> Stored:
    import h5py

    if not h5py.is_hdf5(path):
        raise StudentFailure(
            tr("{name} is not in HDF5 format", name=path.name), hint=tr("Let model.save write the file.")
        )
    with h5py.File(path, "r") as file:
        if "model_config" in file.attrs:
            training = json.loads(file.attrs.get("training_config", "null"))
            group = file.get("optimizer_weights")
            state = () if group is None else tuple(np.asarray(group[name]) for name in group.attrs["weight_names"])
            config = json.loads(file.attrs["model_config"])
            return stored_h5(config, training, _by_layer(file["model_weights"]), state)
        if "layer_names" in file.attrs:
            return Stored("h5-weights", _by_layer(file))
    return Stored("weights.h5", weights_of(_variables(path)))


def _by_layer(group: Any) -> tuple[np.ndarray, ...]:
    layers = [group[name] for name in group.attrs["layer_names"]]
    return tuple(np.asarray(layer[name]) for layer in layers for name in layer.attrs["weight_names"])


def _variables(source: Any) -> dict[str, np.ndarray]:
    import h5py

    found: dict[str, np.ndarray] = {}
    with h5py.File(source, "r") as file:
        file.visititems(
            lambda name, item: found.update({name: np.asarray(item)}) if isinstance(item, h5py.Dataset) else None
        )
    return found
