"""Sets on the same scale are told from others, however they were scaled."""

import numpy as np
import pytest

from autograder.check.recorder import collecting
from autograder.check.splits import same_preparation, same_scale

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
        (IMAGES[:500] / 255, IMAGES[500:].astype("float32") / 255),
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
        (IMAGES[:500] / 255, IMAGES[500:] / 256),
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


#: Whole years and hundredths of a degree, the second in the order of the rows.
ORDER = np.random.default_rng(1)
GRID = np.c_[ORDER.integers(1, 53, 12000), np.sort(ORDER.integers(3250, 4200, 12000)) / 100]


def standard(rows, by):
    return (rows - by.mean(axis=0)) / by.std(axis=0)


def test_on_a_grid_each_sets_own_statistics_are_another_scale():
    mixed = ORDER.permutation(GRID)
    first, second = mixed[:9000], mixed[9000:]
    assert passes(standard(first, first), standard(second, first))
    assert passes(standard(first, first).astype("float32"), standard(second, first).astype("float32"))
    assert passes(standard(first, mixed), standard(second, mixed))
    assert not passes(standard(first, first), standard(second, second))
    assert not passes(first, standard(second, second))
    assert not passes((first - first.min(axis=0)) / np.ptp(first, axis=0), second)


def test_a_cut_of_sorted_rows_is_on_the_same_scale():
    first, second = GRID[:9000], GRID[9000:]
    assert passes(standard(first, first), standard(second, first))
    assert not passes(standard(first, first), standard(second, second))


def robust(rows, by):
    low, middle, high = np.percentile(by, (25, 50, 75), axis=0)
    return (rows - middle) / (high - low)


@pytest.mark.parametrize(
    "scaled",
    [
        standard,
        robust,
        lambda rows, by: (rows - by.min(axis=0)) / np.ptp(by, axis=0),
        lambda rows, by: 2 * (rows - by.min(axis=0)) / np.ptp(by, axis=0) - 1,
        lambda rows, by: standard(rows.astype("float32"), by.astype("float32")),
    ],
)
def test_statistics_of_both_sets_are_refused_where_that_is_asked(scaled):
    both = ORDER.permutation(TABLE)

    def own(reference, other):
        with collecting() as outcomes:
            same_scale(reference, other, own=True)
        return outcomes[0].passed or outcomes[0].actual

    half = len(both) // 2
    assert own(scaled(both[:half], both[:half]), scaled(both[half:], both[:half])) is True
    assert own(both[:half], both[half:]) is True
    assert "juntos" in str(own(scaled(both[:half], both), scaled(both[half:], both)))


WEIGHTS = RANDOM.normal(size=(784, 10)) / 28


def logits(X):
    """What a model of one layer gives."""
    return np.asarray(X, float).reshape(len(X), -1) @ WEIGHTS


def softmax(z):
    """Probabilities."""
    raised = np.exp(z - z.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)


def prepared_alike(function, prepared, model=logits, labels=None, **options):
    labels = logits(prepared).argmax(axis=1) if labels is None else labels
    with collecting() as outcomes:
        same_preparation(function, model, prepared, labels, **options)
    assert outcomes[0].error is None
    return outcomes[0].passed


@pytest.mark.parametrize(
    ("function", "prepared"),
    [
        (lambda X: logits(X / 255), IMAGES / 255),
        (lambda X: softmax(logits(X / 255)), IMAGES / 255),
        (lambda X: logits(X / 255).argmax(axis=1), (IMAGES / 255).astype("float32")),
        (lambda X: logits(X / 127.5 - 1), IMAGES / 127.5 - 1),
        (logits, IMAGES),  # the model has a layer for it
        (lambda X: logits((X - 33.0) / 78.0), (IMAGES - 33.0) / 78.0),
        (lambda X: logits(X), (IMAGES - IMAGES.mean(axis=0)) / (1 + IMAGES.std(axis=0))),  # nobody can tell
        (lambda X: logits(X), np.zeros((5, 784))),
        (lambda X: logits(1 - X / 255), 1 - IMAGES / 255),
        (lambda X: logits(X / 255).argmax(axis=1).reshape(-1, 1).astype(float), IMAGES / 255),
    ],
)
def test_raw_images_that_are_prepared_as_in_training(function, prepared):
    """Whatever is done to them, and whatever the function gives."""
    assert prepared_alike(function, prepared)


@pytest.mark.parametrize(
    "function",
    [
        lambda X: logits(X * 255.0), logits, lambda X: logits(X / 255)[::-1], lambda X: softmax(logits(X)),
        lambda X: logits(1 - (X / 255) ** 2).argmax(axis=1), lambda X: [["a"] * 10] * len(X),
        lambda X: logits(X[:5]), lambda X: 1 / 0, None,
    ],
)  # fmt: skip
def test_raw_images_that_are_not(function):
    """Scaled another way, in another order, or not answered at all."""
    assert not prepared_alike(function, IMAGES / 255)


def test_raw_images_have_the_shape_that_the_function_takes():
    """The model may take them with a channel."""
    seen = []

    def function(X):
        seen.append(X.shape)
        return logits(X / 255)

    assert prepared_alike(function, (IMAGES / 255)[..., None], shape=(28, 28))
    assert seen == [(900, 28, 28)]
    assert not prepared_alike(function, (IMAGES / 255)[..., None], shape=(9, 9))


def test_what_tells_no_scale_must_be_answered_all_the_same():
    """And by a model that has learned something."""
    mixed = (IMAGES - IMAGES.mean(axis=0)) / (1 + IMAGES.std(axis=0))
    assert not prepared_alike(None, mixed)
    assert not prepared_alike(lambda X: logits(X)[:3], mixed)
    assert not prepared_alike(lambda X: logits(X / 255), IMAGES / 255, labels=np.zeros(900))
    assert prepared_alike(
        lambda X: logits(X / 255), IMAGES / 255, labels=np.eye(10)[logits(IMAGES).argmax(axis=1)]
    )
    for model in (lambda X: 1.0, lambda X: X, lambda X: [["a"] * 10] * len(X)):
        assert not prepared_alike(lambda X: logits(X / 255), IMAGES / 255, model=model)


def test_numbers_that_no_arithmetic_survives_are_the_students_failure():
    wild = np.tile([1.7e308, -1.7e308, 0.0, 1.0, 2.0], 60).reshape(-1, 1)
    for own in (False, True):
        with collecting() as outcomes:
            same_scale(wild, wild / 1e300, own=own)
        assert (outcomes[0].passed, outcomes[0].error) == (False, None)
