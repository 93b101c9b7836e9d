"""The words for an architecture."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.check.chain import Step
from autograder.check.layerspec import matches, parse

FLAT = Step("Flatten", flattens=True)
RELU = Step("Dense", 300, "relu")
LINEAR = Step("Dense", 10, "linear")
SOFTMAX = Step("Dense", 10, "softmax")


def fits(specs, steps):
    return matches([parse(spec) for spec in specs], steps)


@pytest.mark.parametrize(
    ("spec", "step", "accepted"),
    [
        ("Dense", RELU, True),
        ("Flatten", RELU, False),
        ("Dense(relu)", RELU, True),
        ("Dense(tanh)", RELU, False),
        ("Dense(300, relu)", RELU, True),
        ("Dense(100, relu)", RELU, False),
        ("Dense(10)", SOFTMAX, True),
        ("Dense(10)", LINEAR, True),
        ("Dense(10, linear)", SOFTMAX, False),
        ("Dense(10, softmax|linear)", LINEAR, True),
        ("Dense(10|11)", SOFTMAX, True),
        ("Dense(nonlinear)", RELU, True),
        ("Dense(nonlinear)", LINEAR, False),
        ("Dense(nonlinear)", FLAT, False),
    ],
)
def test_one_spec_says_what_it_asks_and_no_more(spec, step, accepted):
    """What is not said is not checked."""
    assert parse(spec).accepts(step) is accepted


def test_repetition():
    """``+`` one or more, ``*`` any number, ``?`` one or none, ``...`` anything."""
    two_or_more = ["Flatten", "Dense(nonlinear)", "Dense(nonlinear)+", "Dense(10)"]
    assert fits(two_or_more, [FLAT, RELU, RELU, SOFTMAX])
    assert fits(two_or_more, [FLAT, RELU, RELU, RELU, RELU, LINEAR])
    assert not fits(two_or_more, [FLAT, RELU, SOFTMAX])
    assert not fits(two_or_more, [FLAT, RELU, RELU])
    assert fits(["Dense(relu)*", "Dense(10)"], [LINEAR])
    assert fits(["Flatten?", "Dense(10)"], [LINEAR])
    assert not fits(["Flatten?", "Dense(10)"], [FLAT, FLAT, LINEAR])
    assert fits(["...", "Dense(linear)"], [FLAT, RELU, LINEAR])
    assert not fits(["...", "Dense(linear)"], [FLAT, RELU])


def test_an_empty_model_matches_nothing_but_the_empty_list():
    """A comparator that zips over layers would pass it."""
    assert not fits(["Flatten", "Dense"], [])
    assert fits([], [])


@pytest.mark.parametrize("text", ["", "Dense(", "Dense(10|relu)", "3Dense", "Dense relu", "Dense()+)"])
def test_a_malformed_spec_is_the_authors_error(text):
    """It raises, and the check that used it becomes an outcome with ``error``."""
    with pytest.raises(ValueError):
        parse(text)


@given(st.lists(st.sampled_from([FLAT, RELU, LINEAR, SOFTMAX]), max_size=8))
def test_a_chain_matches_its_own_spelling(steps):
    """``str`` of a chain's steps is a spec of that chain."""
    assert fits([str(step) for step in steps], steps)
