"""Files as Keras and TensorBoard write them, made without either, so that tests can spoil one part at a time."""

import io
import json
import struct
import zipfile
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from autograder.evidence.inspect.crc import masked_crc32c

KERNEL = np.arange(6, dtype="float32").reshape(3, 2)
BIAS = np.array([1, -1], "float32")


def dense_layer(**changes: Any) -> dict[str, Any]:
    """A dense layer with two units, in the dialect of ``.h5`` files."""
    config = {"name": "dense", "trainable": True, "dtype": "float32", "units": 2, "activation": "relu"}
    return {"class_name": "Dense", "config": config | changes}


def sequential(*layers: dict[str, Any]) -> dict[str, Any]:
    """A sequential model with three inputs, in the dialect of ``.h5`` files."""
    first = {"class_name": "InputLayer", "config": {"batch_shape": [None, 3], "dtype": "float32", "name": "input"}}
    return {
        "class_name": "Sequential",
        "config": {"name": "model", "layers": [first, *(layers or [dense_layer()])]},
    }


def modern(config: dict[str, Any], module: str = "keras.layers") -> dict[str, Any]:
    """The same layer or model in the dialect of ``.keras`` files."""
    found = config | {
        "module": "keras" if config["class_name"] == "Sequential" else module,
        "registered_name": None,
    }
    if "layers" in config["config"]:
        layers = [modern(layer) if "module" not in layer else layer for layer in config["config"]["layers"]]
        found["config"] = config["config"] | {"layers": layers}
    return found


def write_h5(path: Path, config: dict[str, Any] | None = None) -> Path:
    """A whole model as ``model.save("x.h5")`` stores it."""
    with h5py.File(path, "w") as file:
        file.attrs["keras_version"] = "3.15.1"
        file.attrs["backend"] = "tensorflow"
        file.attrs["model_config"] = json.dumps(config or sequential())
        weights = file.create_group("model_weights")
        weights.attrs["layer_names"] = ["dense"]
        layer = weights.create_group("dense")
        layer.attrs["weight_names"] = ["dense/kernel", "dense/bias"]
        layer["dense/kernel"], layer["dense/bias"] = KERNEL, BIAS
        weights.create_group("top_level_model_weights").attrs["weight_names"] = []
        optimizer = file.create_group("optimizer_weights")
        optimizer.attrs["weight_names"] = ["adam/iteration"]
        optimizer["adam/iteration"] = np.int64(7)
    return path


def weights_h5() -> bytes:
    """The weights of that model as Keras 3 stores them."""
    content = io.BytesIO()
    with h5py.File(content, "w") as file:
        group = file.create_group("layers/dense/vars")
        group.attrs["name"] = "dense"
        group["0"], group["1"] = KERNEL, BIAS
        file["optimizer/vars/0"] = np.int64(7)
    return content.getvalue()


def keras_parts(config: dict[str, Any] | None = None) -> dict[str, bytes]:
    """The parts of a ``.keras`` file by name."""
    return {
        "metadata.json": json.dumps({"keras_version": "3.15.1"}).encode(),
        "config.json": json.dumps(config or modern(sequential())).encode(),
        "model.weights.h5": weights_h5(),
    }


def write_keras(path: Path, parts: dict[str, bytes] | None = None, compression: int = zipfile.ZIP_STORED) -> Path:
    """A whole model as ``model.save("x.keras")`` stores it."""
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in (parts or keras_parts()).items():
            archive.writestr(name, content)
    return path


def record(body: bytes) -> bytes:
    """One record of an event file."""
    head = struct.pack("<Q", len(body))
    return head + struct.pack("<I", masked_crc32c(head)) + body + struct.pack("<I", masked_crc32c(body))
