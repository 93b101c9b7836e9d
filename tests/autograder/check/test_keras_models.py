"""The checks on real Keras models: every correct way to write an answer, and wrong ones."""

import os

import numpy as np
import pytest

from autograder import check
from autograder.check.epochs import measured_loss

pytestmark = pytest.mark.tensorflow

WANTED = ["Flatten", "Dense(nonlinear)", "Dense(nonlinear)+", "Dense(10)"]


@pytest.fixture(scope="module")
def keras():
    import keras

    return keras


def outcome_of(function, *args, **kwargs):
    with check.collecting() as outcomes:
        assert function(*args, **kwargs) is None
    (outcome,) = outcomes
    assert outcome.error is None, outcome.error
    return outcome


def styles(keras):
    """The same network in the ways that students write it."""
    L = keras.layers
    yield keras.Sequential(
        [keras.Input((28, 28)), L.Flatten(), L.Dense(9, "relu"), L.Dense(8, "tanh"), L.Dense(10, "softmax")]
    )
    added = keras.Sequential()
    for layer in (
        L.Flatten(input_shape=[28, 28]),
        L.Dense(9, "relu"),
        L.Dense(8, "relu"),
        L.Dense(10),
        L.Softmax(),
    ):
        added.add(layer)
    yield added
    x = entry = keras.Input((28, 28))
    for step in (L.Flatten(), L.Dense(9, "relu"), L.Dropout(0.1), L.Dense(8, "relu"), L.Dense(10, "softmax")):
        x = step(x)
    yield keras.Model(entry, x)
    x = L.Flatten()(entry / 255.0)
    x = keras.ops.relu(L.Dense(9)(x))
    yield keras.Model(entry, keras.activations.softmax(L.Dense(10)(L.Dense(8, keras.activations.elu)(x))))
    front = keras.Sequential([keras.Input((28, 28)), L.Rescaling(1 / 255), L.Reshape((784,))])
    yield keras.Sequential(
        [front, L.Dense(9), L.BatchNormalization(), L.ReLU(), L.Dense(8, L.LeakyReLU()), L.Dense(10, "softmax")]
    )
    yield keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            L.Normalization(mean=0.3, variance=1.0),
            L.Flatten(),
            L.Dense(9, "relu"),
            L.Dense(8, "relu"),
            L.Dense(10, "softmax"),
        ]
    )


def test_every_style_of_the_same_network_is_accepted(keras):
    """What isn't part of the question isn't checked."""
    for number, model in enumerate(styles(keras)):
        outcome = outcome_of(check.sequential, model, input_shape=(28, 28), layers=WANTED)
        assert outcome.passed, (number, outcome.actual)
        model.compile(loss="sparse_categorical_crossentropy")
        assert outcome_of(check.classifier_output, model).passed, number


def test_other_networks_are_refused(keras):
    """Branches, subclasses, empty models, other types, and a wrong input."""
    L = keras.layers
    entry = keras.Input((28, 28))
    flat = L.Flatten()(entry)
    branched = keras.Model(entry, L.Dense(10)(L.add([L.Dense(5)(flat), L.Dense(5)(flat)])))

    class Mine(keras.Model):
        """A subclassed model."""

    unbuilt = keras.Sequential([L.Flatten(), L.Dense(9, "relu"), L.Dense(8, "relu"), L.Dense(10)])
    for model in (branched, Mine(), keras.Sequential(), unbuilt, None, "modelo", keras.Sequential):
        assert not outcome_of(check.sequential, model, input_shape=(28, 28), layers=WANTED).passed


def test_a_malformed_spec_is_our_error(keras):
    """The student is not to blame."""
    with check.collecting() as outcomes:
        check.sequential(keras.Sequential(), layers=["Dense("])
    assert outcomes[0].error is not None


def dense(keras, activation=None, units=10):
    return keras.Sequential([keras.Input((4,)), keras.layers.Dense(units, activation)])


