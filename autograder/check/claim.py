"""Predictions that leave the student's kernel, to be judged by who has the labels.

In the sandbox the held-out labels are not there. A check of accuracy or error then publishes a *claim*: the
predictions and what was asked of them. ``outcome_of_claim`` turns a claim into an outcome on the other side,
and believes nothing of it: a claim may have been written by anyone.
"""

import base64
import binascii
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.check.guard import Finding
from autograder.holdout import numbered
from autograder.messages import tr
from autograder.outcome import Measure, Outcome

__all__ = ["Claim", "Target", "grade", "outcome_of_claim"]

_DTYPES = {"accuracy": "<i2", "mse": "<f4", "mae": "<f4"}
_MAX_TEXT = 500


@dataclass(frozen=True)
class Target:
    """What is asked of a metric.

    Args:
        metric: ``accuracy``, ``mse`` or ``mae``.
        threshold: The value that earns full credit: at least for accuracy, at most for errors.
        partial: Pairs (easier threshold, credit in [0, 1)).
    """

    metric: str
    threshold: float
    partial: tuple[tuple[float, float], ...] = ()

    def __post_init__(self) -> None:
        if self.metric not in _DTYPES:
            raise ValueError(f"unknown metric {self.metric!r}")
        numbers = [self.threshold, *(number for pair in self.partial for number in pair)]
        if not all(math.isfinite(number) for number in numbers):
            raise ValueError("thresholds and credits are finite numbers")
        if any(not 0 <= credit < 1 for _, credit in self.partial):
            raise ValueError("a partial credit is in [0, 1)")

    @property
    def rises(self) -> bool:
        """Whether more is better."""
        return self.metric == "accuracy"

    def reaches(self, value: float, threshold: float) -> bool:
        """Whether a value of the metric is good enough."""
        return value >= threshold if self.rises else value <= threshold

    def measure(self, predictions: np.ndarray, y_true: np.ndarray) -> float:
        """The metric of predictions of shape (n,)."""
        if self.metric == "accuracy":
            return float(np.mean(predictions == y_true))
        error = predictions.astype(np.float64) - y_true.astype(np.float64)
        return float(np.mean(error**2) if self.metric == "mse" else np.mean(np.abs(error)))


@dataclass(frozen=True)
class Claim:
    """Predictions for a held-out data set, with what is asked of them.

    Args:
        target: What is asked.
        dataset: ``fashion_mnist`` or ``california_housing``.
        predictions: Class ids or values, shape (n,).
        title: What is checked, as the student reads it.
        weight: The check's share of the cell's points.
        hint: How to mend it.
        classes: The classes that are asked about, in the order in which ``predictions`` numbers them; ``None``
            for all. There are predictions for images of the other classes too.
    """

    target: Target
    dataset: str
    predictions: np.ndarray
    title: str
    weight: float = 1.0
    hint: str | None = None
    classes: tuple[int, ...] | None = None

    def to_json(self) -> dict[str, Any]:
        """The claim as JSON-ready data; the predictions as little-endian base64."""
        array = np.ascontiguousarray(self.predictions, dtype=_DTYPES[self.target.metric])
        return {
            "title": self.title,
            "weight": self.weight,
            "hint": self.hint,
            "metric": self.target.metric,
            "dataset": self.dataset,
            "threshold": self.target.threshold,
            "partial": [list(pair) for pair in self.target.partial],
            "classes": None if self.classes is None else list(self.classes),
            "predictions": {
                "dtype": _DTYPES[self.target.metric],
                "shape": list(array.shape),
                "data": base64.b64encode(array.tobytes()).decode("ascii"),
            },
        }


def grade(target: Target, predictions: np.ndarray, y_true: np.ndarray) -> Finding:
    """Compare predictions with the truth, both of shape (n,)."""
    value = target.measure(predictions, y_true)
    expected, actual = _says(target, target.threshold, bound=True), _says(target, value)
    measure = Measure(target.metric, value, target.threshold, target.rises)
    if target.reaches(value, target.threshold):
        return Finding(True, expected, actual, measure=measure)
    credits = [credit for threshold, credit in target.partial if target.reaches(value, threshold)]
    return Finding(False, expected, actual, credit=max(credits, default=0.0), measure=measure)


