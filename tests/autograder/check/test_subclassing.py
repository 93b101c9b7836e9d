"""Checks of models of the student's own code: what counts is what they compute."""

import numpy as np
import pytest

from autograder import check

pytestmark = pytest.mark.tensorflow


def outcome_of(function, *args, **kwargs):
    with check.collecting() as outcomes:
        assert function(*args, **kwargs) is None
    (outcome,) = outcomes
    assert outcome.error is None
    return outcome


def residual(W1, b1, W2, b2, X):
    return X + np.maximum(np.maximum(X @ W1 + b1, 0) @ W2 + b2, 0)


SHAPES = [(3, 3), (3,), (3, 3), (3,)]


def block(*, adds=True, reverse=False, layers=2, activation="relu"):
    """A class of a residual block, right unless asked otherwise."""
    import keras

    class Block(keras.Model):
        def __init__(self):
            super().__init__()
            made = [keras.layers.Dense(3, activation=activation) for _ in range(layers)]
            self.made = made[::-1] if reverse else made
            self.order = made

        def call(self, inputs):
            Z = inputs
            for layer in self.order:
                Z = layer(Z)
            return inputs + Z if adds else Z

    return Block


@pytest.mark.parametrize(
    ("options", "passed"),
    [
        ({}, True),
        ({"reverse": True}, True),
        ({"adds": False}, False),
        ({"layers": 1}, False),
        ({"layers": 3}, False),
        ({"activation": "tanh"}, False),
        ({"activation": None}, False),
    ],
)
def test_a_model_is_what_it_computes(options, passed):
    """In whatever order it has its weights."""
    made = block(**options)
    assert (
        outcome_of(check.computes, made, residual, np.random.normal(size=(8, 3)), shapes=SHAPES).passed is passed
    )


def test_any_of_several_references_will_do():
    """Where the text leaves a choice."""
    wrong = [lambda *a: residual(*a) + 1, residual]
    assert outcome_of(check.computes, block(), wrong, np.ones((2, 3)), shapes=SHAPES).passed
    assert not outcome_of(check.computes, block(), wrong[:1], np.ones((2, 3)), shapes=SHAPES).passed


def test_a_model_may_keep_its_weights():
    """The student goes on to use it."""
    model = block()()
    model(np.ones((1, 3)))
    before = model.get_weights()
    made = outcome_of(check.computes, lambda: model, residual, np.eye(3), shapes=SHAPES, as_it_is=True)
    assert made.passed
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))


@pytest.mark.parametrize("make", [lambda: 1 / 0, lambda: None, lambda: np.sin, lambda: lambda X, training: X])
def test_what_is_no_model_fails(make):
    """And the check says which exception it was."""
    outcome = outcome_of(check.computes, make, residual, np.eye(3), shapes=SHAPES)
    assert not outcome.passed
    assert outcome.actual


def test_answers_that_are_not_numbers_are_wrong():
    """NaN is close to nothing."""
    import keras

    class Nan(block()):
        def call(self, inputs):
            return super().call(inputs) * keras.ops.log(-1.0)

    assert not outcome_of(check.computes, Nan, residual, np.eye(3), shapes=SHAPES).passed


def test_classes_of_the_students_own():
    """``keras.Model`` itself is not a subclass of it."""
    import keras

    Block = block()
    for value, base, passed in (
        (Block, "keras.Model", True),
        (Block(), "keras.Model", True),
        (Block, "keras.layers.Layer", True),
        (keras.Model, "keras.Model", False),
        (keras.Sequential, "keras.Model", False),
        (dict, "keras.Model", False),
        (lambda X: X, "keras.Model", False),
    ):
        assert outcome_of(check.subclass, value, base).passed is passed, (value, base)
    assert outcome_of(check.instance, Block(), "Block").passed
    assert not outcome_of(check.instance, keras.Sequential(), "Block").passed
    assert not outcome_of(check.instance, keras.Sequential(), "Functional").passed


def test_layers_within_models_within_models():
    """A subclass used as a layer of a functional model."""
    import keras

    inputs = keras.Input((3,))
    model = keras.Model(inputs, keras.Sequential([block()(), keras.layers.Dense(1)])(inputs))
    assert outcome_of(check.contains, model, "Block").passed
    assert not outcome_of(check.contains, model, "Conv2D").passed
    assert not outcome_of(check.contains, None, "Block").passed


def test_a_history_of_another_model_is_told_apart():
    """By the validation loss that the model at hand has."""
    import keras

    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile(loss="mse")
    X, y = np.random.normal(size=(64, 2)), np.random.normal(size=64)
    history = model.fit(X, y, epochs=2, validation_data=(X, y), verbose=0)
    assert outcome_of(check.validated, history, model, X, y).passed
    assert outcome_of(check.validated, history.history, model, X, y).passed
    other = keras.models.clone_model(model)
    other.set_weights([weight + 1 for weight in model.get_weights()])
    assert not outcome_of(check.validated, history, other, X, y).passed
    assert not outcome_of(check.validated, {"loss": [1.0]}, model, X, y).passed
    assert not outcome_of(check.validated, None, model, X, y).passed
    assert not outcome_of(check.validated, history, None, X, y).passed


def test_a_class_is_no_object_of_itself():
    class Rede:
        pass

    assert outcome_of(check.instance, Rede(), "Rede").passed
    assert not outcome_of(check.instance, Rede, "Rede").passed
