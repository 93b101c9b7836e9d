"""What an inspector found in a file, as plain data, and how it crosses into the next zone.

The inspector has read hostile bytes, so whoever reads what it wrote does not trust it either: sizes, names, types
and shapes are checked again on reading, and nothing is unpickled.
"""

import json
import math
import re
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import numpy as np

from autograder.evidence.inspect.source import read_file
from autograder.evidence.refusal import Refused
from autograder.messages import tr

__all__ = ["KINDS", "Inspection", "load_json"]

#: A whole legacy model, its weights alone, the weights of Keras 3, a whole model of Keras 3, a TensorBoard log, a
#: model of TensorFlow Lite.
KINDS: Final = ("h5", "h5-weights", "weights.h5", "keras", "tfevents", "tflite")
VERSION: Final = 1
MAX_JSON = 32 * 2**20
MAX_ARRAYS = 50_000
MAX_ARRAY_BYTES = 512 * 2**20
_JSON, _NPZ = "inspection.json", "arrays.npz"
_ARRAY_NAME = re.compile(r"(?:layer/\d{1,5}|top|optimizer|variable)/\d{1,5}")


@dataclass(frozen=True)
class Inspection:
    """What is in a file.

    Args:
        kind: One of ``KINDS``.
        data: What fits JSON; what keys there are depends on the kind.
        arrays: Numbers, by names such as ``layer/0/1``, ``top/0``, ``optimizer/3`` and ``variable/7``.
    """

    kind: str
    data: dict[str, Any]
    arrays: dict[str, np.ndarray] = field(default_factory=dict)

    def to_files(self, folder: Path) -> None:
        """Write ``inspection.json`` and ``arrays.npz``."""
        document = {"version": VERSION, "kind": self.kind, "data": self.data}
        (folder / _JSON).write_text(json.dumps(document), encoding="utf-8")
        with zipfile.ZipFile(folder / _NPZ, "w", zipfile.ZIP_STORED) as archive:
            for name, array in self.arrays.items():
                with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                    np.lib.format.write_array(member, np.asarray(array), allow_pickle=False)

    @classmethod
    def from_files(cls, folder: Path) -> "Inspection":
        """Read what ``to_files`` wrote.

        Raises:
            Refused: With code ``"inspection"``: it is not what an honest inspector writes.
        """
        document = load_json(read_file(folder / _JSON, MAX_JSON), code="inspection")
        if not isinstance(document, dict) or document.get("version") != VERSION:
            raise _bad()
        kind, data = document.get("kind"), document.get("data")
        if kind not in KINDS or not isinstance(data, dict):
            raise _bad()
        arrays = _read_arrays(read_file(folder / _NPZ, MAX_ARRAY_BYTES + MAX_JSON))
        if kind != "tfevents" and set(arrays) != _listed(data, arrays):
            raise _bad()
        if kind == "tfevents" and arrays:
            raise _bad()
        return cls(kind, data, arrays)


def load_json(content: bytes, *, code: str = "corrupt") -> Any:
    """JSON that somebody else wrote.

    Raises:
        Refused: It is none, or it is nested too deeply.
    """
    try:
        return json.loads(content.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise Refused(code, tr("The file is damaged.")) from error


def _read_arrays(content: bytes) -> dict[str, np.ndarray]:
    arrays: dict[str, np.ndarray] = {}
    total = 0
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            members = archive.infolist()
            if len(members) > MAX_ARRAYS:
                raise _bad()
            for member in members:
                name = member.filename.removesuffix(".npy")
                if not _ARRAY_NAME.fullmatch(name) or name in arrays or member.flag_bits & 1:
                    raise _bad()
                total += member.file_size
                if member.compress_type != zipfile.ZIP_STORED or total > MAX_ARRAY_BYTES + MAX_JSON:
                    raise _bad()
                arrays[name] = _read_array(archive.read(member))
    except (zipfile.BadZipFile, zlib.error, ValueError, EOFError, OSError, MemoryError, RuntimeError) as error:
        raise _bad() from error
    return arrays


def _read_array(content: bytes) -> np.ndarray:
    stream = BytesIO(content)
    try:
        if np.lib.format.read_magic(stream) != (1, 0):
            raise _bad()
        shape, fortran, dtype = np.lib.format.read_array_header_1_0(stream)
    except Exception as error:
        # NumPy tokenises and evaluates the header, and what can come out of that is anybody's guess.
        raise _bad() from error
    body = memoryview(content)[stream.tell() :]
    if dtype.kind not in "biuf" or dtype.hasobject or dtype.itemsize * math.prod(shape) != len(body):
        raise _bad()
    return np.frombuffer(body, dtype).reshape(shape, order="F" if fortran else "C").copy()


def _listed(data: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> set[str]:
    """The arrays that the data speak of; they have the shapes that it says."""
    groups: list[tuple[str, Any]] = [
        (prefix, data[key])
        for prefix, key in (("top", "top_level"), ("optimizer", "optimizer_weights"), ("variable", "variables"))
        if key in data
    ]
    layers = data.get("layers", [])
    if not isinstance(layers, list):
        raise _bad()
    for number, layer in enumerate(layers):
        if not isinstance(layer, dict) or not isinstance(layer.get("name"), str):
            raise _bad()
        groups.append((f"layer/{number}", layer.get("weights")))
    names = set()
    for prefix, listed in groups:
        if not isinstance(listed, list):
            raise _bad()
        for number, entry in enumerate(listed):
            name = f"{prefix}/{number}"
            if not isinstance(entry, dict) or not isinstance(entry.get("name"), str) or name not in arrays:
                raise _bad()
            if entry.get("shape") != list(arrays[name].shape):
                raise _bad()
            names.add(name)
    return names


def _bad() -> Refused:
    return Refused("inspection", tr("What was found in the file cannot be read."))
