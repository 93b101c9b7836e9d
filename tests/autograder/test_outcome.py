"""The values that carry a grade refuse what is no grade, and survive the trip through JSON."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.outcome import CellVerdict, Curve, Measure, NotebookReport, Outcome

TEXT = st.none() | st.text(max_size=5)
OUTCOMES = st.builds(
    lambda title, passed, credit, *rest: Outcome(title, passed, 1.0 if passed else credit, *rest),
    st.text(max_size=5), st.booleans(), st.floats(0, 1), st.floats(1e-3, 1e3), TEXT, TEXT, TEXT, TEXT,
)  # fmt: skip


@given(OUTCOMES)
def test_an_outcome_survives_json(outcome: Outcome) -> None:
    assert Outcome.from_json(json.loads(json.dumps(outcome.to_json()))) == outcome


@pytest.mark.parametrize(
    ("credit", "weight"), [(-0.1, 1), (1.1, 1), (math.nan, 1), (math.inf, 1), (0, 0), (0, -1), (0, math.nan)]
)
def test_credit_and_weight_are_bounded(credit: float, weight: float) -> None:
    with pytest.raises(ValueError, match=r"credit|weight"):
        Outcome("t", False, credit, weight)


def test_a_check_that_passed_earns_all() -> None:
    with pytest.raises(ValueError, match="earns credit 1"):
        Outcome("t", True, 0.5)


@pytest.mark.parametrize("score", [-0.01, 2.01, math.nan, math.inf])
def test_a_score_is_within_the_points(score: float) -> None:
    with pytest.raises(ValueError, match="must be in"):
        CellVerdict("t", 2.0, score)


def report(*verdicts: CellVerdict, status: str = "graded") -> NotebookReport:
    return NotebookReport("ana", "lista", "ex", status, verdicts, curves=(Curve("loss", (1.0,)),))  # type: ignore[arg-type]


def test_a_report_adds_up() -> None:
    mixed = report(
        CellVerdict("a", 2.0, 1.5, outcomes=(Outcome("t", True, 1.0),)),
        CellVerdict("b", 3.0, None, needs_review=True),
        CellVerdict("c", 4.0, None, manual=True),
        CellVerdict("d", 1.0, 0.0, manual=True),
    )
    assert (mixed.score, mixed.max_score, mixed.pending_manual, mixed.needs_review) == (1.5, 10.0, 4.0, True)


def test_essays_that_wait_are_no_failure_of_the_grader() -> None:
    assert not report(CellVerdict("c", 4.0, None, manual=True)).needs_review


def test_a_report_that_failed_needs_review() -> None:
    assert report(status="failed").needs_review


def test_a_report_survives_json() -> None:
    made = report(CellVerdict("a", 2.0, 1.5, outcomes=(Outcome("t", False, 0.5, hint="h"),)))
    assert NotebookReport.from_json(json.loads(json.dumps(made.to_json()))) == made


def test_a_report_of_another_version_is_refused() -> None:
    with pytest.raises(ValueError, match="version"):
        NotebookReport.from_json({**report().to_json(), "version": 2})


def test_a_measure_goes_through_json():
    """The number that decided is kept with its threshold, so that margins can be looked at later."""
    made = Outcome("t", True, 1.0, measure=Measure("mse", 0.5, 0.55, rises=False))
    assert Outcome.from_json(json.loads(json.dumps(made.to_json()))) == made
    assert made.measure is not None
    assert made.measure.margin == pytest.approx(0.05)


@pytest.mark.parametrize(
    "measure",
    [
        3,
        {},
        {"metric": "mse", "value": "0.5", "threshold": 1.0, "rises": False},
        {"metric": "mse", "value": float("nan"), "threshold": 1.0, "rises": False},
        {"metric": "mse", "value": 0.5, "threshold": True, "rises": False},
        {"metric": "mse", "value": 10**400, "threshold": 1.0, "rises": False},
        {"metric": 3, "value": 0.5, "threshold": 1.0, "rises": False},
        {"metric": "mse", "value": 0.5, "threshold": 1.0, "rises": 0},
        {"metric": "mse", "value": 0.5, "threshold": 1.0, "rises": False, "more": 1},
    ],
)
def test_a_measure_that_is_none_is_refused(measure):
    """It may come from a student's kernel."""
    with pytest.raises(ValueError, match="measure"):
        Outcome.from_json({"title": "t", "passed": True, "credit": 1.0, "measure": measure})
