"""The draw: who is held out depends on the key alone, and what is held out cannot be seen."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_datasets import make_fashion, make_housing

from autograder.data.datasets import CaliforniaHousing
from autograder.data.draw import draw, held_out, replaced

KEYS = st.binary(min_size=32, max_size=32)
SEEDS = st.integers(0, 50)
SIZES = st.integers(0, 25)
SPARED = st.integers(0, 20)


def rows(X, y):
    """A row of the dataset as something that can be put in a set."""
    return {(x.tobytes(), t.tobytes()) for x, t in zip(X, y, strict=True)}


@given(KEYS, SEEDS, SIZES, SPARED)
def test_the_view_of_images_lacks_the_holdout_and_keeps_the_shapes(key, seed, size, spared):
    """No held-out image is anywhere in the view; the training set and the first rows are untouched."""
    fashion = make_fashion(seed)
    view = replaced(key, fashion, size=size, spared=spared)
    hidden = held_out(key, fashion, size=size, spared=spared)
    assert len(hidden.X) == len(hidden.y) == size
    assert (view.X_test.shape, view.X_test.dtype) == (fashion.X_test.shape, fashion.X_test.dtype)
    assert (view.y_test.shape, view.y_test.dtype) == (fashion.y_test.shape, fashion.y_test.dtype)
    images = {image.tobytes() for image in [*view.X_train, *view.X_test]}
    assert not images & {image.tobytes() for image in hidden.X}
    assert view.X_train is fashion.X_train
    assert view.y_train is fashion.y_train
    np.testing.assert_array_equal(view.X_test[:spared], fashion.X_test[:spared])
    np.testing.assert_array_equal(view.y_test[:spared], fashion.y_test[:spared])


@given(KEYS, SEEDS, SIZES, SPARED)
def test_view_and_holdout_together_are_the_dataset(key, seed, size, spared):
    """A row is visible or held out, never both, never neither; and it keeps its own target."""
    housing = make_housing(seed)
    view = replaced(key, housing, size=size, spared=spared)
    hidden = held_out(key, housing, size=size, spared=spared)
    assert view.X.shape == housing.X.shape
    assert rows(view.X, view.y) | rows(hidden.X, hidden.y) == rows(housing.X, housing.y)
    assert not rows(view.X, view.y) & rows(hidden.X, hidden.y)
    np.testing.assert_array_equal(view.X[:spared], housing.X[:spared])


@given(KEYS)
def test_a_key_always_draws_the_same_rows(key):
    """Two commands, or two machines, hold out the same rows in the same order."""
    housing = make_housing()
    first, second = (held_out(key, housing, size=20, spared=5) for _ in range(2))
    np.testing.assert_array_equal(first.X, second.X)
    np.testing.assert_array_equal(first.y, second.y)


def test_the_draw_is_the_same_in_every_release():
    """Grades stay comparable through a term: changing the draw needs a new ``VERSION``."""
    drawn = draw(bytes(range(32)), "fashion_mnist", np.arange(40).reshape(20, 2), size=5, spared=3)
    assert drawn.rows.tolist() == [9, 17, 4, 5, 15]
    assert drawn.donors.tolist() == [10, 14, 8, 18, 14]


@given(st.lists(KEYS, min_size=2, max_size=2, unique=True))
def test_another_key_or_dataset_draws_other_rows(keys):
    """Knowing one course's rows, or one dataset's, tells nothing about another's."""
    X = np.arange(4000).reshape(1000, 4)
    one, other = (set(draw(key, "fashion_mnist", X, size=200, spared=0).rows.tolist()) for key in keys)
    third = set(draw(keys[0], "california_housing", X, size=200, spared=0).rows.tolist())
    assert len(one & other) < 100
    assert len(one & third) < 100


def test_rows_with_a_second_copy_are_never_held_out():
    """A copy would stay visible: in the rows themselves, or in the training set."""
    X = np.arange(30).reshape(30, 1)
    X[7] = X[3]
    elsewhere = X[[11, 12]]
    for key in (bytes([number]) * 32 for number in range(20)):
        drawn = draw(key, "fashion_mnist", X, elsewhere=elsewhere, size=20, spared=1)
        assert not {0, 3, 7, 11, 12} & set(drawn.rows.tolist())
        assert not set(drawn.rows.tolist()) & set(drawn.donors.tolist())


def test_the_order_of_the_holdout_tells_nothing_about_its_rows():
    """Held-out rows come shuffled, so their order does not give the positions away."""
    drawn = draw(b"k" * 32, "fashion_mnist", np.arange(1000).reshape(1000, 1), size=500, spared=0)
    assert abs(np.corrcoef(np.arange(500), drawn.rows)[0, 1]) < 0.15


@pytest.mark.parametrize(("size", "spared"), [(50, 0), (46, 5), (51, 0)])
def test_too_few_rows_are_refused(size, spared):
    """A holdout that would be smaller than promised is an error, not a smaller holdout."""
    with pytest.raises(ValueError, match="cannot hold out"):
        held_out(b"k" * 32, make_housing(rows=50), size=size, spared=spared)


def test_districts_far_out_are_never_held_out():
    """One prison with 1243 people a household decides nobody's error."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 8))
    X[30:40, 5] = 1000.0 + np.arange(10)
    housing = CaliforniaHousing(X, np.arange(60.0))
    for number in range(5):
        held = held_out(bytes([number]) * 32, housing, size=20, spared=5)
        assert held.X[:, 5].max() < 1000.0
