"""The checks of files that a model, its weights or its optimizer were saved in, and of training that went on."""

import json
from pathlib import Path

import h5py
import numpy as np
import pytest

from autograder import check
from autograder.check.stored import Stored, read_stored, stored_with

pytestmark = pytest.mark.tensorflow

X = np.random.default_rng(0).normal(size=(96, 3)).astype("float32")
Y = (X[:, 0] - X[:, 1] ** 2).astype("float32")
ADAM = {"learning_rate": 0.005, "beta_1": 0.8}


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


def network(keras, optimizer=None):
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4, "relu"), keras.layers.Dense(1)])
    model.compile(loss="mean_squared_error", optimizer=optimizer or keras.optimizers.Adam(0.005, beta_1=0.8))
    return model


def train(model, epochs=1):
    return model.fit(X, Y, epochs=epochs, batch_size=32, shuffle=False, verbose=0)


@pytest.fixture(scope="module")
def trained(keras):
    model = network(keras)
    train(model)
    return model


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_optimizer_of_a_live_model(keras, trained):
    """By class, by settings, by steps."""
    assert outcome_of(check.optimizer, trained, "adam", hyperparameters=ADAM, steps=3).passed
    assert outcome_of(check.optimizer, trained, ("sgd", "Adam"), steps_at_least=2).passed
    assert not outcome_of(check.optimizer, trained, "sgd").passed
    wrong = outcome_of(check.optimizer, trained, "adam", hyperparameters={"beta_1": 0.9})
    assert (wrong.passed, wrong.actual) == (False, "adam, beta_1=0.8")
    assert not outcome_of(check.optimizer, trained, hyperparameters={"no_such": 0.9}).passed
    assert not outcome_of(check.optimizer, trained, steps=2).passed
    assert outcome_of(check.optimizer, trained, steps_at_least=4).expected == "4 passos de treinamento ou mais"
    assert not outcome_of(check.optimizer, keras.Sequential(), "adam").passed
    assert not outcome_of(check.optimizer, "a text", "adam").passed
    decay = keras.optimizers.SGD(keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.9))
    assert not outcome_of(check.optimizer, network(keras, decay), hyperparameters={"learning_rate": 0.1}).passed


def test_an_h5_file_with_the_optimizer_at_work(trained, here):
    trained.save("m.h5")
    assert outcome_of(check.h5_optimizer, "m.h5", trained, optimizer="adam", hyperparameters=ADAM, steps=3).passed
    assert outcome_of(check.h5_optimizer, here / "m.h5", trained).passed
    assert not outcome_of(check.h5_optimizer, "m.h5", trained, optimizer="sgd").passed
    assert not outcome_of(check.h5_optimizer, "m.h5", trained, hyperparameters={"learning_rate": 0.001}).passed
    assert outcome_of(check.h5_optimizer, "m.h5", trained, steps=4).actual == "3 passos de treinamento"


def test_h5_files_without_the_optimizers_state(keras, trained, here):
    """Never trained, saved without, loaded by Keras (which loses it), plain SGD, weights alone, no HDF5."""
    network(keras).save("new.h5")
    assert "nenhum passo" in outcome_of(check.h5_optimizer, "new.h5", trained).actual
    trained.save("without.h5", include_optimizer=False)
    assert outcome_of(check.h5_optimizer, "without.h5", trained).actual == "um arquivo sem otimizador"
    trained.save("m.h5")
    keras.models.load_model("m.h5").save("again.h5")
    assert "hiperparâmetros" in outcome_of(check.h5_optimizer, "again.h5", trained).actual
    plain = network(keras, "sgd")
    train(plain)
    plain.save("plain.h5")
    assert not outcome_of(check.h5_optimizer, "plain.h5", plain).passed
    trained.save_weights("some.weights.h5")
    assert not outcome_of(check.h5_optimizer, "some.weights.h5", trained).passed
    assert "m.h5" in outcome_of(check.h5_optimizer, "nowhere.h5", trained).actual
    Path("text.h5").write_text("no model")
    assert not outcome_of(check.h5_optimizer, "text.h5", trained).passed


def test_a_forged_state_of_zeros_is_none(keras, here):
    model = network(keras)
    model.optimizer.build(model.trainable_variables)
    model.optimizer.iterations.assign(3)
    model.save("m.h5")
    assert not outcome_of(check.h5_optimizer, "m.h5", model, steps=3).passed


