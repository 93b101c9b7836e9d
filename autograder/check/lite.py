"""The check of a model converted for TensorFlow Lite."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import numpy as np

from autograder.check.guard import Finding, StudentFailure, conclude, student_code
from autograder.messages import tr

__all__ = ["reading_lite_with", "tflite"]

_MAX_FILE = 64 * 2**20
_MAGIC = b"TFL3"
#: The arrays of numbers in a TensorFlow Lite file, as bytes.
Reader = Callable[[Path], Sequence[bytes]]
_reader: ContextVar[Reader | None] = ContextVar("lite-reader", default=None)


@contextmanager
def reading_lite_with(reader: Reader) -> Iterator[None]:
    """Read TensorFlow Lite files with ``reader`` inside the block. It raises ``StudentFailure`` where a file is
    none."""
    token = _reader.set(reader)
    try:
        yield
    finally:
        _reader.reset(token)


def tflite(
    path: str | os.PathLike[str],
    model: Any,
    *,
    title: str | None = None,
    hint: str | None = None,
    weight: float = 1.0,
) -> None:
    """Check that a TensorFlow Lite file holds the kernels of this model, unquantised, as they are now.

    The file is not run: ask a function of the student's for what its interpreter answers (``answers``).

    Args:
        path: The file.
        model: The live Keras model, of layers whose kernels a conversion leaves as they are, ``Dense`` say.
        title: What is checked, as the student reads it.
        hint: How to mend it.
        weight: The check's share of the cell's points.

    Example:
        >>> from pathlib import Path
        >>> import keras
        >>> from autograder.check.recorder import collecting
        >>> model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1)])
        >>> _ = Path("modelo.tflite").write_bytes(b"no model of TensorFlow Lite")
        >>> with collecting() as outcomes:
        ...     tflite("modelo.tflite", model)
        >>> outcomes[0].actual
        'modelo.tflite não é um arquivo do TensorFlow Lite'
    """
    name = Path(path).name

    def body() -> Finding:
        expected = tr("{name} with this model's weights", name=name)
        parts = _parts(Path(path))
        with student_code():
            kernels = [np.asarray(w) for w in model.get_weights() if np.ndim(w) > 1]
        if not kernels:
            raise StudentFailure(tr("a model without kernels"), expected=expected)
        for kernel in kernels:
            # Fully connected layers are stored with one row for each unit.
            stored = {np.ascontiguousarray(array).astype("<f4").tobytes() for array in (kernel, kernel.T)}
            if not any(content in part for content in stored for part in parts):
                return Finding(False, expected, tr("{name} with other weights", name=name))
        return Finding(True, expected, expected)

    conclude(body, title=title or tr("Model converted in {name}", name=name), weight=weight, hint=hint)


def _parts(path: Path) -> Sequence[bytes]:
    reader = _reader.get()
    if not path.is_file() or (reader is None and path.is_symlink()):
        raise StudentFailure(
            tr("no file {name}", name=path.name),
            expected=tr("the file {name}", name=path.name),
            hint=tr("Write the bytes that convert() returns in binary mode."),
        )
    if reader is not None:
        return reader(path)
    with student_code(), path.open("rb") as file:
        content = file.read(_MAX_FILE + 1)
    if content[4:8] != _MAGIC or len(content) > _MAX_FILE:
        raise StudentFailure(tr("{name} is no file of TensorFlow Lite", name=path.name))
    return [content]
