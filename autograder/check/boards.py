"""Checks of TensorBoard logs: curves, histograms of weights, images.

Runs are told by what was logged, not by names: the curves of a run are those of a history, its histograms those
of a model. So any names of folders and tags are right, and a log copied from elsewhere is not.
"""

import math
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from autograder.check.boardlog import Log, Run, runs_in
from autograder.check.guard import Finding, StudentFailure, conclude, student_code
from autograder.check.recorder import show
from autograder.check.training import read_history
from autograder.exhibit import Board, Series
from autograder.messages import tr

__all__ = ["logged_histograms", "logged_images", "tensorboard"]

#: Logs hold 32 bits of a number, and some writers round.
_RTOL = 1e-4
#: At how many places of a log a curve is looked for.
_MAX_STARTS = 1000
#: Of a drawing: series, points of each, and the largest number.
_MAX_SERIES, _MAX_SHOWN, _HUGE = 12, 200, 1e30


def tensorboard(
    folder: str | os.PathLike[str],
    history: object,
    *,
    series: Iterable[str] = ("loss", "val_loss"),
    apart_from: object = None,
    graph: bool = False,
    title: str | None = None,
    hint: str | None = None,
    weight: float = 1.0,
) -> None:
    """Check that a training is logged in a subfolder: its run shows the curves of its history, epoch by epoch.

    Args:
        folder: The folder of all logs. A run is a folder in it that has event files; Keras' ``train`` and
            ``validation`` belong to the run that they are in.
        history: What ``model.fit`` returned, or its ``.history``.
        series: The series of the history that the run has to show, whatever their tags.
        apart_from: The history of another training, which has to be in another run, or in none.
        graph: Whether the run has to hold the graph of a model too.
        title: What is checked, as the student reads it.
        hint: How to mend it.
        weight: The check's share of the cell's points.

    Example:
        >>> import tensorflow as tf
        >>> from autograder.check.recorder import collecting
        >>> with tf.summary.create_file_writer("my_logs/run_1").as_default():
        ...     for step, value in enumerate([0.9, 0.5]):
        ...         _ = tf.summary.scalar("epoch_loss", value, step=step)
        >>> with collecting() as outcomes:
        ...     tensorboard("my_logs", {"loss": [0.9, 0.5]}, series=["loss"])
        >>> outcomes[0].passed
        True
    """
    wanted = tuple(series)

    def body() -> Finding:
        curves = _wanted(history, wanted)
        others = None if apart_from is None else _wanted(apart_from, ("loss",))
        runs = [run for run in runs_in(Path(folder)) if run.name != "."]
        expected = tr("a subfolder of {name} with the curves {series}", name=folder, series=", ".join(wanted))
        _show_scalars(Path(folder).name, runs)
        found = tr("runs: {names}", names=", ".join(run.name for run in runs) or "—")
        fits = [run for run in runs if _shows(run, curves)]
        if not fits:
            return Finding(False, expected, tr("{found}; none with these curves", found=found))
        if others is not None and all(_shows(run, others) for run in fits):
            return Finding(False, tr("a folder for each training"), tr("two trainings in one folder"))
        if graph and not any(log["graph"] for run in fits for log in run.logs):
            return Finding(False, tr("the graph of the model"), tr("a run without a graph"))
        return Finding(True, expected, found)

    conclude(body, title=title or tr("TensorBoard logs"), weight=weight, hint=hint)


def logged_histograms(
    folder: str | os.PathLike[str],
    models: Sequence[Any],
    *,
    steps_at_least: int,
    title: str | None = None,
    hint: str | None = None,
    weight: float = 1.0,
) -> None:
    """Check that histograms of a model's kernels were logged while it was trained.

    A kernel is a weight of two or more dimensions. One of its histograms has to span what the model's kernel spans
    now (of the last epoch, or of the one whose weights were restored).

    Args:
        folder: The folder of all logs.
        models: The trained models.
        steps_at_least: In how many steps (epochs) there is a histogram of each kernel.
        title: What is checked, as the student reads it.
        hint: How to mend it.
        weight: The check's share of the cell's points.

    Example:
        >>> import keras
        >>> import tensorflow as tf
        >>> from autograder.check.recorder import collecting
        >>> model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(4)])
        >>> with tf.summary.create_file_writer("my_logs/run_1").as_default():
        ...     _ = tf.summary.histogram("kernel", model.layers[0].kernel, step=0)
        >>> with collecting() as outcomes:
        ...     logged_histograms("my_logs", [model], steps_at_least=1)
        >>> outcomes[0].passed
        True
    """

    def body() -> Finding:
        runs = runs_in(Path(folder))
        expected = tr("histograms of every kernel in {count} steps or more", count=steps_at_least)
        for number, model in enumerate(models, 1):
            kernels = _kernels(model)
            shown = max(sum(_has_histogram(run, kernel, steps_at_least) for kernel in kernels) for run in runs)
            if shown < len(kernels):
                return Finding(
                    False,
                    expected,
                    tr(
                        "model {number}: of {shown} of {count} kernels",
                        number=number,
                        shown=shown,
                        count=len(kernels),
                    ),
                )
        return Finding(True, expected)

    conclude(body, title=title or tr("Histograms of the weights"), weight=weight, hint=hint)


