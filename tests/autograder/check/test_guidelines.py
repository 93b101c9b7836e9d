"""Size, funnel, early stopping, reuse of layers, equal trainings: right answers in all forms, and wrong ones."""

import numpy as np
import pandas as pd
import pytest

from autograder import check

pytestmark = pytest.mark.tensorflow


@pytest.fixture(scope="module")
def keras():
    import keras

    keras.utils.set_random_seed(0)
    return keras


def outcome_of(function, *args, **kwargs):
    with check.collecting() as outcomes:
        assert function(*args, **kwargs) is None
    (outcome,) = outcomes
    assert outcome.error is None, outcome.error
    return outcome


def network(keras, *sizes, inputs=8):
    L = keras.layers
    hidden = [L.Dense(size, "relu") for size in sizes[:-1]]
    return keras.Sequential([keras.Input((inputs,)), *hidden, L.Dense(sizes[-1], "softmax")])


@pytest.mark.parametrize(
    ("sizes", "passed"),
    [((9, 6, 3), True), ((9, 3), True), ((9, 9, 3), False), ((3, 6, 9), False), ((9, 6, 6), False), ((9,), False)],
)
def test_a_funnel_only_narrows(keras, sizes, passed):
    """From the first layer with units to the output."""
    assert outcome_of(check.funnel, network(keras, *sizes)).passed is passed


def test_a_funnel_passes_over_layers_without_units(keras):
    """Scaling, dropout, activations of their own; a functional model is the same."""
    L = keras.layers
    x = entry = keras.Input((8,))
    for layer in (L.Rescaling(0.5), L.Dense(9), L.ReLU(), L.Dropout(0.1), L.Dense(6), L.Dense(3), L.Softmax()):
        x = layer(x)
    assert outcome_of(check.funnel, keras.Model(entry, x)).passed


def test_sizes_may_differ_by_the_tolerance(keras):
    """Of the smaller number, whichever of the two it is."""
    one, other = network(keras, 99, inputs=1), network(keras, 104, inputs=1)
    for pair in ((one, other), (other, one)):
        assert not outcome_of(check.same_size, *pair, tolerance=0.05).passed
        assert outcome_of(check.same_size, *pair, tolerance=0.06).passed


@pytest.mark.parametrize("wrong", [None, 3, "model", [1]])
def test_what_is_no_model_fails(keras, wrong):
    """And nothing is raised."""
    model = network(keras, 4, 2)
    assert not outcome_of(check.funnel, wrong).passed
    assert not outcome_of(check.same_size, wrong, model).passed
    assert not outcome_of(check.same_size, keras.Sequential([keras.layers.Dense(1)]), model).passed
    assert not outcome_of(check.reused_layers, wrong, model).passed
    assert not outcome_of(check.reused_layers, model, wrong).passed
    assert not outcome_of(check.stopped_early, wrong, wrong, patience=2).passed
    assert not outcome_of(check.overfitted, wrong).passed
    assert not outcome_of(check.trained_alike, (wrong, wrong), (model, {"loss": [1.0]})).passed


def reusing(keras, old):
    """A new model with the two lower layers of ``old``, in all the ways to make one."""
    L = keras.layers

    def top():
        return L.Dense(1, "sigmoid")

    yield keras.Sequential([*old.layers[:-1], top()])
    clone = keras.models.clone_model(old)
    clone.set_weights(old.get_weights())
    yield keras.Sequential([keras.Input((8,)), *clone.layers[:-1], L.Dropout(0.5), top()])
    yield keras.Model(old.inputs, top()(old.layers[-2].output))
    base = keras.Model(old.inputs, old.layers[-2].output)
    yield keras.Sequential([keras.Input((8,)), base, L.Dense(4, "relu"), top()])
    fresh = keras.Sequential([keras.Input((8,)), L.Dense(7, "relu"), L.Dense(5, "relu"), top()])
    for mine, theirs in zip(fresh.layers[:-1], old.layers, strict=False):
        mine.set_weights(theirs.get_weights())
    yield fresh


def test_all_ways_of_reusing_layers_are_accepted(keras):
    """Shared, cloned, nested, copied; frozen or not."""
    for number in range(5):
        old = network(keras, 7, 5, 3)
        model = list(reusing(keras, old))[number]
        model.build((None, 8))
        assert outcome_of(check.reused_layers, model, old, at_least=2, frozen=False).passed, number
        assert not outcome_of(check.reused_layers, model, old, at_least=2, frozen=True).passed, number
        inner = [one for layer in model.layers for one in getattr(layer, "layers", [layer])]
        for layer in [one for one in inner if one.weights][:2]:
            layer.trainable = False
        assert outcome_of(check.reused_layers, model, old, at_least=2, frozen=True).passed, number
        assert not outcome_of(check.reused_layers, model, old, at_least=2, frozen=False).passed, number
        assert not outcome_of(check.reused_layers, model, old, at_least=3).passed, number


