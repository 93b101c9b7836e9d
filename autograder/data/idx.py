"""The idx format of the MNIST family: big-endian header, then unsigned bytes, in a gzip file."""

import gzip
import struct
from pathlib import Path

import numpy as np

from autograder.data.datasets import Array, FashionMnist

__all__ = ["read_fashion_mnist", "read_idx", "write_fashion_mnist", "write_idx"]

_UINT8 = 0x08
#: File names as Keras caches them, by the array that each one holds.
FILES = {
    "X_train": "train-images-idx3-ubyte.gz",
    "y_train": "train-labels-idx1-ubyte.gz",
    "X_test": "t10k-images-idx3-ubyte.gz",
    "y_test": "t10k-labels-idx1-ubyte.gz",
}
_MOST_BYTES = 1 << 28  # no array of the family is near 256 MiB; a gzip bomb is stopped here


def read_idx(path: Path) -> Array:
    """Read a gzip-compressed idx file of unsigned bytes.

    Raises:
        ValueError: The file is not such a file, or is cut short.
        OSError: It cannot be read, or its gzip layer is damaged.
    """
    with gzip.open(path, "rb") as stream:
        try:
            data = stream.read(_MOST_BYTES)
        except EOFError as error:
            raise ValueError(f"{path.name} is cut short") from error
    if len(data) < 4 or data[:2] != b"\0\0" or data[2] != _UINT8 or len(data) < 4 + 4 * data[3]:
        raise ValueError(f"{path.name} is not an idx file of unsigned bytes")
    shape = struct.unpack_from(f">{data[3]}I", data, 4)
    body = np.frombuffer(data, np.uint8, offset=4 + 4 * data[3])
    if body.size != int(np.prod(shape, dtype=np.int64)):
        raise ValueError(f"{path.name} promises shape {shape} and holds {body.size} bytes")
    return body.reshape(shape)


def write_idx(path: Path, array: Array) -> None:
    """Write ``array`` (uint8) as a gzip-compressed idx file without name or time in its header."""
    if array.dtype != np.uint8:
        raise ValueError(f"an idx file here holds uint8, got {array.dtype}")
    header = bytes((0, 0, _UINT8, array.ndim)) + struct.pack(f">{array.ndim}I", *array.shape)
    with (
        path.open("wb") as raw,
        gzip.GzipFile(filename="", fileobj=raw, mode="wb", compresslevel=6, mtime=0) as out,
    ):
        out.write(header + np.ascontiguousarray(array).tobytes())


def read_fashion_mnist(folder: Path) -> FashionMnist:
    """Read the four files of ``folder``.

    Raises:
        OSError: A file is missing or damaged.
        ValueError: A file is not in the idx format.
    """
    return FashionMnist(**{name: read_idx(folder / file) for name, file in FILES.items()})


def write_fashion_mnist(folder: Path, dataset: FashionMnist) -> None:
    """Write ``dataset`` to ``folder`` as the four files that Keras reads."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, file in FILES.items():
        write_idx(folder / file, getattr(dataset, name))
