"""Value types that carry a grade: outcome of a check, verdict of a cell, report of a notebook.

Everything here is frozen, is plain data and crosses processes as JSON (``to_json``/``from_json``).
"""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from autograder.exhibit import Exhibit, ModelPrint
from autograder.exhibit import from_json as exhibit_from_json
from autograder.exhibit import to_json as exhibit_to_json

__all__ = ["CellVerdict", "Curve", "Measure", "NotebookReport", "Outcome", "Status"]

#: What became of a notebook: it ran and was scored; it was not handed in; its file cannot be graded
#: (the student's doing); the grader failed (ours, needs review).
Status = Literal["graded", "missing", "refused", "failed"]


def _is_number(value: object) -> bool:
    """Whether JSON said a number; its integers may be too large for a float."""
    return isinstance(value, float) or (type(value) is int and abs(value) < 2**63)


@dataclass(frozen=True)
class Measure:
    """A number that a check compared with a threshold: how close it was is worth knowing.

    Args:
        metric: What was measured: ``accuracy``, ``mse``, …
        value: What it came to.
        threshold: The value that earns full credit.
        rises: Whether more is better.
    """

    metric: str
    value: float
    threshold: float
    rises: bool

    def __post_init__(self) -> None:
        if not (math.isfinite(self.value) and math.isfinite(self.threshold)):
            raise ValueError("a measure and its threshold are finite numbers")

    @property
    def margin(self) -> float:
        """By how much the threshold was passed; negative where it was missed."""
        return self.value - self.threshold if self.rises else self.threshold - self.value

    @classmethod
    def from_json(cls, data: object) -> "Measure":
        """Read what ``asdict`` wrote; the data may come from an untrusted process.

        Raises:
            ValueError: It is no measure.
        """
        if not isinstance(data, Mapping) or set(data) != {"metric", "value", "threshold", "rises"}:
            raise ValueError("a measure is an object with known fields")
        numbers = data["value"], data["threshold"]
        if not all(_is_number(number) for number in numbers):
            raise ValueError("value and threshold of a measure are numbers")
        if not isinstance(data["metric"], str) or not isinstance(data["rises"], bool):
            raise ValueError("metric (string) and rises (boolean) belong to a measure")
        return cls(data["metric"], float(data["value"]), float(data["threshold"]), data["rises"])


