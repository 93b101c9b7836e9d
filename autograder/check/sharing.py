"""Checks of weights that are used twice, and of how many weights there are."""

from autograder.check.graph_reader import read_graph
from autograder.check.guard import Finding, conclude
from autograder.check.layerspec import parse
from autograder.messages import tr

__all__ = ["parameters", "shared_layer"]


def shared_layer(
    model: object,
    layer: str,
    *,
    calls: int = 2,
    each_input: bool = True,
    title: str | None = None,
    hint: str | None = None,
    weight: float = 1.0,
) -> None:
    """Check that one layer is called at several places: one set of weights for all.

    Args:
        model: A Keras model.
        layer: The layer, in the words of ``autograder.check.layerspec``; in a model of its own or not.
        calls: At how many places, at least.
        each_input: Whether each input of the model must have a call of its own.
        title: What is checked, as the student reads it.
        hint: How to mend it.
        weight: The check's share of the cell's points.

    Example:
        >>> import keras
        >>> from keras import layers
        >>> from autograder.check.recorder import collecting
        >>> one, other = keras.Input((8,)), keras.Input((8,))
        >>> encoder = layers.Dense(30, activation="relu")
        >>> model = keras.Model([one, other], layers.Dense(1)(layers.concatenate([encoder(one), encoder(other)])))
        >>> with collecting() as outcomes:
        ...     shared_layer(model, "Dense(30, nonlinear)")
        >>> outcomes[0].passed
        True
    """

    def body() -> Finding:
        spec = parse(layer)
        graph = read_graph(model)
        sources = graph.sources()
        places: dict[int, dict[tuple[int, ...], frozenset[int]]] = {}
        for number, call in graph.folded():
            if spec.accepts(call.step):
                places.setdefault(call.layer, {})[call.parents] = sources[number]
        expected = tr("one layer {layer} called at {count} places", layer=layer, count=calls)
        if not places:
            return Finding(False, expected, tr("no layer {layer}", layer=layer))
        most = max(len(found) for found in places.values())
        fitting = [found for found in places.values() if len(found) >= calls]
        if not fitting:
            actual = tr(
                "{layers} layers {layer}, each called at {count} at most",
                layers=len(places),
                layer=layer,
                count=most,
            )
            return Finding(False, expected, actual)
        alone = [{n for reached in found.values() if len(reached) == 1 for n in reached} for found in fitting]
        if each_input and not any(len(found) == len(graph.inputs) for found in alone):
            return Finding(False, expected, tr("not every input is given to the shared layer by itself"))
        return Finding(True, expected, expected)

    conclude(body, title=title or tr("Shared layer"), weight=weight, hint=hint)


def parameters(
    model: object, count: int, *, title: str | None = None, hint: str | None = None, weight: float = 1.0
) -> None:
    """Check how many parameters a model has; layers of normalisation are not counted.

    Args:
        model: A Keras model.
        count: The numbers in all its weights, those of a shared layer counted once.
        title: What is checked, as the student reads it.
        hint: How to mend it.
        weight: The check's share of the cell's points.

    Example:
        >>> import keras
        >>> from autograder.check.recorder import collecting
        >>> model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(30), keras.layers.Dense(1)])
        >>> with collecting() as outcomes:
        ...     parameters(model, 8 * 30 + 30 + 30 + 1)
        >>> outcomes[0].passed
        True
    """

    def body() -> Finding:
        graph = read_graph(model)
        found = sum({call.layer: call.parameters for call in graph.calls if not call.passes}.values())
        return Finding(
            found == count, tr("{count} parameters", count=count), tr("{count} parameters", count=found)
        )

    conclude(body, title=title or tr("Number of parameters"), weight=weight, hint=hint)
