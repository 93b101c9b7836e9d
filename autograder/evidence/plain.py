"""Plain values as data: numbers, strings, containers, arrays, in a table of nodes.

A *document* is JSON: ``{"version": 1, "nodes": [node, …], "roots": {name: index}}``. A node is an object whose
``k`` says what it is; children are indices into the table, so a value that is there twice is one node, and
``a is b`` stays true when the table is read. Arrays lie beside it in an npz archive, under the keys that nodes
name. Writing is done by ``Encoder``, reading by ``Decoder``; the student's kernel and the judge extend both.

Reading believes nothing: whatever is not as this module writes it raises ``Malformed``.
"""

import base64
import io
import json
import zipfile
from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path, PurePath
from typing import Any

import numpy as np

__all__ = ["MAX_DOCUMENT", "VERSION", "Decoder", "Encoder", "Malformed", "read_arrays", "write_arrays"]

VERSION = 1
_MAX_NODES = 100_000
_MAX_DEPTH = 60
_MAX_TEXT = 2_000_000
_MAX_BITS = 16_384
#: Longer lists of numbers are kept as one array.
_PACK = 64
_MAX_OBJECTS = 20_000
_MAX_ARCHIVE = 2**30
#: Bytes of a document, and characters that all its texts may have together.
MAX_DOCUMENT = 64 * 2**20
_MAX_TEXTS = 32_000_000
#: What the values of a document may come to when each is written out: parts, and bytes of copied arrays.
_MAX_PARTS = 5_000_000
_MAX_COPIED = _MAX_ARCHIVE
_MAX_RANGE = 10_000_000
#: Bytes that a number of a list takes in Python, for one byte of the array that it was kept in.
_UNPACKED = 4
_KINDS = "biufcSUmM"
_EPOCH = (1980, 1, 1, 0, 0, 0)

Node = dict[str, Any]


class Malformed(ValueError):
    """A document that is not one."""


def write_arrays(arrays: Mapping[str, np.ndarray]) -> bytes:
    """An npz archive, stored and without times: the same arrays give the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
        for key, array in arrays.items():
            with archive.open(zipfile.ZipInfo(f"{key}.npy", _EPOCH), "w", force_zip64=True) as entry:
                np.lib.format.write_array(entry, array, allow_pickle=False)
    return out.getvalue()


def read_arrays(archive: bytes | Path) -> dict[str, np.ndarray]:
    """The arrays of an npz archive that somebody else wrote.

    Raises:
        Malformed: It is no such archive, it is larger than it may be, or an array in it would need pickle.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(archive) if isinstance(archive, bytes) else archive) as opened:
            entries = opened.infolist()
            if any(e.compress_type != zipfile.ZIP_STORED for e in entries):
                raise Malformed("compressed arrays")
            if sum(e.file_size for e in entries) > _MAX_ARCHIVE or len(entries) > _MAX_NODES:
                raise Malformed("more data than a document may have")
            found = {}
            for entry in entries:
                with opened.open(entry) as stream:
                    found[entry.filename.removesuffix(".npy")] = _read_array(stream, entry.file_size)
            return found
    except Malformed:
        raise
    # NumPy and zipfile raise many kinds of errors on what is no archive; all mean the same here.
    except Exception as error:
        raise Malformed(f"arrays that cannot be read: {type(error).__name__}") from error


def _read_array(stream: Any, size: int) -> np.ndarray:
    version = np.lib.format.read_magic(stream)
    read = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}.get(version)
    if read is None:
        raise Malformed("an array of an unknown version")
    shape, fortran, dtype = read(stream)
    if dtype.hasobject:
        raise Malformed("an array of objects")
    count = int(np.prod(shape, dtype=object)) if shape else 1
    if count < 0 or count * dtype.itemsize > size:
        raise Malformed("an array that is shorter than it says")
    array = np.frombuffer(stream.read(count * dtype.itemsize), dtype=dtype, count=count).copy()
    return array.reshape(shape[::-1]).T if fortran else array.reshape(shape)


