"""A report without what was measured on held-out data: for feedback that comes often and by itself.

What a check says of its points stays, since a score without a reason helps nobody. So a student learns whether a
threshold was reached, and by partial credit between which two steps; not by how much.
"""

from dataclasses import replace

from autograder.exhibit import Confusion, Residuals
from autograder.outcome import Outcome
from gradebook.records import Graded

__all__ = ["without_measures"]


def without_measures(graded: Graded) -> Graded:
    """The same without measured values and pictures of them."""
    report = graded.report
    verdicts = tuple(replace(v, outcomes=tuple(_without(o) for o in v.outcomes)) for v in report.verdicts)
    exhibits = tuple(e for e in report.exhibits if not isinstance(e, Confusion | Residuals))
    return replace(graded, report=replace(report, verdicts=verdicts, exhibits=exhibits))


def _without(outcome: Outcome) -> Outcome:
    return outcome if outcome.measure is None else replace(outcome, actual=None, measure=None)
