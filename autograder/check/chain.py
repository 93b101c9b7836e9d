"""A Keras model as a plain chain of steps, in one spelling for all the ways to write it.

``read_chain`` walks a ``Sequential`` or a functional model without a branch. ``simplify`` then takes out what
does not change the task (scaling in front, dropout, batch normalisation), folds an activation layer into the
layer before it, and calls a ``Reshape`` to one dimension what it is, a ``Flatten``.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from autograder.check.guard import StudentFailure, student_code
from autograder.messages import tr

__all__ = ["TRANSPARENT", "Chain", "Step", "describe_model", "read_chain", "read_step", "simplify", "snake"]

#: Attribute under which a stand-in for a model has its description.
DESCRIPTION = "__autograder_chain__"
#: Layers and operations that do not count as part of an asked architecture, by class name.
TRANSPARENT = (
    "InputLayer",
    "Rescaling",
    "Normalization",
    "Dropout",
    "SpatialDropout1D",
    "SpatialDropout2D",
    "GaussianDropout",
    "GaussianNoise",
    "AlphaDropout",
    "BatchNormalization",
    "LayerNormalization",
    "ActivityRegularization",
    "Identity",
    "Cast",
    "Add",
    "Subtract",
    "Multiply",
    "Divide",
    "TrueDivide",
)
#: Classes that only apply a function, and the function's name.
_ACTIVATIONS = {
    "ReLU": "relu",
    "Relu": "relu",
    "LeakyReLU": "leaky_relu",
    "LeakyRelu": "leaky_relu",
    "PReLU": "prelu",
    "ELU": "elu",
    "Elu": "elu",
    "Selu": "selu",
    "Gelu": "gelu",
    "Silu": "silu",
    "Softmax": "softmax",
    "Sigmoid": "sigmoid",
    "Tanh": "tanh",
    "Softplus": "softplus",
}


@dataclass(frozen=True)
class Step:
    """One layer: its class, how many units or filters it has, and the function after it."""

    kind: str
    units: int | None = None
    activation: str | None = None
    flattens: bool = False

    def __str__(self) -> str:
        given = [str(part) for part in (self.units, self.activation) if part is not None]
        return f"{self.kind}({', '.join(given)})" if given else self.kind


@dataclass(frozen=True)
class Chain:
    """The steps of a model in order; ``input_shape`` is without the batch, ``None`` if not built yet."""

    steps: tuple[Step, ...]
    input_shape: tuple[int | None, ...] | None = None

    def __str__(self) -> str:
        return " → ".join(map(str, self.steps)) or tr("no layer")

    @property
    def output_activation(self) -> str | None:
        """The function that the model ends with: ``"linear"`` where a layer applies none."""
        return self.steps[-1].activation if self.steps else None


def read_chain(model: object) -> Chain:
    """Read a model layer by layer.

    Raises:
        StudentFailure: It is no Keras model, or it is no plain chain of layers.
    """
    import keras

    if not isinstance(model, keras.Model):
        raise StudentFailure(
            tr("an object of type {type}", type=type(model).__name__), expected=tr("a Keras model")
        )
    described = getattr(model, DESCRIPTION, None)
    return _described(described) if described is not None else _live(model)


def _live(model: Any) -> Chain:
    with student_code():
        operations = list(_operations(model))
        shape = getattr(model, "input_shape", None)
    inner = tuple(shape[1:]) if isinstance(shape, tuple) else None
    return Chain(tuple(read_step(operation) for operation in operations), inner)


def describe_model(model: object) -> dict[str, Any]:
    """A live Keras model as plain data, for who cannot have the model itself: ``read_chain`` of what has it as
    ``DESCRIPTION``.

    Returns:
        ``steps`` and ``input_shape``; or ``failure``, what ``read_chain`` says instead.
    """
    try:
        chain = _live(model)
    except StudentFailure as failure:
        return {"failure": [failure.finding.actual, failure.finding.expected]}
    return {"steps": [vars(step) for step in chain.steps], "input_shape": chain.input_shape}


def _described(data: Any) -> Chain:
    """Read what ``describe_model`` wrote; it may have been written by anyone."""
    if "failure" in data:
        actual, expected = data["failure"]
        raise StudentFailure(str(actual), expected=None if expected is None else str(expected))
    with student_code():
        steps = tuple(
            Step(
                str(step["kind"]),
                step["units"] if isinstance(step["units"], int) else None,
                step["activation"] if isinstance(step["activation"], str) else None,
                step["flattens"] is True,
            )
            for step in data["steps"]
        )
        shape = data["input_shape"]
        return Chain(steps, tuple(shape) if isinstance(shape, tuple | list) else None)


def simplify(chain: Chain, *, allow: Iterable[str] = TRANSPARENT) -> Chain:
    """The chain without what does not change the task.

    Args:
        allow: Class names of layers that are passed over.
    """
    skipped = set(allow)
    steps: list[Step] = []
    for step in chain.steps:
        front = all(s.kind in ("Flatten", "Reshape") for s in steps)
        if step.kind in skipped or (step.kind == "Lambda" and front and "Rescaling" in skipped):
            continue
        if step.kind == "Activation":
            _fold_activation(steps, step)
        elif step.flattens:
            _fold_flatten(steps, step)
        else:
            steps.append(step)
    if chain.input_shape is not None and len(chain.input_shape) == 1 and steps and steps[0].flattens:
        # One-dimensional inputs are flat already.
        steps = steps[1:]
    return replace(chain, steps=tuple(steps))


def snake(name: str) -> str:
    """``MeanSquaredError`` as ``mean_squared_error``."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def _fold_activation(steps: list[Step], step: Step) -> None:
    last = steps[-1] if steps else None
    if step.activation == "linear":
        return
    if last is not None and last.activation == "linear":
        steps[-1] = replace(last, activation=step.activation)
    elif last is not None and last.activation == step.activation == "relu":
        return
    else:
        steps.append(step)


