"""What callbacks leave behind, as checks see it."""

import numpy as np
import pytest

from autograder.check import best_checkpoint, best_weights, early_stopped
from autograder.check.recorder import collecting
from autograder.check.saving import reading_with


def outcome_of(check, *args, **options):
    with collecting() as outcomes:
        check(*args, **options)
    assert outcomes[0].error is None
    return outcomes[0]


@pytest.mark.parametrize(
    ("values", "passed"),
    [
        ([3.0, 1.0, 2.0, 2.0], True),
        ([3.0, 1.0, 1.0, 2.0], True),  # a tie is no improvement
        ([3.0, 1.0, 2.0], False),
        ([3.0, 1.0, 2.0, 2.0, 2.0], False),
        ([3.0, 2.0, 1.0], False),
        ([3.0, 1.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 1.0, 2.0], False),  # it ran to the end
        ([1.0, float("nan"), 2.0], False),
        ([], False),
    ],
)
def test_a_training_stops_when_patience_is_over(values, passed):
    """Neither sooner nor later, and before the last epoch that was allowed."""
    assert outcome_of(early_stopped, {"val_loss": values}, patience=2, max_epochs=10).passed is passed


def test_what_is_no_history_did_not_stop_early():
    """No check breaks because of an answer."""
    assert not outcome_of(early_stopped, None, patience=2, max_epochs=10).passed


class Constant:
    """A model that predicts one number; its squared error for zeros is that number squared."""

    def __init__(self, value):
        self.value = value

    def predict(self, X, **_):
        """As Keras' does."""
        return np.full((len(X), 1), self.value, "float32")


DATA = (np.ones((4, 2)), np.zeros((4, 1)))
OPTIONS = {"validation": DATA, "loss": "mean_squared_error"}


@pytest.mark.tensorflow
@pytest.mark.parametrize(("value", "passed"), [(2.0, True), (3.0, False)])
def test_the_best_epoch_is_told_from_the_last(value, passed):
    """By the loss that the model really has."""
    assert outcome_of(best_weights, Constant(value), {"val_loss": [5, 4, 9]}, **OPTIONS).passed is passed


@pytest.mark.tensorflow
def test_a_file_is_read_by_the_reader(tmp_path, monkeypatch):
    """The judge never opens it itself; of two names, the one that is there counts."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "best.h5").touch()
    with reading_with(lambda path, _: Constant(2.0 if path.name == "best.h5" else 3.0)):
        names = ["best.keras", "best.h5"]
        assert outcome_of(best_checkpoint, names, {"val_loss": [4, 9]}, **OPTIONS).passed
        assert not outcome_of(best_checkpoint, "best.keras", {"val_loss": [4, 9]}, **OPTIONS).passed


@pytest.mark.tensorflow
def test_what_predicts_nothing_is_no_model():
    """No check breaks because of an answer."""
    assert not outcome_of(best_weights, None, {"val_loss": [4, 9]}, **OPTIONS).passed


@pytest.mark.tensorflow
@pytest.mark.parametrize(("value", "passed"), [(2.0, True), (3.0, True), (1.0, False), (None, False)])
def test_a_history_that_the_model_belies_proves_nothing(value, passed):
    """As good as in its last epoch, or in the best that was restored; nothing else."""
    model = None if value is None else Constant(value)
    options = OPTIONS | {"model": model or object()}
    history = {"val_loss": [16.0, 4.0, 6.0, 9.0]}
    assert outcome_of(early_stopped, history, patience=2, max_epochs=9, **options).passed is passed
