"""The check of a training history."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from autograder.check.fed import Data, refuse_other_data
from autograder.check.guard import Finding, StudentFailure, conclude, student_code
from autograder.check.learning import refuse_unlearned
from autograder.check.losses import canonical
from autograder.check.recorder import CURVES_MIME, publish
from autograder.messages import tr

__all__ = ["trained"]

#: A picture needs no more; an invented history may have any size.
_MAX_POINTS, _MAX_CURVES = 5000, 40


def trained(
    history: object,
    *,
    epochs_at_least: int = 1,
    metrics: str | Iterable[str] = ("loss",),
    improved: str | None = "loss",
    model: Any = None,
    since: Sequence[Any] | None = None,
    validation: tuple[Any, Any] | None = None,
    outputs: int = 1,
    data: Data | None = None,
    title: str | None = None,
    hint: str | None = None,
    weight: float = 1.0,
) -> None:
    """Check that a history is that of a training which got somewhere; also publishes its learning curves.

    Args:
        history: What ``model.fit`` returned, its ``.history``, or a DataFrame made of that.
        epochs_at_least: The least number of epochs.
        metrics: Series that must be in it. ``"val_accuracy"`` stands for every kind of validation accuracy.
        improved: The series that must be better at some epoch than at the first; ``None`` to ask nothing. Asked
            only if there are two epochs or more.
        model: The model that was trained. A dict that its own record of the last training contradicts, or a
            model that never made a training step, is refused. A model that was since loaded from a file has
            no such record, and nothing is held against it.
        since: The model's weights before it was trained. With ``validation``, what the history claims is
            measured: the model must be better there than with these weights, or clearly better than the same
            network untrained (see ``check.learning``).
        validation: Inputs and targets to measure with, some hundred of the student's validation data; a list of
            arrays of a model with several inputs. Targets that are one array are those of every output.
        outputs: How many outputs' losses, each in a series of its own, must be in it; with those of validation.
        data: Which variables calls must be given, where the student's text tells, as
            ``{"model.fit": {"x": "X_train", "y": "y_train", "validation_data": ("X_valid", "y_valid")}}``,
            positional arguments first, in order. Only these variables are told apart; a text that gives
            something else, or that has no such call, passes; ``validation_split`` is not ``validation_data``.
        title: What is checked, as the student reads it.
        hint: How to mend it.
        weight: The check's share of the cell's points.

    Example:
        >>> from autograder.check.recorder import collecting
        >>> with collecting() as outcomes:
        ...     trained({"loss": [0.9, 0.5, 0.4]}, epochs_at_least=2)
        >>> outcomes[0].passed
        True
    """

    def body() -> Finding:
        series = read_history(history)
        _publish_curves(series)
        wanted = (metrics,) if isinstance(metrics, str) else tuple(metrics)
        missing = [name for name in wanted if _find(series, name) is None]
        if missing:
            return Finding(
                False,
                tr("the series {names}", names=", ".join(wanted)),
                ", ".join(series) or tr("an empty history"),
                tr("Validation series need validation_data in fit; others need metrics in compile."),
            )
        if outputs > 1 and (few := _too_few_losses(series, outputs)):
            return few
        epochs = max((len(values) for values in series.values()), default=0)
        expected = tr("{count} epochs or more", count=epochs_at_least)
        if epochs < epochs_at_least:
            return Finding(False, expected, tr("{count} epochs", count=epochs))
        if improved is not None:
            _refuse_standstill(series, improved)
        if model is not None:
            _refuse_invention(history, series, model)
            if validation is not None:
                refuse_unlearned(model, since or (), *validation)
        if data is not None:
            refuse_other_data(data)
        return Finding(True, expected, tr("{count} epochs", count=epochs))

    conclude(body, title=title or tr("Training history"), weight=weight, hint=hint)


def read_history(history: object) -> dict[str, list[float]]:
    """The series of a history, by name.

    Raises:
        StudentFailure: It is no history.
    """
    wrong = StudentFailure(
        tr("an object of type {type}", type=type(history).__name__),
        expected=tr("what model.fit returned"),
        hint=tr("Keep it: history = model.fit(…)."),
    )
    with student_code():
        inner = getattr(history, "history", history)
        if not isinstance(inner, Mapping) and hasattr(inner, "to_dict"):
            inner = inner.to_dict(orient="list")
        if not isinstance(inner, Mapping):
            raise wrong
        series = {}
        for name, values in inner.items():
            if isinstance(values, str) or not hasattr(values, "__len__"):
                raise wrong
            series[str(name)] = [float(value) for value in values]
        return series


def _too_few_losses(series: Mapping[str, Sequence[float]], outputs: int) -> Finding | None:
    """Each output's loss is called after the output, whatever that is called."""
    single = [name for name in series if name.endswith("_loss") and name != "val_loss"]
    valid = [name for name in single if name.startswith("val_")]
    if len(valid) == outputs and len(single) == 2 * outputs:
        return None
    return Finding(
        False,
        tr("the losses of {count} outputs, in training and validation", count=outputs),
        ", ".join(series) or tr("an empty history"),
        tr("Each output needs a loss in compile, and targets in fit and in validation_data."),
    )


