"""Sets on the same scale are told from others, however they were scaled."""

import numpy as np
import pytest

from autograder.check.recorder import collecting
from autograder.check.splits import same_scale

RANDOM = np.random.default_rng(0)
IMAGES = RANDOM.integers(0, 256, size=(900, 28, 28)).astype("uint8")
IMAGES[:, :10] = 0
TABLE = np.exp(RANDOM.normal(size=(900, 3)) * [0.3, 1.0, 2.0]) * [1.0, 30.0, 1000.0]
STANDARD = (TABLE - TABLE.mean(axis=0)) / TABLE.std(axis=0)


def passes(reference, other) -> bool:
    with collecting() as outcomes:
        same_scale(reference, other)
    return outcomes[0].passed


@pytest.mark.parametrize(
    ("reference", "other"),
    [
        (IMAGES[:500], IMAGES[500:]),
        (IMAGES[:500] / 255, IMAGES[500:].astype("float32") / 256),
        (TABLE[:500], TABLE[500:]),
        (STANDARD[:500], STANDARD[500:]),
        (STANDARD[:500], (TABLE[500:] - TABLE[500:].mean(axis=0)) / TABLE[500:].std(axis=0)),
        ((IMAGES[:500] / 255).tolist(), (IMAGES[500:] / 255).tolist()),
        (np.c_[STANDARD[:500], np.zeros(500)], np.c_[STANDARD[500:], np.zeros(400)]),
    ],
)
def test_the_same_scale(reference, other):
    assert passes(reference, other)
    assert passes(other, reference)


@pytest.mark.parametrize(
    ("reference", "other"),
    [
        (IMAGES[:500] / 255, IMAGES[500:]),
        (IMAGES[:500] / 255, IMAGES[500:] / 2550),
        (TABLE[:500], STANDARD[500:]),
        (STANDARD[:500], STANDARD[500:, :2]),
        (STANDARD[:500], STANDARD[500:] * np.nan),
        (STANDARD[:500], STANDARD[:0]),
        (STANDARD[:500], None),
        (STANDARD[:500], "text"),
    ],
)
def test_another_scale(reference, other):
    assert not passes(reference, other)
    assert not passes(other, reference)