def test_output_and_loss_of_a_classifier_belong_together(keras):
    """Softmax or logits, one of them and not both."""
    scce = keras.losses.SparseCategoricalCrossentropy
    for activation, loss, passed in (
        ("softmax", scce(), True),
        ("softmax", scce(from_logits=True), False),
        (None, scce(from_logits=True), True),
        (None, "sparse_categorical_crossentropy", False),
        ("sigmoid", "sparse_categorical_crossentropy", False),
    ):
        model = dense(keras, activation)
        model.compile(loss=loss, metrics=["accuracy"])
        assert outcome_of(check.classifier_output, model).passed is passed
        names = ("sparse_categorical_crossentropy", "categorical_crossentropy")
        strict = outcome_of(check.compiled, model, loss=names, metrics="accuracy")
        assert strict.passed is passed
        assert outcome_of(check.compiled, model, loss=names, check_logits=False).passed


def test_every_way_to_compile_with_mse(keras):
    """Short name, name, object, function; metrics likewise."""
    for loss in (
        "mse",
        "mean_squared_error",
        "MeanSquaredError",
        keras.losses.MeanSquaredError(),
        keras.losses.mean_squared_error,
    ):
        model = dense(keras, units=1)
        model.compile(loss=loss, optimizer="adam", metrics=["mae", keras.metrics.RootMeanSquaredError()])
        assert outcome_of(check.compiled, model, loss="mse", optimizer="adam", metrics=("mae", "rmse")).passed
    assert not outcome_of(check.compiled, dense(keras), loss="mse").passed


@pytest.mark.parametrize("loss", ["mse", "mean_squared_error", None])
def test_a_file_that_keras_cannot_load_compiled_was_saved_rightly(keras, loss, tmp_path):
    """``loss="mse"`` saves to .h5 and cannot be loaded with ``load_model(path)``: not the student's fault."""
    model = dense(keras, units=1)
    if loss:
        model.compile(loss=loss, metrics=["mae"])
    model.save(tmp_path / "modelo.h5")
    assert outcome_of(check.h5_round_trip, tmp_path / "modelo.h5", model).passed
    assert outcome_of(check.h5_round_trip, str(tmp_path / "modelo.h5"), model).passed


def test_every_style_survives_the_file(keras, tmp_path):
    """Also arithmetic on tensors, which Keras writes and cannot read."""
    for number, model in enumerate(styles(keras)):
        model.save(tmp_path / "modelo.h5")
        outcome = outcome_of(check.h5_round_trip, tmp_path / "modelo.h5", model)
        assert outcome.passed, (number, outcome.actual)


def test_wrong_files(keras, tmp_path):
    """Missing, a link, of another format, weights only, of another model, saved too early."""
    model, path = dense(keras), tmp_path / "modelo.h5"
    assert not outcome_of(check.h5_round_trip, path, model).passed

    model.save(tmp_path / "modelo.keras")
    assert "modelo.keras" in outcome_of(check.h5_round_trip, path, model).actual
    os.replace(tmp_path / "modelo.keras", path)
    assert "HDF5" in outcome_of(check.h5_round_trip, path, model).actual

    model.save_weights(tmp_path / "so.weights.h5")
    os.replace(tmp_path / "so.weights.h5", path)
    assert "pesos" in outcome_of(check.h5_round_trip, path, model).actual

    dense(keras, units=3).save(path)
    assert "outra arquitetura" in outcome_of(check.h5_round_trip, path, model).actual

    dense(keras).save(path)
    assert "pesos são outros" in outcome_of(check.h5_round_trip, path, model).actual

    model.save(tmp_path / "real.h5")
    path.unlink()
    path.symlink_to(tmp_path / "real.h5")
    assert not outcome_of(check.h5_round_trip, path, model).passed


def test_a_reloaded_model_is_that_of_the_file_or_the_live_one(keras, tmp_path):
    """Saving too early costs its points once, not twice; the live object is no reloaded model."""
    model, path = dense(keras), tmp_path / "modelo.h5"
    model.save(path)
    loaded = keras.models.load_model(path, compile=False)
    assert outcome_of(check.reloaded, loaded, model=model, path=path).passed
    assert outcome_of(check.same_predictions, loaded, model).passed

    model.set_weights([w + 1 for w in model.get_weights()])
    assert outcome_of(check.reloaded, loaded, model=model, path=path).passed
    assert not outcome_of(check.same_predictions, loaded, model).passed
    assert not outcome_of(check.reloaded, model, model=model, path=path).passed
    assert not outcome_of(check.reloaded, dense(keras), model=model, path=path).passed
    assert not outcome_of(check.reloaded, None, model=model, path=path).passed