def _fold_flatten(steps: list[Step], step: Step) -> None:
    while steps and steps[-1].kind in ("Reshape", "Flatten"):
        steps.pop()
    steps.append(replace(step, kind="Flatten"))


def _operations(model: Any) -> Iterable[Any]:
    """The layers and operations from input to output; nested models are opened."""
    import keras

    if isinstance(model, keras.Sequential):
        direct: list[Any] = list(model.layers)
    elif getattr(model, "inputs", None) and getattr(model, "outputs", None):
        direct = _walk_back(model)
    else:
        raise StudentFailure(
            tr("a subclass of Model, whose layers cannot be read one after the other"),
            expected=tr("a sequential model"),
        )
    for operation in direct:
        if isinstance(operation, keras.Model):
            yield from _operations(operation)
        else:
            yield operation


def _walk_back(model: Any) -> list[Any]:
    branched = StudentFailure(
        tr("a model with branches, or with several inputs or outputs"), expected=tr("a plain chain of layers")
    )
    if len(model.inputs) != 1 or len(model.outputs) != 1:
        raise branched
    found: list[Any] = []
    tensor = model.outputs[0]
    while True:
        made = tensor._keras_history
        if type(made.operation).__name__ == "InputLayer":
            return found[::-1]
        sources = made.operation._inbound_nodes[made.node_index].input_tensors
        if len(sources) != 1:
            raise branched
        found.append(made.operation)
        tensor = sources[0]


def read_step(operation: Any) -> Step:
    """One layer or operation as a step."""
    kind = _keras_class(type(operation))
    if kind in _ACTIVATIONS:
        return Step("Activation", activation=_ACTIVATIONS[kind])
    if kind == "Activation":
        return Step("Activation", activation=_function_name(operation.activation))
    units = getattr(operation, "units", getattr(operation, "filters", None))
    activation = None
    if units is not None:
        activation = _function_name(getattr(operation, "activation", None))
    target = getattr(operation, "target_shape", getattr(operation, "newshape", ()))
    flattens = kind == "Flatten" or (kind == "Reshape" and _is_flat(operation, target))
    return Step(kind, units if isinstance(units, int) else None, activation, flattens)


def _is_flat(operation: Any, target: Any) -> bool:
    # A layer's target shape is without the batch, an operation's is with it.
    return len(tuple(target)) == (1 if hasattr(operation, "target_shape") else 2)


def _keras_class(cls: type) -> str:
    """The class that Keras knows it by: a student's subclass of ``Dense`` is a ``Dense``."""
    for base in cls.__mro__:
        if base.__module__.split(".")[0] in ("keras", "tensorflow", "tf_keras"):
            return base.__name__ if base.__name__ not in ("Layer", "Operation") else cls.__name__
    return cls.__name__


def _function_name(function: Any) -> str:
    if function is None:
        return "linear"
    kind = type(function).__name__
    if kind in _ACTIVATIONS:
        return _ACTIVATIONS[kind]
    name = getattr(function, "__name__", None)
    # TensorFlow's own functions are called ``softmax_v2`` and the like.
    return re.sub(r"_v\d$", "", snake(name if isinstance(name, str) else kind))
