"""What a student's model config may name, and what it may not."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stored_models import dense_layer, modern, sequential

from autograder.evidence.allowlist import clean_config, refuse_config
from autograder.evidence.refusal import Refused

SWITCH = {
    "module": "keras.src.ops.core",
    "class_name": "Switch",
    "config": {"name": "switch"},
    "registered_name": "Switch",
    "name": "switch",
    "inbound_nodes": [
        {
            "args": [
                0,
                [{"module": "keras.config", "class_name": "function", "config": "set_dtype_policy"}],
                "float16",
            ]
        }
    ],
}


def code(config: Any) -> str:
    with pytest.raises(Refused) as caught:
        refuse_config(config)
    return caught.value.code


def functional(*layers: dict[str, Any]) -> dict[str, Any]:
    first = {
        "class_name": "InputLayer",
        "config": {"batch_shape": [None, 3], "dtype": "float32", "name": "input"},
        "name": "input",
        "inbound_nodes": [],
    }
    config = {"name": "model", "layers": [first, *layers], "input_layers": ["input", 0, 0]}
    return {"class_name": "Functional", "config": config | {"output_layers": [layers[-1]["name"], 0, 0]}}


def call(*args: Any) -> dict[str, Any]:
    tensor = {"shape": [None, 3], "dtype": "float32", "keras_history": ["input", 0, 0]}
    return {"args": [{"class_name": "__keras_tensor__", "config": tensor}, *args], "kwargs": {}}


def test_both_dialects_of_a_model_come_out_the_same() -> None:
    old, new = clean_config(sequential()), clean_config(modern(sequential()))
    assert old == new
    assert [layer["module"] for layer in old["config"]["layers"]] == ["keras.layers", "keras.layers"]


def test_an_operation_is_told_from_a_layer_of_its_name() -> None:
    add = {"class_name": "Add", "name": "add", "inbound_nodes": [call(1.0)]}
    assert clean_config(functional(add | {"config": {"name": "add"}}))["config"]["layers"][1]["module"] == (
        "keras.src.ops.numpy"
    )
    as_layer = add | {"config": {"name": "add", "trainable": True}}
    assert clean_config(functional(as_layer))["config"]["layers"][1]["module"] == "keras.layers"


def test_the_name_that_keras_cannot_read_back_is_mended() -> None:
    """``activation=tf.nn.softmax`` is stored as ``softmax_v2``."""
    function = {
        "module": "builtins",
        "class_name": "function",
        "config": "softmax_v2",
        "registered_name": "function",
    }
    for written in (function, "softmax_v2"):
        cleaned = clean_config(dense_layer(activation=written))
        assert cleaned["config"]["activation"] == "softmax"


def test_compilation_is_left_out_whatever_it_holds() -> None:
    """A loss of the student's own is no reason to refuse the model."""
    config = modern(sequential()) | {"compile_config": {"loss": {"class_name": "__lambda__", "config": {}}}}
    assert "compile_config" not in clean_config(config)


@pytest.mark.parametrize(
    "optimizer",
    [
        {"module": "keras.optimizers", "class_name": "Adam", "config": {"learning_rate": float("nan")}},
        {
            "class_name": "SGD",
            "module": "keras.optimizers",
            "config": {
                "learning_rate": {
                    "module": "keras.optimizers.schedules",
                    "class_name": "ExponentialDecay",
                    "config": {"initial_learning_rate": 0.1, "decay_steps": 10, "decay_rate": 0.9},
                    "registered_name": None,
                }
            },
        },
        {"module": "keras.losses", "class_name": "Huber", "config": {"delta": 1.0}, "registered_name": None},
        {"module": "keras.metrics", "class_name": "AUC", "config": {"thresholds": [0.1]}, "registered_name": None},
    ],
)
def test_optimizers_losses_and_metrics_are_known(optimizer: dict[str, Any]) -> None:
    refuse_config(optimizer)


