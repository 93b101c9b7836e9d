"""The public view: the datasets as student code sees them, in the libraries' own file formats.

::

    <view>/keras/datasets/fashion-mnist/*.gz        below KERAS_HOME=<view>/keras
    <view>/scikit_learn_data/cal_housing_py3.pkz    SCIKIT_LEARN_DATA=<view>/scikit_learn_data

Shapes and first rows are the official ones; the held-out rows are overwritten (see ``draw``). The files carry
no time and no name that depends on when or in what order they were made, and the folder's name is a keyed
digest, so the view tells nothing about the key. It is readable by everybody: a sandbox may be another user.
"""

import hmac
import os
import shutil
import tempfile
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from autograder.data.datasets import CHECKSUMS, NAMES, CaliforniaHousing, Dataset, FashionMnist
from autograder.data.draw import HELD_OUT, SPARED, VERSION, replaced
from autograder.data.housing import write_cache
from autograder.data.idx import write_fashion_mnist
from autograder.data.key import holdout_key
from autograder.data.store import DataStore, default_root

__all__ = ["public_view", "write_view"]


def public_view(course_root: Path, *, root: Path | None = None) -> Path:
    """The folder with the course's public view; made at the first call.

    Args:
        course_root: The course, whose key decides which rows are held out.
        root: The cache folder; ``None`` for the default one.

    Raises:
        UsageError: The datasets are not on this machine, or the key cannot be used.
    """
    store = DataStore(root if root is not None else default_root())
    key = holdout_key(course_root)
    view = store.views / _view_name(key)
    if view.is_dir():
        return view
    with store.lock():
        if not view.is_dir():
            store.views.mkdir(parents=True, exist_ok=True)
            store.views.chmod(0o755)
            partial = Path(tempfile.mkdtemp(dir=store.views, prefix=".partial-"))
            try:
                write_view(key, [store.load(name) for name in NAMES], partial)
                partial.rename(view)
            finally:
                shutil.rmtree(partial, ignore_errors=True)
    return view


def write_view(
    key: bytes, datasets: Sequence[Dataset], folder: Path, *, size: int = HELD_OUT, spared: int = SPARED
) -> None:
    """Write the public view of ``datasets`` into ``folder``."""
    for dataset in datasets:
        match dataset:
            case FashionMnist():
                seen = replaced(key, dataset, size=size, spared=spared)
                write_fashion_mnist(folder / "keras" / "datasets" / "fashion-mnist", seen)
            case CaliforniaHousing():
                write_cache(folder / "scikit_learn_data", replaced(key, dataset, size=size, spared=spared))
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
        os.utime(path, (0, 0))


def _view_name(key: bytes) -> str:
    """A name that changes with the key, the draw, the data and the format of the cache file."""
    parts = [f"view/{VERSION}/{HELD_OUT}/{SPARED}", f"joblib {version('joblib')}"]
    parts += [f"{name} {CHECKSUMS[name]}" for name in NAMES]
    return hmac.digest(key, "\n".join(parts).encode(), "sha256").hex()[:16]
