"""Models with several inputs and outputs: their training, and the data that they are given."""

import os
from typing import Any

import numpy as np
import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
keras = pytest.importorskip("keras")

from autograder import check  # noqa: E402
from autograder.check.recorder import collecting  # noqa: E402

layers = keras.layers


def data() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    X = np.random.default_rng(0).normal(size=(200, 8))
    return X[:, :5], X[:, 2:], X.sum(axis=1) + 3


def network(*, dicts: bool) -> Any:
    keras.utils.set_random_seed(1)
    wide, deep = keras.Input((5,), name="wide"), keras.Input((6,), name="deep")
    hidden = layers.Dense(8, activation="relu")(deep)
    main = layers.Dense(1, name="main_output")(layers.concatenate([wide, hidden]))
    aux = layers.Dense(1, name="aux_output")(hidden)
    inputs = {"wide": wide, "deep": deep} if dicts else [wide, deep]
    model = keras.Model(inputs, {"main_output": main, "aux_output": aux} if dicts else [main, aux])
    names = ("main_output", "aux_output")
    model.compile(
        loss=dict.fromkeys(names, "mse") if dicts else ["mse", "mse"], optimizer=keras.optimizers.SGD(0.05)
    )
    return model


def fit(model: Any, *, dicts: bool, validation: bool = True) -> Any:
    A, B, y = data()
    X = {"wide": A, "deep": B} if dicts else [A, B]
    targets = {"main_output": y, "aux_output": y} if dicts else [y, y]
    return model.fit(X, targets, epochs=3, verbose=0, validation_data=(X, targets) if validation else None)


def judge(history: Any, model: Any, since: Any) -> list[bool]:
    A, B, y = data()
    with collecting() as outcomes:
        check.trained(history, outputs=2, improved=None)
        # In another order than the model's: arrays are known by their shapes.
        check.trained(history, epochs_at_least=3, model=model, since=since, validation=([B, A], y))
    assert not [o.error for o in outcomes if o.error]
    return [o.passed for o in outcomes]


@pytest.mark.tensorflow
@pytest.mark.parametrize("dicts", [False, True])
def test_trainings(dicts: bool) -> None:
    """Lists and dicts; a model that was not trained, another's history, no validation."""
    model = network(dicts=dicts)
    before = model.get_weights()
    history = fit(model, dicts=dicts)
    assert judge(history, model, before) == [True, True]
    assert judge(history.history, model, before) == [True, True]
    other = network(dicts=dicts)
    assert judge(history, other, other.get_weights()) == [True, False]
    other.optimizer.iterations.assign(100)
    other.history = history
    assert judge(history, other, other.get_weights()) == [True, False]
    assert judge(fit(other, dicts=dicts, validation=False), other, before) == [False, True]


@pytest.mark.tensorflow
def test_one_output_has_no_loss_of_its_own() -> None:
    """Two outputs are asked, and only one was given a loss."""
    model = network(dicts=False)
    model.compile(loss=["mse", None], optimizer="sgd")
    assert judge(fit(model, dicts=False), model, None)[0] is False


@pytest.mark.parametrize(
    ("part", "right"),
    [
        (lambda X: X[:, 2:], True),
        (lambda X: np.log(X[:, 2:] + 100), True),
        (lambda X: X[:, 2:].astype("float32").tolist(), True),
        (lambda X: X[:, 1:7], False),
        (lambda X: X[:, 7:1:-1], False),
        (lambda X: X[::-1, 2:], False),
        (lambda X: X[:, 3:], False),
        (lambda X: X, False),
        (lambda X: np.full((len(X), 6), 1.0), False),
        (lambda X: np.full((len(X), 6), np.nan), False),
        (lambda X: "X_train", False),
    ],
)
def test_columns(part: Any, right: bool) -> None:
    """On any scale of its own, but in order."""
    X = np.random.default_rng(0).normal(size=(300, 8))
    with collecting() as outcomes:
        check.same_columns(part(X), X, range(2, 8))
    assert [(o.passed, o.error) for o in outcomes] == [(right, None)]