@dataclass(frozen=True)
class Outcome:
    """What one check found.

    Args:
        title: What was checked, as the student reads it.
        passed: Whether the answer satisfies the check in full.
        credit: The part of the check that is earned, in [0, 1]; 1 when passed.
        weight: The part of the cell's points that this check stands for, relative to the other checks, > 0.
        expected: What a correct answer has, if it may be told.
        actual: What the student's answer has.
        hint: How to go on from here.
        error: Set when the check itself broke: ours, the cell needs review.
        measure: The number that decided, where one did.
    """

    title: str
    passed: bool
    credit: float
    weight: float = 1.0
    expected: str | None = None
    actual: str | None = None
    hint: str | None = None
    error: str | None = None
    measure: Measure | None = None

    def __post_init__(self) -> None:
        if not (math.isfinite(self.credit) and 0.0 <= self.credit <= 1.0):
            raise ValueError(f"credit must be a finite number in [0, 1], got {self.credit!r}")
        if not (math.isfinite(self.weight) and self.weight > 0.0):
            raise ValueError(f"weight must be a finite number > 0, got {self.weight!r}")
        if self.passed and self.credit != 1.0:
            raise ValueError(f"a check that passed earns credit 1, got {self.credit!r}")

    def to_json(self) -> dict[str, Any]:
        """The outcome as JSON-ready data."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Outcome":
        """Read what ``to_json`` wrote; the data may come from an untrusted process.

        Raises:
            ValueError: A field is missing, unknown, of a wrong type or out of range.
        """
        known = {"title", "passed", "credit", "weight", "expected", "actual", "hint", "error", "measure"}
        if not isinstance(data, Mapping) or not set(data) <= known:
            raise ValueError("an outcome is an object with known fields")
        title, passed = data.get("title"), data.get("passed")
        credit, weight = data.get("credit"), data.get("weight", 1.0)
        if not isinstance(title, str) or not isinstance(passed, bool):
            raise ValueError("an outcome has a title (string) and passed (boolean)")
        if not (_is_number(credit) and _is_number(weight)):
            raise ValueError("credit and weight are numbers")
        texts = {name: data.get(name) for name in ("expected", "actual", "hint", "error")}
        if any(not (text is None or isinstance(text, str)) for text in texts.values()):
            raise ValueError("expected, actual, hint and error are strings or null")
        assert credit is not None
        measure = None if data.get("measure") is None else Measure.from_json(data["measure"])
        return cls(title, passed, float(credit), float(weight), **texts, measure=measure)


@dataclass(frozen=True)
class CellVerdict:
    """The score of one graded cell.

    Args:
        grade_id: The cell's nbgrader id.
        max_score: Its points.
        score: Points earned, in [0, max_score]; ``None`` when a person must decide (an essay, or the
            grader failed).
        needs_review: The grader failed here: a person must look. Never set for the student's own failures,
            nor for an essay that waits for its TA (``manual``).
        manual: The cell is graded by hand.
        outcomes: What its checks found, in order.
        reason: Why there is no score, or why it is what it is, when no outcome tells (an exception, a limit).
    """

    grade_id: str
    max_score: float
    score: float | None
    needs_review: bool = False
    manual: bool = False
    outcomes: tuple[Outcome, ...] = ()
    reason: str | None = None

    def __post_init__(self) -> None:
        if self.score is not None and not (math.isfinite(self.score) and 0 <= self.score <= self.max_score):
            raise ValueError(f"score of {self.grade_id} must be in [0, {self.max_score}], got {self.score!r}")


@dataclass(frozen=True)
class Curve:
    """A learning curve: one series of a training history, a value per epoch."""

    name: str
    values: tuple[float, ...]


@dataclass(frozen=True)
class NotebookReport:
    """Everything the grader has to say about one notebook of one submission.

    ``exhibits`` are what a page draws, ``models`` by what the judged models are known again.
    """

    student: str
    assignment: str
    notebook: str
    status: Status
    verdicts: tuple[CellVerdict, ...] = ()
    error: str | None = None
    notices: tuple[str, ...] = ()
    curves: tuple[Curve, ...] = ()
    exhibits: tuple[Exhibit, ...] = ()
    models: tuple[ModelPrint, ...] = ()
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    sandbox: Mapping[str, Any] = field(default_factory=dict)
    version: int = 1

    @property
    def score(self) -> float:
        """Points earned so far (cells without a score count as zero until somebody decides)."""
        return float(sum(v.score or 0.0 for v in self.verdicts))

    @property
    def max_score(self) -> float:
        """Points to be had in this notebook, essays included."""
        return float(sum(v.max_score for v in self.verdicts))

    @property
    def needs_review(self) -> bool:
        """Whether the grader failed somewhere in this notebook (essays that wait for a TA do not count)."""
        return self.status == "failed" or any(v.needs_review for v in self.verdicts)

    @property
    def pending_manual(self) -> float:
        """Points that wait for a TA."""
        return float(sum(v.max_score for v in self.verdicts if v.manual and v.score is None))

    def to_json(self) -> dict[str, Any]:
        """The report as JSON-ready data."""
        return {**asdict(self), "exhibits": [exhibit_to_json(exhibit) for exhibit in self.exhibits]}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "NotebookReport":
        """Read what ``to_json`` wrote. The data comes from our own gradebook.

        Raises:
            ValueError: The data is of another version.
        """
        if data.get("version") != 1:
            raise ValueError(f"unknown report version {data.get('version')!r}")
        verdicts = tuple(
            CellVerdict(**{**v, "outcomes": tuple(Outcome.from_json(o) for o in v["outcomes"])})
            for v in data["verdicts"]
        )
        curves = tuple(Curve(c["name"], tuple(c["values"])) for c in data["curves"])
        # Reports that were recorded before there were any have neither.
        exhibits = tuple(exhibit_from_json(exhibit) for exhibit in data.get("exhibits", ()))
        models = tuple(ModelPrint.from_json(model) for model in data.get("models", ()))
        read = {"verdicts": verdicts, "curves": curves, "exhibits": exhibits, "models": models}
        return cls(**{**data, **read, "notices": tuple(data["notices"])})
