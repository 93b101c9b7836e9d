"""A batch of inputs that both sides of a border make for themselves, to compare what two models answer.

NumPy only, and no state: the same shapes and types give the same numbers in every process and on every machine.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

__all__ = ["ROWS", "probe_answers", "probe_batch"]

#: How many rows a batch has.
ROWS = 4
_FREE = 4
_MAGNITUDES = (0.01, 1.0, 16.0, 255.0)
_LARGEST_INT = 3
MAX_VALUES = 2**24


def probe_batch(shapes: Sequence[Sequence[int | None]], dtypes: Sequence[str] | None = None) -> list[np.ndarray]:
    """Make one array an input.

    Args:
        shapes: The shape of each input with its batch dimension first; a free dimension is ``None``. The batch is
            always ``ROWS`` long, any other free dimension 4.
        dtypes: The type of each input, as Keras names it; ``"float32"`` unless given.

    Returns:
        Floats from about 0.01 to 255 a row (models take pixels, scaled or standardised values), of both signs.
        Whole numbers from 0 to 3, which any embedding knows.

    Raises:
        ValueError: There are not as many types as shapes, or a batch would have more than 2²⁴ values.

    Example:
        >>> [batch.shape for batch in probe_batch([(None, 8), (None, None, 2)])]
        [(4, 8), (4, 4, 2)]
    """
    kinds = ["float32"] * len(shapes) if dtypes is None else list(dtypes)
    batches = []
    for number, (shape, kind) in enumerate(zip(shapes, kinds, strict=True)):
        inner = tuple(_FREE if size is None else int(size) for size in shape[1:])
        if ROWS * math.prod(inner) > MAX_VALUES:
            raise ValueError(f"input {number} is too large: {inner}")
        batches.append(_batch(number, inner, kind))
    return batches


def probe_answers(model: Any) -> list[np.ndarray]:
    """What a built Keras model with known inputs answers to its batch, one array an output."""
    import keras

    batch = probe_batch([tuple(t.shape) for t in model.inputs], [str(t.dtype) for t in model.inputs])
    structure = getattr(model, "_inputs_struct", None)
    if isinstance(structure, dict):
        outputs = model(keras.tree.pack_sequence_as(structure, batch), training=False)
    else:
        outputs = model(batch if len(batch) > 1 else batch[0], training=False)
    return [np.asarray(output) for output in keras.tree.flatten(outputs)]


def _batch(number: int, inner: tuple[int, ...], kind: str) -> np.ndarray:
    size = math.prod(inner)
    # A low-discrepancy walk instead of a generator, whose stream may change with NumPy's version.
    steps = np.arange(1, ROWS * size + 1, dtype=np.float64) + 1009 * number
    unit = (steps * 0.6180339887498949) % 1.0
    if kind == "bool":
        return unit.reshape(ROWS, *inner) < 0.5
    if kind.startswith(("int", "uint")):
        return np.floor(unit * (_LARGEST_INT + 1)).astype(kind).reshape(ROWS, *inner)
    scale = np.array(_MAGNITUDES).reshape(ROWS, *(1 for _ in inner))
    values = (2 * unit - 1).reshape(ROWS, *inner) * scale
    probe: np.ndarray = values.astype("float32" if kind == "bfloat16" else kind)
    return probe
