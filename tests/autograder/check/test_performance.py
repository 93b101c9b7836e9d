"""Held-out predictions: shapes, exceptions, claims."""

import numpy as np
import pytest

from autograder import check, holdout
from autograder.check import performance
from autograder.check.recorder import CLAIM_MIME


class Data:
    """Five examples with labels, or without."""

    dataset = "fashion_mnist"

    def __init__(self, labels=(0, 1, 2, 3, 4)):
        self._labels = labels

    def inputs(self):
        """Class ids as inputs."""
        return np.arange(5, dtype=np.uint8).reshape(5, 1, 1)

    def labels(self):
        """Their classes."""
        return None if self._labels is None else np.asarray(self._labels)


def outcome_of(function, predictor, data=None, **kwargs):
    with check.collecting() as outcomes:
        function(predictor, data or Data(), **kwargs)
    (outcome,) = outcomes
    return outcome


def ids(X):
    return X.reshape(-1)


@pytest.mark.parametrize(
    "predictor",
    [
        ids,
        lambda X: list(ids(X)),
        lambda X: ids(X).astype(float),
        lambda X: ids(X).reshape(-1, 1),
        lambda X: np.eye(10)[ids(X)],
        lambda X: np.eye(10)[ids(X)] * 7 - 3,
    ],
)
def test_ids_probabilities_and_logits_are_all_predictions(predictor):
    """Lists and columns too."""
    assert outcome_of(check.accuracy, predictor, at_least=1.0).passed


@pytest.mark.parametrize(
    "predictor",
    [
        None,
        "modelo",
        lambda X: None,
        lambda X: ids(X)[:2],
        lambda X: np.zeros((len(X), 2, 2)),
        lambda X: np.full((len(X), 10), np.nan),
        lambda X: np.full(len(X), 0.3),
        lambda X: ["a"] * len(X),
        lambda X: -ids(X).astype(int) - 1,
        lambda X: 1 / 0,
        lambda: 3,
    ],
)
def test_what_is_no_prediction_is_the_students_failure(predictor):
    """Never ours."""
    outcome = outcome_of(check.accuracy, predictor, at_least=0.0)
    assert not outcome.passed
    assert outcome.error is None


def test_partial_credit():
    """The best threshold that is reached counts."""
    half = lambda X: np.where(ids(X) < 3, ids(X), 0)  # noqa: E731
    outcome = outcome_of(check.accuracy, half, at_least=0.9, partial=[(0.4, 0.25), (0.6, 0.5)])
    assert outcome.credit == 0.5
    assert outcome.actual == "acurácia = 60.0%"


def test_errors_of_columns_do_not_broadcast():
    """(n, 1) against (n,) would be an n × n matrix."""
    assert outcome_of(check.mse, lambda X: ids(X).reshape(-1, 1).astype(float), at_most=0.0).passed
    assert outcome_of(check.mae, lambda X: ids(X) + 1.0, at_most=1.0).passed
    assert not outcome_of(check.mse, lambda X: np.zeros((len(X), 8)), at_most=1e9).passed
    assert not outcome_of(check.mse, lambda X: np.full(len(X), np.inf), at_most=1e9).passed


def test_predictions_may_be_limited_to_the_range_of_the_target():
    """One extreme row does not decide; what is not a number still fails."""
    wild = lambda X: np.where(ids(X) == 4, 1e6, ids(X))  # noqa: E731
    assert not outcome_of(check.mse, wild, at_most=1.0).passed
    assert outcome_of(check.mse, wild, at_most=1.0, clip=(0, 5)).passed
    assert not outcome_of(check.mse, lambda X: ids(X) + np.nan, at_most=1e9, clip=(0, 5)).passed


@pytest.mark.parametrize(
    ("predictor", "passes"),
    [
        (lambda X: (X - 50) / 30, True),
        (lambda X: (X - X.mean()) / X.std(), False),
        (lambda X: X[::-1], False),
        (lambda X: X + np.random.normal(size=len(X)), True),  # at random: not a matter of the other rows
    ],
)
def test_a_row_is_predicted_without_the_others(predictor, passes):
    """Not with inputs that are scaled by their own statistics."""
    data = Data()
    data.inputs, data.labels = lambda: np.arange(100.0), lambda: np.arange(100.0)
    outcome = outcome_of(check.mse, predictor, data, at_most=1e9)
    assert outcome.passed is passes
    assert passes or "linhas" in outcome.actual


def test_a_predictor_gets_copies():
    """Changing the argument harms nobody else's check."""
    data, inputs = Data(), np.arange(5.0)
    data.inputs = lambda: inputs

    def greedy(X):
        X[:] = 0
        return X

    outcome_of(check.mse, greedy, data, at_most=1e9)
    assert inputs.tolist() == [0, 1, 2, 3, 4]


