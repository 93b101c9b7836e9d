"""Cohen's kappa."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from gradebook.review.agreement import agreement

MARKS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=50)


@given(MARKS)
def test_it_is_scikit_learns(marks):
    first, second = zip(*marks, strict=True)
    found = agreement(first, second, 4)
    if found.kappa is None:
        assert len({*first, *second}) == 1
    else:
        right = cohen_kappa_score(first, second, labels=range(4), weights="quadratic")
        assert math.isclose(found.kappa, right, abs_tol=1e-9)
    assert math.isclose(found.same, sum(a == b for a, b in marks) / len(marks))


def test_by_hand():
    """Two levels; 6 of 8 alike; half of each by both: chance gives one half, so kappa is one half."""
    found = agreement([0, 0, 0, 0, 1, 1, 1, 1], [0, 0, 0, 1, 0, 1, 1, 1], 2)
    assert (found.pairs, found.same) == (8, 0.75)
    assert math.isclose(found.kappa, 0.5)


def test_nothing_to_compare():
    found = agreement([], [], 3)
    assert (found.pairs, found.kappa) == (0, None)
    assert math.isnan(found.same)


@pytest.mark.parametrize(("first", "second", "levels"), [([0], [], 2), ([2], [0], 2), ([0], [-1], 2), ([], [], 1)])
def test_what_cannot_be_compared(first, second, levels):
    with pytest.raises(ValueError, match=r"marks|levels"):
        agreement(first, second, levels)
