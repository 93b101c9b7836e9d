"""The course's datasets as arrays, and the checksums that prove them the published ones."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar, Literal, cast

import numpy as np
import numpy.typing as npt

from autograder.errors import UsageError
from autograder.messages import tr

__all__ = ["CHECKSUMS", "NAMES", "Array", "CaliforniaHousing", "Dataset", "FashionMnist", "Name"]

Array = npt.NDArray[Any]
Name = Literal["fashion_mnist", "california_housing"]
NAMES: tuple[Name, ...] = ("fashion_mnist", "california_housing")


@dataclass(frozen=True, eq=False)
class FashionMnist:
    """Fashion-MNIST as ``keras.datasets.fashion_mnist.load_data()`` returns it.

    Args:
        X_train: Images, uint8, shape (60000, 28, 28), pixels in 0..255.
        y_train: Classes, uint8, shape (60000,), in 0..9.
        X_test: Images, uint8, shape (10000, 28, 28).
        y_test: Classes, uint8, shape (10000,).
    """

    name: ClassVar[Name] = "fashion_mnist"
    title: ClassVar[str] = "Fashion-MNIST"
    X_train: Array
    y_train: Array
    X_test: Array
    y_test: Array


@dataclass(frozen=True, eq=False)
class CaliforniaHousing:
    """California housing as ``sklearn.datasets.fetch_california_housing()`` returns it.

    Args:
        X: The eight attributes in raw units, float64, shape (20640, 8).
        y: Median house value in units of 100 000 dollars, float64, shape (20640,).
    """

    name: ClassVar[Name] = "california_housing"
    title: ClassVar[str] = "California housing"
    X: Array
    y: Array


Dataset = FashionMnist | CaliforniaHousing
_CLASSES: dict[Name, type[Dataset]] = {
    "fashion_mnist": FashionMnist,
    "california_housing": CaliforniaHousing,
}

#: SHA-256 of the decoded arrays (see ``digest``), so that it does not matter how a source packs them.
CHECKSUMS: Mapping[Name, str] = {
    "fashion_mnist": "c0cedbf7fe44b55c67be512a0551cab0ecbc01237da40e1485cae2cedaad88ac",
    "california_housing": "86f6e309692d311f3f7c5981395c857228d6d0b2bd778e211bfc3d5f2416e650",
}


def title(name: Name) -> str:
    """The name of the dataset as people write it."""
    return _CLASSES[name].title


def arrays(dataset: Dataset) -> dict[str, Array]:
    """The arrays of ``dataset`` by name, in a fixed order."""
    return {field.name: cast(Array, getattr(dataset, field.name)) for field in fields(dataset)}


def from_arrays(name: Name, found: Mapping[str, Array]) -> Dataset:
    """Build the dataset from its arrays; they are made read-only.

    Raises:
        ValueError: An array is missing.
    """
    cls = _CLASSES[name]
    missing = {field.name for field in fields(cls)} - set(found)
    if missing:
        raise ValueError(f"{name} lacks {', '.join(sorted(missing))}")
    chosen = {field.name: found[field.name] for field in fields(cls)}
    for array in chosen.values():
        array.setflags(write=False)
    return cls(**chosen)


def digest(dataset: Dataset) -> str:
    """SHA-256 over name, dtype, shape and bytes of every array of ``dataset``."""
    total = hashlib.sha256()
    for name, array in arrays(dataset).items():
        total.update(f"{name} {array.dtype.str} {array.shape}\n".encode())
        total.update(np.ascontiguousarray(array).tobytes())
    return total.hexdigest()


def verify(dataset: Dataset) -> Dataset:
    """Return ``dataset`` if it is the published one, bit by bit.

    Raises:
        UsageError: It is not.
    """
    found = digest(dataset)
    if found != CHECKSUMS[dataset.name]:
        raise UsageError(
            tr(
                "{dataset}: not the published arrays (SHA-256 {found}…, expected {expected}…).",
                dataset=dataset.title,
                found=found[:16],
                expected=CHECKSUMS[dataset.name][:16],
            )
        )
    return dataset
