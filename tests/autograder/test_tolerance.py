"""The bounds of a calibration, against tables and against simulation."""

import doctest
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder import tolerance
from autograder.tolerance import Scores, failures_at_most, normality, threshold_for


def test_examples():
    assert doctest.testmod(tolerance).failed == 0


@pytest.mark.parametrize(
    ("count", "content", "factor"),
    # One-sided tolerance factors for 95 % confidence, as printed in the usual tables.
    [(10, 0.90, 2.355), (10, 0.99, 3.981), (20, 0.95, 2.396), (20, 0.99, 3.295), (30, 0.99, 3.064)],
)
def test_tolerance_factors_are_those_of_the_tables(count, content, factor):
    values = np.linspace(-1, 1, count)
    values /= values.std(ddof=1)
    scores = Scores(tuple(values), rises=True)
    assert threshold_for(scores, 1 - content) == pytest.approx(-factor, abs=2e-3)
    assert failures_at_most(scores, -factor) == pytest.approx(1 - content, rel=0.02)


def test_the_bound_holds_as_often_as_it_says():
    """Of many calibrations of 12 runs each, 95 % bound the true part (here 1 %) from above."""
    random = np.random.default_rng(7)
    truth = 0.01
    threshold = -2.3263478740408408  # where 1 % of a standard normal lies below
    held = [
        failures_at_most(Scores(tuple(random.normal(size=12)), rises=True), threshold) >= truth for _ in range(600)
    ]
    assert 0.92 < np.mean(held) < 0.98


@given(st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=20), st.floats(-1e3, 1e3))
def test_a_bound_is_a_part_and_falling_is_rising_mirrored(values, threshold):
    up = failures_at_most(Scores(tuple(values), rises=True), threshold)
    down = failures_at_most(Scores(tuple(-v for v in values), rises=False), -threshold)
    assert 0 <= up <= 1
    assert up == pytest.approx(down, abs=1e-9)


def test_scores_without_any_spread_say_little():
    """Twenty equal runs bound the failures by 14 %, not by nothing."""
    same = Scores((0.9,) * 20, rises=True)
    assert failures_at_most(same, 0.8) == pytest.approx(0.139, abs=1e-3)
    assert failures_at_most(same, 0.95) == 1.0


def test_one_run_is_not_enough():
    for ask in (lambda s: failures_at_most(s, 0.5), threshold_for):
        with pytest.raises(ValueError, match="two runs"):
            ask(Scores((0.9,), rises=True))


def test_what_is_no_number_is_no_score():
    with pytest.raises(ValueError, match="finite"):
        Scores((0.9, math.nan), rises=True)


def test_normality_is_told():
    random = np.random.default_rng(1)
    assert normality(random.normal(size=40)) > 0.05
    assert normality([0.1] * 20 + [9.0] * 2) < 0.001
    assert math.isnan(normality([1.0, 1.0, 1.0]))
    assert math.isnan(normality([1.0, 2.0]))
