"""Handles of held-out data, for test cells.

In the judge a handle gives the held-out inputs and labels (``$AUTOGRADER_HOLDOUT/<dataset>.npz``, keys ``X`` and
``y``). Where a test cell runs in the student's kernel, the grader has put *inputs* alone there
(``$AUTOGRADER_INBOX/<dataset>.npz``, key ``X``), and a handle has no labels. Elsewhere, in a student's JupyterLab
or under stock nbgrader, it gives the public test split with its labels.
"""

import os
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

__all__ = ["Holdout", "california_housing", "fashion_mnist"]

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
    """

    dataset: str
    scale: float = 1.0

    def inputs(self) -> np.ndarray:
        """The inputs; in their own type if ``scale`` is 1, multiplied as float32 otherwise.

        Raises:
            OSError: The data cannot be read: the grader's fault.
        """
        private = _file(HOLDOUT, self.dataset) or _file(INBOX, self.dataset)
        inputs = _read(private, "X") if private is not None else _PUBLIC[self.dataset]()[0]
        return inputs if self.scale == 1.0 else (inputs * self.scale).astype(np.float32)

    def labels(self) -> np.ndarray | None:
        """The labels, shape (n,); ``None`` where only the grader has them."""
        judge = _file(HOLDOUT, self.dataset)
        if judge is not None:
            return _read(judge, "y")
        return None if _file(INBOX, self.dataset) is not None else _PUBLIC[self.dataset]()[1]


def fashion_mnist(*, scale: float = 1.0) -> Holdout:
    """Images of clothes: uint8 of shape (n, 28, 28), classes 0 to 9.

    Args:
        scale: 1 / 255, say, for a model that takes scaled pixels.

    Example:
        >>> fashion_mnist(scale=1 / 255).dataset
        'fashion_mnist'
    """
    return Holdout("fashion_mnist", scale)


def california_housing() -> Holdout:
    """Blocks of houses in California: float64 of shape (n, 8); the target is a value in 100 000 dollars.

    Example:
        >>> california_housing().scale
        1.0
    """
    return Holdout("california_housing")


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