class Encoder:
    """Writes values into a document.

    Subclasses say in ``encode_other`` what becomes of values that are not plain.
    """

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.arrays: dict[str, np.ndarray] = {}
        self._seen: dict[int, int] = {}
        self._kept: list[Any] = []  # an id means something only while its object lives
        self._text_left = _MAX_TEXTS

    def add(self, value: Any, depth: int = 0) -> int:
        """The index of the node for ``value``; written now if it is new."""
        known = self._seen.get(id(value))
        if known is not None:
            return known
        index = len(self.nodes)
        if index >= _MAX_NODES:
            return self._full()
        self.nodes.append({"k": "none"})
        if not isinstance(value, int | float | str | bool | type(None)):
            self._seen[id(value)] = index
            self._kept.append(value)
        self.nodes[index] = self._node(value, depth)
        return index

    def document(self, roots: Mapping[str, int], **more: Any) -> bytes:
        """The finished document."""
        whole = {"version": VERSION, "nodes": self.nodes, "roots": dict(roots), **more}
        return json.dumps(whole, allow_nan=False, separators=(",", ":")).encode()

    def encode_other(self, value: Any, depth: int) -> Node:
        """The node of a value that is not plain.

        Raises:
            TypeError: There is none.
        """
        raise TypeError(f"{type(value).__name__} is no plain data")

    def array(self, array: np.ndarray) -> str:
        """Keep an array; returns its key."""
        key = f"a{len(self.arrays)}"
        self.arrays[key] = array
        return key

    def _full(self) -> int:
        self.nodes[-1] = {"k": "opaque", "type": "value", "why": "too much data"}
        return len(self.nodes) - 1

    def _node(self, value: Any, depth: int) -> Node:
        if depth > _MAX_DEPTH:
            return {"k": "opaque", "type": type(value).__name__, "why": "nested too deeply"}
        for kind, write in _WRITERS:
            if isinstance(value, kind):
                node = write(self, value, depth)
                return node if node is not None else self.encode_other(value, depth)
        return self.encode_other(value, depth)

    def children(self, values: Iterable[Any], depth: int) -> list[int]:
        """Nodes for each of ``values``."""
        return [self.add(value, depth + 1) for value in values]

    def _int(self, value: int, depth: int) -> Node | None:
        number = int.__index__(value)
        return {"k": "int", "v": hex(number)} if number.bit_length() <= _MAX_BITS else None

    def _str(self, value: str, depth: int) -> Node | None:
        text = str.__str__(value)
        if len(text) > min(_MAX_TEXT, self._text_left):
            return None
        self._text_left -= len(text)
        return {"k": "str", "v": text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")}

    def _bytes(self, value: bytes, depth: int) -> Node | None:
        if len(value) > min(_MAX_TEXT, self._text_left):
            return None
        self._text_left -= len(value)
        return {"k": "bytes", "v": base64.b64encode(bytes(value)).decode("ascii")}

    def _sequence(self, value: Any, depth: int) -> Node:
        kind = next(k for k in (list, tuple, frozenset, set) if isinstance(value, k))
        items = list(kind.__iter__(value))
        node: Node = {"k": kind.__name__}
        if len(items) > _PACK and kind in (list, tuple) and (packed := _packed(items)) is not None:
            return {**node, "packed": self.array(packed)}
        fields = getattr(type(value), "_fields", None)
        if kind is tuple and isinstance(fields, tuple) and all(isinstance(f, str) for f in fields):
            node["fields"], node["name"] = list(fields), type(value).__name__
        return {**node, "items": self.children(items, depth)}

    def _dict(self, value: dict[Any, Any], depth: int) -> Node:
        items = dict.items(value)
        return {"k": "dict", "items": [[self.add(k, depth + 1), self.add(v, depth + 1)] for k, v in items]}

    def _array(self, value: np.ndarray, depth: int) -> Node | None:
        plain = np.array(value, subok=False, copy=None)
        if plain.dtype.hasobject:
            if plain.size > _MAX_OBJECTS or plain.dtype.kind != "O":
                return None
            items = self.children(plain.ravel().tolist(), depth)
            return {"k": "objects", "shape": list(plain.shape), "items": items}
        if plain.dtype.kind not in _KINDS + "V":
            return None
        return {"k": "array", "key": self.array(np.ascontiguousarray(plain).reshape(plain.shape))}

    def _scalar(self, value: np.generic, depth: int) -> Node | None:
        plain = np.asarray(value)
        return {"k": "scalar", "key": self.array(plain)} if plain.dtype.kind in _KINDS else None


def _packed(items: list[Any]) -> np.ndarray | None:
    """A long list of numbers as one array; ``None`` if it is anything else."""
    if all(type(item) is float for item in items):
        return np.array(items, dtype=np.float64)
    if all(type(item) is int for item in items) and all(-(2**63) <= item < 2**63 for item in items):
        return np.array(items, dtype=np.int64)
    return None


_WRITERS: tuple[tuple[Any, Callable[[Encoder, Any, int], Node | None]], ...] = (
    (type(None), lambda e, v, d: {"k": "none"}),
    (bool, lambda e, v, d: {"k": "bool", "v": v}),
    (np.generic, lambda e, v, d: e._scalar(v, d)),
    (int, lambda e, v, d: e._int(v, d)),
    (float, lambda e, v, d: {"k": "float", "v": float.hex(float.__float__(v))}),
    (complex, lambda e, v, d: {"k": "complex", "v": [float(v.real).hex(), float(v.imag).hex()]}),
    (str, lambda e, v, d: e._str(v, d)),
    (bytes | bytearray, lambda e, v, d: e._bytes(v, d)),
    (list | tuple | set | frozenset, lambda e, v, d: e._sequence(v, d)),
    (dict, lambda e, v, d: e._dict(v, d)),
    (np.ndarray, lambda e, v, d: e._array(v, d)),
    (np.dtype, lambda e, v, d: None if v.hasobject else {"k": "dtype", "v": v.str}),
    (range, lambda e, v, d: {"k": "range", "v": [v.start, v.stop, v.step]}),
    (slice, lambda e, v, d: {"k": "slice", "items": e.children((v.start, v.stop, v.step), d)}),
    (type(...), lambda e, v, d: {"k": "ellipsis"}),
    (datetime, lambda e, v, d: {"k": "datetime", "v": v.isoformat()}),
    (date, lambda e, v, d: {"k": "date", "v": v.isoformat()}),
    (timedelta, lambda e, v, d: {"k": "timedelta", "v": [v.days, v.seconds, v.microseconds]}),
    (PurePath, lambda e, v, d: {"k": "path", "v": str(v)}),
)


class Decoder:
    """Reads the values of a document, each when it is asked for.

    Subclasses say in ``decode_other`` what the nodes mean that are not plain.

    Raises:
        Malformed: The document is none.
    """

    def __init__(self, document: bytes, arrays: Mapping[str, np.ndarray]) -> None:
        if len(document) > MAX_DOCUMENT:
            raise Malformed("a document that is too long")
        try:
            whole = json.loads(document)
        except (ValueError, RecursionError) as error:
            raise Malformed(f"no JSON: {error}") from error
        if not isinstance(whole, dict) or whole.get("version") != VERSION:
            raise Malformed("a document of another version")
        nodes, roots = whole.get("nodes"), whole.get("roots")
        if not isinstance(nodes, list) or len(nodes) > _MAX_NODES or not isinstance(roots, dict):
            raise Malformed("a document without nodes")
        self.nodes: list[Any] = nodes
        self.roots: dict[str, Any] = roots
        self.extra: dict[str, Any] = whole
        self._arrays = arrays
        self._values: dict[int, Any] = {}
        self._depth = 0
        self._parts: dict[int, int] = {}  # of each node's value, written out: nodes may be shared without end
        self._counted = 0
        self._copied = 0

    def root(self, name: str) -> Any:
        """The value called ``name``.

        Raises:
            KeyError: There is none.
        """
        return self.value(self.roots[name])

    def value(self, index: Any) -> Any:
        """The value of a node."""
        if type(index) is not int or not 0 <= index < len(self.nodes):
            raise Malformed("a reference to no node")
        if index in self._values:
            self._counted += self._parts.get(index, 1)
            return self._values[index]
        node = self.nodes[index]
        if not isinstance(node, dict) or self._depth > 2 * _MAX_DEPTH:
            raise Malformed("a node that is none")
        self._depth += 1
        before, self._counted = self._counted, 1
        try:
            made = self._read(index, node)
        except Malformed:
            raise
        except (LookupError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise Malformed(f"a {node.get('k')!r} that is none: {error}") from error
        finally:
            self._depth -= 1
            parts, self._counted = self._counted, before + self._counted
        if parts > _MAX_PARTS:
            self._values.pop(index, None)
            raise Malformed("a value of too many parts")
        self._parts[index] = parts
        self._values[index] = made
        return made

    def decode_other(self, index: int, node: Node) -> Any:
        """The value of a node that is not plain.

        Raises:
            Malformed: There is no such kind.
        """
        raise Malformed(f"a node of unknown kind {node.get('k')!r}")

    def keep(self, index: int, value: Any) -> None:
        """Have ``value`` stand for the node from here on, while its parts are still being read."""
        self._values[index] = value

    def arrays_of(self, key: Any) -> np.ndarray:
        """The array kept under ``key``; the caller may write to it."""
        try:
            array = self._arrays[key]
        except (KeyError, TypeError) as error:
            raise Malformed("an array that is not there") from error
        self._count_copy(array.nbytes)
        return array.copy()

    def _unpacked(self, key: Any) -> list[Any]:
        array = self.arrays_of(key)
        self._count_copy(_UNPACKED * array.nbytes)
        values: list[Any] = array.tolist()
        return values

    def _count_copy(self, size: int) -> None:
        self._copied += size
        if self._copied > _MAX_COPIED:  # many nodes may name one array
            raise Malformed("more arrays than a document may have")

    def _read(self, index: int, node: Node) -> Any:
        kind = node.get("k")
        if kind in ("list", "dict", "set"):
            return self._mutable(index, node)
        if kind in ("tuple", "frozenset"):
            if "packed" in node:
                return tuple(self._unpacked(node["packed"]))
            items = [self.value(i) for i in node["items"]]
            if kind == "frozenset":
                return frozenset(items)
            return _named(node, items) if "fields" in node else tuple(items)
        if kind == "objects":
            items = [self.value(i) for i in node["items"]]
            array = np.empty(len(items), dtype=object)
            array[:] = items
            return array.reshape([int(n) for n in node["shape"]])
        read = _READERS.get(str(kind))
        return read(self, node) if read is not None else self.decode_other(index, node)

    def _mutable(self, index: int, node: Node) -> Any:
        """Containers that may hold themselves."""
        if node["k"] == "list":
            if "packed" in node:
                return self._unpacked(node["packed"])
            values: list[Any] = []
            self.keep(index, values)
            values.extend(self.value(i) for i in node["items"])
            return values
        if node["k"] == "set":
            return {self.value(i) for i in node["items"]}
        mapping: dict[Any, Any] = {}
        self.keep(index, mapping)
        for key, value in node["items"]:
            mapping[self.value(key)] = self.value(value)
        return mapping


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise Malformed("a text that is none")
    return value


_READERS: dict[str, Callable[[Decoder, Node], Any]] = {
    "none": lambda d, n: None,
    "bool": lambda d, n: n["v"] is True,
    "int": lambda d, n: int(_text(n["v"])[: _MAX_BITS // 4 + 8], 16),
    "float": lambda d, n: float.fromhex(_text(n["v"])),
    "complex": lambda d, n: complex(float.fromhex(n["v"][0]), float.fromhex(n["v"][1])),
    "str": lambda d, n: _text(n["v"]),
    "bytes": lambda d, n: base64.b64decode(_text(n["v"]), validate=True),
    "array": lambda d, n: d.arrays_of(n["key"]),
    "scalar": lambda d, n: d.arrays_of(n["key"])[()],
    "dtype": lambda d, n: _dtype(_text(n["v"])),
    "range": lambda d, n: _range(n["v"]),
    "slice": lambda d, n: slice(*(d.value(i) for i in n["items"])),
    "ellipsis": lambda d, n: ...,
    "datetime": lambda d, n: datetime.fromisoformat(_text(n["v"])),
    "date": lambda d, n: date.fromisoformat(_text(n["v"])),
    "timedelta": lambda d, n: timedelta(*(int(v) for v in n["v"])),
    "path": lambda d, n: Path(_text(n["v"])),
}


def _named(node: Node, items: list[Any]) -> Any:
    fields = [_text(field) for field in node["fields"]]
    made = namedtuple("_Named", fields, rename=True)  # type: ignore[misc]  # of fields that are data
    made.__name__ = _text(node["name"])[:80]
    return made(*items)


def _range(parts: list[Any]) -> range:
    made = range(*(int(v) for v in parts))
    if len(made) > _MAX_RANGE:  # raises OverflowError if it is longer still
        raise Malformed("a range that no test could walk through")
    return made


def _dtype(text: str) -> np.dtype[Any]:
    made = np.dtype(text)
    if made.hasobject:
        raise Malformed("a type of objects")
    return made
