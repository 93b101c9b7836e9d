"""One name for all the ways to give a loss, a metric, an optimizer."""

from types import SimpleNamespace

import pytest

from autograder import check
from autograder.check.losses import Loss, canonical, read_loss, read_loss_weights, read_metrics


class MeanSquaredError:
    """A loss object."""

    def get_config(self):
        """As Keras writes it."""
        return {"name": "mean_squared_error"}


class SparseCategoricalCrossentropy:
    """A loss object with logits."""

    def get_config(self):
        """As Keras writes it."""
        return {"from_logits": True}


def mean_squared_error():
    """A loss function."""


@pytest.mark.parametrize(
    "given",
    [
        "mse",
        "MSE",
        "mean_squared_error",
        "MeanSquaredError",
        MeanSquaredError(),
        MeanSquaredError,
        mean_squared_error,
    ],
)
def test_every_way_to_say_mse(given):
    """Short name, name, class, object, function."""
    assert canonical(given) == "mean_squared_error"


def test_configs_are_read():
    """As ``get_compile_config`` writes them."""
    assert canonical({"class_name": "MeanAbsoluteError", "config": {}}) == "mean_absolute_error"
    assert canonical({"class_name": "function", "config": "my_loss"}) == "my_loss"


def model(loss, metrics=None, optimizer=None):
    return SimpleNamespace(
        compiled=True, loss=loss, optimizer=optimizer, get_compile_config=lambda: {"metrics": metrics}
    )


def test_the_loss_of_a_model():
    """A list or dict of one loss is that loss."""
    assert read_loss(model("mse")) == Loss("mean_squared_error")
    assert read_loss(model(["mse"])) == Loss("mean_squared_error")
    assert read_loss(model({"saida": "mse"})) == Loss("mean_squared_error")
    assert read_loss(model(SparseCategoricalCrossentropy())) == Loss("sparse_categorical_crossentropy", True)
    assert read_loss(SimpleNamespace(compiled=False)) is None


def test_the_metrics_of_a_model():
    """All kinds of accuracy are accuracy; lists and dicts are flattened."""
    assert read_metrics(model("mse", ["acc", {"class_name": "SparseCategoricalAccuracy"}])) == (
        "accuracy",
        "accuracy",
    )
    assert read_metrics(model("mse", {"saida": ["mae"]})) == ("mean_absolute_error",)
    assert read_metrics(model("mse")) == ()


def outcome_of(*args, **kwargs):
    with check.collecting() as outcomes:
        check.compiled(*args, **kwargs)
    return outcomes[0]


def test_compiled_with_fakes():
    """Loss, metrics and optimizer, each under any of its names."""
    sgd = type("SGD", (), {})()
    fake = model("mse", ["mae"], sgd)
    assert outcome_of(fake, loss="mean_squared_error", metrics="mean_absolute_error", optimizer="sgd").passed
    assert outcome_of(fake, loss=("mae", "mse")).passed
    assert not outcome_of(fake, loss="mse", optimizer=("adam", "nadam")).passed
    assert outcome_of(fake, loss="mse", metrics=["rmse"]).actual == "mean_absolute_error"
    wrong = outcome_of(fake, loss="huber")
    assert (wrong.passed, wrong.actual) == (False, "mean_squared_error")


def test_a_model_that_is_not_compiled_is_the_students_failure():
    """And so is something that is no model."""
    for thing in (SimpleNamespace(compiled=False), 3, None):
        outcome = outcome_of(thing, loss="mse")
        assert not outcome.passed
        assert outcome.error is None


def test_weights_in_a_dict_of_losses_in_a_list_go_by_their_sorted_names():
    """As Keras gives them, without a word; of losses in a dict they go by their names."""
    names = (("main",), ("aux",))

    def weights(loss, given):
        config = {"loss_weights": given}
        return read_loss_weights(SimpleNamespace(loss=loss, get_compile_config=lambda: config), names)

    given = {"main": 0.9, "aux": 0.1}
    assert weights({"main": "mse", "aux": "mse"}, given) == (0.9, 0.1)
    assert weights(["mse", "mse"], given) == (0.1, 0.9)
    assert weights(["mse", "mse"], [0.9, 0.1]) == (0.9, 0.1)
