"""Models as drawings for the feedback page: what a student built, and what was asked for."""

from collections.abc import Mapping, Sequence

from autograder.check.chain import Chain
from autograder.check.graph import Graph, Port, Shape
from autograder.check.recorder import show
from autograder.exhibit import Diagram, Sketch
from autograder.messages import tr

__all__ = ["draw_chain", "draw_graph", "sketch_chain", "sketch_graph", "sketch_paths", "sketch_way"]

_MOST = 40


def draw_chain(title: str, chain: Chain, asked: Sequence[str], shape: Shape | None, *, fits: bool) -> None:
    """Show a chain of layers beside the one that was asked for.

    Args:
        title: The check.
        chain: The student's.
        asked: Layers, in the words of ``layerspec``.
        shape: Of one input, as asked; ``None`` where none was.
        fits: Whether they agree.
    """
    inputs = [] if shape is None else [_inputs(shape)]
    own = [] if shape is None else [_inputs(chain.input_shape or "?")]
    actual, expected = sketch_chain(chain, own), _column((*inputs, *asked))
    if actual is not None and expected is not None:
        show(Diagram(title, actual, expected, fits))


def sketch_chain(chain: Chain, before: Sequence[str] = ()) -> Sketch | None:
    """A chain as a column of boxes; ``None`` where there are too many."""
    return _column((*before, *map(str, chain.steps)))


def _column(nodes: tuple[str, ...]) -> Sketch | None:
    """Boxes below one another; ``None`` where there are too many."""
    edges = tuple((number, number + 1) for number in range(len(nodes) - 1))
    return Sketch(nodes, edges) if len(nodes) <= _MOST else None


def draw_graph(title: str, graph: Graph, expected: Sketch | None, *, fits: bool) -> None:
    """Show a model with branches, beside what was asked for where that can be drawn."""
    if (actual := sketch_graph(graph)) is not None:
        show(Diagram(title, actual, expected, fits))


def sketch_graph(graph: Graph) -> Sketch | None:
    """The calls of a model as boxes; ``None`` where there are too many."""
    if len(graph.calls) > _MOST:
        return None
    inputs = {port.call: port for port in graph.inputs}
    outputs = {port.call: port for port in graph.outputs}
    nodes = []
    for number, call in enumerate(graph.calls):
        port = inputs.get(number)
        text = _inputs(port.shape) if port is not None else str(call.step)
        if number in outputs and outputs[number].names:
            text += f" → {outputs[number].names[0]}"
        nodes.append(text)
    edges = sorted({(parent, number) for number, call in enumerate(graph.calls) for parent in call.parents})
    return Sketch(tuple(nodes), tuple(edges)) if len(edges) <= 200 else None


def sketch_paths(inputs: Sequence[Shape], outputs: Sequence[Shape] | Mapping[str, Shape]) -> Sketch:
    """What is asked of inputs and outputs, with whatever lies between."""
    named = outputs.items() if isinstance(outputs, Mapping) else (("", shape) for shape in outputs)
    ends = [tr("output {name}", name=f"{name} {tuple(shape)}".strip()) for name, shape in named]
    return _hourglass([_inputs(shape) for shape in inputs], "…", ends)


def sketch_way(sources: Sequence[Port], between: str, target: Port) -> Sketch:
    """What is asked of the way from some inputs to an output."""
    return _hourglass([_inputs(port.shape) for port in sources], between, [tr("output {name}", name=target)])


def _hourglass(starts: Sequence[str], middle: str, ends: Sequence[str]) -> Sketch:
    nodes, place = (*starts, middle, *ends), len(starts)
    return Sketch(
        nodes, (*((n, place) for n in range(place)), *((place, n) for n in range(place + 1, len(nodes))))
    )


def _inputs(shape: Shape | str) -> str:
    return tr("input {shape}", shape=shape if isinstance(shape, str) else tuple(shape))