def test_without_labels_a_claim_is_published_and_no_outcome(monkeypatch):
    """The grader outside makes the outcome."""
    published = []
    monkeypatch.setattr(performance, "publish", lambda mime, data, text: published.append((mime, data)) or True)
    with check.collecting() as outcomes:
        check.accuracy(ids, Data(None), at_least=0.85, partial=[(0.8, 0.5)], title="t", weight=3)

    assert outcomes == []
    ((mime, data),) = published
    assert mime == CLAIM_MIME
    assert (data["metric"], data["dataset"], data["threshold"]) == ("accuracy", "fashion_mnist", 0.85)
    assert (data["weight"], data["partial"], data["predictions"]["shape"]) == (3, [[0.8, 0.5]], [5])


def test_without_labels_and_without_a_notebook_it_is_our_error():
    """Nobody would ever judge that claim."""
    assert outcome_of(check.accuracy, ids, Data(None), at_least=0.5).error is not None


def test_an_authors_mistake_is_our_error():
    """Bad thresholds, bad data."""
    assert outcome_of(check.accuracy, ids, at_least=float("nan")).error is not None
    assert outcome_of(check.accuracy, ids, at_least=0.5, partial=[(0.4, 2.0)]).error is not None
    assert outcome_of(check.accuracy, ids, object(), at_least=0.5).error is not None


def test_the_inbox_gives_inputs_and_no_labels(tmp_path, monkeypatch):
    """What the grader dropped is used at once, in its own type unless scaled."""
    np.savez(tmp_path / "fashion_mnist.npz", X=np.full((3, 28, 28), 255, np.uint8))
    monkeypatch.setenv("AUTOGRADER_INBOX", str(tmp_path))

    handle = holdout.fashion_mnist()
    assert handle.inputs().dtype == np.uint8
    assert handle.labels() is None
    assert holdout.fashion_mnist(scale=1 / 255).inputs().max() == pytest.approx(1.0)


def test_a_broken_inbox_is_our_error(tmp_path, monkeypatch):
    """The student did not write that file."""
    (tmp_path / "california_housing.npz").write_bytes(b"nonsense")
    monkeypatch.setenv("AUTOGRADER_INBOX", str(tmp_path))
    outcome = outcome_of(check.mse, ids, holdout.california_housing(), at_most=1.0)
    assert outcome.error is not None


def test_without_an_inbox_the_public_split_is_used(monkeypatch):
    """With its labels, so that the outcome is made at once."""
    monkeypatch.delenv("AUTOGRADER_INBOX", raising=False)
    monkeypatch.setattr(holdout, "_PUBLIC", {"california_housing": lambda: (np.ones((4, 8)), np.ones(4))})
    assert outcome_of(check.mse, lambda X: X[:, 0], holdout.california_housing(), at_most=0.0).passed


def test_some_classes_are_numbered_anew(tmp_path, monkeypatch):
    """The judge asks about their images alone."""
    labels = np.array([6, 5, 0, 6, 9], dtype=np.uint8)
    np.savez(tmp_path / "fashion_mnist.npz", X=np.arange(5, dtype=np.uint8).reshape(5, 1, 1), y=labels)
    monkeypatch.setenv("AUTOGRADER_HOLDOUT", str(tmp_path))
    pair = holdout.fashion_mnist(classes=(5, 6))
    assert pair.inputs().reshape(-1).tolist() == [0, 1, 3]
    assert pair.labels().tolist() == [1, 0, 1]
    assert holdout.fashion_mnist(classes=(6, 0, 9, 5)).labels().tolist() == [0, 3, 1, 0, 2]
    assert outcome_of(check.accuracy, lambda X: [1, 0, 1], pair, at_least=1.0).passed


@pytest.mark.parametrize(
    "answer",
    [
        [0.9, 0.1, 0.6],
        np.array([[0.9], [0.1], [0.6]]),
        [True, False, True],
        np.array([[0.1, 0.9], [0.9, 0.1], [0.4, 0.6]]),
    ],
)
def test_one_probability_is_enough_of_two_classes(answer, tmp_path, monkeypatch):
    """That of the second one, as a sigmoid gives it."""
    labels = np.array([6, 5, 6], dtype=np.uint8)
    np.savez(tmp_path / "fashion_mnist.npz", X=np.zeros((3, 1, 1), np.uint8), y=labels)
    monkeypatch.setenv("AUTOGRADER_HOLDOUT", str(tmp_path))
    assert outcome_of(check.accuracy, lambda X: answer, holdout.fashion_mnist(classes=(5, 6)), at_least=1.0).passed
    assert not outcome_of(
        check.accuracy, lambda X: answer, holdout.fashion_mnist(classes=(6, 5)), at_least=0.1
    ).passed


def test_without_labels_all_inputs_are_asked_about(tmp_path, monkeypatch):
    """Who has the labels leaves the other classes out."""
    np.savez(tmp_path / "fashion_mnist.npz", X=np.zeros((3, 1, 1), np.uint8))
    monkeypatch.setenv("AUTOGRADER_INBOX", str(tmp_path))
    pair = holdout.fashion_mnist(classes=(5, 6))
    assert (len(pair.inputs()), pair.labels()) == (3, None)