def outcome_of_claim(claim: Mapping[str, Any], y_true: np.ndarray) -> Outcome:
    """Judge a claim that came out of a student's kernel.

    Args:
        claim: What ``Claim.to_json`` writes, or anything else: the data is not trusted.
        y_true: The held-out labels or values, shape (n,), in the order of the inputs that the kernel got.

    Returns:
        The outcome. A claim that is malformed is a failed outcome of the student's; it never raises for that.
    """
    title = tr("Predictions for held-out data")
    weight = 1.0
    try:
        title = _text(claim["title"]) or title
        weight = _number(claim["weight"])
        if weight <= 0:
            raise ValueError("weight")
        hint = _text(claim["hint"])
        pairs = _pairs(claim["partial"])
        target = Target(str(claim["metric"]), _number(claim["threshold"]), pairs)
        predictions = _predictions(claim["predictions"], target.metric)
        classes = _classes(claim.get("classes"))
    except (KeyError, TypeError, ValueError, OverflowError, AttributeError, binascii.Error):
        return Outcome(
            title,
            False,
            0.0,
            weight if math.isfinite(weight) and weight > 0 else 1.0,
            actual=tr("predictions that cannot be read"),
        )
    if predictions.shape != y_true.shape:
        return Outcome(
            title,
            False,
            0.0,
            weight,
            expected=tr("{count} predictions", count=len(y_true)),
            actual=tr("{count} predictions", count=len(predictions)),
            hint=hint,
        )
    if not np.isfinite(predictions).all():
        return Outcome(
            title, False, 0.0, weight, actual=tr("numbers that are not finite (NaN or infinity)"), hint=hint
        )
    if classes is not None:
        predictions, y_true = predictions[np.isin(y_true, classes)], numbered(y_true, classes)
        if not len(y_true):
            return Outcome(title, False, 0.0, weight, actual=tr("predictions that cannot be read"))
    found = grade(target, predictions, y_true)
    return Outcome(
        title,
        found.passed,
        1.0 if found.passed else found.credit,
        weight,
        found.expected,
        found.actual,
        None if found.passed else hint,
        measure=found.measure,
    )


def _says(target: Target, value: float, *, bound: bool = False) -> str:
    if target.metric == "accuracy":
        name, number = tr("accuracy"), f"{100 * value:.1f}%"
    else:
        name, number = target.metric.upper(), f"{value:.3f}"
    sign = ("≥" if target.rises else "≤") if bound else "="
    return f"{name} {sign} {number}"


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError("a finite number is needed")
    return float(value)


def _text(value: object) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > _MAX_TEXT:
        raise ValueError("a short text is needed")
    return value


def _pairs(value: object) -> tuple[tuple[float, float], ...]:
    if not isinstance(value, Sequence) or isinstance(value, str) or len(value) > 20:
        raise ValueError("a list of pairs is needed")
    pairs = []
    for pair in value:
        threshold, credit = pair
        pairs.append((_number(threshold), _number(credit)))
    return tuple(pairs)


def _classes(value: object) -> tuple[int, ...] | None:
    if value is None:
        return None
    if not isinstance(value, list) or not 1 <= len(value) <= 10 or not all(type(n) is int for n in value):
        raise ValueError("a list of classes is needed")
    return tuple(value)


def _predictions(value: Mapping[str, Any], metric: str) -> np.ndarray:
    if value["dtype"] != _DTYPES[metric] or not isinstance(value["data"], str):
        raise ValueError("predictions of another type")
    array = np.frombuffer(base64.b64decode(value["data"], validate=True), dtype=_DTYPES[metric])
    shape = value["shape"]
    if not isinstance(shape, list) or shape != [len(array)] or isinstance(shape[0], bool):
        raise ValueError("predictions of another shape")
    return array
