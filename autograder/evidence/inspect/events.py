"""TensorBoard event files: what was logged, by tag and step.

Records are cut here, with a limit on each, because TensorBoard's reader allocates whatever length a record claims.
The messages in them are TensorBoard's own protocol buffers. Values are not: its ``make_ndarray`` repeats one
number as often as a shape claims, so tensors are read here as well, and only as many numbers as the record holds.
A log whose end is damaged or missing is what a killed training leaves: the records before it count, and the data
say so.
"""

import math
import struct
from collections.abc import Iterator
from typing import Any

import numpy as np

from autograder.evidence.inspect.crc import masked_crc32c
from autograder.evidence.inspect.inspection import Inspection
from autograder.evidence.refusal import Refused
from autograder.messages import tr

__all__ = ["inspect_events"]

MAX_RECORD = 64 * 2**20
MAX_RECORDS = 500_000
MAX_TAGS = 5_000
MAX_POINTS = 1_000_000
MAX_TEXT = 500
_DTYPES = {
    1: "<f4",
    2: "<f8",
    3: "<i4",
    4: "u1",
    5: "<i2",
    6: "i1",
    9: "<i8",
    10: "?",
    19: "<f2",
    22: "<u4",
    23: "<u8",
}
_FIELDS = {
    1: "float_val", 2: "double_val", 3: "int_val", 4: "int_val", 5: "int_val", 6: "int_val", 9: "int64_val",
    10: "bool_val", 22: "uint32_val", 23: "uint64_val",
}  # fmt: skip
_STRING = 7


class _DamagedError(Exception):
    """The rest of the log can't be read; the argument says why."""


def inspect_events(content: bytes) -> Inspection:
    """Read an event file.

    Args:
        content: The whole file.

    Returns:
        An inspection without arrays. Its data: ``records`` (how many), ``damaged`` (``None``, or why it stopped),
        ``file_version``, ``scalars`` (tag to lists of step, wall time in seconds, value; a value that is no finite
        number is ``None``), ``histograms`` (tag to dicts with ``step``, ``buckets``, ``min``, ``max``, ``sum``),
        ``images`` (tag to dicts with ``step``, ``width``, ``height``, ``count``), ``texts`` (tag to lists of step,
        text), ``graph``, ``plugins`` and ``unreadable`` (how many values were of no known form).

    Raises:
        Refused: Not even the first record is sound, or there is too much of it.
    """
    log = _Log()
    records = 0
    damaged = None
    try:
        for record in _records(content):
            records += 1
            if records > MAX_RECORDS:
                raise _too_large()
            log.add(record)
    except _DamagedError as error:
        damaged = str(error)
        if not log.sound:
            raise Refused("corrupt", tr("The file is damaged.")) from error
    if not log.sound:
        raise Refused("corrupt", tr("This is no TensorBoard log."))
    return Inspection("tfevents", {"records": records, "damaged": damaged} | log.data())


def _records(content: bytes) -> Iterator[bytes]:
    position = 0
    while position < len(content):
        if len(content) - position < 12:
            raise _DamagedError("truncated")
        head = content[position : position + 8]
        length, check = struct.unpack_from("<QI", content, position)
        if masked_crc32c(head) != check:
            raise _DamagedError("checksum")
        if length > MAX_RECORD:
            raise _DamagedError("record too large")
        position += 12
        if len(content) - position < length + 4:
            raise _DamagedError("truncated")
        body = content[position : position + length]
        position += length
        if masked_crc32c(body) != struct.unpack_from("<I", content, position)[0]:
            raise _DamagedError("checksum")
        position += 4
        yield body


