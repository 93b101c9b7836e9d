"""Layers in one spelling, with fakes that are called as Keras's layers are."""

import pytest

from autograder.check.chain import Chain, Step, read_step, simplify, snake


def layer(kind, **attributes):
    """An object whose class claims to be Keras's."""
    return type(kind, (), {"__module__": "keras.src.layers", **attributes})()


def named(name):
    def function():
        """Stand in for an activation."""

    function.__name__ = name
    return staticmethod(function)


DENSE = Step("Dense", 100, "linear")


def kinds(*steps, shape=(28, 28)):
    return str(simplify(Chain(steps, shape)))


def test_a_dense_layer_has_units_and_an_activation():
    """No activation is called linear."""
    assert str(read_step(layer("Dense", units=300, activation=named("relu")))) == "Dense(300, relu)"
    assert str(read_step(layer("Dense", units=1, activation=None))) == "Dense(1, linear)"
    assert str(read_step(layer("Dense", units=1, activation=layer("LeakyReLU")))) == "Dense(1, leaky_relu)"
    assert str(read_step(layer("Dense", units=1, activation=named("softmax_v2")))) == "Dense(1, softmax)"


def test_a_subclass_of_a_layer_counts_as_that_layer():
    """A student's own class is known by Keras's class below it."""
    base = type(layer("Dense", units=3, activation=None))
    mine = type("Minha", (base,), {"__module__": "__main__"})()
    assert str(read_step(mine)) == "Dense(3, linear)"


def test_an_activation_layer_is_folded_into_the_layer_before_it():
    """``Dense`` + ``ReLU`` is ``Dense(relu)``; also with batch normalisation between them."""
    relu = read_step(layer("ReLU"))
    assert kinds(DENSE, relu) == "Dense(100, relu)"
    assert kinds(DENSE, Step("BatchNormalization"), relu) == "Dense(100, relu)"
    assert kinds(DENSE, read_step(layer("Activation", activation=named("linear")))) == "Dense(100, linear)"
    assert kinds(Step("Dense", 10, "relu"), read_step(layer("Softmax"))) == "Dense(10, relu) → Activation(softmax)"


@pytest.mark.parametrize("kind", ["Rescaling", "Normalization", "Dropout", "TrueDivide", "Lambda"])
def test_scaling_in_front_is_not_part_of_the_architecture(kind):
    """Any normalisation is fine."""
    assert kinds(Step(kind), Step("Flatten", flattens=True), DENSE) == "Flatten → Dense(100, linear)"


def test_a_lambda_behind_the_first_dense_layer_is_part_of_it():
    """Nobody knows what it computes."""
    assert kinds(DENSE, Step("Lambda")) == "Dense(100, linear) → Lambda"


def test_reshape_to_one_dimension_is_flatten():
    """As a layer or as an operation."""
    assert read_step(layer("Reshape", target_shape=(784,))).flattens
    assert not read_step(layer("Reshape", target_shape=(28, 28, 1))).flattens
    assert kinds(read_step(layer("Reshape", target_shape=(784,))), DENSE) == "Flatten → Dense(100, linear)"
    assert kinds(Step("Reshape"), Step("Flatten", flattens=True)) == "Flatten"


def test_flatten_of_flat_inputs_is_nothing():
    """Housing rows have one dimension already."""
    assert kinds(Step("Flatten", flattens=True), DENSE, shape=(8,)) == "Dense(100, linear)"


def test_an_author_may_be_strict():
    """``allow=()`` counts every layer."""
    chain = Chain((Step("Dropout"), DENSE), (8,))
    assert str(simplify(chain, allow=())) == "Dropout → Dense(100, linear)"


def test_snake():
    """Keras's class names as its function names."""
    assert snake("SparseCategoricalCrossentropy") == "sparse_categorical_crossentropy"
