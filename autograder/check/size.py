"""Checks of how large models are: funnels, and two models of the same number of parameters."""

from itertools import pairwise
from typing import Any

from autograder.check.chain import read_chain, simplify
from autograder.check.guard import Finding, StudentFailure, conclude, student_code
from autograder.messages import tr

__all__ = ["funnel", "same_size"]


def funnel(model: object, *, title: str | None = None, hint: str | None = None, weight: float = 1.0) -> None:
    """Check that each layer of a plain chain has fewer units than the one before it, the output included.

    Layers without units (``Flatten``, scaling, dropout, activations) are passed over.

    Args:
        model: A Keras model with two or more layers that have units or filters.
        title: What is checked, as the student reads it.
        hint: How to mend it.
        weight: The check's share of the cell's points.

    Example:
        >>> import keras
        >>> from autograder.check.recorder import collecting
        >>> model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(30), keras.layers.Dense(30)])
        >>> with collecting() as outcomes:
        ...     funnel(model)
        >>> outcomes[0].passed, outcomes[0].actual
        (False, '30 → 30')
    """

    def body() -> Finding:
        sizes = [step.units for step in simplify(read_chain(model)).steps if step.units is not None]
        passed = len(sizes) > 1 and all(more > fewer for more, fewer in pairwise(sizes))
        actual = " → ".join(map(str, sizes)) or tr("no layer")
        return Finding(passed, tr("fewer units in each layer than in the one before"), actual)

    conclude(body, title=title or tr("Layers in the form of a funnel"), weight=weight, hint=hint)


def same_size(
    model: Any,
    other: Any,
    *,
    tolerance: float = 0.05,
    title: str | None = None,
    hint: str | None = None,
    weight: float = 1.0,
) -> None:
    """Check that two models have about the same number of parameters, trainable or not.

    Args:
        model: A built Keras model.
        other: Another one.
        tolerance: By which part of the smaller number the larger one may exceed it: 0.05 is 5 %.
        title: What is checked, as the student reads it.
        hint: How to mend it.
        weight: The check's share of the cell's points.

    Example:
        >>> import keras
        >>> from autograder.check.recorder import collecting
        >>> shallow = keras.Sequential([keras.Input((8,)), keras.layers.Dense(11)])
        >>> deep = keras.Sequential([keras.Input((8,)), keras.layers.Dense(7), keras.layers.Dense(5)])
        >>> with collecting() as outcomes:
        ...     same_size(shallow, deep)
        >>> outcomes[0].passed
        True
    """

    def body() -> Finding:
        counts = _parameters(model), _parameters(other)
        fewer, more = min(counts), max(counts)
        difference = (more - fewer) / fewer if fewer > 0 else float("inf")
        return Finding(
            fewer > 0 and difference <= tolerance,
            tr("numbers of parameters that differ by {percent:g}% or less", percent=100 * tolerance),
            tr("{one} and {other} parameters", one=counts[0], other=counts[1]),
        )

    conclude(body, title=title or tr("The same number of parameters"), weight=weight, hint=hint)


def _parameters(model: Any) -> int:
    import keras

    if not isinstance(model, keras.Model):
        raise StudentFailure(
            tr("an object of type {type}", type=type(model).__name__), expected=tr("a Keras model")
        )
    with student_code():
        return int(model.count_params())
