"""Strict scoring: the verdict of one test cell, from its outputs.

The rules, which replace nbgrader's:

* Output on stderr is never a failure: TensorFlow and Keras warn all the time.
* A cell with checks earns the part of its points that its checks earned, weighted. A check that never
  reported (an exception came first) counts as failed; when none of them reported at all although the cell
  ended well, the grader cannot know, and a person looks.
* A cell without checks is all or nothing: an exception costs the points. Its last value may be a partial
  score, and then it must be a finite number in [0, points], or a person looks.
* A check that broke, as opposed to one that found something wrong, is the grader's failure: a person looks.
* A limit, or a kernel that ended, is the student's doing and costs the points of the cells it reached.
"""

import ast
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from nbformat import NotebookNode

from autograder.assignment import TemplateCell
from autograder.check.recorder import CLAIM_MIME as CLAIM
from autograder.check.recorder import OUTCOME_MIME as OUTCOME
from autograder.messages import printable, tr
from autograder.outcome import CellVerdict, Outcome

__all__ = ["CLAIM", "OUTCOME", "CellEvidence", "judge_cell", "why_it_ended"]

_MAX_OUTCOMES = 200
_MAX_TEXT = 600
_MAX_WEIGHT = 1e6  # of sums of these a share can be taken
#: What ``check`` offers beside checks.
_NO_CHECKS = frozenset({"collecting", "CheckFailed"})
#: Inside of these a call may happen never, or more than once.
_UNSURE = (
    ast.For, ast.AsyncFor, ast.While, ast.If, ast.IfExp, ast.BoolOp, ast.Try, ast.Match,
    ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef,
    ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp,
)  # fmt: skip


@dataclass(frozen=True)
class CellEvidence:
    """What a test cell left behind.

    Args:
        outputs: Its notebook outputs.
        status: ``ok``, ``error``, ``limit``, ``dead`` or ``skipped`` (see ``sandbox.run.CellRun``).
        limit: The limit that ended it, if any.
        raised: The name of the exception that ended it, if any.
        complete: All of its output arrived.
        grader: What failed on our side while it was judged, if anything did.
    """

    outputs: Sequence[NotebookNode]
    status: str
    limit: str | None = None
    raised: str | None = None
    complete: bool = True
    grader: str | None = None


def judge_cell(
    cell: TemplateCell, evidence: CellEvidence, settle: Callable[[Mapping[str, Any]], Outcome]
) -> CellVerdict:
    """The verdict on a test cell.

    Args:
        settle: Turns a claim (predictions on held-out inputs) into an outcome, with the labels.
    """
    outcomes, broken = _outcomes(evidence.outputs, settle)
    ended = why_it_ended(evidence)
    if evidence.grader is not None:
        return _review(cell, outcomes, tr("The grader failed: {why}.", why=printable(evidence.grader, 300)))
    if broken is not None:
        return _review(cell, outcomes, broken)
    if any(o.error for o in outcomes):
        return _review(cell, outcomes, next(o.error for o in outcomes if o.error))
    if not evidence.complete and ended is None:
        return _review(cell, outcomes, tr("Some of the output of this cell was lost."))
    declared = _declared_checks(cell.source)
    if ended is None and (declared.calls or outcomes):
        if not outcomes:
            return _review(cell, (), tr("The checks of this cell did not report."))
        return _verdict(cell, _share(outcomes, declared, ended=False) * cell.points, outcomes)
    if ended is not None:
        share = _share(outcomes, declared, ended=True) if declared.countable else 0.0
        return _verdict(cell, share * cell.points, outcomes, ended)
    return _score_of_value(cell, evidence.outputs, outcomes)


def _outcomes(
    outputs: Sequence[NotebookNode], settle: Callable[[Mapping[str, Any]], Outcome]
) -> tuple[tuple[Outcome, ...], str | None]:
    """The outcomes reported by a cell; and what is wrong with the report, if something is."""
    outcomes: list[Outcome] = []
    for output in outputs:
        data = output.get("data") if output.output_type == "display_data" else None
        if not isinstance(data, Mapping):
            continue
        try:
            if OUTCOME in data:
                outcomes.append(_readable(Outcome.from_json(data[OUTCOME])))
            elif CLAIM in data:
                if not isinstance(data[CLAIM], Mapping):
                    raise ValueError("a claim is an object")
                outcomes.append(settle(data[CLAIM]))
        except (ValueError, OverflowError) as error:  # a number may have a thousand digits
            why = printable(str(error), 200)
            return tuple(outcomes), tr("A check reported something that is no outcome: {why}.", why=why)
        if outcomes and outcomes[-1].weight > _MAX_WEIGHT:
            return tuple(outcomes), tr("A check reported something that is no outcome: {why}.", why="weight")
        if len(outcomes) > _MAX_OUTCOMES:
            return (), tr("The cell reported more than {n} checks.", n=_MAX_OUTCOMES)
    return tuple(outcomes), None


def _readable(outcome: Outcome) -> Outcome:
    """With texts that fit a page and a terminal: a student's kernel sent them."""

    def fit(text: str | None) -> str | None:
        return None if text is None else printable(text, _MAX_TEXT)

    return replace(
        outcome,
        title=printable(outcome.title, _MAX_TEXT),
        expected=fit(outcome.expected),
        actual=fit(outcome.actual),
        hint=fit(outcome.hint),
        error=fit(outcome.error),
    )


