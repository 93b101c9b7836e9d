"""The check of how a model was compiled."""

from collections.abc import Iterable
from typing import Any

from autograder.check.architecture import judge_output
from autograder.check.chain import read_chain, simplify
from autograder.check.guard import Finding, StudentFailure, conclude, student_code
from autograder.check.losses import CROSSENTROPIES, canonical, read_loss, read_metrics, read_optimizer
from autograder.messages import tr

__all__ = ["compiled"]


def compiled(
    model: Any,
    *,
    loss: str | Iterable[str],
    optimizer: str | Iterable[str] | None = None,
    metrics: str | Iterable[str] = (),
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
        if found.name not in losses:
            return Finding(False, tr("the loss {loss}", loss=_either(losses)), found.name)
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
        if check_logits and found.name in CROSSENTROPIES - {"binary_crossentropy"}:
            fits = judge_output(simplify(read_chain(model)).output_activation or "linear", found)
            if not fits.passed:
                return fits
        return Finding(True, _either(losses), found.name)

    conclude(body, title=title or tr("Compilation of the model"), weight=weight, hint=hint)


def _names(given: str | Iterable[str]) -> tuple[str, ...]:
    return tuple(canonical(name) for name in ((given,) if isinstance(given, str) else given))


def _either(names: Iterable[str]) -> str:
    return tr(" or ").join(names)
