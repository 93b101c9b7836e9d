"""Checks of models with branches: inputs and outputs, and the paths between them."""

from collections.abc import Iterable, Mapping, Sequence

from autograder.check.drawn import draw_graph, sketch_paths, sketch_way
from autograder.check.graph import Graph, Shape, Which, find_port
from autograder.check.graph_reader import read_graph
from autograder.check.guard import Finding, conclude
from autograder.messages import tr

__all__ = ["functional", "paths", "reaches", "same_hidden"]


def functional(
    model: object,
    *,
    inputs: Sequence[Shape],
    outputs: Sequence[Shape] | Mapping[str, Shape],
    activations: str | Iterable[str] | None = None,
    title: str | None = None,
    hint: str | None = None,
    weight: float = 1.0,
) -> None:
    """Check the inputs and outputs of a model, in any order, in lists or dicts.

    Args:
        model: A Keras model.
        inputs: The shape of each input, without the batch.
        outputs: The shape of each output, by its name where that is asked. An output's name is that of its layer,
            or its key if the outputs are a dict.
        activations: What each output may end with (``"linear"``: no activation); not checked when ``None``.
        title: What is checked, as the student reads it.
        hint: How to mend it.
        weight: The check's share of the cell's points.

    Example:
        >>> import keras
        >>> from keras import layers
        >>> from autograder.check.recorder import collecting
        >>> wide, deep = keras.Input((5,)), keras.Input((6,))
        >>> both = layers.concatenate([wide, layers.Dense(30, activation="relu")(deep)])
        >>> model = keras.Model([wide, deep], layers.Dense(1, name="price")(both))
        >>> with collecting() as outcomes:
        ...     functional(model, inputs=[(5,), (6,)], outputs={"price": (1,)}, activations="linear")
        >>> outcomes[0].passed
        True
    """

    def body() -> Finding:
        graph = read_graph(model)
        wanted_in = _listed(str(tuple(shape)) for shape in inputs)
        named = isinstance(outputs, Mapping)
        shapes = (
            [f"{name} {tuple(shape)}" for name, shape in outputs.items()]
            if isinstance(outputs, Mapping)
            else [str(tuple(shape)) for shape in outputs]
        )
        expected = tr("inputs {inputs}; outputs {outputs}", inputs=wanted_in, outputs=_listed(shapes))
        actual = tr(
            "inputs {inputs}; outputs {outputs}",
            inputs=_listed(str(port.shape) for port in graph.inputs),
            outputs=_listed(str(port) if named else str(port.shape) for port in graph.outputs),
        )
        right = sorted(map(str, map(tuple, inputs))) == sorted(str(port.shape) for port in graph.inputs)
        fits = right and _same_outputs(graph, outputs)
        draw_graph(name, graph, sketch_paths(inputs, outputs), fits=fits)
        if not fits:
            return Finding(False, expected, actual)
        allowed = (activations,) if isinstance(activations, str) else tuple(activations or ())
        ends = [graph.output_activation(port) for port in graph.outputs]
        if allowed and not set(ends) <= set(allowed):
            return Finding(
                False,
                tr("outputs with the activation {names}", names=tr(" or ").join(allowed)),
                ", ".join(ends),
            )
        return Finding(True, expected, actual)

    name = title or tr("Inputs and outputs of the network")
    conclude(body, title=name, weight=weight, hint=hint)


def paths(
    model: object,
    start: Which,
    end: Which,
    *,
    hidden: int | tuple[int, int | None],
    title: str | None = None,
    hint: str | None = None,
    weight: float = 1.0,
) -> None:
    """Check how many hidden layers lie on the way from an input to an output, on every path there is.

    A hidden layer has weights and a nonlinear activation (its own or one that follows it), and comes before the
    output's own layer. Normalisation, dropout, slices and merges may stand anywhere.

    Args:
        model: A Keras model.
        start: An input, by place, shape or name; a list means the first of these that is there.
        end: An output, likewise.
        hidden: How many hidden layers, or (least, most); ``None`` for no limit.
        title: What is checked, as the student reads it.
        hint: How to mend it.
        weight: The check's share of the cell's points.

    Example:
        >>> import keras
        >>> from keras import layers
        >>> from autograder.check.recorder import collecting
        >>> wide, deep = keras.Input((5,)), keras.Input((6,))
        >>> both = layers.concatenate([wide, layers.Dense(30, activation="relu")(deep)])
        >>> model = keras.Model([wide, deep], layers.Dense(1)(both))
        >>> with collecting() as outcomes:
        ...     paths(model, (5,), 0, hidden=0)
        ...     paths(model, (6,), 0, hidden=(2, None))
        >>> [outcome.passed for outcome in outcomes]
        [True, False]
    """

    def body() -> Finding:
        least, most = (hidden, hidden) if isinstance(hidden, int) else hidden
        graph = read_graph(model)
        source, target = find_port(graph.inputs, start), find_port(graph.outputs, end)
        found = graph.hidden(source, target)
        expected = tr(
            "from {start} to {end}: {count} hidden layers", start=source, end=target, count=_range(least, most)
        )
        right = bool(found) and -1 not in found and least <= min(found) and (most is None or max(found) <= most)
        if not right:
            between = tr("{count} hidden layers", count=_range(least, most))
            draw_graph(name, graph, sketch_way([source], between, target), fits=False)
        if not found:
            return Finding(False, expected, tr("no path from {start} to {end}", start=source, end=target))
        if -1 in found:
            return Finding(False, expected, tr("a path without any layer that has weights"))
        return Finding(right, expected, tr("{count} hidden layers", count=_range(min(found), max(found))))

    name = title or tr("Paths through the network")
    conclude(body, title=name, weight=weight, hint=hint)


