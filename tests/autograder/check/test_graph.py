"""Functional models in every way of writing them: the same graph, and what is wrong with it is seen."""

import os
from typing import Any

import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
keras = pytest.importorskip("keras")

from autograder import check  # noqa: E402
from autograder.check.chain import DESCRIPTION  # noqa: E402
from autograder.check.graph_reader import describe, read_graph  # noqa: E402
from autograder.check.recorder import collecting  # noqa: E402

pytestmark = pytest.mark.tensorflow
layers, ops = keras.layers, keras.ops


def ports() -> tuple[Any, Any]:
    return keras.Input((5,), name="wide_input"), keras.Input((6,), name="deep_input")


def dense(units: int = 30, **options: Any) -> Any:
    return layers.Dense(units, activation="relu", **options)


def lecture() -> Any:
    wide, deep = ports()
    hidden = dense()(dense()(deep))
    main = layers.Dense(1, name="main_output")(layers.concatenate([wide, hidden]))
    return keras.Model(inputs=[wide, deep], outputs=[main, layers.Dense(1, name="aux_output")(hidden)])


def dicts() -> Any:
    wide, deep = ports()
    hidden = dense()(dense()(deep))
    outputs = {
        "main_output": layers.Dense(1)(ops.concatenate([wide, hidden], axis=1)),
        "aux_output": layers.Dense(1)(hidden),
    }
    return keras.Model({"wide_input": wide, "deep_input": deep}, outputs)


def normalised_and_separate() -> Any:
    wide, deep = ports()
    z = layers.Normalization()(deep) * 2.0
    for _ in range(2):
        z = layers.Dropout(0.1)(layers.ReLU()(layers.BatchNormalization()(layers.Dense(20)(z))))
    both = layers.Concatenate()([layers.Rescaling(2.0)(wide), z])
    outputs = [
        layers.Dense(1, name="aux_output")(z),
        layers.Dense(1, name="main_output", activation="softplus")(both),
    ]
    return keras.Model([deep, wide], outputs)


def nested() -> Any:
    wide, deep = ports()
    body = keras.Sequential([keras.Input((6,)), dense(), layers.LayerNormalization(), dense()], name="corpo")
    parts = keras.Input((5,)), keras.Input((30,))
    head = keras.Model(parts, layers.Dense(1)(layers.concatenate(parts)), name="main_output")
    return keras.Model([wide, deep], [head([wide, body(deep)]), layers.Dense(1, name="aux_output")(body(deep))])


def added() -> Any:
    """As in the paper: the outputs of a linear and of a deep model are added."""
    wide, deep = ports()
    hidden = dense()(dense()(deep))
    main = layers.Add(name="main_output")([layers.Dense(1)(wide), layers.Dense(1)(hidden)])
    return keras.Model([wide, deep], [main, layers.Dense(1, name="aux_output")(hidden)])


def with_functions() -> Any:
    """Layers that cannot be data: the judge has the description alone."""
    wide, deep = ports()
    z = layers.Lambda(lambda x: x / 10.0)(deep)
    hidden = dense()(dense()(z))
    main = layers.Dense(1, name="main_output")(layers.Concatenate()([wide, hidden]))
    return keras.Model([wide, deep], [main, layers.Dense(1, name="aux_output")(hidden)])


def ask(model: Any) -> dict[str, bool]:
    with collecting() as outcomes:
        check.functional(
            model,
            inputs=[(5,), (6,)],
            outputs={"main_output": (1,), "aux_output": (1,)},
            activations=("linear", "softplus"),
            title="ports",
        )
        check.paths(model, (5,), ["main_output", 0], hidden=0, title="wide")
        check.paths(model, (6,), ["main_output", 0], hidden=(2, None), title="deep")
        check.reaches(model, ["aux_output", 1], inputs=[(6,)], title="aux")
        check.same_hidden(model, [["main_output", 0], ["aux_output", 1]], title="trunk")
    assert not [o for o in outcomes if o.error]
    return {o.title: o.passed for o in outcomes}


class Described:
    """What stands for a model that is not here: its description alone."""

    def __init__(self, model: Any) -> None:
        self.__dict__[DESCRIPTION] = describe(model)

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        return keras.Model


STYLES = (lecture, dicts, normalised_and_separate, nested, added, with_functions)


@pytest.mark.parametrize("make", STYLES)
@pytest.mark.parametrize("seen", [lambda model: model, Described])
def test_right_ways_of_writing(make: Any, seen: Any) -> None:
    """All checks pass, on the model and on its description."""
    assert set(ask(seen(make())).values()) == {True}