def why_it_ended(evidence: CellEvidence) -> str | None:
    """What kept a cell from running to its end, for the student; ``None`` when it did."""
    if evidence.status in ("limit", "dead"):
        texts = {
            "cpu": tr("This cell used more CPU time than it may."),
            "notebook-cpu": tr("The notebook used more CPU time than it may."),
            "wall": tr("This cell took longer than it may."),
            "memory": tr("The notebook used more memory than it may, and was ended here."),
            "processes": tr("The notebook started more processes than it may, and was ended here."),
        }
        return texts.get(evidence.limit or "", tr("The kernel ended in this cell."))
    if evidence.status == "skipped":
        return tr("The kernel had ended before this cell.")
    if evidence.status == "error" or evidence.raised is not None:
        return _exception(evidence)
    # Without a reply that says so, an error on display still is one. CheckFailed only sums up the checks.
    if any(o.output_type == "error" and o.get("ename") != "CheckFailed" for o in evidence.outputs):
        return _exception(evidence)
    if any(o.output_type == "error" for o in evidence.outputs) and not _has_outcomes(evidence.outputs):
        return _exception(evidence)
    return None


def _has_outcomes(outputs: Sequence[NotebookNode]) -> bool:
    return any(OUTCOME in (o.get("data") or {}) or CLAIM in (o.get("data") or {}) for o in outputs)


def _exception(evidence: CellEvidence) -> str:
    """Name and message of the exception; never its traceback, which quotes the test."""
    for output in reversed(evidence.outputs):
        if output.output_type == "error" and output.get("ename") != "CheckFailed":
            name, message = str(output.get("ename", "")), str(output.get("evalue", "")).strip()
            if name == "AssertionError" and not message:
                return tr("A check of this cell was not met.")
            return tr("The cell ended with {error}.", error=printable(f"{name}: {message}".rstrip(": "), 300))
    return tr("A check of this cell was not met.")


def _review(cell: TemplateCell, outcomes: tuple[Outcome, ...], reason: str | None) -> CellVerdict:
    return CellVerdict(cell.grade_id, cell.points, None, needs_review=True, outcomes=outcomes, reason=reason)


def _verdict(
    cell: TemplateCell, score: float, outcomes: tuple[Outcome, ...], reason: str | None = None
) -> CellVerdict:
    # Rounded so that three thirds of 2 points are 2 points.
    score = min(max(round(score, 6), 0.0), cell.points)
    return CellVerdict(cell.grade_id, cell.points, score, outcomes=outcomes, reason=reason)


@dataclass(frozen=True)
class _Declared:
    """The check calls in a test cell's text: how many, their weights, and whether that can be known."""

    calls: int
    weight: float
    countable: bool


def _declared_checks(source: str) -> _Declared:
    """Count ``check.*()`` calls. In a loop, a branch or a function their number cannot be known from the text."""
    try:
        tree = ast.parse(source)
    except SyntaxError:  # a cell magic: nothing can be counted
        return _Declared(source.count("check."), 0.0, False)
    unsure = {id(inner) for outer in ast.walk(tree) if isinstance(outer, _UNSURE) for inner in ast.walk(outer)}
    calls = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "check"
        and node.func.attr not in _NO_CHECKS
    ]
    weight, countable = 0.0, True
    for call in calls:
        given = next((keyword.value for keyword in call.keywords if keyword.arg == "weight"), None)
        if given is None:
            weight += 1.0
        elif isinstance(given, ast.Constant) and isinstance(given.value, int | float):
            weight += float(given.value)
        else:
            countable = False
        countable = countable and id(call) not in unsure
    return _Declared(len(calls), weight, countable)


def _share(outcomes: Sequence[Outcome], declared: _Declared, *, ended: bool) -> float:
    """The part of the points earned, in [0, 1]. What was declared and did not report earned nothing."""
    reported = sum(o.weight for o in outcomes)
    earned = sum(o.weight * o.credit for o in outcomes)
    # Where the cell ended early at least one check was not reached, whatever the text says.
    expected = max(reported + 1.0 if ended else reported, declared.weight if declared.countable else 0.0)
    return earned / expected if expected else 0.0


def _score_of_value(
    cell: TemplateCell, outputs: Sequence[NotebookNode], outcomes: tuple[Outcome, ...]
) -> CellVerdict:
    """All the points, or the partial score that the cell's last value is."""
    values = [output for output in outputs if output.output_type == "execute_result"]
    if not values:
        return _verdict(cell, cell.points, outcomes)
    text = str(values[-1].get("data", {}).get("text/plain", "")).strip()
    number = _as_number(text)
    if number is None or not 0.0 <= number <= cell.points:
        why = tr(
            "The test cell's last value is {value}; a partial score is a number from 0 to {points}.",
            value=printable(text) or "?", points=f"{cell.points:g}",
        )  # fmt: skip
        return _review(cell, outcomes, why)
    return _verdict(cell, number, outcomes)


def _as_number(text: str) -> float | None:
    """The finite number that a repr shows: ``2``, ``0.5``, ``np.float64(0.5)``; not a boolean, not ``nan``."""
    if text.startswith("np.") and text.endswith(")") and "(" in text:
        text = text[text.index("(") + 1 : -1]
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
