"""The numbers in a TensorFlow Lite file, read without TensorFlow: the file is a flatbuffer, and is never run.

Only what leads to them is followed: the root table, and its vectors of operators, subgraphs and buffers. Every
offset and every length comes from the file, so each is held against the file's size before it is used.
"""

import struct
from typing import Any

import numpy as np

from autograder.evidence.inspect.inspection import Inspection
from autograder.evidence.refusal import Refused
from autograder.messages import tr

__all__ = ["MAGIC", "inspect_lite"]

#: Stands at the fifth byte.
MAGIC = b"TFL3"
MAX_CONTENT = 64 * 2**20
MAX_PARTS = 10_000
_VERSION = 3
#: Fields of a model's table, by their place in TensorFlow's schema; of a buffer's, the first is its content.
_FIELDS = {"version": 0, "operator_codes": 1, "subgraphs": 2, "buffers": 4}
_CONTENT = 0


def inspect_lite(content: bytes) -> Inspection:
    """Read a ``.tflite`` file.

    Returns:
        Kind ``"tflite"``; ``data`` has ``operators`` and ``subgraphs`` (how many there are) and ``variables``, the
        buffers that are not empty, as arrays of bytes.

    Raises:
        Refused: With code ``"corrupt"`` or ``"too-large"``.
    """
    if len(content) > MAX_CONTENT:
        raise _too_large()
    file = _Flatbuffer(content)
    root = file.number("<I", 0)
    if content[4:8] != MAGIC or file.field_number(root, _FIELDS["version"]) != _VERSION:
        raise _damaged()
    operators, subgraphs, buffers = (
        file.tables(root, _FIELDS[name]) for name in ("operator_codes", "subgraphs", "buffers")
    )
    if not operators or not subgraphs:
        raise _damaged()
    listed: list[dict[str, Any]] = []
    arrays: dict[str, np.ndarray] = {}
    left = len(content)
    for number, table in enumerate(buffers):
        kept = file.bytes_of(table, _CONTENT)
        # Many buffers may point at one place: together they are no longer than the file.
        left -= len(kept)
        if left < 0:
            raise _too_large()
        if kept:
            arrays[f"variable/{len(listed)}"] = np.frombuffer(kept, np.uint8)
            listed.append({"name": f"buffer/{number}", "shape": [len(kept)], "dtype": "uint8"})
    data = {"operators": len(operators), "subgraphs": len(subgraphs), "variables": listed}
    return Inspection("tflite", data, arrays)


class _Flatbuffer:
    """Tables and vectors, each read within the bounds of the content."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def number(self, form: str, at: int) -> int:
        if not 0 <= at <= len(self._content) - struct.calcsize(form):
            raise _damaged()
        value: int = struct.unpack_from(form, self._content, at)[0]
        return value

    def field(self, table: int, index: int) -> int | None:
        """Where a field of a table is; ``None`` where the table has none."""
        layout = table - self.number("<i", table)
        if 4 + 2 * index + 2 > self.number("<H", layout):
            return None
        offset = self.number("<H", layout + 4 + 2 * index)
        return table + offset if offset else None

    def field_number(self, table: int, index: int) -> int:
        at = self.field(table, index)
        return self.number("<I", at) if at is not None else 0

    def vector(self, table: int, index: int) -> tuple[int, int]:
        """Where the first element of a vector is, and how many there are."""
        at = self.field(table, index)
        if at is None:
            return 0, 0
        start = at + self.number("<I", at)
        return start + 4, self.number("<I", start)

    def tables(self, table: int, index: int) -> list[int]:
        """Where the tables of a vector are."""
        start, count = self.vector(table, index)
        if count > MAX_PARTS:
            raise _too_large()
        places = range(start, start + 4 * count, 4)
        return [place + self.number("<I", place) for place in places]

    def bytes_of(self, table: int, index: int) -> bytes:
        """A vector of bytes."""
        start, count = self.vector(table, index)
        if start + count > len(self._content):
            raise _damaged()
        return self._content[start : start + count]


def _damaged() -> Refused:
    return Refused("corrupt", tr("The file is damaged."))


def _too_large() -> Refused:
    return Refused("too-large", tr("The file is too large, or claims to be."))