def wide_through_a_hidden_layer() -> Any:
    wide, deep = ports()
    hidden = dense()(dense()(deep))
    main = layers.Dense(1, name="main_output")(layers.concatenate([dense()(wide), hidden]))
    return keras.Model([wide, deep], [main, layers.Dense(1, name="aux_output")(hidden)])


def hidden_after_the_merge() -> Any:
    wide, deep = ports()
    hidden = dense()(dense()(deep))
    main = layers.Dense(1, name="main_output")(dense()(layers.concatenate([wide, hidden])))
    return keras.Model([wide, deep], [main, layers.Dense(1, name="aux_output")(hidden)])


def one_hidden() -> Any:
    wide, deep = ports()
    hidden = layers.Dense(30)(dense()(deep))
    main = layers.Dense(1, name="main_output")(layers.concatenate([wide, hidden]))
    return keras.Model([wide, deep], [main, layers.Dense(1, name="aux_output")(hidden)])


def aux_of_the_first() -> Any:
    wide, deep = ports()
    first = dense()(deep)
    main = layers.Dense(1, name="main_output")(layers.concatenate([wide, dense()(first)]))
    return keras.Model([wide, deep], [main, layers.Dense(1, name="aux_output")(first)])


def aux_of_the_merge() -> Any:
    wide, deep = ports()
    both = layers.concatenate([wide, dense()(dense()(deep))])
    outputs = [layers.Dense(1, name="main_output")(both), layers.Dense(1, name="aux_output")(both)]
    return keras.Model([wide, deep], outputs)


def without_wide() -> Any:
    wide, deep = ports()
    hidden = dense()(dense()(deep))
    outputs = [layers.Dense(1, name="main_output")(hidden), layers.Dense(1, name="aux_output")(hidden)]
    return keras.Model([wide, deep], outputs)


def one_output() -> Any:
    model = lecture()
    return keras.Model(model.inputs, model.outputs[0])


def without_names() -> Any:
    wide, deep = ports()
    hidden = dense()(dense()(deep))
    main = layers.Dense(1)(layers.concatenate([wide, hidden]))
    return keras.Model([wide, deep], [main, layers.Dense(1)(hidden)])


def squashed() -> Any:
    wide, deep = ports()
    hidden = dense()(dense()(deep))
    main = layers.Dense(1, name="main_output")(layers.concatenate([wide, hidden]))
    return keras.Model([wide, deep], [main, layers.Dense(1, "sigmoid", name="aux_output")(hidden)])


@pytest.mark.parametrize(
    ("make", "wrong"),
    [
        (wide_through_a_hidden_layer, {"wide"}),
        (hidden_after_the_merge, {"wide", "trunk"}),
        (one_hidden, {"deep"}),
        (aux_of_the_first, {"trunk"}),
        (aux_of_the_merge, {"aux"}),
        (without_wide, {"wide"}),
        (one_output, {"ports", "aux", "trunk"}),
        (without_names, {"ports"}),
        (squashed, {"ports"}),
    ],
)
@pytest.mark.parametrize("seen", [lambda model: model, Described])
def test_defects_cost_their_own_check(make: Any, wrong: set[str], seen: Any) -> None:
    """And no other: an output without a name is known by its place."""
    assert {title for title, passed in ask(seen(make())).items() if not passed} == wrong


def twins(encoder: Any, other: Any = None) -> Any:
    one, two = keras.Input((8,)), keras.Input((8,))
    return keras.Model([one, two], layers.Dense(1)(layers.concatenate([encoder(one), (other or encoder)(two)])))


def separate_activation() -> Any:
    shared = layers.Dense(30)
    return twins(lambda x: layers.ReLU()(layers.BatchNormalization()(shared(x))))


def inner_model() -> Any:
    return twins(keras.Sequential([keras.Input((8,)), dense()]))


def only_one_input() -> Any:
    one, two, shared = keras.Input((8,)), keras.Input((8,)), dense()
    both = layers.concatenate([shared(one), shared(layers.Dropout(0.1)(one)), two])
    return keras.Model([one, two], layers.Dense(1)(both))