def test_a_keras_file_with_the_model_and_its_optimizer(keras, here):
    model = network(keras)
    train(model)
    model.save("m.keras")
    assert outcome_of(check.keras_round_trip, "m.keras", model).passed
    wanted = {"optimizer": "adam", "hyperparameters": ADAM}
    assert outcome_of(check.keras_round_trip, "m.keras", model, steps=3, **wanted).passed
    assert not outcome_of(check.keras_round_trip, "m.keras", model, steps=6).passed
    other = network(keras)
    assert "pesos são outros" in outcome_of(check.keras_round_trip, "m.keras", other).actual
    model.save("m.h5")
    Path("m.h5").rename("h5.keras")
    assert "formato próprio" in outcome_of(check.keras_round_trip, "h5.keras", model).actual
    model.save("after.keras")
    assert outcome_of(check.keras_round_trip, "after.keras", model).passed
    assert outcome_of(check.keras_round_trip, "after.keras", model, steps=3).actual == "um arquivo sem otimizador"
    Path("broken.keras").write_bytes(Path("m.keras").read_bytes()[:900])
    assert not outcome_of(check.keras_round_trip, "broken.keras", model).passed
    assert not outcome_of(check.keras_round_trip, "nowhere.keras", model).passed


def test_weights_alone_of_a_subclass(keras, here):
    class Net(keras.Model):
        def __init__(self, units=4):
            super().__init__()
            self.hidden, self.out = keras.layers.Dense(units, "relu"), keras.layers.Dense(1)
            self.drop = keras.layers.Dropout(0.1)

        def call(self, x):
            return self.out(self.drop(self.hidden(x)))

    net = Net()
    assert not outcome_of(check.weights_round_trip, "net.weights.h5", net).passed
    net.compile(loss="mse", optimizer="adam")
    train(net)
    net.save_weights("net.weights.h5")
    assert outcome_of(check.weights_round_trip, "net.weights.h5", net).passed
    new = Net()
    assert "ainda não tem pesos" in outcome_of(check.weights_round_trip, "net.weights.h5", new).actual
    new(X[:1])
    assert "pesos são outros" in outcome_of(check.weights_round_trip, "net.weights.h5", new).actual
    assert not outcome_of(check.same_predictions, new, net, inputs=X).passed
    new.load_weights("net.weights.h5")
    assert outcome_of(check.same_predictions, new, net, inputs=X).passed
    wide = Net(5)
    wide(X[:1])
    assert "outra arquitetura" in outcome_of(check.weights_round_trip, "net.weights.h5", wide).actual
    net.save("whole.weights.h5")
    assert "modelo inteiro" in outcome_of(check.weights_round_trip, "whole.weights.h5", net).actual
    assert not outcome_of(check.weights_round_trip, "net.weights.h5", "no model").passed


def resume(keras, straight, path, *, epochs=1):
    model = keras.models.load_model(path)
    return model, train(model, epochs)


def test_training_that_went_on_from_a_file(keras, here):
    straight = network(keras)
    whole = train(straight, 3)
    half = network(keras)
    train(half, 2)
    half.save("half.keras")

    def judged(model, history, **options):
        options = {"straight_history": whole, "interrupted": half, "epochs": 1} | options
        return outcome_of(check.resumed, model, straight, history=history, **options)

    model, history = resume(keras, straight, "half.keras")
    assert judged(model, history).passed
    assert judged(model, history.history, straight_history=whole.history).passed
    assert not judged(straight, history).passed
    assert judged(half, history).actual == "o próprio objeto que foi salvo"
    assert not judged(model, whole).passed
    assert not judged(model, {"loss": [0.5]}).passed
    assert not judged(model, "no history").passed
    assert not judged("no model", history).passed
    assert not judged(keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)]), history).passed
    afresh = keras.models.load_model("half.keras")
    afresh.compile(loss="mean_squared_error", optimizer=keras.optimizers.Adam(0.005, beta_1=0.8))
    assert "pesos que diferem" in judged(afresh, train(afresh)).actual
    copied = keras.models.load_model("half.keras")
    copied.set_weights(straight.get_weights())
    assert judged(copied, {"loss": whole.history["loss"][2:]}).actual == "6 passos de treinamento"


def test_a_file_is_read_by_whom_the_judge_says(here):
    """No path, no parser: the reader gets the name alone."""
    Path("m.h5").touch()
    with stored_with(lambda path: Stored(path.name)):
        assert read_stored(Path("m.h5")).kind == "m.h5"


def test_odd_files_say_nothing_of_an_optimizer(here):
    """Configurations may be anything."""
    for number, training in enumerate(("null", "[]", '{"optimizer_config": 3}', '{"optimizer_config": {}}')):
        with h5py.File(f"{number}.h5", "w") as file:
            file.attrs["model_config"] = json.dumps([1])
            file.attrs["training_config"] = training
            file.create_group("model_weights").attrs["layer_names"] = np.array([], "S1")
        stored = read_stored(Path(f"{number}.h5"))
        assert (stored.optimizer, stored.steps, stored.weights) == (None, None, ())