@pytest.mark.parametrize(
    ("layer", "expected"),
    [
        ({"class_name": "Lambda", "config": {"function": ["4wEAAAA", None, None]}}, "lambda"),
        ({"class_name": "Lambda", "module": "keras.layers", "config": {}}, "lambda"),
        (dense_layer(activation={"class_name": "__lambda__", "config": {"value": "4wEAAAA"}}), "lambda"),
        ({"class_name": "TFSMLayer", "module": "keras.layers", "config": {"filepath": "/etc"}}, "not-allowed"),
        ({"class_name": "TFSMLayer", "config": {"filepath": "/etc"}}, "custom"),
        ({"class_name": "TorchModuleWrapper", "module": "keras.layers", "config": {}}, "not-allowed"),
        ({"class_name": "TextVectorization", "module": "keras.layers", "config": {}}, "not-allowed"),
        ({"class_name": "Popen", "module": "os", "config": {}}, "custom"),
        ({"class_name": "system", "module": "os", "config": {}, "registered_name": None}, "custom"),
        ({"class_name": "Dense", "module": "os", "config": {}}, "custom"),
        ({"class_name": "Dense", "module": "keras.layers.evil", "config": {}}, "not-allowed"),
        ({"class_name": "get_file", "module": "keras.utils", "config": {}}, "not-allowed"),
        ({"class_name": "Dense", "module": "keras.layers", "config": {}, "registered_name": "my>Dense"}, "custom"),
        ({"class_name": "Custom>Mine", "config": {}}, "custom"),
        ({"class_name": "Mine", "module": None, "config": {}}, "custom"),
        (dense_layer(activation={"module": "os", "class_name": "function", "config": "relu"}), "custom"),
        (dense_layer(activation={"module": "builtins", "class_name": "function", "config": "eval"}), "custom"),
        (dense_layer(activation="my_activation"), "custom"),
        (dense_layer(dtype="string"), "not-allowed"),
        (
            dense_layer(dtype={"class_name": "DTypePolicy", "module": "keras", "config": {"name": "x"}}),
            "not-allowed",
        ),
        (dense_layer(dtype={"class_name": "DTypePolicyMap", "module": "keras", "config": {}}), "not-allowed"),
        (dense_layer(quantization_config={"mode": "int8"}), "not-allowed"),
        (dense_layer(units=2**40), "too-large"),
        (dense_layer(name="x" * 5000), "too-large"),
        (dense_layer(kernel_initializer={"class_name": "__typespec__", "config": []}), "not-allowed"),
        (dense_layer(kernel_initializer={"class_name": "Zeros"}), "config"),
        (dense_layer(kernel_initializer={"class_name": ["Zeros"], "config": {}}), "config"),
        (dense_layer(kernel_initializer=object()), "config"),
        ({"class_name": "Dense", "config": [1]}, "config"),
    ],
)
def test_what_is_not_on_the_list_is_refused(layer: dict[str, Any], expected: str) -> None:
    assert code(sequential(layer)) == expected
    assert code(sequential({"class_name": "TimeDistributed", "config": {"layer": layer}})) == expected


def test_an_operation_that_calls_a_function_is_refused() -> None:
    assert code(functional(SWITCH)) == "not-allowed"


def test_a_call_without_a_tensor_is_refused() -> None:
    """It would not become part of a graph: it would be carried out while the model is built."""
    tile = {"class_name": "Tile", "config": {"name": "tile", "repeats": [9]}, "name": "tile"}
    assert code(functional(tile | {"inbound_nodes": [{"args": [[1.0]], "kwargs": {}}]})) == "config"
    refuse_config(functional(tile | {"inbound_nodes": [call()]}))


def test_too_many_layers_and_too_deep_a_nesting_are_refused() -> None:
    assert code(sequential(*[dense_layer()] * 501)) == "too-large"
    nested: Any = 1
    for _ in range(5000):
        nested = [nested]
    assert code(dense_layer(kernel_initializer=nested)) == "too-large"
    assert code(dense_layer(kernel_initializer=[[0.0] * 1000] * 1000)) == "too-large"


@pytest.mark.parametrize("config", [None, [], "Dense", {}, {"config": {}}, {"class_name": "Dense"}])
def test_what_is_no_config_is_refused(config: Any) -> None:
    assert code(config) == "config"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["class_name", "config", "module", "layers", "dtype", "name", "inbound_nodes", "args"]
            ),
            inner | st.sampled_from(["Dense", "function", "__numpy__", "__keras_tensor__", "keras.layers", "Add"]),
            max_size=5,
        )
    ),
    max_leaves=20,
)


@given(json_values)
def test_any_json_is_either_cleaned_or_refused(value: Any) -> None:
    """And what is clean stays as it is."""
    try:
        cleaned = clean_config(value)
    except Refused:
        return
    assert repr(clean_config(cleaned)) == repr(cleaned)
