"""Checks of models and layers whose code is the student's own: what they descend from, and what they compute."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from autograder.check.guard import Finding, StudentFailure, conclude, student_code
from autograder.check.syntax import same
from autograder.messages import tr

__all__ = ["FAMILY", "computes", "contains", "instance", "subclass"]

#: Attribute under which a stand-in has the names of the classes that its object descends from.
FAMILY = "__autograder_family__"
_MAX_ORDERS = 2000
_SPREAD = 0.4
_MAX_LAYERS, _MAX_DEPTH = 200, 5


def subclass(
    value: object,
    base: str = "keras.Model",
    *,
    title: str | None = None,
    hint: str | None = None,
    weight: float = 1.0,
) -> None:
    """Check that a class, or the class of an object, is a subclass of ``base``, and is not ``base`` itself.

    Args:
        value: A class of the student's, or an object.
        base: A class of Keras by its dotted name, ``"keras.Model"`` or ``"keras.layers.Layer"``.
        title: What is checked, as the student reads it.
        hint: How to mend it.
        weight: The check's share of the cell's points.

    Example:
        >>> import keras
        >>> from autograder.check.recorder import collecting
        >>> class Rede(keras.Model): pass
        >>> with collecting() as outcomes:
        ...     subclass(Rede)
        ...     subclass(keras.Sequential())
        >>> [outcome.passed for outcome in outcomes]
        [True, False]
    """

    def body() -> Finding:
        family = family_of(value)
        expected = tr("a subclass of {base} of your own", base=base)
        actual = tr(
            "a class that descends from {names}", names=", ".join(n.rpartition(".")[2] for n in family[1:4])
        )
        own = bool(family) and family[0].partition(".")[0] not in ("keras", "tensorflow", "builtins")
        return Finding(own and any(same(name, base) for name in family[1:]), expected, actual)

    conclude(body, title=title or tr("A subclass of {base}", base=base), weight=weight, hint=hint)


def instance(
    value: object, name: str, *, title: str | None = None, hint: str | None = None, weight: float = 1.0
) -> None:
    """Check that an object is of a class with this name, or of one that descends from it.

    Args:
        value: An object.
        name: The bare name of a class: of the student's, or of Keras (``"Functional"``).
        title: What is checked, as the student reads it.
        hint: How to mend it.
        weight: The check's share of the cell's points.

    Example:
        >>> from autograder.check.recorder import collecting
        >>> class Rede: pass
        >>> with collecting() as outcomes:
        ...     instance(Rede(), "Rede")
        >>> outcomes[0].passed
        True
    """

    def body() -> Finding:
        if isinstance(value, type):
            return Finding(False, name, tr("the class itself, not an object of it"))
        return Finding(_is(value, name), name, _names(value))

    conclude(body, title=title or tr("An object of the class {name}", name=name), weight=weight, hint=hint)


def contains(
    model: Any, name: str, *, title: str | None = None, hint: str | None = None, weight: float = 1.0
) -> None:
    """Check that a model has a layer of a class with this name, or of one that descends from it.

    Args:
        model: A Keras model; layers of models within it count.
        name: The bare name of a class.
        title: What is checked, as the student reads it.
        hint: How to mend it.
        weight: The check's share of the cell's points.

    Example:
        >>> import keras
        >>> from autograder.check.recorder import collecting
        >>> model = keras.Sequential([keras.Input((2,)), keras.Sequential([keras.layers.Dense(1)])])
        >>> with collecting() as outcomes:
        ...     contains(model, "Dense")
        >>> outcomes[0].passed
        True
    """

    def body() -> Finding:
        layers = list(itertools.islice(_layers(model), _MAX_LAYERS))
        listed = ", ".join(_names(layer) for layer in layers[:10]) or tr("no layer")
        return Finding(any(_is(layer, name) for layer in layers), name, listed)

    conclude(body, title=title or tr("The model has a layer {name}", name=name), weight=weight, hint=hint)


def computes(
    make: Callable[[], Any],
    references: Callable[..., Any] | Sequence[Callable[..., Any]],
    inputs: Any,
    *,
    shapes: Sequence[tuple[int, ...]],
    training: bool | None = False,
    as_it_is: bool = False,
    rtol: float = 1e-3,
    title: str | None = None,
    hint: str | None = None,
    weight: float = 1.0,
) -> None:
    """Check that a model computes a given function of its inputs and weights, in whatever order it has these.

    A model or layer is made and called once, so that it is built; then it gets random weights, and must answer
    what a reference does with them.

    Args:
        make: Makes a new model or layer; a function, so that a failure of the student's code is one of this check.
        references: Functions of the weights, in the order of ``shapes``, and then of the inputs, in NumPy. One of
            them must agree, with some assignment of the model's weights that fits the shapes.
        inputs: An array of shape (n, …), or a tuple of such arrays: what the model is called with.
        shapes: The shapes of all weights that it must have, no more and no fewer.
        training: Passed to the call; ``None`` to pass nothing.
        as_it_is: Leave the weights what they are: for a model that the student goes on to use.
        rtol: Tolerated difference, relative to the largest answer.
        title: What is checked, as the student reads it.
        hint: How to mend it.
        weight: The check's share of the cell's points.

    Example:
        >>> import keras
        >>> from autograder.check.recorder import collecting
        >>> def relu_of_line(W, b, X):
        ...     return np.maximum(X @ W + b, 0)
        >>> make = lambda: keras.layers.Dense(3, activation="relu")
        >>> with collecting() as outcomes:
        ...     computes(make, relu_of_line, np.eye(2), shapes=[(2, 3), (3,)], training=None)
        >>> outcomes[0].passed
        True
    """
    wanted = [tuple(shape) for shape in shapes]

    def body() -> Finding:
        candidates = [references] if callable(references) else list(references)
        batch = _batch(inputs)
        options = {} if training is None else {"training": training}
        with student_code():
            made = make()
            made(batch, **options)
            found = [np.shape(array) for array in made.get_weights()]
        if sorted(found) != sorted(wanted):
            raise StudentFailure(
                tr("weights of the shapes {shapes}", shapes=_listed(found)),
                expected=tr("weights of the shapes {shapes}", shapes=_listed(wanted)),
            )
        weights = [np.random.normal(0, _SPREAD, shape).astype("float32") for shape in found]
        with student_code():
            if as_it_is:
                weights = [np.asarray(array, dtype="float32") for array in made.get_weights()]
            else:
                made.set_weights(weights)
            answer = np.asarray(made(batch, **options), dtype=float)
        least = np.inf
        given = batch if isinstance(batch, tuple) else (batch,)
        for order in _orders(found, wanted):
            arrays = [weights[place].astype(float) for place in order]
            for reference in candidates:
                target = np.asarray(reference(*arrays, *(part.astype(float) for part in given)))
                if answer.shape != target.shape:
                    raise StudentFailure(
                        tr("shape {shape}", shape=answer.shape), expected=tr("shape {shape}", shape=target.shape)
                    )
                largest = max(float(np.abs(target).max()), 1e-6)
                least = min(least, float(np.nan_to_num(np.abs(answer - target).max() / largest, nan=np.inf)))
                if least <= rtol:
                    return Finding(True)
        return Finding(
            False,
            tr("the answers that the text describes"),
            tr("other answers: they differ by {part:.0%} or more", part=min(least, 99.0)),
        )

    conclude(body, title=title or tr("The model computes what was asked"), weight=weight, hint=hint)


def family_of(value: object) -> tuple[str, ...]:
    """Dotted names of the class of an object, or of a class, and of all that it descends from."""
    known = getattr(value, FAMILY, None)
    if isinstance(known, list):
        return tuple(str(name).replace(":", ".") for name in known)
    cls = value if isinstance(value, type) else type(value)
    return tuple(f"{c.__module__}.{c.__qualname__}" for c in cls.__mro__)


def _is(value: object, name: str) -> bool:
    return any(known.rpartition(".")[2] == name for known in family_of(value))


def _names(value: object) -> str:
    family = family_of(value)
    return family[0].rpartition(".")[2] if family else "?"


def _layers(model: Any, depth: int = 0) -> Iterator[Any]:
    with student_code():
        layers = list(model.layers)
    for layer in layers[:_MAX_LAYERS]:
        yield layer
        if depth < _MAX_DEPTH and _is(layer, "Model"):
            yield from _layers(layer, depth + 1)


def _batch(inputs: Any) -> Any:
    if isinstance(inputs, tuple | list):
        return tuple(np.asarray(part, dtype="float32") for part in inputs)
    return np.asarray(inputs, dtype="float32")


def _orders(found: Sequence[tuple[int, ...]], wanted: Sequence[tuple[int, ...]]) -> Iterator[list[int]]:
    """The ways to take one weight after the other so that the shapes are as wanted."""
    kinds = sorted(set(wanted))
    places = {kind: [i for i, shape in enumerate(found) if shape == kind] for kind in kinds}
    ways = itertools.product(*(itertools.permutations(places[kind]) for kind in kinds))
    for way in itertools.islice(ways, _MAX_ORDERS):
        taken = {kind: iter(order) for kind, order in zip(kinds, way, strict=True)}
        yield [next(taken[shape]) for shape in wanted]


def _listed(shapes: Sequence[tuple[int, ...]]) -> str:
    return ", ".join(str(shape) for shape in sorted(shapes)[:12]) or tr("none")
