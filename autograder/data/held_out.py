"""The held-out rows, for the judge alone."""

from pathlib import Path

from autograder.data.datasets import Name
from autograder.data.draw import Holdout, held_out
from autograder.data.key import holdout_key
from autograder.data.store import DataStore, default_root

__all__ = ["read_holdout"]


def read_holdout(course_root: Path, name: Name, *, root: Path | None = None) -> Holdout:
    """The rows of dataset ``name`` that the public view lacks, true and in shuffled order.

    They are drawn again at each call, from the official data and the course's key, and stored nowhere.

    Raises:
        UsageError: The dataset is not on this machine, or the key cannot be used.
    """
    store = DataStore(root if root is not None else default_root())
    return held_out(holdout_key(course_root), store.load(name))