def reaches(
    model: object,
    end: Which,
    *,
    inputs: Sequence[Which],
    title: str | None = None,
    hint: str | None = None,
    weight: float = 1.0,
) -> None:
    """Check that an output depends on these inputs, and on no other.

    Takes what ``paths`` takes.

    Example:
        >>> import keras
        >>> from autograder.check.recorder import collecting
        >>> one, other = keras.Input((5,)), keras.Input((6,))
        >>> model = keras.Model([one, other], [keras.layers.Dense(1)(one), keras.layers.Dense(2)(other)])
        >>> with collecting() as outcomes:
        ...     reaches(model, (2,), inputs=[(6,)])
        >>> outcomes[0].passed
        True
    """

    def body() -> Finding:
        graph = read_graph(model)
        target = find_port(graph.outputs, end)
        wanted = {graph.inputs.index(find_port(graph.inputs, which)) for which in inputs}
        found = graph.sources()[target.call]
        expected, actual = (
            tr(
                "{end} depends on {inputs}",
                end=target,
                inputs=_listed(str(graph.inputs[n]) for n in sorted(numbers)),
            )
            for numbers in (wanted, found)
        )
        if found != wanted:
            sources = [graph.inputs[number] for number in sorted(wanted)]
            draw_graph(name, graph, sketch_way(sources, "…", target), fits=False)
        return Finding(found == wanted, expected, actual)

    name = title or tr("What an output depends on")
    conclude(body, title=name, weight=weight, hint=hint)


def same_hidden(
    model: object,
    outputs: Sequence[Which],
    *,
    title: str | None = None,
    hint: str | None = None,
    weight: float = 1.0,
) -> None:
    """Check that outputs branch off the same last hidden layer.

    The layers of the first output decide; the others' must be among them.

    Example:
        >>> import keras
        >>> from keras import layers
        >>> from autograder.check.recorder import collecting
        >>> x = keras.Input((6,))
        >>> first = layers.Dense(30, activation="relu")(x)
        >>> second = layers.Dense(30, activation="relu")(first)
        >>> model = keras.Model(x, [layers.Dense(1)(second), layers.Dense(1)(first)])
        >>> with collecting() as outcomes:
        ...     same_hidden(model, [0, 1])
        >>> outcomes[0].passed
        False
    """

    def body() -> Finding:
        graph = read_graph(model)
        layers = [graph.last_hidden(find_port(graph.outputs, which)) for which in outputs]
        right = all(found and found <= layers[0] for found in layers)
        return Finding(
            right,
            tr("outputs that come from the same last hidden layer"),
            None if right else tr("outputs that come from different layers, or from no hidden layer"),
        )

    conclude(body, title=title or tr("Where the outputs branch off"), weight=weight, hint=hint)


def _same_outputs(graph: Graph, outputs: Sequence[Shape] | Mapping[str, Shape]) -> bool:
    if len(graph.outputs) != len(outputs):
        return False
    if isinstance(outputs, Mapping):
        return all(
            [port.shape for port in graph.outputs if name in port.names] == [tuple(shape)]
            for name, shape in outputs.items()
        )
    return sorted(map(str, map(tuple, outputs))) == sorted(str(port.shape) for port in graph.outputs)


def _range(least: int, most: int | None) -> str:
    if most is None:
        return tr("{count} or more", count=least)
    return str(least) if least == most else tr("{least} to {most}", least=least, most=most)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names) or tr("none")
