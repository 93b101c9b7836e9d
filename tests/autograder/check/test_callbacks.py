"""What callbacks leave behind, as checks see it."""

import numpy as np
import pytest

from autograder.check import best_checkpoint, best_weights
from autograder.check.recorder import collecting
from autograder.check.saving import reading_with


def outcome_of(check, *args, **options):
    with collecting() as outcomes:
        check(*args, **options)
    assert outcomes[0].error is None
    return outcomes[0]


class Constant:
    """A model that predicts one number; its squared error for zeros is that number squared."""

    def __init__(self, value):
        self.value = value

    def __call__(self, X, training=None):
        """As Keras' does."""
        return np.full((len(X), 1), self.value, "float32")

    predict = __call__


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