def test_other_weights_are_not_reused(keras):
    """A clone without the weights, layers in another order, one number changed."""
    old = network(keras, 8, 8, 3)
    assert not outcome_of(check.reused_layers, keras.models.clone_model(old), old).passed
    swapped = network(keras, 8, 8, 1)
    for mine, theirs in zip(swapped.layers, reversed(old.layers[:-1]), strict=False):
        mine.set_weights(theirs.get_weights())
    assert not outcome_of(check.reused_layers, swapped, old).passed
    changed = network(keras, 8, 8, 1)
    weights = [*old.get_weights()[:4], *changed.get_weights()[4:]]
    weights[3] = weights[3] + np.float32(0.01)
    changed.set_weights(weights)
    assert outcome_of(check.reused_layers, changed, old, at_least=1).passed
    assert not outcome_of(check.reused_layers, changed, old, at_least=2).passed


def test_a_model_that_answers_for_itself_is_not_believed(keras):
    """Its ``get_weights`` may say anything."""

    class Borrowed(keras.Model):
        def get_weights(self):
            return old.get_weights()

    old = network(keras, 7, 5, 3)
    assert not outcome_of(check.reused_layers, Borrowed(), old).passed


def record(keras, watched, *, epochs=100, loss=None):
    history = keras.callbacks.History()
    history.history = {"loss": loss or [1.0] * len(watched), "val_loss": watched}
    history.params = {"epochs": epochs, "steps": 3}
    return history


WATCHED = [0.9, 0.6, 0.5, 0.7, 0.8]


@pytest.mark.parametrize(
    ("watched", "patience", "epochs", "passed"),
    [
        (WATCHED, 2, 100, True),
        (WATCHED, 3, 100, False),  # the patience was another
        (WATCHED, 2, 5, False),  # the limit ended it
        (WATCHED[:4], 2, 100, False),  # it was still waiting
        ([0.9, 0.5, 0.5, 0.7], 2, 100, True),  # a tie is no improvement
        ([0.9, 0.6, 0.5], 2, 100, False),
        ([0.9, 0.5, 0.7, 0.7, 0.7, 0.4, 0.6], 1, 7, False),  # it ran to the end
        ([0.5, float("nan")], 1, 100, False),
        ([], 1, 100, False),
        ([0.9], 2, 100, False),
    ],
)
def test_the_end_is_where_patience_ran_out(keras, watched, patience, epochs, passed):
    """And before the limit of epochs."""
    history = record(keras, watched, epochs=epochs)
    assert outcome_of(check.stopped_early, history, keras.Sequential(), patience=patience).passed is passed


def test_what_the_callback_takes_for_no_improvement_is_none(keras):
    """Its ``min_delta``; but one so large that it hid the best epoch restores another."""
    Early = keras.callbacks.EarlyStopping
    history, model = record(keras, [0.9, 0.6, 0.5, 0.4999, 0.501]), keras.Sequential()
    for least, passed in ((0.001, True), (0.0, False)):
        callback = Early(patience=2, min_delta=least, restore_best_weights=True)
        assert outcome_of(check.stopped_early, history, model, patience=2, callback=callback).passed is passed
    history = record(keras, [0.9, 0.6, 0.5])
    callback = Early(patience=2, min_delta=1.0, restore_best_weights=True)
    assert not outcome_of(check.stopped_early, history, model, patience=2, callback=callback).passed


def test_the_limit_is_read_of_the_models_own_record(keras):
    """Where the student kept only the numbers."""
    model = network(keras, 4, 2)
    model.history = record(keras, WATCHED, epochs=5)
    for numbers in ({"val_loss": WATCHED}, pd.DataFrame({"val_loss": WATCHED})):
        assert not outcome_of(check.stopped_early, numbers, model, patience=2).passed
    model.history = record(keras, WATCHED)
    assert outcome_of(check.stopped_early, {"val_loss": WATCHED}, model, patience=2).passed