class _Log:
    """What the records so far say."""

    def __init__(self) -> None:
        self.sound = False
        self.version: str | None = None
        self.graph = False
        self.points = 0
        self.unreadable = 0
        self.plugins: set[str] = set()
        self.plugin_of: dict[str, str] = {}
        self.scalars: dict[str, list[list[Any]]] = {}
        self.histograms: dict[str, list[dict[str, Any]]] = {}
        self.images: dict[str, list[dict[str, Any]]] = {}
        self.texts: dict[str, list[list[Any]]] = {}

    def data(self) -> dict[str, Any]:
        return {
            "file_version": self.version,
            "scalars": self.scalars,
            "histograms": self.histograms,
            "images": self.images,
            "texts": self.texts,
            "graph": self.graph,
            "plugins": sorted(self.plugins),
            "unreadable": self.unreadable,
        }

    def add(self, record: bytes) -> None:
        from google.protobuf.message import DecodeError
        from tensorboard.compat.proto import event_pb2

        try:
            event = event_pb2.Event.FromString(record)
        except DecodeError as error:
            raise _DamagedError("message") from error
        what = event.WhichOneof("what")
        if what is None and not self.sound:
            raise _DamagedError("message")
        self.sound = True
        if what == "file_version":
            self.version = event.file_version[:80]
        elif what in ("graph_def", "meta_graph_def"):
            self.graph = True
        elif what == "summary":
            wall = event.wall_time if math.isfinite(event.wall_time) else None
            for value in event.summary.value:
                self.value(value, int(event.step), wall)

    def value(self, value: Any, step: int, wall: float | None) -> None:
        tag = value.tag
        if len(tag) > MAX_TEXT:
            raise _too_large()
        plugin = value.metadata.plugin_data.plugin_name
        if plugin:
            self.plugin_of.setdefault(tag, plugin[:80])
            self.plugins.add(plugin[:80])
        if len(self.plugin_of) > MAX_TAGS or len(self.plugins) > MAX_TAGS:
            raise _too_large()
        self.points += 1
        if self.points > MAX_POINTS:
            raise _too_large()
        form = value.WhichOneof("value")
        if form == "simple_value":
            self._put(self.scalars, tag, [step, wall, _finite(value.simple_value)])
        elif form == "histo":
            histogram = value.histo
            self._put(self.histograms, tag, _old_histogram(histogram, step))
        elif form == "image":
            size = {"step": step, "width": value.image.width, "height": value.image.height, "count": 1}
            self._put(self.images, tag, size)
        elif form == "tensor":
            self._tensor(self.plugin_of.get(tag, ""), tag, value.tensor, step, wall)

    def _tensor(self, plugin: str, tag: str, tensor: Any, step: int, wall: float | None) -> None:
        if plugin in ("graphs", "graph_keras_model") or plugin.startswith("graph_"):
            self.graph = True
        elif plugin == "scalars":
            numbers = _numbers(tensor)
            if numbers is None or numbers.size != 1:
                self.unreadable += 1
            else:
                self._put(self.scalars, tag, [step, wall, _finite(numbers.ravel()[0])])
        elif plugin == "histograms":
            numbers = _numbers(tensor)
            if numbers is None or (numbers.size and (numbers.ndim != 2 or numbers.shape[1] != 3)):
                self.unreadable += 1
            else:
                self._put(self.histograms, tag, _histogram(numbers, step))
        elif plugin == "images":
            image = _image(tensor, step)
            if image is None:
                self.unreadable += 1
            else:
                self._put(self.images, tag, image)
        elif plugin == "text" and tensor.dtype == _STRING:
            text = b" ".join(tensor.string_val[:8])[:MAX_TEXT].decode("utf-8", "replace")
            self._put(self.texts, tag, [step, text])

    def _put(self, where: dict[str, list[Any]], tag: str, entry: Any) -> None:
        if tag not in where and len(where) >= MAX_TAGS:
            raise _too_large()
        where.setdefault(tag, []).append(entry)


def _numbers(tensor: Any) -> np.ndarray | None:
    """The numbers that a tensor holds; ``None`` unless there are as many as its shape says."""
    dtype = _DTYPES.get(tensor.dtype)
    if dtype is None or tensor.tensor_shape.unknown_rank or len(tensor.tensor_shape.dim) > 8:
        return None
    shape = tuple(int(dim.size) for dim in tensor.tensor_shape.dim)
    if any(size < 0 for size in shape):
        return None
    count = math.prod(shape)
    if tensor.tensor_content:
        if len(tensor.tensor_content) != count * np.dtype(dtype).itemsize:
            return None
        return np.frombuffer(tensor.tensor_content, dtype).reshape(shape)
    if tensor.dtype == 19:
        if len(tensor.half_val) != count:
            return None
        halves = [half & 0xFFFF for half in tensor.half_val]
        return np.array(halves, np.uint16).view(np.float16).reshape(shape)
    values = getattr(tensor, _FIELDS[tensor.dtype])
    if len(values) != count:
        return None
    return np.array(values, "<f8").reshape(shape)


def _image(tensor: Any, step: int) -> dict[str, Any] | None:
    if tensor.dtype != _STRING or len(tensor.string_val) < 2:
        return None
    width, height = (bytes(text) for text in tensor.string_val[:2])
    if not all(len(text) <= 6 and text.isdigit() for text in (width, height)):
        return None
    return {"step": step, "width": int(width), "height": int(height), "count": len(tensor.string_val) - 2}


def _histogram(numbers: np.ndarray, step: int) -> dict[str, Any]:
    buckets = numbers.astype(float).reshape(-1, 3)
    with np.errstate(all="ignore"):
        total = float((buckets[:, :2].mean(axis=1) * buckets[:, 2]).sum())
    used = buckets[buckets[:, 2] > 0]
    return {
        "step": step,
        "buckets": len(buckets),
        "count": _finite(buckets[:, 2].sum()),
        "min": _finite(used[:, 0].min()) if len(used) else None,
        "max": _finite(used[:, 1].max()) if len(used) else None,
        # Of the middles of the buckets: the newer format does not keep the true sum.
        "sum": _finite(total),
    }


def _old_histogram(histogram: Any, step: int) -> dict[str, Any]:
    return {
        "step": step,
        "buckets": len(histogram.bucket),
        "count": _finite(histogram.num),
        "min": _finite(histogram.min),
        "max": _finite(histogram.max),
        "sum": _finite(histogram.sum),
    }


def _finite(number: Any) -> float | None:
    value = float(number)
    return value if math.isfinite(value) else None


def _too_large() -> Refused:
    return Refused("too-large", tr("The file is too large, or claims to be."))
