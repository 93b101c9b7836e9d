"""The public view and the holdout of the real datasets, as the libraries read them."""

import os
import stat
import subprocess
import sys

import numpy as np
import pytest
from sklearn.datasets import fetch_california_housing

from autograder import data
from autograder.data.idx import read_fashion_mnist
from autograder.data.key import holdout_key
from autograder.data.view import write_view


@pytest.fixture(scope="module")
def store():
    return data.ensure(progress=print)


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    return tmp_path_factory.mktemp("course")


@pytest.fixture(scope="module")
def view(store, course, tmp_path_factory):
    """A view in a cache folder of its own, so that the user's one does not grow."""
    root = tmp_path_factory.mktemp("cache")
    (root / "official").symlink_to(store.root / "official")
    return data.public_view(course, root=root)


def test_a_small_view_has_everything_the_libraries_look_for(tmp_path, fashion, housing):
    """Readable by everybody, with no times that tell when or in what order it was made."""
    write_view(b"k" * 32, [fashion, housing], tmp_path / "view", size=10, spared=5)
    found = sorted((tmp_path / "view").rglob("*"))
    files = {str(path.relative_to(tmp_path / "view")) for path in found if path.is_file()}
    assert files == {
        "keras/datasets/fashion-mnist/t10k-images-idx3-ubyte.gz",
        "keras/datasets/fashion-mnist/t10k-labels-idx1-ubyte.gz",
        "keras/datasets/fashion-mnist/train-images-idx3-ubyte.gz",
        "keras/datasets/fashion-mnist/train-labels-idx1-ubyte.gz",
        "scikit_learn_data/cal_housing_py3.pkz",
    }
    for path in [tmp_path / "view", *found]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o755 if path.is_dir() else 0o644)
        assert path.stat().st_mtime == 0


def test_the_view_says_nothing_about_the_key(view, course):
    """Neither its bytes nor its name."""
    key = holdout_key(course)
    for path in view.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert key not in content
            assert key.hex().encode() not in content
    assert view.name not in key.hex()


def test_a_view_is_made_once_a_key(view, course, tmp_path):
    """The same course gets the same folder, another course another one."""
    root = view.parent.parent
    assert data.public_view(course, root=root) == view
    assert data.public_view(tmp_path, root=root) != view
    assert sorted(path.name[0] != "." for path in view.parent.iterdir()) == [True, True]


def test_images_in_the_view(store, view, course):
    """Official shapes, training set and first hundred rows; 2000 test images are held out."""
    official = data.load("fashion_mnist")
    seen = read_fashion_mnist(view / "keras" / "datasets" / "fashion-mnist")
    hidden = data.holdout(course, "fashion_mnist")
    assert seen.X_train.shape == (60000, 28, 28)
    assert seen.X_test.shape == (10000, 28, 28)
    np.testing.assert_array_equal(seen.X_train, official.X_train)
    np.testing.assert_array_equal(seen.y_train, official.y_train)
    np.testing.assert_array_equal(seen.X_test[:100], official.X_test[:100])
    assert np.any(seen.X_test != official.X_test, axis=(1, 2)).sum() == 2000
    assert (hidden.X.shape, hidden.y.shape) == ((2000, 28, 28), (2000,))
    visible = {image.tobytes() for images in (seen.X_train, seen.X_test) for image in images}
    assert not visible & {image.tobytes() for image in hidden.X}
    label = {image.tobytes(): y for image, y in zip(official.X_test, official.y_test, strict=True)}
    assert all(label[image.tobytes()] == y for image, y in zip(hidden.X, hidden.y, strict=True))


def test_districts_in_the_view(store, view, course):
    """scikit-learn reads the view from its data home, with the official shapes and first hundred rows."""
    official = data.load("california_housing")
    home = view / "scikit_learn_data"
    X, y = fetch_california_housing(data_home=home, download_if_missing=False, return_X_y=True)
    hidden = data.holdout(course, "california_housing")
    assert (X.shape, y.shape) == ((20640, 8), (20640,))
    np.testing.assert_array_equal(X[:100], official.X[:100])
    assert np.any(official.X != X, axis=1).sum() == 2000
    assert (hidden.X.shape, hidden.y.shape) == ((2000, 8), (2000,))
    assert not {row.tobytes() for row in X} & {row.tobytes() for row in hidden.X}
    target = {row.tobytes(): y for row, y in zip(official.X, official.y, strict=True)}
    assert all(target[row.tobytes()] == y for row, y in zip(hidden.X, hidden.y, strict=True))


def test_the_official_data_is_what_lectures_print(store):
    """The first rows of both datasets, as every book shows them."""
    housing, fashion = data.load("california_housing"), data.load("fashion_mnist")
    np.testing.assert_allclose(
        housing.X[0], [8.3252, 41, 880 / 126, 129 / 126, 322, 322 / 126, 37.88, -122.23], rtol=0, atol=0
    )
    assert housing.y[0] == 4.526
    assert fashion.y_train[:5].tolist() == [9, 0, 0, 3, 0]
    assert np.bincount(fashion.y_train).tolist() == [6000] * 10
    assert np.bincount(fashion.y_test).tolist() == [1000] * 10


@pytest.mark.tensorflow
@pytest.mark.slow
def test_keras_reads_the_view(view, tmp_path):
    """``load_data()`` finds the files below ``KERAS_HOME`` and asks no network."""
    script = (
        "import sys, numpy\n"
        "from keras.datasets import fashion_mnist\n"
        "(X, y), (X_test, y_test) = fashion_mnist.load_data()\n"
        "numpy.savez(sys.argv[1], X_train=X, y_train=y, X_test=X_test, y_test=y_test)\n"
    )
    home = tmp_path / "keras"
    home.mkdir()
    (home / "datasets").symlink_to(view / "keras" / "datasets")
    environment = {**os.environ, "KERAS_HOME": str(home), "CUDA_VISIBLE_DEVICES": "-1"}
    subprocess.run([sys.executable, "-c", script, tmp_path / "seen.npz"], check=True, env=environment)
    expected = read_fashion_mnist(view / "keras" / "datasets" / "fashion-mnist")
    with np.load(tmp_path / "seen.npz") as seen:
        for name in seen.files:
            np.testing.assert_array_equal(seen[name], getattr(expected, name))


def test_autograder_data_imports_no_tensorflow():
    """Commands that only need data start at once."""
    script = "import sys, autograder.data; sys.exit('tensorflow' in sys.modules or 'keras' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
