"""The file formats of Keras and scikit-learn, written and read."""

import gzip

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from sklearn.datasets import fetch_california_housing
from small_datasets import make_housing

from autograder.data import housing
from autograder.data.idx import read_fashion_mnist, read_idx, write_fashion_mnist, write_idx


@given(arrays.arrays(np.uint8, arrays.array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=6)))
def test_an_array_comes_back_from_idx(tmp_path_factory, array):
    """What is written as idx is read back, with its shape."""
    path = tmp_path_factory.mktemp("idx") / "a.gz"
    write_idx(path, array)
    back = read_idx(path)
    assert back.shape == array.shape
    np.testing.assert_array_equal(back, array)


def test_idx_files_do_not_depend_on_when_and_where_they_are_written(tmp_path, fashion):
    """Equal arrays make equal bytes: no time, no name in the gzip header."""
    for folder in ("a", "b"):
        write_fashion_mnist(tmp_path / folder, fashion)
    files = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert len(files) == 4
    for file in files:
        data = (tmp_path / "a" / file).read_bytes()
        assert data == (tmp_path / "b" / file).read_bytes()
        assert data[3:8] == b"\0\0\0\0\0"
    np.testing.assert_array_equal(read_fashion_mnist(tmp_path / "a").X_test, fashion.X_test)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0\0\x08",
        b"\0\0\x08\x01\0\0",
        b"\0\0\x08\x01\0\0\0\x05abc",
        b"\0\0\x09\x01\0\0\0\x03abc",
        b"\0\0\x08\x03\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xffabc",
    ],
)
def test_a_damaged_idx_file_is_refused(tmp_path, data):
    """A header that promises more, or another type, than the file holds is an error."""
    path = tmp_path / "bad.gz"
    path.write_bytes(gzip.compress(data))
    with pytest.raises(ValueError, match=r"bad\.gz"):
        read_idx(path)


def test_a_truncated_gzip_file_is_refused(tmp_path):
    """A download that stopped half-way is an error."""
    path = tmp_path / "bad.gz"
    write_idx(path, np.random.default_rng(0).integers(0, 256, 5000, np.uint8))
    path.write_bytes(path.read_bytes()[:-1000])
    with pytest.raises(ValueError, match="cut short"):
        read_idx(path)


@given(st.integers(0, 10_000))
def test_the_census_table_is_got_back_from_the_ratios(seed):
    """Even where a carrier of the data lost the last bits of a ratio."""
    dataset = make_housing(seed)
    noise = 1 + np.random.default_rng(seed).uniform(-1e-15, 1e-15, dataset.X[:, :6].shape)
    X = dataset.X.copy()
    X[:, [2, 3, 5]] *= noise[:, [2, 3, 5]]
    back = housing.from_table(housing.to_table(X, dataset.y))
    np.testing.assert_array_equal(back.X, dataset.X)
    np.testing.assert_array_equal(back.y, dataset.y)


def test_numbers_that_are_no_census_are_refused():
    """Standardised attributes, say, are not the dataset."""
    dataset = make_housing()
    with pytest.raises(ValueError, match="whole numbers"):
        housing.to_table(dataset.X * 1.01, dataset.y)
    with pytest.raises(ValueError, match="shapes"):
        housing.to_table(dataset.X[:, :7], dataset.y)
    with pytest.raises(ValueError, match="nobody"):
        housing.to_table(-dataset.X, dataset.y)


def test_scikit_learn_reads_the_cache_file_bit_by_bit(tmp_path):
    """``fetch_california_housing`` returns exactly the arrays that were written for it."""
    dataset = make_housing()
    housing.write_cache(tmp_path, dataset)
    X, y = fetch_california_housing(data_home=tmp_path, download_if_missing=False, return_X_y=True)
    np.testing.assert_array_equal(X, dataset.X)
    np.testing.assert_array_equal(y, dataset.y)
