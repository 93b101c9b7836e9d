"""Checks of functions against a reference, of tensors, of graphs, of strategies and of TensorFlow Lite files."""

from pathlib import Path

import numpy as np
import pytest

from autograder import check


def outcome_of(function, *args, **kwargs):
    with check.collecting() as outcomes:
        assert function(*args, **kwargs) is None
    (outcome,) = outcomes
    assert outcome.error is None
    return outcome


def square(x):
    return x**2


X = np.linspace(-1, 1, 6).reshape(3, 2).astype("float32")


@pytest.mark.parametrize(
    "function",
    [
        square,
        lambda x: (x**2).tolist(),
        lambda x: (x**2).astype("float64"),
        lambda x: (x**2)[:, None, :],
        lambda x: x**2 * 1.001,  # what some GPUs make of float32
    ],
)
def test_every_way_to_give_numbers_is_right(function):
    """Lists, arrays, other types, dimensions of length 1."""
    assert outcome_of(check.answers, function, square, [(X,), (2 * X,)]).passed


@pytest.mark.parametrize(
    "function",
    [
        lambda x: x**2 * 1.02,
        lambda x: -(x**2),
        lambda x: (x**2).T,
        lambda x: (x**2)[:2],
        lambda x: None,
        lambda x: "x",
        lambda x: x**2 * np.nan,
        lambda x: [None, x],
        lambda x: 1 / 0,
        lambda x, y: x**2,
        "no function",
        None,
    ],
)
def test_wrong_answers_fail_and_never_break_the_check(function):
    """Wrong numbers, shapes and types, exceptions, other arguments, no function at all."""
    assert not outcome_of(check.answers, function, square, [(X,)]).passed


def test_several_values_are_compared_one_by_one():
    """A reference that returns a list has the student return as many values."""

    def two(x):
        return [x, 2 * x]

    assert outcome_of(check.answers, lambda x: (x, x + x), two, [(X,)]).passed
    assert outcome_of(check.answers, lambda x: np.stack([x, 2 * x]), two, [(X,)]).passed
    assert not outcome_of(check.answers, lambda x: (x, x), two, [(X,)]).passed
    assert not outcome_of(check.answers, lambda x: (x,), two, [(X,)]).passed
    assert not outcome_of(check.answers, lambda x: x, lambda x: [x, x], [(3.0,)]).passed


def test_float64_and_whole_numbers_leave_narrower_margins():
    """What is exact in one type is a mistake in another."""
    assert not outcome_of(check.answers, lambda x: x * 1.001, lambda x: x, [(2.0,)]).passed
    assert outcome_of(check.answers, lambda x: x * 1.001, lambda x: x, [(2.0,)], tolerance=0.01).passed
    assert not outcome_of(check.answers, lambda n: n + 1, lambda n: n, [(1000,)]).passed
    assert outcome_of(check.answers, lambda n: float(n), lambda n: n, [(1000,)]).passed


def test_texts_are_compared_as_they_are():
    """A function may have to answer with a name."""
    assert outcome_of(check.answers, lambda names: names[0], lambda names: names[0], [(["a", "b"],)]).passed
    assert not outcome_of(check.answers, lambda names: names, lambda names: names[0], [(["a", "b"],)]).passed


def test_a_function_that_changes_its_argument_does_not_change_the_next_calls():
    """Every call and the reference get numbers of their own."""
    data = X.copy()

    def spoils(x):
        answer = x**2
        x[:] = 0
        return answer

    assert outcome_of(check.answers, spoils, square, [(data,), (data,)]).passed
    np.testing.assert_array_equal(data, X)


def test_an_author_who_gives_no_inputs_is_told():
    """That is no fault of the student's."""
    with check.collecting() as outcomes:
        check.answers(square, square, [])
    assert "at least one input" in (outcomes[0].error or "")


@pytest.mark.tensorflow
def test_tensors_by_shape_type_numbers_kind_and_device():
    """One thing wrong at a time."""
    import tensorflow as tf

    value = tf.constant([[1.0, 2.0]])
    right = {"shape": (1, 2), "dtype": "float32", "equal": [[1, 2]], "variable": False, "device": "CPU:0"}
    assert outcome_of(check.tensor, value, **right).passed
    for wrong in (
        {"shape": (2,)}, {"dtype": "float64"}, {"equal": [[1, 3]]}, {"variable": True}, {"device": "CPU:1"},
    ):  # fmt: skip
        assert not outcome_of(check.tensor, value, **{**right, **wrong}).passed
    assert outcome_of(check.tensor, tf.Variable(value), variable=True).passed
    for other in (np.ones((1, 2)), [[1.0, 2.0]], None, 3):
        assert not outcome_of(check.tensor, other, shape=(1, 2)).passed


@pytest.mark.tensorflow
def test_one_graph_for_many_lengths():
    """A signature and reduced retracing will do; a graph a length will not, nor will no graph."""
    import tensorflow as tf

    def double(x):
        return 2 * x

    def calls():
        return [(tf.ones(n),) for n in range(3, 8)]

    signature = [tf.TensorSpec([None], tf.float32)]
    assert outcome_of(check.graph_function, tf.function(double, input_signature=signature), calls()).passed
    assert outcome_of(check.graph_function, tf.function(double, reduce_retracing=True), calls()).passed
    assert outcome_of(check.graph_function, tf.function(double), calls()).actual == "5 grafos"
    for other in (double, None, tf.function(lambda x: 1 / 0)):
        assert not outcome_of(check.graph_function, other, calls()).passed


@pytest.mark.tensorflow
def test_a_model_is_distributed_if_it_was_created_in_the_scope():
    """By class and number of replicas."""
    import keras
    import tensorflow as tf

    def network():
        return keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])

    with tf.distribute.OneDeviceStrategy("/CPU:0").scope():
        inside = network()
    assert outcome_of(check.distributed, inside).passed
    assert outcome_of(check.distributed, inside, strategy="OneDeviceStrategy", replicas=1).passed
    assert not outcome_of(check.distributed, inside, strategy="MirroredStrategy").passed
    assert not outcome_of(check.distributed, inside, replicas=2).passed
    assert not outcome_of(check.distributed, network()).passed
    assert not outcome_of(check.distributed, None).passed


class Model:
    """Weights alone."""

    def __init__(self, *weights):
        self._weights = weights

    def get_weights(self):
        """As Keras has it."""
        return list(self._weights)


def test_a_lite_file_has_the_kernels_of_the_model(tmp_path: Path):
    """One row a unit, as TensorFlow Lite stores them."""
    kernel = np.arange(6, dtype="float32").reshape(2, 3)
    path = tmp_path / "modelo.tflite"
    path.write_bytes(b"\x1c\0\0\0TFL3" + kernel.T.tobytes())
    assert outcome_of(check.tflite, path, Model(kernel, np.ones(3))).passed
    assert not outcome_of(check.tflite, path, Model(kernel + 1, np.ones(3))).passed
    assert not outcome_of(check.tflite, path, Model(np.ones(3))).passed
    assert not outcome_of(check.tflite, path, None).passed
    assert not outcome_of(check.tflite, tmp_path / "outro.tflite", Model(kernel)).passed
    path.write_bytes(b"\x1c\0\0\0HDF5" + kernel.T.tobytes())
    assert not outcome_of(check.tflite, path, Model(kernel)).passed
