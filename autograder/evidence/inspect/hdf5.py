"""HDF5 files, read without following anything that leads out of them.

Before a dataset is read, the whole file is walked by hard links alone: the type of each link is known before the
link is followed, each object is met once, and what the file declares is added up. A file that declares a link,
outside storage, an odd type or more than the limits is refused, whether or not anyone would read that part.
Reading then goes by the table that the walk made, never by a path. The file is opened from bytes in memory, so
that what is walked is what is read.

libhdf5 is C and meets hostile bytes here. Run this in a sandboxed process of its own: that it dies by a signal or
eats its memory limit means that the file is refused.
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import h5py
import numpy as np
from h5py import h5a, h5d, h5f, h5g, h5l, h5o, h5p, h5s, h5t, h5z

from autograder.evidence.refusal import Refused
from autograder.messages import tr

__all__ = ["MAGIC", "Hdf5", "open_hdf5"]

MAGIC = b"\x89HDF\r\n\x1a\n"
MAX_DECLARED = 512 * 2**20
MAX_OBJECTS = 50_000
MAX_DEPTH = 24
MAX_ATTRIBUTES = 64
MAX_ATTRIBUTE = 16 * 2**20
MAX_ELEMENTS = 20_000
MAX_CHUNK = 64 * 2**20
#: Compressed weights are hardly ever half their size; a bomb is a thousandth.
MAX_EXPANSION = 200
_EXPANSION_FLOOR = 2**20
_HEAP = b"GCOL\x01"
_FILTERS = {h5z.FILTER_DEFLATE, h5z.FILTER_SHUFFLE}
_NUMBERS = {h5t.INTEGER, h5t.FLOAT}


@dataclass
class Hdf5:
    """A walked file: its groups and datasets by path, without a leading slash. The root is the empty path."""

    groups: dict[str, h5g.GroupID] = field(default_factory=dict)
    datasets: dict[str, h5d.DatasetID] = field(default_factory=dict)
    declared: int = 0

    def attribute(self, path: str, name: str) -> Any:
        """An attribute as ``str``, a list of ``str``, a number or an array; ``None`` if there is none."""
        with parsing():
            if path in self.groups:
                attributes = h5py.Group(self.groups[path]).attrs
            elif path in self.datasets:
                attributes = h5py.Dataset(self.datasets[path]).attrs
            else:
                return None
            return _text(attributes[name]) if name in attributes else None

    def names(self, path: str, name: str) -> list[str]:
        """A list of names, which Keras cuts into ``name0``, ``name1``, … if it is long.

        Raises:
            Refused: It is no list of text.
        """
        found = self.attribute(path, name)
        if found is None:
            found, part = [], 0
            while (more := self.attribute(path, f"{name}{part}")) is not None:
                found.extend(more if isinstance(more, list) else [more])
                part += 1
        if isinstance(found, np.ndarray) and found.size == 0:
            return []
        if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
            raise _damaged()
        return found

    def read(self, path: str) -> np.ndarray:
        """A dataset as an array of numbers; ``bfloat16`` as ``float32``, which has every value of it.

        Raises:
            Refused: There is none, or it can't be read.
        """
        if path not in self.datasets:
            raise Refused("corrupt", tr("The file is damaged: {part} is missing.", part=path[:80]))
        identifier = self.datasets[path]
        with parsing():
            array = np.asarray(h5py.Dataset(identifier)[()])
        if array.dtype.kind == "V":
            if self.attribute(path, "dtype") != "bfloat16":
                raise _odd_type()
            bits = np.ascontiguousarray(array).view(np.uint16).astype(np.uint32)
            array = (bits << 16).view(np.float32).reshape(array.shape)
        if array.dtype.kind not in "biuf":
            raise _odd_type()
        return array


@contextmanager
def parsing() -> Iterator[None]:
    """What libraries raise at damaged bytes, as a refusal."""
    try:
        yield
    except Refused:
        raise
    except (
        OSError,
        RuntimeError,
        ValueError,
        KeyError,
        TypeError,
        ArithmeticError,
        MemoryError,
        EOFError,
    ) as error:
        raise _damaged() from error


def open_hdf5(content: bytes) -> Hdf5:
    """Walk a file and refuse what it must not have.

    Args:
        content: The whole file.

    Raises:
        Refused: With code ``"corrupt"``, ``"soft-link"``, ``"external-link"``, ``"hard-link"``,
            ``"external-storage"``, ``"virtual-dataset"``, ``"dtype"``, ``"filter"``, ``"user-block"`` or
            ``"too-large"``.
    """
    if not content.startswith(MAGIC):
        code = "user-block" if MAGIC in content[: 2**20] else "corrupt"
        raise Refused(code, tr("This is not an HDF5 file."))
    _refuse_endless_heaps(content)
    with parsing():
        file = h5f.open_file_image(content)
        if file.get_create_plist().get_userblock() != 0:
            raise Refused("user-block", tr("This is not an HDF5 file."))
        return _walk(h5g.open(file, b"/"))


def _refuse_endless_heaps(content: bytes) -> None:
    """Refuse heaps of text in which libhdf5 goes round for ever: free space of no size takes one flipped byte."""
    start = content.find(_HEAP)
    while start >= 0:
        size = int.from_bytes(content[start + 8 : start + 16], "little")
        end = min(start + size, len(content))
        position = start + 16
        while end - position >= 16:
            index = int.from_bytes(content[position : position + 2], "little")
            length = int.from_bytes(content[position + 8 : position + 16], "little")
            # Free space counts its own head, other things do not.
            step = length if index == 0 else 16 + -(-length // 8) * 8
            if step < 16 or step > end - position:
                raise _damaged()
            position += step
        start = content.find(_HEAP, start + 1)


def _walk(root: h5g.GroupID) -> Hdf5:
    found = Hdf5()
    visited = {_address(root)}
    waiting: list[tuple[str, h5g.GroupID, int]] = [("", root, 0)]
    while waiting:
        path, group, depth = waiting.pop()
        if depth > MAX_DEPTH or len(visited) + group.get_num_objs() > MAX_OBJECTS:
            raise _too_large()
        found.groups[path] = group
        _refuse_attributes(group)
        for name in _hard_links(group):
            child = h5o.open(group, name)
            address = _address(child)
            if address in visited:
                raise Refused("hard-link", tr("The file has two names for one part of it."))
            visited.add(address)
            inner = f"{path}/{name.decode()}" if path else name.decode()
            if isinstance(child, h5g.GroupID):
                waiting.append((inner, child, depth + 1))
            elif isinstance(child, h5d.DatasetID):
                _refuse_attributes(child)
                found.declared += _refuse_dataset(child)
                found.datasets[inner] = child
            else:
                raise _odd_type()
            if found.declared > MAX_DECLARED:
                raise _too_large()
    return found


def _hard_links(group: h5g.GroupID) -> list[bytes]:
    names = list(group)
    for name in names:
        kind = group.links.get_info(name).type
        if kind == h5l.TYPE_SOFT:
            raise Refused("soft-link", tr("The file has a link, which is not followed."))
        if kind != h5l.TYPE_HARD:
            raise Refused("external-link", tr("The file has a link to another file."))
    return names


def _address(identifier: Any) -> tuple[int, int]:
    info = h5o.get_info(identifier)
    return info.fileno, info.addr


def _refuse_dataset(dataset: h5d.DatasetID) -> int:
    """Refuse a dataset that is not plain numbers in this very file; how many bytes it declares."""
    plan: h5p.PropDCID = dataset.get_create_plist()
    if plan.get_layout() == h5d.VIRTUAL:
        raise Refused("virtual-dataset", tr("The file refers to data in another file."))
    if plan.get_external_count() > 0:
        raise Refused("external-storage", tr("The file refers to data in another file."))
    if plan.get_layout() not in (h5d.COMPACT, h5d.CONTIGUOUS, h5d.CHUNKED):
        raise _odd_type()
    for index in range(plan.get_nfilters()):
        if plan.get_filter(index)[0] not in _FILTERS:
            raise Refused("filter", tr("The file is compressed in an unusual way."))
    size = _refuse_type(dataset.get_type(), attribute=False)
    space = dataset.get_space()
    if space.get_simple_extent_type() not in (h5s.SCALAR, h5s.SIMPLE):
        raise _odd_type()
    declared = math.prod(space.shape) * size
    stored = dataset.get_storage_size()
    if declared > MAX_DECLARED or (declared > _EXPANSION_FLOOR and declared > MAX_EXPANSION * stored):
        raise _too_large()
    if plan.get_layout() == h5d.CHUNKED and math.prod(plan.get_chunk()) * size > MAX_CHUNK:
        raise _too_large()
    return int(declared)


def _refuse_type(kind: h5t.TypeID, *, attribute: bool) -> int:
    """Refuse what is neither a number nor text; the bytes of one element."""
    code, size = kind.get_class(), int(kind.get_size())
    if code in _NUMBERS and size <= 8:
        return size
    if code == h5t.ENUM and size == 1:  # a bool
        return size
    if code == h5t.OPAQUE and size == 2 and not attribute:  # a bfloat16
        return size
    if code == h5t.STRING and attribute and size <= MAX_ATTRIBUTE:
        return size
    raise _odd_type()


def _refuse_attributes(owner: Any) -> None:
    count = h5a.get_num_attrs(owner)
    if count > MAX_ATTRIBUTES:
        raise _too_large()
    for index in range(count):
        attribute = h5a.open(owner, index=index)
        size = _refuse_type(attribute.get_type(), attribute=True)
        space = attribute.get_space()
        if space.get_simple_extent_type() not in (h5s.SCALAR, h5s.SIMPLE):
            raise _odd_type()
        elements = math.prod(space.shape)
        if elements > MAX_ELEMENTS or elements * size > MAX_ATTRIBUTE:
            raise _too_large()


def _text(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, np.ndarray) and value.dtype.kind in "OSU":
        return [_text(each) for each in value.ravel().tolist()]
    return value


def _damaged() -> Refused:
    return Refused("corrupt", tr("The file is damaged."))


def _odd_type() -> Refused:
    return Refused("dtype", tr("The file holds something other than numbers."))


def _too_large() -> Refused:
    return Refused("too-large", tr("The file is too large, or claims to be."))