def test_a_real_history(keras):
    """What ``fit`` returns, its dict, and a model that forgot it all."""
    import numpy as np

    model = dense(keras, units=1)
    model.compile(loss="mse", optimizer=keras.optimizers.SGD(0.05))
    untrained = {"loss": [2.0, 1.0]}
    assert not outcome_of(check.trained, untrained, model=model).passed
    inputs = np.random.default_rng(0).normal(size=(64, 4))
    history = model.fit(inputs, inputs.sum(axis=1), epochs=3, validation_split=0.25, verbose=0)
    for given in (history, history.history):
        assert outcome_of(
            check.trained, given, epochs_at_least=3, metrics=("loss", "val_loss"), model=model
        ).passed
    assert not outcome_of(check.trained, {"loss": [200.0, 100.0]}, model=model).passed


def test_a_model_is_a_predictor(keras):
    """``check.accuracy(model, …)`` asks ``predict``."""
    from autograder.check.performance import predict

    model = dense(keras, "softmax")
    import numpy as np

    assert predict(model, np.ones((7, 4)), classes=True).shape == (7,)
    assert not outcome_of(check.accuracy, model, _Images(), at_least=0.0).passed


class _Images:
    """Inputs of a shape that the model does not take."""

    dataset = "fashion_mnist"
    inputs = staticmethod(lambda: __import__("numpy").zeros((3, 28, 28)))
    labels = staticmethod(lambda: __import__("numpy").zeros(3))


def test_what_a_history_claims_is_measured(keras):
    """An invented history needs a model that has learned; one that was trained has, whatever it started from."""
    import numpy as np

    keras.utils.set_random_seed(3)
    random = np.random.default_rng(0)
    X = random.normal(size=(200, 4)).astype("float32")
    y = X @ np.array([1.0, -2.0, 0.5, 3.0])

    def network():
        made = keras.Sequential([keras.Input((4,)), keras.layers.Dense(8, "relu"), keras.layers.Dense(1)])
        made.compile(loss="mse", optimizer=keras.optimizers.Adam(0.05))
        return made

    def passes(history, model, since):
        found = outcome_of(
            check.trained, history, model=model, since=since, validation=(X[:50], y[:50]), epochs_at_least=3
        )
        return found.passed, found.actual

    honest = network()
    before = honest.get_weights()
    history = honest.fit(X, y, epochs=3, verbose=0)
    assert passes(history, honest, before)[0]
    assert passes(history, honest, honest.get_weights())[0]  # trained in an earlier cell: better than untrained
    assert passes(history, honest, [])[0]
    invented = keras.callbacks.History()
    invented.history, invented.epoch = {"loss": [3.0, 2.0, 1.0]}, [0, 1, 2]
    idle = network()
    idle.history = invented
    idle.optimizer.build(idle.trainable_variables)
    idle.optimizer.iterations.assign(9)  # what the optimizer says can be forged as well
    passed, actual = passes(invented, idle, idle.get_weights())
    assert not passed
    assert "antes do treinamento" in actual
    own = network()
    begin = own.get_weights()
    own.compile(loss=lambda true, given: keras.ops.mean(keras.ops.abs(true - given)), optimizer="adam")
    assert passes(own.fit(X, y, epochs=9, verbose=0), own, begin)[0]


@pytest.mark.parametrize(("activation", "logits"), [("softmax", False), ("sigmoid", False), (None, True)])
def test_a_loss_is_measured_as_keras_does(keras, activation, logits):
    """From the logits that its softmax leaves behind: with sure answers, probabilities alone are not exact."""
    X, y = np.random.default_rng(0).normal(size=(400, 5)) * 20, np.random.default_rng(1).integers(0, 3, 400)
    model = keras.Sequential([keras.Input((5,)), keras.layers.Dense(3, activation)])
    model.compile(loss=keras.losses.SparseCategoricalCrossentropy(from_logits=logits))
    assert measured_loss(model, (X, y)) == pytest.approx(model.evaluate(X, y, verbose=0), rel=1e-4)
