"""The check of transfer learning: layers that a new model has from another one."""

from itertools import takewhile
from typing import Any

import numpy as np

from autograder.check.chain import DESCRIPTION, read_chain
from autograder.check.guard import Finding, StudentFailure, conclude, student_code
from autograder.messages import tr

__all__ = ["reused_layers"]


def reused_layers(
    model: Any,
    source: Any,
    *,
    at_least: int = 1,
    frozen: bool | None = None,
    title: str | None = None,
    hint: str | None = None,
    weight: float = 1.0,
) -> None:
    """Check that a model starts with the lower layers of another one: with their weights, number for number.

    The same layer objects in both, copies of them and a model within the model are all the same. Only layers
    with weights of two or more dimensions count (dense, convolution, …); scaling and dropout are passed over.
    The new model must be a plain chain of layers of Keras' own.

    Args:
        model: The new Keras model.
        source: The Keras model whose lower layers it reuses, as it is now.
        at_least: How many layers, from the input on, must be reused.
        frozen: Whether the reused layers must be frozen (``trainable = False``), or must not be; ``None`` to
            ask nothing.
        title: What is checked, as the student reads it.
        hint: How to mend it.
        weight: The check's share of the cell's points.

    Example:
        >>> import keras
        >>> from autograder.check.recorder import collecting
        >>> old = keras.Sequential([keras.Input((8,)), keras.layers.Dense(6), keras.layers.Dense(3)])
        >>> new = keras.Sequential([*old.layers[:-1], keras.layers.Dense(1)])
        >>> new.build((None, 8))
        >>> with collecting() as outcomes:
        ...     reused_layers(new, old, at_least=1)
        ...     reused_layers(new, old, at_least=1, frozen=True)
        >>> [outcome.passed for outcome in outcomes]
        [True, False]
    """

    def body() -> Finding:
        _refuse_own_layers(model)
        pairs = zip(_layers(model), _layers(source), strict=False)
        reused = [mine for mine, _ in takewhile(lambda pair: _equal(*pair), pairs)]
        expected = tr("{count} or more layers with the weights of the other model's lower layers", count=at_least)
        if len(reused) < at_least:
            return Finding(False, expected, tr("{count} such layers", count=len(reused)))
        if frozen is None:
            return Finding(True, expected)
        learning = _kernels(model)
        loose = sum(any(np.array_equal(layer[0], kernel) for kernel in learning) for layer in reused)
        wrong = loose if frozen else len(reused) - loose
        expected = tr("reused layers that are frozen") if frozen else tr("reused layers that are trainable")
        actual = tr("{loose} trainable of {count} reused", loose=loose, count=len(reused))
        return Finding(wrong == 0, expected, actual)

    conclude(body, title=title or tr("Layers of another model are reused"), weight=weight, hint=hint)


def _refuse_own_layers(model: Any) -> None:
    """Raise for a model whose weights are what its own code tells of them."""
    read_chain(model)  # raises for what is no chain
    if hasattr(model, DESCRIPTION):
        raise StudentFailure(tr("a model with layers or methods of its own"), expected=tr("layers of Keras' own"))


def _layers(model: Any) -> list[list[np.ndarray]]:
    """The arrays of each layer that has a kernel, from the input on, the kernel first.

    By the order of ``get_weights``: so layers and operations need not be told apart.

    Raises:
        StudentFailure: It has none to give.
    """
    found: list[list[np.ndarray]] = []
    with student_code():
        for array in map(np.asarray, model.get_weights()):
            if array.ndim > 1:
                found.append([array])
            elif found:
                found[-1].append(array)
    return found


def _kernels(model: Any) -> list[np.ndarray]:
    """The kernels that training would change."""
    with student_code():
        return [array for array in map(np.asarray, model.trainable_weights) if array.ndim > 1]


def _equal(mine: list[np.ndarray], theirs: list[np.ndarray]) -> bool:
    # One of them may have a batch normalisation more behind the kernel and the bias.
    return all(np.array_equal(one, other) for one, other in zip(mine, theirs, strict=False))
