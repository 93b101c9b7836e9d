"""What is in a stored model: its config, and its weights in the order and by the names that Keras gives them."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from autograder.evidence.allowlist import refuse_config
from autograder.evidence.inspect.archive import read_archive
from autograder.evidence.inspect.hdf5 import Hdf5, open_hdf5
from autograder.evidence.inspect.inspection import Inspection, load_json
from autograder.evidence.refusal import Refused
from autograder.messages import tr

__all__ = ["inspect_archive", "inspect_hdf5"]

MAX_CONFIG = 16 * 2**20


def inspect_hdf5(content: bytes) -> Inspection:
    """Read an HDF5 file of any of the three kinds that Keras writes.

    Raises:
        Refused: It is damaged, dangerous, or of no such kind.
    """
    file = open_hdf5(content)
    if file.attribute("", "model_config") is not None:
        return _whole_model(file)
    if file.names("", "layer_names"):
        data, arrays = _legacy_weights(file, "")
        return Inspection("h5-weights", data | _versions(file, ""), arrays)
    data, arrays = _variables(file)
    if not arrays:
        raise Refused("kind", tr("The file holds neither a model nor weights."))
    return Inspection("weights.h5", data, arrays)


def inspect_archive(content: bytes) -> Inspection:
    """Read a ``.keras`` file.

    Raises:
        Refused: It is damaged or dangerous.
    """
    parts, assets = read_archive(content)
    config = _config(load_json(parts["config.json"]))
    metadata = load_json(parts["metadata.json"])
    if not isinstance(metadata, dict):
        raise Refused("corrupt", tr("The file is damaged."))
    refuse_config(config)
    data, arrays = _variables(open_hdf5(parts["model.weights.h5"]))
    head = {"config": config, "keras_version": _short(metadata.get("keras_version")), "assets": assets}
    return Inspection("keras", head | data, arrays)


def _whole_model(file: Hdf5) -> Inspection:
    config = _config(_json_attribute(file, "model_config"))
    refuse_config(config)
    training = _json_attribute(file, "training_config")
    if training is not None and not isinstance(training, dict):
        raise Refused("corrupt", tr("The file is damaged."))
    data, arrays = _legacy_weights(file, "model_weights")
    listed, optimizer = _weights(file, "optimizer_weights", "optimizer")
    arrays |= optimizer
    found: dict[str, Any] = {"model_config": config, "training_config": training, "optimizer_weights": listed}
    found["iterations"] = _iterations(listed, optimizer)
    return Inspection("h5", found | data | _versions(file, ""), arrays)


def _iterations(listed: list[dict[str, Any]], arrays: Mapping[str, np.ndarray]) -> int | None:
    """How many training steps the optimizer says that it has made."""
    for number, entry in enumerate(listed):
        array = arrays[f"optimizer/{number}"]
        if entry["name"].rsplit("/", 1)[-1] in ("iteration", "iterations") and array.size == 1:
            return int(array.ravel()[0]) if array.dtype.kind in "iu" else None
    return None


def _legacy_weights(file: Hdf5, root: str) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    layers = []
    arrays: dict[str, np.ndarray] = {}
    for number, name in enumerate(file.names(root, "layer_names")):
        listed, found = _weights(file, _join(root, name), f"layer/{number}")
        layers.append({"name": name, "weights": listed})
        arrays |= found
    top, found = _weights(file, _join(root, "top_level_model_weights"), "top")
    return {"layers": layers, "top_level": top}, arrays | found


def _weights(file: Hdf5, group: str, prefix: str) -> tuple[list[dict[str, Any]], dict[str, np.ndarray]]:
    listed = []
    arrays = {}
    seen = set()
    for number, name in enumerate(file.names(group, "weight_names")):
        # One dataset listed a thousand times would be read a thousand times.
        if name in seen:
            raise Refused("hard-link", tr("The file has two names for one part of it."))
        seen.add(name)
        array = file.read(_join(group, name))
        listed.append(_entry(name, array))
        arrays[f"{prefix}/{number}"] = array
    return listed, arrays


def _variables(file: Hdf5) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    listed = []
    arrays = {}
    for number, path in enumerate(sorted(file.datasets)):
        array = file.read(path)
        listed.append(_entry(path, array))
        arrays[f"variable/{number}"] = array
    names = {path: name for path in file.groups if isinstance(name := file.attribute(path, "name"), str)}
    return {"variables": listed, "names": names}, arrays


def _entry(name: str, array: np.ndarray) -> dict[str, Any]:
    return {"name": name, "shape": list(array.shape), "dtype": array.dtype.name}


def _versions(file: Hdf5, path: str) -> dict[str, Any]:
    return {key: _short(file.attribute(path, key)) for key in ("keras_version", "backend")}


def _short(value: Any) -> str | None:
    return value[:80] if isinstance(value, str) else None


def _json_attribute(file: Hdf5, name: str) -> Any:
    text = file.attribute("", name)
    if text is None:
        return None
    if not isinstance(text, str) or len(text) > MAX_CONFIG:
        raise Refused("corrupt", tr("The file is damaged."))
    return load_json(text.encode("utf-8", "surrogateescape"))


def _config(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise Refused("corrupt", tr("The file is damaged."))
    return value


def _join(*parts: str) -> str:
    return "/".join(part for part in parts if part)
