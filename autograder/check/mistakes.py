"""Where predictions err, for the feedback page: classes taken for others, and by how much values are off."""

from typing import Any

import numpy as np

from autograder.check.recorder import show
from autograder.exhibit import Confusion, Residuals
from autograder.holdout import Holdout

__all__ = ["confusion", "residuals", "show_errors"]

_FASHION = (
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
)  # fmt: skip
#: Fewer examples than this would say something about each of them.
_FEWEST = 50
_BINS, _BANDS = 24, 5


def show_errors(data: Holdout, metric: str, predictions: np.ndarray, truth: np.ndarray, title: str) -> None:
    """Show how predictions differ from the truth, both of shape (n,); of few examples nothing is shown.

    Nor is a matrix where an answer is no class: who gives none for all examples but one would read its label.
    """
    if predictions.shape != truth.shape or len(truth) < _FEWEST:
        return
    if metric == "accuracy":
        exhibit = confusion(data, predictions, truth, title)
        if exhibit is not None and sum(map(sum, exhibit.counts)) == len(truth):
            show(exhibit)
    else:
        unit = "100 000 US$" if data.dataset == "california_housing" else ""
        show(residuals(predictions, truth, title, unit))


def confusion(data: Any, predictions: np.ndarray, truth: np.ndarray, title: str) -> Confusion | None:
    """How many examples of each class were taken for which; ``None`` where there is one class only.

    Args:
        data: A handle from ``autograder.holdout``: says which classes are asked about.
        predictions: Class ids, shape (n,). One that is no class is counted nowhere.
        truth: Class ids from 0, shape (n,).
        title: What is checked.
    """
    names = _names(data, int(truth.max()) + 1)
    size = len(names)
    if not 2 <= size <= 100:
        return None
    known = (predictions >= 0) & (predictions < size)
    counts = np.zeros((size, size), dtype=int)
    np.add.at(counts, (truth[known].astype(int), predictions[known].astype(int)), 1)
    return Confusion(title, names, tuple(tuple(map(int, row)) for row in counts))


def _names(data: Any, least: int) -> tuple[str, ...]:
    """The classes' names, in the order of their numbers."""
    chosen = getattr(data, "classes", None)
    if data.dataset == "fashion_mnist" and least <= len(_FASHION):
        return tuple(_FASHION[number] for number in chosen) if chosen is not None else _FASHION
    return tuple(map(str, chosen if chosen is not None else range(least)))


def residuals(predictions: np.ndarray, truth: np.ndarray, title: str, unit: str) -> Residuals:
    """How far off values are: prediction minus truth, in bins, and on average for small to large targets.

    Args:
        predictions: Finite values, shape (n,).
        truth: The right ones, shape (n,).
        title: What is checked.
        unit: Of the target.
    """
    off = predictions.astype(np.float64) - truth.astype(np.float64)
    # What a few extreme rows would stretch the picture to is in the outermost bins.
    reach = max(float(np.quantile(np.abs(off), 0.99)), 1e-9)
    reach = min(reach, 1e29)
    edges = np.linspace(-reach, reach, _BINS + 1)
    counts, _ = np.histogram(np.clip(off, -reach, reach), bins=edges)
    bands = []
    for part in np.array_split(np.argsort(truth, kind="stable"), _BANDS):
        bands.append((float(truth[part].max()), float(np.clip(off[part].mean(), -1e29, 1e29))))
    return Residuals(title, unit, tuple(map(float, edges)), tuple(map(int, counts)), tuple(bands))