def test_the_callback_is_asked(keras):
    """What it monitors, its patience, and whether it restores the weights."""
    Early = keras.callbacks.EarlyStopping
    history, model = record(keras, WATCHED), keras.Sequential()
    right = Early(patience=2, restore_best_weights=True)
    assert outcome_of(check.stopped_early, history, model, patience=2, callback=right).passed
    for wrong in (
        Early(patience=2),
        Early(patience=3, restore_best_weights=True),
        Early("loss", patience=2, restore_best_weights=True),
        keras.callbacks.ModelCheckpoint("x.keras"),
        "EarlyStopping",
    ):
        assert not outcome_of(check.stopped_early, history, model, patience=2, callback=wrong).passed


@pytest.mark.parametrize("form", ["sparse", "one-hot", "object", "penalty"])
def test_the_weights_are_those_of_the_best_epoch(keras, form):
    """Measured, however the loss and the targets were given."""
    L = keras.layers
    X, y = np.random.default_rng(0).normal(size=(40, 8)).astype("float32"), np.arange(40) % 3
    penalty = "l2" if form == "penalty" else None
    model = keras.Sequential([keras.Input((8,)), L.Dense(3, "softmax", kernel_regularizer=penalty)])
    losses = {
        "one-hot": "categorical_crossentropy",
        "object": keras.losses.SparseCategoricalCrossentropy(),
    }
    model.compile(loss=losses.get(form, "sparse_categorical_crossentropy"))
    best = model.evaluate(X, np.eye(3)[y] if form == "one-hot" else y, verbose=0)
    history = record(keras, [3 * best, best, 1.2 * best, 1.3 * best])
    assert outcome_of(check.stopped_early, history, model, patience=2, validation=(X, y)).passed
    model.set_weights([10 * weights for weights in model.get_weights()])
    outcome = outcome_of(check.stopped_early, history, model, patience=2, validation=(X, y))
    assert not outcome.passed
    assert outcome.hint


@pytest.mark.parametrize(
    ("losses", "anywhere", "restored"),
    [
        ([9.0, 4.0, 5.0, 6.0], True, True),
        ([9.0, 3.0, 3.5, 4.0], True, False),
        ([9.0, 3.6, 4.4, 5.0], False, False),
    ],
)
def test_a_history_that_the_model_belies_proves_nothing(keras, losses, anywhere, restored):
    """As good as in one of its epochs, or in the best; the loss may be told by the one who checks."""
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, kernel_initializer="ones")])
    options = {"patience": 2, "max_epochs": 9, "validation": (np.ones((4, 2)), np.zeros(4)), "loss": "mse"}
    history = {"val_loss": losses}  # the model has 4
    assert outcome_of(check.stopped_early, history, model, restored=False, **options).passed is anywhere
    assert outcome_of(check.stopped_early, history, model, **options).passed is restored
    assert not outcome_of(check.stopped_early, history, None, **options).passed


def test_overfitting_is_a_gap_at_the_end():
    """Of the losses of the last epoch."""
    assert outcome_of(check.overfitted, {"loss": [2.0, 0.3], "val_loss": [1.0, 0.7]}).passed
    assert not outcome_of(check.overfitted, {"loss": [0.1, 0.4], "val_loss": [1.0, 0.7]}).passed
    assert not outcome_of(check.overfitted, {"loss": [0.1, float("nan")], "val_loss": [1.0, 0.7]}).passed
    assert not outcome_of(check.overfitted, {"loss": [0.1]}).passed


def test_trainings_are_compared_in_what_is_known(keras):
    """Epochs, steps, loss, optimizer, learning rate."""
    SGD = keras.optimizers.SGD

    def trained(epochs=3, steps=5, loss="mse", optimizer="sgd"):
        model = network(keras, 4, 2)
        model.compile(loss=loss, optimizer=optimizer)
        history = record(keras, [1.0] * epochs)
        history.params = {"epochs": epochs, "steps": steps}
        return model, history

    first = trained()
    assert outcome_of(check.trained_alike, first, trained()).passed
    assert outcome_of(check.trained_alike, first, trained(optimizer=SGD(), loss="mean_squared_error")).passed
    assert outcome_of(check.trained_alike, first, (first[0], first[1].history)).passed
    for other in ({"epochs": 4}, {"steps": 6}, {"loss": "mae"}, {"optimizer": "adam"}, {"optimizer": SGD(0.02)}):
        assert not outcome_of(check.trained_alike, first, trained(**other)).passed, other
    assert not outcome_of(check.trained_alike, first, (network(keras, 4, 2), {"loss": [1.0]})).passed
