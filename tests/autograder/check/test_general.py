"""Checks of plain values."""

import numpy as np
import pytest

from autograder import check


def outcome_of(function, *args, **kwargs):
    with check.collecting() as outcomes:
        assert function(*args, **kwargs) is None
    (outcome,) = outcomes
    return outcome


class Hostile:
    """Raises at whatever is asked of it."""

    def __eq__(self, other):
        raise RuntimeError("não me compare")

    def __repr__(self):
        raise RuntimeError("não me mostre")

    __hash__ = None


@pytest.mark.parametrize(
    ("actual", "expected", "passed"),
    [
        ((28, 28), (28, 28), True),
        (3, 4, False),
        (np.array([1, 2]), [1, 2], True),
        (np.array([1, 2]), [1, 3], False),
        (np.array([1, 2]), [1, 2, 3], False),
        ("a", "a", True),
    ],
)
def test_equal_compares_values_and_arrays(actual, expected, passed):
    """An array equals a list of the same shape and elements."""
    assert outcome_of(check.equal, actual, expected).passed is passed


def test_an_object_that_cannot_be_compared_or_shown_fails_the_check():
    """It is the student's object that raises."""
    for actual in (Hostile(), [Hostile()]):
        outcome = outcome_of(check.equal, actual, 3)
        assert not outcome.passed
        assert outcome.error is None
        assert "RuntimeError" in outcome.actual


def test_close_allows_margins_but_no_other_shape():
    """Values of shape (3, 1) are not values of shape (3,)."""
    assert outcome_of(check.close, [0.1 + 0.2], [0.3]).passed
    assert not outcome_of(check.close, [[0.3]], [0.3]).passed
    assert not outcome_of(check.close, [np.nan], [0.3]).passed
    assert not outcome_of(check.close, ["a"], [0.3]).passed


@pytest.mark.parametrize(
    ("values", "passed"),
    [([0, 0.5, 1], True), ([0, 255], False), ([0, 0], False), ([], False), ([-0.1, 1], False)],
)
def test_scaled_between_looks_at_least_and_greatest(values, passed):
    """Constant values were not scaled, they were lost."""
    assert outcome_of(check.scaled_between, values).passed is passed


def test_defined_names_what_is_missing():
    """No ``NameError``: the rest of the cell goes on."""
    outcome = outcome_of(check.defined, "outcome_of", "nunca_definido")
    assert outcome.actual == "falta nunca_definido"
    assert outcome_of(check.defined, "outcome_of").passed


def test_that_takes_any_condition():
    """Title, expected and actual are the author's words."""
    outcome = outcome_of(check.that, np.bool_(False), "algo", expected="x", actual=3, hint="h", weight=2)
    assert (outcome.title, outcome.expected, outcome.actual) == ("algo", "x", "3")
    assert (outcome.hint, outcome.weight) == ("h", 2)
    assert outcome_of(check.that, 1, "algo").passed


def test_messages_follow_the_language():
    """English for those who ask for it."""
    from autograder.messages import using_language

    with using_language("en"):
        assert outcome_of(check.defined, "nada").actual == "nada missing"
