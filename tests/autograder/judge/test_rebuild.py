"""Models rebuilt in the judge: the same answers, none of the tricks."""

import contextlib
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from stored_models import dense_layer, keras_parts, modern, sequential, write_h5, write_keras

from autograder.evidence.inspect import Refused, inspect_file
from autograder.evidence.probe import probe_batch

pytestmark = pytest.mark.tensorflow

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
keras = pytest.importorskip("keras")

from autograder.judge.guards import limited_variables, unchanged_globals  # noqa: E402
from autograder.judge.rebuild import load_weights, rebuild, rebuild_inspected  # noqa: E402

layers = keras.layers
serialize = keras.saving.serialize_keras_object


@pytest.fixture(autouse=True)
def _fresh() -> None:
    keras.utils.set_random_seed(42)


def answers(model: Any) -> list[np.ndarray]:
    tensors = model.inputs
    batch = probe_batch([tensor.shape for tensor in tensors], [tensor.dtype for tensor in tensors])
    return [np.asarray(out) for out in keras.tree.flatten(model(batch if len(batch) > 1 else batch[0]))]


def assert_same(one: Any, other: Any) -> None:
    assert type(one) is type(other)
    for a, b in zip(answers(one), answers(other), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


def fashion() -> Any:
    inner = [
        layers.Flatten(),
        *(layers.Dense(n, activation="relu") for n in (300, 100)),
        layers.Dense(10, "softmax"),
    ]
    return keras.Sequential([keras.Input((28, 28)), *inner])


def divided() -> Any:
    import tensorflow as tf

    x = keras.Input((28, 28))
    y = layers.Flatten()(x / 255.0)
    y = layers.Dense(6, activation=tf.nn.softmax)(y)
    return keras.Model(x, keras.ops.relu(1.0 - keras.ops.reshape(y, (-1, 3, 2)))[:, 1:])


def wide_and_deep() -> Any:
    wide, deep = keras.Input((5,), name="wide"), keras.Input((6,), name="deep")
    hidden = layers.Dense(30, activation="relu")
    both = layers.Concatenate()([wide, layers.Dense(30, activation="relu")(hidden(deep))])
    twice = hidden(deep * 2.0)  # one layer, called twice
    return keras.Model(
        [wide, deep], [layers.Dense(1, name="main_output")(both), layers.Dense(1, name="aux_output")(twice)]
    )


def nested() -> Any:
    x = keras.Input((6,))
    encoder = keras.Sequential([keras.Input((6,)), layers.Dense(4), layers.BatchNormalization()], name="encoder")
    z = keras.Input((4,))
    decoder = keras.Model(z, layers.Dense(6)(z) + 1.0, name="decoder")
    return keras.Model(x, decoder(encoder(decoder(encoder(x)))))


def normalised() -> Any:
    model = keras.Sequential([keras.Input((8,)), layers.Normalization(), layers.Dense(2), layers.Dropout(0.5)])
    model.layers[0].adapt(np.random.default_rng(1).normal(3, 2, (50, 8)))
    return model


def convolutional() -> Any:
    inner = [layers.Conv2D(4, 3, activation="relu"), layers.MaxPooling2D(), layers.LeakyReLU(), layers.Flatten()]
    return keras.Sequential([keras.Input((8, 8, 1)), *inner, layers.Dense(3)])


def recurrent() -> Any:
    x = keras.Input((None,), dtype="int32")
    y = layers.Bidirectional(layers.LSTM(3, return_sequences=True))(layers.Embedding(10, 4, mask_zero=True)(x))
    return keras.Model(x, layers.TimeDistributed(layers.Dense(2))(layers.GRU(4, return_sequences=True)(y)))


def mixed() -> Any:
    return keras.Sequential([keras.Input((3,)), layers.Dense(2, dtype="mixed_float16"), layers.Dense(1)])


def frozen() -> Any:
    model = keras.Sequential([keras.Input((3,)), layers.BatchNormalization(), layers.Dense(2)])
    model.layers[0].trainable = False
    model.layers[0].set_weights([np.full(3, n, "float32") for n in (1, 2, 3, 4)])
    return model


KINDS = [fashion, divided, wide_and_deep, nested, normalised, convolutional, recurrent, mixed, frozen]


@pytest.mark.parametrize("make", KINDS)
def test_a_rebuilt_model_answers_as_the_live_one(make: Callable[[], Any]) -> None:
    model = make()
    model.compile(loss="mse", optimizer="adam")
    copy = rebuild(serialize(model), model.get_weights())
    assert_same(copy, model)
    assert not copy.compiled
    assert [layer.name for layer in copy.layers] == [layer.name for layer in model.layers]


@pytest.mark.parametrize("suffix", [".h5", ".keras"])
@pytest.mark.parametrize("make", KINDS)
def test_a_file_is_rebuilt_as_it_was_saved(make: Callable[[], Any], suffix: str, tmp_path: Path) -> None:
    """Also those that Keras cannot load: of a model compiled with ``loss="mse"``, or with ``x / 255.`` in it."""
    model = make()
    model.compile(loss="mse", optimizer="adam")
    model.save(tmp_path / f"model{suffix}")
    if suffix == ".h5" and make is divided:
        with pytest.raises((ValueError, TypeError)):
            keras.models.load_model(tmp_path / "model.h5", compile=False)
    assert_same(rebuild_inspected(inspect_file(tmp_path / f"model{suffix}")), model)


@pytest.mark.parametrize("make", KINDS)
def test_weights_alone_are_loaded(make: Callable[[], Any], tmp_path: Path) -> None:
    model = make()
    model.save_weights(tmp_path / "model.weights.h5")
    copy = rebuild(serialize(model), [np.zeros_like(weight) for weight in model.get_weights()])
    load_weights(copy, inspect_file(tmp_path / "model.weights.h5"))
    assert_same(copy, model)


def test_a_trained_model_keeps_its_weights_and_its_optimizers_steps(tmp_path: Path) -> None:
    model = normalised()
    model.compile(loss="mean_squared_error", optimizer="adam")
    model.fit(np.ones((8, 8)), np.ones((8, 2)), batch_size=4, verbose=0)
    model.save(tmp_path / "model.h5")
    found = inspect_file(tmp_path / "model.h5")
    assert found.data["iterations"] == 2
    assert_same(rebuild_inspected(found), model)


def test_a_model_that_was_never_built_comes_back_unbuilt() -> None:
    model = keras.Sequential([layers.Dense(3), layers.Dense(1)])
    copy = rebuild(serialize(model), [])
    assert not copy.built
    assert [layer.units for layer in copy.layers] == [3, 1]


def test_a_model_built_by_its_first_batch_takes_any_other() -> None:
    model = keras.Sequential([layers.Flatten(), layers.Dense(3)])
    model(np.zeros((2, 5, 2), "float32"))
    copy = rebuild(serialize(model), model.get_weights())
    batch = np.ones((7, 5, 2), "float32")
    np.testing.assert_allclose(copy(batch), batch.reshape(7, 10) @ model.get_weights()[0], rtol=1e-5)


def test_without_a_shape_the_first_kernel_tells_it() -> None:
    model = keras.Sequential([layers.Dense(3), layers.Dense(1)])
    config = serialize(model)
    model(np.zeros((2, 5), "float32"))
    copy = rebuild(config, model.get_weights())
    np.testing.assert_allclose(copy(np.ones((2, 5))), model(np.ones((2, 5))), rtol=1e-5)


def test_rebuilding_is_quick() -> None:
    model = fashion()
    config, weights = serialize(model), model.get_weights()
    rebuild(config, weights)
    times = []
    for _ in range(20):  # so that one of them has a busy machine for itself
        start = time.perf_counter()
        rebuild(config, weights)
        times.append(time.perf_counter() - start)
    assert min(times) < 0.05


def tokens(model: Any, prefix: str = "") -> dict[str, str]:
    found = {prefix: str(id(model))} if not prefix else {}
    for layer in model.layers:
        path = f"{prefix}/{layer.name}" if prefix else layer.name
        found[path] = str(id(layer))
        if isinstance(layer, keras.Model):
            found |= {name: token for name, token in tokens(layer, path).items() if name}
    return found


def test_layers_stay_shared_between_models() -> None:
    model = wide_and_deep()
    part = keras.Model(model.inputs[1], model.get_layer("aux_output").output)
    outer_input = keras.Input((6,))
    outer = keras.Sequential([outer_input, part, layers.Dense(2)])
    shared: dict[str, Any] = {}
    copies = [
        rebuild(serialize(each), each.get_weights(), shared=shared, tokens=tokens(each))
        for each in (model, part, outer)
    ]
    assert copies[1].get_layer("aux_output") is copies[0].get_layer("aux_output")
    assert copies[2].layers[0] is copies[1]
    for copy, each in zip(copies, (model, part, outer), strict=True):
        assert_same(copy, each)
    # And what is trained in one is trained in the other.
    copies[0].get_layer("aux_output").kernel.assign(np.zeros((30, 1)))
    assert not np.array_equal(answers(copies[1])[0], answers(part)[0])


def test_a_layer_shared_by_two_models_within_one_is_one_layer() -> None:
    """The config alone does not tell; the tokens do."""
    dense = layers.Dense(6)
    x, y = keras.Input((6,)), keras.Input((6,))
    inner = keras.Model(y, dense(y), name="inner")
    model = keras.Model(x, inner(dense(x)))
    copy = rebuild(serialize(model), model.get_weights(), shared={}, tokens=tokens(model))
    assert copy.get_layer("inner").layers[1] is copy.layers[1]
    assert_same(copy, model)
    with pytest.raises(Refused) as caught:
        rebuild(serialize(model), model.get_weights())
    assert caught.value.code in ("weights", "shape")


def test_two_models_that_disagree_on_a_shared_layer_are_refused() -> None:
    model = keras.Sequential([keras.Input((3,)), layers.Dense(2, name="dense")])
    shared: dict[str, Any] = {}
    first = rebuild(serialize(model), model.get_weights(), shared=shared, tokens={"dense": "t"})
    before = first.get_weights()
    with pytest.raises(Refused) as caught:
        rebuild(serialize(model), [w + 1 for w in model.get_weights()], shared=shared, tokens={"dense": "t"})
    assert caught.value.code == "shared"
    np.testing.assert_array_equal(first.get_weights()[0], before[0])
    other = keras.Sequential([keras.Input((3,)), layers.ReLU(name="dense")])
    with pytest.raises(Refused) as caught:
        rebuild(serialize(other), [], shared=shared, tokens={"dense": "t"})
    assert caught.value.code == "shared"
    assert list(shared) == ["t"]


def refused(config: Any, weights: Any = ()) -> str:
    with pytest.raises(Refused) as caught:
        rebuild(config, list(weights))
    return caught.value.code


GOOD = [np.zeros((3, 2)), np.zeros(2)]


@pytest.mark.parametrize(
    ("config", "weights", "expected"),
    [
        (sequential(dense_layer()), [np.zeros((2, 3)), np.zeros(2)], "shape"),
        (sequential(dense_layer()), [np.zeros((3, 2))], "shape"),
        (sequential(dense_layer()), [*GOOD, np.zeros(1)], "shape"),
        (sequential(dense_layer()), [np.zeros((3, 2), object), np.zeros(2)], "dtype"),
        (sequential(dense_layer()), [np.zeros((3, 2), "U1"), np.zeros(2)], "dtype"),
        (sequential(dense_layer(units=-1)), GOOD, "rebuild"),
        (sequential(dense_layer(more=1)), GOOD, "rebuild"),
        (sequential(dense_layer(), dense_layer()), GOOD, "graph"),
        (dense_layer(), GOOD, "kind"),
        ({"class_name": "Sequential", "config": {"name": "model", "layers": 3}}, [], "graph"),
        ({"class_name": "Sequential", "config": {"name": "model", "layers": [3]}}, [], "graph"),
        ({"class_name": "Functional", "config": {"name": "m", "layers": [], "input_layers": 3}}, [], "graph"),
        (sequential({"class_name": "Conv2D", "config": {"name": "c", "trainable": True}}), GOOD, "rebuild"),
        (sequential({"class_name": "RepeatVector", "config": {"name": "r", "n": 2**24}}), [], "too-large"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(config: Any, weights: Any, expected: str) -> None:
    assert refused(config, weights) == expected


@pytest.mark.parametrize(
    "layer",
    [
        dense_layer(units=2**23),
        dense_layer(units=2**20, kernel_initializer={"class_name": "Orthogonal", "config": {}}),
        {"class_name": "Embedding", "config": {"input_dim": 2**24, "output_dim": 2**24, "name": "e"}},
    ],
)
def test_more_weights_than_were_stored_are_never_allocated(layer: dict[str, Any]) -> None:
    """Some hundred bytes of JSON would otherwise take gigabytes, before any shape is compared."""
    import resource

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert refused(sequential(layer), GOOD) == "weights"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000  # kilobytes


def test_an_excess_that_keras_swallows_is_raised_all_the_same() -> None:
    with pytest.raises(Refused) as caught, limited_variables(10), contextlib.suppress(Refused):
        keras.Variable(np.zeros(10_000))
    assert caught.value.code == "weights"
    assert keras.Variable(np.zeros(10_000)).shape == (10_000,)


def test_nodes_in_a_ring_are_refused() -> None:
    model = wide_and_deep()
    config = serialize(model)
    by_name = {layer["name"]: layer for layer in config["config"]["layers"]}
    for name in by_name:
        if name.startswith("dense"):
            history = by_name[name]["inbound_nodes"][0]["args"][0]["config"]
            history["keras_history"] = [name, 0, 0]
    assert refused(config, model.get_weights()) == "graph"


def poisoned() -> dict[str, Any]:
    """A model in which an operation calls ``keras.config.set_dtype_policy("float16")`` while it is built."""
    function = {
        "module": "keras.config", "class_name": "function", "config": "set_dtype_policy",
        "registered_name": "set_dtype_policy",
    }  # fmt: skip
    switch = {
        "module": "keras.src.ops.core", "class_name": "Switch", "config": {"name": "switch"},
        "registered_name": "Switch", "name": "switch",
        "inbound_nodes": [{"args": [0, [function], "float16"], "kwargs": {}}],
    }  # fmt: skip
    model = keras.Sequential([keras.Input((3,)), layers.Dense(2, name="dense")])
    functional = serialize(keras.Model(model.inputs, model.outputs, name="model"))
    functional["config"]["layers"].append(switch)
    return functional


@pytest.mark.parametrize("suffix", [".h5", ".keras"])
def test_a_file_cannot_change_the_global_dtype_policy(tmp_path: Path, suffix: str) -> None:
    """Keras lets it, whatever ``safe_mode`` says: all models that are built later are of half precision."""
    before = keras.config.dtype_policy()
    path = tmp_path / f"model{suffix}"
    if suffix == ".h5":
        write_h5(path, poisoned())
    else:
        write_keras(path, keras_parts(poisoned()))
    try:
        with contextlib.suppress(Exception):
            keras.models.load_model(path, compile=False, safe_mode=True)
        assert keras.config.dtype_policy().name == "float16"
    finally:
        keras.config.set_dtype_policy(before)
    with pytest.raises(Refused) as caught:
        inspect_file(path)
    assert caught.value.code == "not-allowed"
    assert refused(poisoned(), GOOD) == "not-allowed"
    assert keras.config.dtype_policy() == before


def test_global_settings_are_put_back_if_something_changes_them() -> None:
    class Mine:
        pass

    def change() -> None:
        keras.config.set_dtype_policy("float16")
        keras.config.set_floatx("float64")
        keras.config.enable_unsafe_deserialization()
        keras.saving.get_custom_objects()["Mine"] = Mine

    keras.saving.get_custom_objects()["Kept"] = Mine
    try:
        with unchanged_globals():
            assert "Kept" not in keras.saving.get_custom_objects()
        with pytest.raises(Refused) as caught, unchanged_globals():
            change()
        assert caught.value.code == "global-state"
        assert keras.config.dtype_policy().name == "float32"
        assert keras.config.floatx() == "float32"
        assert keras.saving.get_custom_objects() == {"Kept": Mine}
    finally:
        keras.saving.get_custom_objects().clear()
        keras.config.set_floatx("float32")


def test_a_lambda_that_keras_would_run_is_refused(tmp_path: Path) -> None:
    """With ``safe_mode=False``, which many a lecture recommends, Keras runs what the student wrote."""
    marker = tmp_path / "hurt"
    code = f"import pathlib; pathlib.Path({str(marker)!r}).touch()"
    layer = layers.Lambda(eval(f"lambda x: [x, exec({code!r})][0]"), output_shape=(3,))
    model = keras.Sequential([keras.Input((3,)), layers.Dense(2)])
    config = serialize(layer)
    path = write_keras(tmp_path / "model.keras", keras_parts(modern(sequential(config, dense_layer()))))
    keras.models.load_model(path, compile=False, safe_mode=False)(np.ones((1, 3)))
    assert marker.exists()
    marker.unlink()
    with pytest.raises(Refused) as caught:
        inspect_file(path)
    assert caught.value.code == "lambda"
    assert refused(modern(sequential(config, dense_layer())), model.get_weights()) == "lambda"
    assert not marker.exists()


def test_a_module_that_a_config_names_is_not_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "antigravity", raising=False)  # another test may have imported it
    name = "keras.src.applications.vgg19_that_nobody_imported"
    layer = dense_layer() | {"module": name, "class_name": "VGG19"}
    assert refused(sequential(layer)) == "not-allowed"
    assert name not in sys.modules
    assert refused(sequential(dense_layer() | {"module": "antigravity"})) == "custom"
    assert "antigravity" not in sys.modules


def test_weights_of_another_architecture_are_refused(tmp_path: Path) -> None:
    small = keras.Sequential([keras.Input((3,)), layers.Dense(2)])
    large = keras.Sequential([keras.Input((3,)), layers.Dense(2), layers.Dense(2)])
    for source, target in ((small, large), (large, small)):
        source.save_weights(tmp_path / "x.weights.h5")
        source.save(tmp_path / "x.h5")
        for name in ("x.weights.h5", "x.h5"):
            with pytest.raises(Refused) as caught:
                load_weights(target, inspect_file(tmp_path / name))
            assert caught.value.code == "shape"
    with pytest.raises(Refused) as caught:
        load_weights(keras.Sequential([layers.Dense(1)]), inspect_file(tmp_path / "x.h5"))
    assert caught.value.code == "unbuilt"
    with pytest.raises(Refused) as caught:
        rebuild_inspected(inspect_file(tmp_path / "x.weights.h5"))
    assert caught.value.code == "kind"
