"""The check of how a model was compiled."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

from autograder.check.architecture import judge_output
from autograder.check.chain import read_chain, simplify
from autograder.check.graph_reader import read_graph
from autograder.check.guard import Finding, StudentFailure, conclude, student_code
from autograder.check.losses import (
    CROSSENTROPIES,
    canonical,
    read_loss,
    read_loss_weights,
    read_losses,
    read_metrics,
    read_optimizer,
)
from autograder.messages import tr

__all__ = ["compiled"]


def compiled(
    model: Any,
    *,
    loss: str | Iterable[str],
    optimizer: str | Iterable[str] | None = None,
    metrics: str | Iterable[str] = (),
    loss_weights: Mapping[str, float] | None = None,
    check_logits: bool = True,
    title: str | None = None,
    hint: str | None = None,
    weight: float = 1.0,
) -> None:
    """Check that a model is compiled with this loss, and with at least these metrics.

    Names, short names, functions and objects are the same thing: ``"mse"``, ``"mean_squared_error"``,
    ``keras.losses.MeanSquaredError()``.

    Args:
        model: A Keras model.
        loss: Name of the loss; several names mean any of them.
        optimizer: Name of the optimizer's class; several names mean any of them; not checked when ``None``.
        metrics: Metrics that must be among the model's. Every kind of accuracy counts as ``"accuracy"``.
        loss_weights: Of a model with several outputs: the weight of each output's loss, by the output's name. An
            output that has none of these names is known by its place. Every output must then have its loss.
        check_logits: Whether a cross-entropy must also fit the last activation, as ``classifier_output`` says.
        title: What is checked, as the student reads it.
        hint: How to mend it.
        weight: The check's share of the cell's points.

    Example:
        >>> import keras
        >>> from autograder.check.recorder import collecting
        >>> model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1)])
        >>> model.compile(optimizer="adam", loss="mse")
        >>> with collecting() as outcomes:
        ...     compiled(model, loss="mean_squared_error", optimizer=("sgd", "adam"))
        >>> outcomes[0].passed
        True
    """

    def body() -> Finding:
        losses = _names(loss)
        with student_code():
            ready = bool(model.compiled)
        found = read_loss(model) if ready else None
        if found is None:
            raise StudentFailure(
                tr("a model that is not compiled, or has no loss"),
                expected=_either(losses),
                hint=tr("Call model.compile(loss=…, optimizer=…)."),
            )
        given = read_losses(model)
        if not set(given) <= set(losses):
            return Finding(False, tr("the loss {loss}", loss=_either(losses)), ", ".join(given))
        optimizers = _names(optimizer) if optimizer is not None else ()
        used = read_optimizer(model)
        if optimizers and used not in {name.replace("_", "") for name in optimizers}:
            return Finding(False, tr("the optimizer {name}", name=_either(optimizers)), str(used))
        missing = [name for name in _names(metrics) if name not in read_metrics(model)]
        if missing:
            return Finding(
                False,
                tr("the metrics {names}", names=", ".join(_names(metrics))),
                ", ".join(read_metrics(model)) or tr("no metric"),
            )
        if loss_weights is not None:
            weighed = _judge_weights(model, loss_weights, given)
            if not weighed.passed:
                return weighed
        if check_logits and found.name in CROSSENTROPIES - {"binary_crossentropy"}:
            fits = judge_output(simplify(read_chain(model)).output_activation or "linear", found)
            if not fits.passed:
                return fits
        return Finding(True, _either(losses), ", ".join(given))

    conclude(body, title=title or tr("Compilation of the model"), weight=weight, hint=hint)


def _judge_weights(model: Any, wanted: Mapping[str, float], losses: tuple[str, ...]) -> Finding:
    """Whether every output has its loss, and its weight."""
    ports = read_graph(model).outputs
    if len(ports) != len(wanted):
        return Finding(False, tr("{count} outputs", count=len(wanted)), tr("{count} outputs", count=len(ports)))
    if isinstance(model.loss, list | tuple | Mapping) and len(losses) != len(ports):
        return Finding(False, tr("a loss for each of {count} outputs", count=len(ports)), ", ".join(losses))
    found = read_loss_weights(model, [port.names for port in ports])
    places = {name: place for place, port in enumerate(ports) for name in port.names}
    by_name = all(name in places for name in wanted)
    weights = {name: found[places[name] if by_name else place] for place, name in enumerate(wanted)}
    right = all(math.isclose(weights[name], wanted[name], rel_tol=1e-6) for name in wanted)
    expected, actual = (
        ", ".join(tr("{weight:g} for {name}", weight=weight, name=name) for name, weight in each.items())
        for each in (wanted, weights)
    )
    return Finding(right, tr("the loss weights {weights}", weights=expected), actual)


def _names(given: str | Iterable[str]) -> tuple[str, ...]:
    return tuple(canonical(name) for name in ((given,) if isinstance(given, str) else given))


def _either(names: Iterable[str]) -> str:
    return tr(" or ").join(names)
