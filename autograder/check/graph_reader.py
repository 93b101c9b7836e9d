"""Reads a Keras model as a graph of calls; nested models are opened."""

from collections.abc import Mapping, Sequence
from typing import Any

from autograder.check.chain import DESCRIPTION, Step, describe_model, read_step
from autograder.check.graph import Call, Graph, Port
from autograder.check.guard import StudentFailure, student_code
from autograder.messages import tr

__all__ = ["describe", "read_graph"]

#: Nested models may call each other; what has more calls than this is no exercise.
_MAX_CALLS = 10_000


def read_graph(model: object) -> Graph:
    """Read a model call by call.

    Raises:
        StudentFailure: It is no Keras model, or one whose calls cannot be read.
    """
    import keras

    if not isinstance(model, keras.Model):
        raise StudentFailure(
            tr("an object of type {type}", type=type(model).__name__), expected=tr("a Keras model")
        )
    described = getattr(model, DESCRIPTION, None)
    return _described(described) if described is not None else _live(model)


def _live(model: object) -> Graph:
    with student_code():
        return _Reader().read(model)


def describe(model: object) -> dict[str, Any]:
    """A live Keras model as plain data, for who cannot have the model itself: its chain and its graph.

    What the model says of itself under ``DESCRIPTION`` is not asked: that is for the reader to write.
    """
    try:
        graph = _live(model)
    except StudentFailure as failure:
        return describe_model(model) | {"graph": {"failure": [failure.finding.actual, failure.finding.expected]}}
    calls = [[vars(c.step), c.layer, list(c.parents), c.parameters] for c in graph.calls]
    ports = [[[list(p.names), list(p.shape), p.call] for p in side] for side in (graph.inputs, graph.outputs)]
    return describe_model(model) | {"graph": {"calls": calls, "ports": ports}}


def _described(described: Any) -> Graph:
    """Read what ``describe`` wrote; it may have been written by anyone."""
    with student_code():
        data = described["graph"]
        if "failure" in data:
            actual, expected = data["failure"]
            raise StudentFailure(str(actual), expected=None if expected is None else str(expected))
        calls: list[Call] = []
        for step, layer, parents, parameters in data["calls"][: _MAX_CALLS + 1]:
            units, activation = step["units"], step["activation"]
            read = Step(
                str(step["kind"]),
                units if isinstance(units, int) else None,
                activation if isinstance(activation, str) else None,
            )
            numbers = tuple(int(parent) for parent in parents)
            if not all(0 <= parent < len(calls) for parent in numbers):
                raise ValueError("a call of what comes later")
            calls.append(Call(read, int(layer), numbers, int(parameters)))
        inputs, outputs = (
            tuple(_port(names, shape, call, len(calls)) for names, shape, call in side) for side in data["ports"]
        )
    if len(calls) > _MAX_CALLS:
        raise _too_large()
    return Graph(tuple(calls), inputs, outputs)


def _port(names: Any, shape: Any, call: Any, calls: int) -> Port:
    if not 0 <= int(call) < calls:
        raise ValueError("a port of no call")
    sizes = tuple(None if size is None else int(size) for size in shape)
    return Port(tuple(str(name) for name in names), sizes, int(call))


class _Reader:
    """One walk through one model."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self._layers: dict[int, int] = {}

    def read(self, model: Any) -> Graph:
        """The graph of a model that has inputs and outputs."""
        if not (getattr(model, "inputs", None) and getattr(model, "outputs", None)):
            raise StudentFailure(
                tr("a model whose layers cannot be followed from the inputs to the outputs"),
                expected=tr("a functional model: keras.Model(inputs=…, outputs=…)"),
            )
        inner = getattr(model, "_functional", None) or model
        first = [self._add(t._keras_history.operation, ()) for t in inner.inputs]
        last = self._open(inner, first)
        inputs, outputs = (
            tuple(
                Port(_names(key, tensor), tuple(tensor.shape[1:]), number)
                for (key, tensor), number in zip(_keyed(structure, flat), numbers, strict=True)
            )
            for structure, flat, numbers in (
                (inner._inputs_struct, inner.inputs, first),
                (inner._outputs_struct, inner.outputs, last),
            )
        )
        return Graph(tuple(self.calls), inputs, outputs)

    def _open(self, model: Any, given: Sequence[int]) -> list[int]:
        """The calls of a model whose inputs are ``given``; the numbers of its outputs."""
        import keras

        made = {id(tensor): number for tensor, number in zip(model.inputs, given, strict=False)}
        for depth in sorted(model._nodes_by_depth, reverse=True):
            for node in model._nodes_by_depth[depth]:
                if node.is_input or any(id(tensor) in made for tensor in node.outputs):
                    continue
                operation = node.operation
                parents = [made[id(tensor)] for tensor in node.input_tensors]
                inner = getattr(operation, "_functional", None) or operation
                if isinstance(operation, keras.Model) and hasattr(inner, "_nodes_by_depth"):
                    results = self._open(inner, parents)
                else:
                    results = [self._add(operation, tuple(parents))] * len(node.outputs)
                made |= {id(tensor): number for tensor, number in zip(node.outputs, results, strict=True)}
        return [made[id(tensor)] for tensor in model.outputs]

    def _add(self, operation: Any, parents: tuple[int, ...]) -> int:
        if len(self.calls) >= _MAX_CALLS:
            raise _too_large()
        layer = self._layers.setdefault(id(operation), len(self._layers))
        count = sum(_size(weight) for weight in getattr(operation, "weights", ()))
        self.calls.append(Call(read_step(operation), layer, parents, count))
        return len(self.calls) - 1


def _size(weight: Any) -> int:
    size = 1
    for length in weight.shape:
        size *= int(length)
    return size


def _keyed(structure: Any, flat: Sequence[Any]) -> list[tuple[str | None, Any]]:
    """The tensors of a structure with the key of the dict that each is in."""
    keys = {}
    waiting: list[tuple[str | None, Any]] = [(None, structure)]
    while waiting:
        key, part = waiting.pop()
        if isinstance(part, Mapping):
            waiting.extend((str(name), inner) for name, inner in part.items())
        elif isinstance(part, list | tuple):
            waiting.extend((key, inner) for inner in part)
        else:
            keys[id(part)] = key
    return [(keys.get(id(tensor)), tensor) for tensor in flat]


def _names(key: str | None, tensor: Any) -> tuple[str, ...]:
    name = str(tensor._keras_history.operation.name)
    return (name,) if key in (None, name) else (str(key), name)


def _too_large() -> StudentFailure:
    return StudentFailure(tr("a model of more than {count} calls of layers", count=_MAX_CALLS))
