"""Checks of a model's architecture."""

from collections.abc import Iterable, Sequence

from autograder.check.chain import TRANSPARENT, Chain, read_chain, simplify
from autograder.check.drawn import draw_chain
from autograder.check.guard import Finding, conclude
from autograder.check.layerspec import matches, parse
from autograder.check.losses import CROSSENTROPIES, Loss, read_loss
from autograder.messages import tr

__all__ = ["classifier_output", "sequential"]


def sequential(
    model: object,
    *,
    layers: Sequence[str],
    input_shape: tuple[int | None, ...] | None = None,
    allow: Iterable[str] = TRANSPARENT,
    title: str | None = None,
    hint: str | None = None,
    weight: float = 1.0,
) -> None:
    """Check that a model is a plain chain of these layers, however it was written.

    A list or ``add()``, ``input_shape=`` or ``Input``, an activation as argument or as a layer of its own, a
    functional model without a branch: all the same. A trailing dimension of 1 in the input shape, and
    ``Reshape`` to one dimension instead of ``Flatten``, are accepted.

    Args:
        model: A Keras model.
        layers: What is asked, in the words of ``autograder.check.layerspec``.
        input_shape: Shape of one input; not checked when ``None``.
        allow: Layers that may stand anywhere; the default holds scaling, dropout and batch normalisation.
        title: What is checked, as the student reads it.
        hint: How to mend it.
        weight: The check's share of the cell's points.

    Example:
        >>> import keras
        >>> from keras import layers
        >>> from autograder.check.recorder import collecting
        >>> model = keras.Sequential([keras.Input((28, 28)), layers.Rescaling(1 / 255), layers.Flatten()])
        >>> for layer in (layers.Dense(100), layers.ReLU(), layers.Dense(10), layers.Softmax()):
        ...     model.add(layer)
        >>> with collecting() as outcomes:
        ...     sequential(model, input_shape=(28, 28), layers=["Flatten", "Dense(relu)+", "Dense(10, softmax)"])
        >>> outcomes[0].passed
        True
    """

    def body() -> Finding:
        specs = [parse(text) for text in layers]
        chain = read_chain(model)
        simple = simplify(chain, allow=allow)
        expected, actual = " → ".join(layers), str(simple)
        if input_shape is not None:
            expected = tr("{layers}, inputs of shape {shape}", layers=expected, shape=tuple(input_shape))
            actual = tr(
                "{layers}, inputs of shape {shape}",
                layers=actual,
                shape=chain.input_shape if chain.input_shape is not None else tr("unknown"),
            )
        fits = matches(specs, simple.steps) and _same_shape(chain, input_shape)
        draw_chain(name, simple, layers, input_shape, fits=fits)
        return Finding(fits, expected, actual)

    name = title or tr("Architecture of the network")
    conclude(body, title=name, weight=weight, hint=hint)


def classifier_output(
    model: object, *, title: str | None = None, hint: str | None = None, weight: float = 1.0
) -> None:
    """Check that a classifier ends in class probabilities, and that its loss takes them as such.

    Right are a softmax, as argument or as a layer; and no activation at all if the loss was told so by
    ``from_logits=True``. Wrong are a softmax *and* ``from_logits=True``, and neither of them.

    Example:
        >>> import keras
        >>> from autograder.check.recorder import collecting
        >>> model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(10)])
        >>> model.compile(loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
        >>> with collecting() as outcomes:
        ...     classifier_output(model)
        >>> outcomes[0].passed
        True
    """

    def body() -> Finding:
        activation = simplify(read_chain(model)).output_activation or "linear"
        return judge_output(activation, read_loss(model))

    conclude(body, title=title or tr("Output of the classifier"), weight=weight, hint=hint)


def judge_output(activation: str, loss: Loss | None) -> Finding:
    """Whether an output activation and a loss belong together in a classifier of exclusive classes."""
    expected = tr("softmax (or no activation, with from_logits=True in the loss)")
    logits = loss is not None and loss.name in CROSSENTROPIES and loss.from_logits
    actual = tr("{activation}, with from_logits={logits}", activation=activation, logits=logits)
    if activation == "softmax" and logits:
        return Finding(
            False, expected, actual, tr("The loss would apply the softmax a second time: take from_logits out.")
        )
    if activation == "linear" and not logits:
        return Finding(
            False,
            expected,
            actual,
            tr("Without softmax the outputs are no probabilities, and the loss expects them."),
        )
    return Finding(activation in ("softmax", "linear"), expected, actual)


def _same_shape(chain: Chain, wanted: tuple[int | None, ...] | None) -> bool:
    if wanted is None:
        return True
    shape = chain.input_shape
    return shape is not None and (shape == tuple(wanted) or shape == (*wanted, 1))