def logged_images(
    folder: str | os.PathLike[str],
    tag: str,
    *,
    at_least: int,
    size: tuple[int, int] | None = None,
    title: str | None = None,
    hint: str | None = None,
    weight: float = 1.0,
) -> None:
    """Check that images were logged under a tag, as many in one step.

    Args:
        folder: The folder of all logs.
        tag: The tag; name scopes may stand before it.
        at_least: How many images there are in one step.
        size: Their height and width, in pixels; ``None`` for any.
        title: What is checked, as the student reads it.
        hint: How to mend it.
        weight: The check's share of the cell's points.

    Example:
        >>> import tensorflow as tf
        >>> from autograder.check.recorder import collecting
        >>> with tf.summary.create_file_writer("my_logs/images").as_default():
        ...     _ = tf.summary.image("samples", np.zeros((5, 28, 28, 1)), step=0)
        >>> with collecting() as outcomes:
        ...     logged_images("my_logs", "samples", at_least=5)
        >>> outcomes[0].actual
        '3 imagens'
    """

    def body() -> Finding:
        logs = [log for run in runs_in(Path(folder)) for log in run.logs]
        found = {name for log in logs for name in log["images"]}
        expected = tr("{count} images or more under the tag {tag}", count=at_least, tag=tag)
        mine = [name for name in sorted(found) if name == tag or name.endswith(f"/{tag}")]
        if not mine:
            return Finding(False, expected, tr("tags of images: {names}", names=", ".join(sorted(found)) or "—"))
        images = [image for log in logs for name in mine for image in log["images"].get(name, ())]
        fitting = [i for i in images if size is None or (i["height"], i["width"]) == size]
        if not fitting:
            first = f"{images[0]['height']} × {images[0]['width']}"
            return Finding(False, f"{expected}, {size[0]} × {size[1]}" if size else expected, first)
        most = max(sum(i["count"] for i in fitting if i["step"] == image["step"]) for image in fitting)
        more = tr("tf.summary.image keeps three images unless max_outputs says more.")
        return Finding(most >= at_least, expected, tr("{count} images", count=most), more)

    conclude(body, title=title or tr("Images in TensorBoard"), weight=weight, hint=hint)


def _wanted(history: object, names: Sequence[str]) -> list[list[float]]:
    series = read_history(history)
    if missing := [name for name in names if not series.get(name)]:
        raise StudentFailure(
            ", ".join(series) or tr("an empty history"),
            expected=tr("the series {names}", names=", ".join(missing)),
        )
    return [series[name] for name in names]


def _shows(run: Run, curves: Sequence[Sequence[float]]) -> bool:
    return all(any(_is_in(curve, points) for log in run.logs for points in _scalars(log)) for curve in curves)


def _scalars(log: Log) -> Iterable[list[tuple[int, float]]]:
    for points in log["scalars"].values():
        yield [(int(step), math.nan if value is None else float(value)) for step, _, value in points]


def _show_scalars(folder: str, runs: Sequence[Run]) -> None:
    """Show the curves of the runs, by the run's and the tag's name; those over epochs first."""
    found: list[tuple[str, Series]] = []
    for run in runs:
        for log, part in zip(run.logs, run.parts, strict=True):
            for tag, points in log["scalars"].items():
                kept = [(int(step), float(value)) for step, _, value in points if value is not None]
                kept = [point for point in kept if abs(point[1]) < _HUGE]
                kept = kept[:: max(1, math.ceil(len(kept) / _MAX_SHOWN))]
                if len(kept) > 1:
                    steps, values = zip(*kept, strict=True)
                    name = f"{run.name}/{part}" if part else run.name
                    found.append((tag, Series(f"{name}: {tag}", steps, values)))
    found.sort(key=lambda pair: (not pair[0].startswith("epoch_"), "learning_rate" in pair[0], pair[0]))
    if found:
        show(Board(folder, tuple(series for _, series in found[:_MAX_SERIES])))


def _is_in(curve: Sequence[float], points: Sequence[tuple[int, float]]) -> bool:
    """Whether points that follow one another, at rising steps, are the curve."""
    count = len(curve)
    if count > len(points):
        return False
    steps, values = np.array([step for step, _ in points]), np.array([value for _, value in points])
    wanted = np.where(np.isfinite(curve), curve, math.nan)
    starts = np.flatnonzero(np.isclose(values[: len(values) - count + 1], wanted[0], rtol=_RTOL, equal_nan=True))
    return any(
        bool((np.diff(steps[start : start + count]) > 0).all())
        and np.allclose(values[start : start + count], wanted, rtol=_RTOL, equal_nan=True)
        for start in starts[:_MAX_STARTS]
    )


def _kernels(model: Any) -> list[np.ndarray]:
    if not hasattr(model, "get_weights"):
        found = tr("an object of type {type}", type=type(model).__name__)
        raise StudentFailure(found, expected=tr("a Keras model"))
    with student_code():
        kernels = [np.asarray(w, dtype=float) for w in model.get_weights()]
    kernels = [kernel for kernel in kernels if kernel.ndim >= 2 and kernel.size]
    if not kernels:
        raise StudentFailure(tr("a model without kernels"), expected=tr("a Keras model"))
    return kernels


def _has_histogram(run: Run, kernel: np.ndarray, steps_at_least: int) -> bool:
    span = (kernel.min(), kernel.max())
    for log in run.logs:
        for entries in log["histograms"].values():
            spans = [(e["min"], e["max"]) for e in entries if e["min"] is not None and e["max"] is not None]
            same = any(np.allclose(other, span, rtol=1e-3, atol=1e-6) for other in spans)
            if same and len({entry["step"] for entry in entries}) >= steps_at_least:
                return True
    return False