def _find(series: Mapping[str, Sequence[float]], name: str) -> str | None:
    """The key under which a series stands: ``val_sparse_categorical_accuracy`` for ``val_accuracy``, say."""

    def plain(key: str) -> tuple[bool, str]:
        validation, rest = key.startswith("val_"), key.removeprefix("val_")
        return validation, "accuracy" if "acc" in rest else canonical(rest)

    if name in series:
        return name
    return next((key for key in series if plain(key) == plain(name)), None)


def _refuse_standstill(series: Mapping[str, Sequence[float]], name: str) -> None:
    key = _find(series, name)
    values = series[key] if key is not None else ()
    if len(values) < 2:
        return
    if not all(math.isfinite(value) for value in values):
        raise StudentFailure(
            tr("{name} became NaN or infinite", name=name),
            expected=tr("{name} getting better", name=name),
            hint=tr("The training diverged: scale the inputs, or lower the learning rate."),
        )
    grows = any(word in name for word in ("acc", "auc", "precision", "recall"))
    better = max(values[1:]) > values[0] if grows else min(values[1:]) < values[0]
    if not better:
        raise StudentFailure(
            tr("{name} from {first:.4g} to {last:.4g}", name=name, first=values[0], last=values[-1]),
            expected=tr("{name} getting better", name=name),
        )


def _refuse_invention(history: object, series: Mapping[str, Sequence[float]], model: Any) -> None:
    """Raise if the model itself tells of another training, or of none."""
    with student_code():
        own = getattr(getattr(model, "history", None), "history", None)
        iterations = getattr(getattr(model, "optimizer", None), "iterations", None)
        steps = None if iterations is None else int(iterations)
    is_record = hasattr(history, "history") and hasattr(history, "epoch")
    if own and not is_record:
        with student_code():
            last = float(own["loss"][-1])
        if not any(math.isclose(last, value, rel_tol=0.01) for value in series.get("loss", ())):
            raise StudentFailure(
                tr("a history that is not the one of this model's last training"),
                expected=tr("what model.fit returned"),
            )
    elif not own and steps == 0 and (not is_record or _is_fresh(model)):
        raise StudentFailure(
            tr("a model that made no training step"), expected=tr("a model trained with model.fit")
        )


def _is_fresh(model: Any) -> bool:
    """Whether a model's weights look as Keras starts them: every bias is zero. Any training changes that."""
    with student_code():
        weights = getattr(model, "weights", ())
        biases = [np.asarray(w) for w in weights if str(getattr(w, "name", "")).endswith("bias")]
        return bool(biases) and not any(bias.any() for bias in biases)


def _publish_curves(series: Mapping[str, Sequence[float]]) -> None:
    curves: dict[str, list[float]] = {}
    for name, values in list(series.items())[:_MAX_CURVES]:
        kept = []
        for value in values[:_MAX_POINTS]:
            # JSON knows no NaN: a curve ends where the training diverged.
            if not math.isfinite(value):
                break
            kept.append(value)
        curves[name[:80]] = kept
    publish(CURVES_MIME, curves, text=tr("Learning curves: {names}", names=", ".join(curves)))
