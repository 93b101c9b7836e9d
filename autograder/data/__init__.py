"""Datasets of the course: provisioned and verified, with a public view and a private holdout.

Student code sees the *public view* and the judge the *holdout*: rows that the view lacks. Imports no
TensorFlow.
"""

from pathlib import Path
from typing import Literal, overload

from autograder.data.datasets import CaliforniaHousing, Dataset, FashionMnist, Name
from autograder.data.draw import Holdout
from autograder.data.held_out import read_holdout as holdout
from autograder.data.key import holdout_key
from autograder.data.provision import ensure, install
from autograder.data.store import DataStore, default_root
from autograder.data.view import public_view

__all__ = [
    "CaliforniaHousing",
    "DataStore",
    "Dataset",
    "FashionMnist",
    "Holdout",
    "Name",
    "ensure",
    "holdout",
    "holdout_key",
    "install",
    "load",
    "public_view",
]


@overload
def load(name: Literal["fashion_mnist"], *, root: Path | None = None) -> FashionMnist: ...
@overload
def load(name: Literal["california_housing"], *, root: Path | None = None) -> CaliforniaHousing: ...
def load(name: Name, *, root: Path | None = None) -> Dataset:
    """The official dataset ``name``, whole and verified; its arrays are read-only.

    Args:
        name: ``"fashion_mnist"`` or ``"california_housing"``.
        root: The cache folder; ``None`` for the default one.

    Raises:
        UsageError: It is not on this machine, or is damaged.
    """
    return DataStore(root if root is not None else default_root()).load(name)
