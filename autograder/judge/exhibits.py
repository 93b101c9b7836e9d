"""What checks showed, and the models that the judge saw, from the outputs of judged cells."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from hashlib import sha256
from typing import Any

import numpy as np
from nbformat import NotebookNode

from autograder.check.recorder import EXHIBIT_MIME
from autograder.exhibit import Exhibit, ModelPrint, from_json

__all__ = ["MODEL_MIME", "exhibits_of", "models_of", "print_of", "print_to_json"]

#: By what a model is known again.
MODEL_MIME = "application/vnd.autograder.model+json"
_MAX_EXHIBITS, _MAX_MODELS = 40, 40
_SKETCH = 64
#: Weights that are looked at together: a model may fill half of the judge's memory.
_PIECE = 1 << 18


def exhibits_of(cells: Iterable[tuple[str, NotebookNode]]) -> tuple[Exhibit, ...]:
    """What the checks of test cells showed, each thing once. What is no exhibit is left out.

    Args:
        cells: Ids and cells.
    """
    found: dict[Exhibit, Exhibit] = {}
    for identity, data in _published(cells, EXHIBIT_MIME):
        try:
            exhibit = from_json(data)
        except ValueError:  # of a drop-in course: the student's kernel may say anything
            continue
        if len(found) < _MAX_EXHIBITS:
            found.setdefault(exhibit, replace(exhibit, cell=identity))
    return tuple(found.values())


def models_of(cells: Iterable[tuple[str, NotebookNode]]) -> tuple[ModelPrint, ...]:
    """By what the models of test cells are known again, each once."""
    found: dict[str, ModelPrint] = {}
    for _, data in _published(cells, MODEL_MIME):
        try:
            one = ModelPrint.from_json(data)
        except ValueError:
            continue
        if len(found) < _MAX_MODELS:
            found.setdefault(one.digest, one)
    return tuple(found.values())


def print_of(name: str, weights: Iterable[Any]) -> ModelPrint | None:
    """By what a model with these weights is known again; ``None`` where it has none.

    The sketch is a count sketch (Charikar, Chen & Farach-Colton 2002): each weight is added to one of 64 sums,
    with one of two signs, both drawn once for its place. Products of sketches estimate products of vectors.

    Args:
        name: The student's name for it.
        weights: Arrays, in the model's order.
    """
    draw, digest = np.random.default_rng(555), sha256()
    sums, size = np.zeros(_SKETCH), 0
    for weight in map(np.asarray, weights):
        if weight.dtype.kind not in "biufV":  # V: bfloat16 and the like
            return None
        for start in range(0, weight.size, _PIECE):
            with np.errstate(over="ignore"):
                piece = weight.reshape(-1)[start : start + _PIECE].astype("<f4")
            if not np.isfinite(piece).all():
                return None
            digest.update(piece.tobytes())
            places = draw.integers(0, 2 * _SKETCH, piece.size)
            signed = np.where(places < _SKETCH, 1.0, -1.0) * piece
            sums += np.bincount(places % _SKETCH, weights=signed, minlength=_SKETCH)
            size += piece.size
    length = float(np.linalg.norm(sums))
    if not (np.isfinite(length) and length > 0):
        return None
    sketch = tuple(round(float(value), 5) for value in sums / length)
    return ModelPrint(name[:120], digest.hexdigest(), sketch, size)


def print_to_json(one: ModelPrint) -> dict[str, Any]:
    """As JSON-ready data."""
    return asdict(one)


def _published(cells: Iterable[tuple[str, NotebookNode]], mime: str) -> Iterable[tuple[str, object]]:
    for identity, cell in cells:
        for output in cell.get("outputs", ()):
            data = output.get("data")
            if isinstance(data, Mapping) and mime in data:
                yield identity, data[mime]
