"""What may be relied on in item analysis, for any answers at all."""

import math
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradebook.privacy import FEWEST
from gradebook.report.items import Item, bins_of, chance, correlation, doubts, interval, item_of, quarters

SHARE = st.one_of(st.floats(0, 1), st.sampled_from([0.0, 0.5, 1.0]))
ANSWERS = st.lists(st.tuples(SHARE, SHARE), min_size=FEWEST, max_size=60)


def arrays(pairs: list[tuple[float, float]]) -> tuple["np.ndarray[tuple[int], np.dtype[np.float64]]", ...]:
    return np.array([a for a, _ in pairs]), np.array([b for _, b in pairs])


@given(ANSWERS)
def test_figures_are_within_their_bounds(pairs: list[tuple[float, float]]) -> None:
    """Difficulty is a share, discrimination a correlation inside its interval, and counts add up."""
    found = item_of(*arrays(pairs))
    assert found.difficulty is not None
    assert -1e-12 <= found.difficulty <= 1 + 1e-12
    assert sum(found.bins) == found.students == len(pairs)
    assert found.full is not None
    assert found.partial is not None
    assert found.none is not None
    assert min(found.full, found.partial, found.none) >= 0
    assert found.full + found.partial + found.none == len(pairs)
    if found.discrimination is not None:
        assert found.low is not None
        assert found.high is not None
        assert -1 <= found.low <= found.discrimination + 1e-9
        assert found.discrimination - 1e-9 <= found.high <= 1


@given(ANSWERS, st.integers(0, 2**32))
def test_the_order_of_students_does_not_matter(pairs: list[tuple[float, float]], seed: int) -> None:
    """Nor who comes first in the gradebook."""
    shuffled = random.Random(seed).sample(pairs, len(pairs))
    one, other = item_of(*arrays(pairs)), item_of(*arrays(shuffled))
    assert (one.students, one.full, one.partial, one.none, one.bins) == (
        other.students, other.full, other.partial, other.none, other.bins,
    )  # fmt: skip
    for name in ("difficulty", "discrimination", "low", "high", "lower", "upper"):
        assert getattr(one, name) == pytest.approx(getattr(other, name), abs=1e-9)


def test_right_or_wrong_gives_the_point_biserial_correlation() -> None:
    """(M1 - M0) / s * sqrt(p q), with the means of the rest of who is right and who is wrong."""
    right = [1, 1, 0, 1, 0, 1, 0, 0, 1, 0, 1, 1]
    rest = [0.9, 0.8, 0.7, 0.85, 0.3, 0.6, 0.4, 0.2, 0.5, 0.1, 0.95, 0.75]
    number, mean = len(right), sum(rest) / len(rest)
    spread = math.sqrt(sum((value - mean) ** 2 for value in rest) / number)
    ones = [value for value, ok in zip(rest, right, strict=True) if ok]
    zeros = [value for value, ok in zip(rest, right, strict=True) if not ok]
    p = len(ones) / number
    expected = (sum(ones) / len(ones) - sum(zeros) / len(zeros)) / spread * math.sqrt(p * (1 - p))
    assert correlation(np.array(right, float), np.array(rest)) == pytest.approx(expected)


def test_where_there_is_nothing_to_say() -> None:
    """Fewer than ten students; all alike; no rest."""
    few, rest = np.linspace(0, 1, FEWEST - 1), np.linspace(0, 1, FEWEST - 1)
    assert item_of(few, rest) == Item(FEWEST - 1)
    assert correlation(few, rest) is None
    assert quarters(few, rest) is None
    alike, different = np.full(12, 0.1 + 0.2), np.linspace(0, 1, 12)
    assert item_of(alike, different).discrimination is None
    assert item_of(different, alike).discrimination is None
    assert item_of(different, alike).upper is None
    assert item_of(different, np.full(12, np.nan)).discrimination is None
    assert item_of(different, np.full(12, np.nan)).difficulty == pytest.approx(0.5)


def test_the_interval_is_fisher_s() -> None:
    """r = 0.5 of 28 pairs: tanh(0.5493 ± 1.96 / 5)."""
    assert interval(0.5, 28) == pytest.approx((0.1560, 0.7358), abs=1e-4)


def test_the_last_bar_holds_full_points() -> None:
    """Each tenth holds its lower end; 1 belongs to the last."""
    assert bins_of(np.array([0.0, 0.1, 0.3, 0.7, 0.95, 1.0])) == (1, 1, 0, 1, 0, 0, 0, 1, 0, 2)


def test_why_an_item_is_suspect() -> None:
    """Good students miss it; it tells nothing; the best do no better; nobody, or everybody, can do it."""
    rest = np.linspace(0, 1, 40)
    assert doubts(item_of(rest, rest)) == ()
    assert doubts(item_of(1 - rest, rest)) == ("negative", "upside_down")
    assert not chance(item_of(1 - rest, rest))
    flat = item_of(np.tile([1.0, 0.0], 20), rest)
    assert doubts(flat)[0] in ("flat", "negative")
    assert chance(flat)
    assert doubts(item_of(np.zeros(40), rest)) == ("nobody",)
    assert doubts(item_of(np.ones(40), rest)) == ("everybody",)
    assert doubts(Item(3)) == ()