@pytest.mark.parametrize(
    ("model", "shared", "count"),
    [
        (lambda: twins(dense()), True, 331),
        (separate_activation, True, 331),
        (inner_model, True, 331),
        (lambda: twins(dense(), dense()), False, 601),
        (lambda: twins(dense(20)), False, 221),
        (lambda: twins(layers.Dense(30)), False, 331),
        (only_one_input, False, 339),
    ],
)
def test_shared_layers(model: Any, shared: bool, count: int) -> None:
    """One layer at two places, not two alike; its weights count once."""
    made = model()
    for seen in (made, Described(made)):
        with collecting() as outcomes:
            check.shared_layer(seen, "Dense(30, nonlinear)")
            check.parameters(seen, count)
        assert [o.passed for o in outcomes] == [shared, True]


def test_what_is_no_graph_is_a_wrong_answer() -> None:
    """A number, a subclass, a model that was not built: said, not raised."""

    class Own(keras.Model):
        pass

    for wrong in (3, Own(), keras.Sequential([dense()])):
        with collecting() as outcomes:
            check.paths(wrong, 0, 0, hidden=1)
            check.shared_layer(wrong, "Dense")
        assert [(o.passed, o.error) for o in outcomes] == [(False, None)] * 2
    forged = Described(lecture())
    for graph in ({}, {"calls": [], "ports": [[], []]}, {"calls": [[{}, 0, [7], 0]], "ports": []}, None):
        forged.__dict__[DESCRIPTION] = {"graph": graph}
        with collecting() as outcomes:
            check.functional(forged, inputs=[(5,)], outputs=[(1,)])
        assert [(o.passed, o.error) for o in outcomes] == [(False, None)]


def test_models_that_call_each_other_without_end_are_refused() -> None:
    """Each calls the one before twice: two to the power of twenty calls."""
    model = keras.Sequential([keras.Input((2,)), layers.Dense(2)])
    for _ in range(20):
        x = keras.Input((2,))
        model = keras.Model(x, layers.add([model(x), model(x)]))
    with collecting() as outcomes:
        check.paths(model, 0, 0, hidden=0)
    assert not outcomes[0].passed
    assert outcomes[0].error is None


def test_skips_are_counted_on_every_path() -> None:
    """A residual connection makes paths of several lengths."""
    x = keras.Input((6,))
    first = dense(6)(x)
    model = keras.Model(x, layers.Dense(1)(layers.add([first, dense(6)(first)])))
    graph = read_graph(model)
    assert graph.hidden(graph.inputs[0], graph.outputs[0]) == {1, 2}


@pytest.mark.parametrize(
    ("compile_with", "right"),
    [
        ({"loss": ["mse", "mse"], "loss_weights": [0.9, 0.1]}, True),
        ({"loss": ("mse", keras.losses.MeanSquaredError()), "loss_weights": (0.9, 0.1)}, True),
        (
            {
                "loss": {"main_output": "mse", "aux_output": "mean_squared_error"},
                "loss_weights": {"aux_output": 0.1, "main_output": 0.9},
            },
            True,
        ),
        ({"loss": ["mse", "mse"], "loss_weights": [0.1, 0.9]}, False),
        ({"loss": ["mse", "mse"]}, False),
        ({"loss": "mse", "loss_weights": {"main_output": 0.9}}, False),
        ({"loss": ["mse"], "loss_weights": [0.9, 0.1]}, False),
        ({"loss": ["mse", None], "loss_weights": [0.9, 0.1]}, False),
        ({"loss": ["mse", "mae"], "loss_weights": [0.9, 0.1]}, False),
        ({"loss": ["mse", "mse"], "loss_weights": [0.9]}, False),
        ({"loss": ["mse", "mse"], "loss_weights": ["a", "b"]}, False),
    ],
)
def test_loss_weights(compile_with: Any, right: bool) -> None:
    """Lists, tuples and dicts, and outputs that are known by their place."""
    for make in (lecture, without_names):
        if make is without_names and isinstance(compile_with["loss"], dict):
            continue
        model = make()
        model.compile(optimizer="sgd", **compile_with)
        with collecting() as outcomes:
            check.compiled(model, loss="mean_squared_error", loss_weights={"main_output": 0.9, "aux_output": 0.1})
        assert [(o.passed, o.error) for o in outcomes] == [(right, None)]


def test_a_live_model_is_described_as_it_is() -> None:
    """Not as it says of itself: a student may write that attribute too."""
    honest, other = keras.Sequential([keras.Input((4,)), layers.Dense(1)]), lecture()
    told = describe(honest)
    setattr(honest, DESCRIPTION, describe(other))
    assert describe(honest) == told
