"""Handles of held-out data, for test cells.

In the judge a handle gives the held-out inputs and labels (``$AUTOGRADER_HOLDOUT/<dataset>.npz``, keys ``X`` and
``y``). Where a test cell runs in the student's kernel, the grader has put *inputs* alone there
(``$AUTOGRADER_INBOX/<dataset>.npz``, key ``X``), and a handle has no labels. Elsewhere, in a student's JupyterLab
or under stock nbgrader, it gives the public test split with its labels.
"""

import os
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

__all__ = ["Holdout", "california_housing", "fashion_mnist", "numbered"]

#: The variable of the environment that names the folder where the grader puts inputs.
INBOX = "AUTOGRADER_INBOX"
#: The one that names the folder with inputs and labels; set in the judge alone.
HOLDOUT = "AUTOGRADER_HOLDOUT"


@dataclass(frozen=True)
class Holdout:
    """A data set that the model has not seen. Nothing is read before it is asked for.

    Args:
        dataset: ``fashion_mnist`` or ``california_housing``.
        scale: Factor of the inputs.
        classes: The classes that are asked about, numbered anew from 0 in this order; ``None`` for all, as they
            are.
    """

    dataset: str
    scale: float = 1.0
    classes: tuple[int, ...] | None = None

    def inputs(self) -> np.ndarray:
        """The inputs; in their own type if ``scale`` is 1, multiplied as float32 otherwise.

        Those of ``classes`` alone, unless the labels are with the grader: then it is the grader who leaves the
        others out.

        Raises:
            OSError: The data cannot be read: the grader's fault.
        """
        private = _file(HOLDOUT, self.dataset) or _file(INBOX, self.dataset)
        inputs = _read(private, "X") if private is not None else _PUBLIC[self.dataset]()[0]
        labels = self._all_labels() if self.classes is not None else None
        if labels is not None and self.classes is not None:
            inputs = inputs[np.isin(labels, self.classes)]
        return inputs if self.scale == 1.0 else (inputs * self.scale).astype(np.float32)

    def labels(self) -> np.ndarray | None:
        """The labels, shape (n,); ``None`` where only the grader has them."""
        labels = self._all_labels()
        return labels if labels is None or self.classes is None else numbered(labels, self.classes)

    def _all_labels(self) -> np.ndarray | None:
        judge = _file(HOLDOUT, self.dataset)
        if judge is not None:
            return _read(judge, "y")
        return None if _file(INBOX, self.dataset) is not None else _PUBLIC[self.dataset]()[1]


def fashion_mnist(*, scale: float = 1.0, classes: Iterable[int] | None = None) -> Holdout:
    """Images of clothes: uint8 of shape (n, 28, 28), classes 0 to 9.

    Args:
        scale: 1 / 255, say, for a model that takes scaled pixels.
        classes: Only images of these classes, which are numbered anew from 0 in this order: with ``(5, 6)`` a
            sandal is 0 and a shirt 1.

    Example:
        >>> fashion_mnist(scale=1 / 255, classes=(5, 6)).classes
        (5, 6)
    """
    return Holdout("fashion_mnist", scale, None if classes is None else tuple(classes))


def california_housing() -> Holdout:
    """Blocks of houses in California: float64 of shape (n, 8); the target is a value in 100 000 dollars.

    Example:
        >>> california_housing().scale
        1.0
    """
    return Holdout("california_housing")


def numbered(labels: np.ndarray, classes: Sequence[int]) -> np.ndarray:
    """The labels that are among ``classes``, each as its place there."""
    places = {label: place for place, label in enumerate(classes)}
    return np.array([places[label] for label in labels.tolist() if label in places], dtype=np.int64)


def _file(variable: str, dataset: str) -> Path | None:
    folder = os.environ.get(variable)
    path = Path(folder) / f"{dataset}.npz" if folder else None
    return path if path is not None and path.is_file() else None


def _read(path: Path, key: str) -> np.ndarray:
    try:
        with np.load(path, allow_pickle=False) as archive:
            return np.asarray(archive[key])
    except (KeyError, ValueError, zipfile.BadZipFile) as error:
        raise OSError(f"{path.name} holds no {key}: {error}") from error


@cache
def _public_fashion_mnist() -> tuple[np.ndarray, np.ndarray]:
    from keras.datasets import fashion_mnist as images

    _, (inputs, labels) = images.load_data()
    return inputs, labels


@cache
def _public_california_housing() -> tuple[np.ndarray, np.ndarray]:
    from sklearn.datasets import fetch_california_housing
    from sklearn.model_selection import train_test_split

    inputs, target = fetch_california_housing(return_X_y=True)
    _, test, _, truth = train_test_split(inputs, target, test_size=0.2, random_state=42)
    return test, truth


_PUBLIC: Mapping[str, Callable[[], tuple[np.ndarray, np.ndarray]]] = {
    "fashion_mnist": _public_fashion_mnist,
    "california_housing": _public_california_housing,
}
