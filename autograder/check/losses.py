"""Names of losses, metrics and optimizers: one for all the ways Keras lets them be given."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from autograder.check.chain import snake
from autograder.check.guard import StudentFailure, student_code
from autograder.messages import tr

__all__ = [
    "CROSSENTROPIES",
    "Loss",
    "canonical",
    "read_loss",
    "read_loss_weights",
    "read_losses",
    "read_metrics",
    "read_optimizer",
]

#: Losses that compare class probabilities.
CROSSENTROPIES = frozenset({"sparse_categorical_crossentropy", "categorical_crossentropy", "binary_crossentropy"})
_ALIASES = {
    "mse": "mean_squared_error",
    "mae": "mean_absolute_error",
    "mape": "mean_absolute_percentage_error",
    "msle": "mean_squared_logarithmic_error",
    "rmse": "root_mean_squared_error",
    "bce": "binary_crossentropy",
    "kld": "kl_divergence",
    "cosine": "cosine_similarity",
    "huber_loss": "huber",
    "acc": "accuracy",
    "sparse_categorical_accuracy": "accuracy",
    "categorical_accuracy": "accuracy",
    "binary_accuracy": "accuracy",
}


@dataclass(frozen=True)
class Loss:
    """A loss by its full name, and whether it applies the softmax itself."""

    name: str
    from_logits: bool = False


def canonical(thing: object) -> str:
    """The full name of a loss, metric or optimizer given as a name, function, object, class or config.

    The kinds of accuracy are all called ``accuracy``: Keras chooses among them itself when told so.

    Example:
        >>> canonical("mse"), canonical("MeanSquaredError")
        ('mean_squared_error', 'mean_squared_error')
    """
    if isinstance(thing, str):
        name = thing
    elif isinstance(thing, Mapping):
        config = thing.get("config")
        inner = config if isinstance(config, str) else None
        name = inner if thing.get("class_name") == "function" and inner else str(thing.get("class_name"))
    elif isinstance(thing, type):
        name = thing.__name__
    else:
        kind = type(thing).__name__
        wrapped = getattr(thing, "fn", getattr(thing, "_fn", None))
        if kind in ("LossFunctionWrapper", "MeanMetricWrapper") and wrapped is not None:
            return canonical(wrapped)
        own = getattr(thing, "__name__", None)
        name = own if isinstance(own, str) else kind
    name = snake(name.split(">")[-1])
    return _ALIASES.get(name, name)


def read_loss(model: Any) -> Loss | None:
    """The loss a model was compiled with; ``None`` if it was not compiled."""
    with student_code():
        loss = getattr(model, "loss", None) if getattr(model, "compiled", False) else None
        while isinstance(loss, list | tuple) and len(loss) == 1:
            loss = loss[0]
        if isinstance(loss, Mapping) and len(loss) == 1:
            loss = next(iter(loss.values()))
        if loss is None:
            return None
        settings = loss.get_config() if hasattr(loss, "get_config") else loss
        settings = settings.get("config", settings) if isinstance(settings, Mapping) else {}
        logits = settings.get("from_logits", False) if isinstance(settings, Mapping) else False
        return Loss(canonical(loss), bool(logits))


def read_losses(model: Any) -> tuple[str, ...]:
    """The full names of the losses of a model with several outputs, as they were given; ``"none"`` for ``None``.

    One loss for all outputs is one name.
    """
    with student_code():
        loss = getattr(model, "loss", None) if getattr(model, "compiled", False) else None
        if loss is None:
            return ()
        if isinstance(loss, Mapping) and "class_name" not in loss:
            loss = list(loss.values())
        each = loss if isinstance(loss, list | tuple) else [loss]
        return tuple("none" if one is None else canonical(one) for one in each)


def read_loss_weights(model: Any, outputs: Sequence[Sequence[str]]) -> tuple[float, ...]:
    """The weight of each output's loss, as it was given to ``compile``; 1 where none was.

    Args:
        model: A compiled model.
        outputs: The names that each output goes by, in the model's order.

    Raises:
        StudentFailure: They are no weights, or not as many as outputs.
    """
    with student_code():
        config = model.get_compile_config() or {}
        given = config.get("loss_weights")
        if given is None:
            return (1.0,) * len(outputs)
        if isinstance(given, Mapping):
            if isinstance(model.loss, list | tuple) and len(given) == len(outputs):
                # To losses in a list Keras gives the weights of a dict in the order of their sorted names.
                return tuple(float(given[name]) for name in sorted(given))
            return tuple(next((float(given[n]) for n in names if n in given), 1.0) for names in outputs)
        weights = tuple(float(one) for one in (given if isinstance(given, list | tuple) else [given]))
    if len(weights) != len(outputs):
        raise StudentFailure(tr("{count} weights", count=len(weights)), expected=tr("one weight an output"))
    return weights


def read_metrics(model: Any) -> tuple[str, ...]:
    """The metrics a model was compiled with, by their full names."""
    with student_code():
        config = model.get_compile_config() or {}
    found: list[str] = []
    for part in ("metrics", "weighted_metrics"):
        found.extend(canonical(metric) for metric in _flat(config.get(part)))
    return tuple(found)


def read_optimizer(model: Any) -> str | None:
    """The class of a model's optimizer, in small letters; ``None`` if it has none."""
    with student_code():
        optimizer = getattr(model, "optimizer", None)
    return None if optimizer is None else type(optimizer).__name__.lower()


def _flat(metrics: Any) -> Iterable[Any]:
    """One list of metrics from the lists and dicts of lists in which Keras takes them."""
    if metrics is None:
        return
    if isinstance(metrics, Mapping) and "class_name" not in metrics:
        metrics = list(metrics.values())
    if isinstance(metrics, list | tuple):
        for metric in metrics:
            yield from _flat(metric)
    else:
        yield metrics
