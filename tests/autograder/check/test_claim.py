"""Predictions from an untrusted kernel, judged with the labels."""

import base64
import json

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from autograder.check.claim import Claim, Target, outcome_of_claim
from autograder.outcome import Outcome

LABELS = np.array([0, 1, 2, 3], dtype=np.uint8)


def claim(predictions, metric="accuracy", threshold=0.75, partial=()):
    made = Claim(
        Target(metric, threshold, partial), "fashion_mnist", np.asarray(predictions), "título", 2.0, "dica"
    )
    return json.loads(json.dumps(made.to_json()))


@pytest.mark.parametrize(
    ("predictions", "credit"), [([0, 1, 2, 3], 1.0), ([0, 1, 2, 9], 1.0), ([0, 1, 9, 9], 0.5), ([9, 9, 9, 9], 0.0)]
)
def test_accuracy_is_worked_out_from_the_labels(predictions, credit):
    """Full credit at the threshold, partial credit at the easier one."""
    outcome = outcome_of_claim(claim(predictions, partial=((0.5, 0.5),)), LABELS)
    assert outcome.credit == credit
    assert outcome.passed is (credit == 1.0)
    assert (outcome.title, outcome.weight) == ("título", 2.0)
    assert outcome.expected == "acurácia ≥ 75.0%"


def test_errors_are_better_when_smaller():
    """``mse`` and ``mae``, in floats."""
    truth = np.array([1.0, 2.0])
    assert outcome_of_claim(claim([1.5, 2.5], "mse", 0.25), truth).passed
    assert not outcome_of_claim(claim([1.5, 2.5], "mse", 0.2), truth).passed
    assert outcome_of_claim(claim([1.5, 2.5], "mae", 0.5), truth).actual == "MAE = 0.500"


@pytest.mark.parametrize("predictions", [[], [0], [0, 1, 2, 3, 4], [[0, 1, 2, 3]]])
def test_another_number_of_predictions_fails(predictions):
    """No broadcasting, no mean of nothing."""
    outcome = outcome_of_claim(claim(predictions), LABELS)
    assert not outcome.passed
    assert outcome.error is None


def test_nan_fails():
    """NaN is not below any threshold."""
    assert not outcome_of_claim(claim([np.nan] * 4, "mse", 1e9), LABELS.astype(float)).passed


DATA = base64.b64encode(LABELS.astype("<i2").tobytes()).decode()


@pytest.mark.parametrize(
    "changes",
    [
        {"predictions": None},
        {"predictions": {}},
        {"predictions": {"dtype": "O", "shape": [4], "data": DATA}},
        {"predictions": {"dtype": "<i2", "shape": [4], "data": "não é base64"}},
        {"predictions": {"dtype": "<i2", "shape": [4], "data": DATA + "AA"}},
        {"predictions": {"dtype": "<i2", "shape": [2, 2], "data": DATA}},
        {"predictions": {"dtype": "<i2", "shape": 4, "data": DATA}},
        {"metric": "perfect"},
        {"metric": ["accuracy"]},
        {"threshold": "0"},
        {"threshold": True},
        {"threshold": float("nan")},
        {"weight": -1},
        {"weight": float("inf")},
        {"weight": None},
        {"title": 3},
        {"title": "x" * 10_000},
        {"hint": {}},
        {"partial": [[0.0, 1.0]]},
        {"partial": [[0.0, float("nan")]]},
        {"partial": [0.5]},
        {"partial": "ab"},
    ],
)
def test_a_malformed_claim_is_a_failed_outcome(changes):
    """It never raises, and never passes."""
    outcome = outcome_of_claim({**claim([0, 1, 2, 3]), **changes}, LABELS)
    assert not outcome.passed
    assert outcome.credit == 0
    assert outcome.error is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
FIELDS = ["title", "weight", "hint", "metric", "dataset", "threshold", "partial", "predictions"]


@given(st.dictionaries(st.sampled_from(FIELDS), JSON))
@example({"threshold": 10**400})  # JSON's numbers have no limit
@example({"weight": 10**400})
def test_no_claim_makes_it_raise(changes):
    """Anything JSON can say is an outcome."""
    assert isinstance(outcome_of_claim({**claim([0, 1, 2, 3]), **changes}, LABELS), Outcome)
    assert isinstance(outcome_of_claim(changes, LABELS), Outcome)


def test_an_outcome_holds_no_label():
    """Only the metric is told."""
    text = json.dumps(outcome_of_claim(claim([3, 2, 1, 0]), LABELS).to_json())
    assert "[0, 1" not in text


def test_a_target_is_checked_when_it_is_made():
    """Thresholds are the author's: a bad one is the grader's error."""
    for bad in (("perfect", 0.5), ("mse", float("nan")), ("mse", 1.0, ((2.0, 1.0),))):
        with pytest.raises(ValueError):
            Target(*bad)


def test_a_claim_about_some_classes_is_judged_on_those():
    """In the order in which they are numbered; what was said of the others does not count."""
    data = claim([7, 1, 0, 7]) | {"classes": [2, 1]}
    assert outcome_of_claim(data, LABELS).actual == "acurácia = 100.0%"
    assert not outcome_of_claim(data | {"classes": [1, 2]}, LABELS).passed


@pytest.mark.parametrize("classes", [[], [77], ["1"], [True], "12", {"1": 2}, [1.0], list(range(11)), 3])
def test_classes_that_are_none_fail(classes):
    """Whatever the kernel says."""
    outcome = outcome_of_claim(claim([0, 1, 2, 3]) | {"classes": classes}, LABELS)
    assert not outcome.passed
    assert outcome.error is None
