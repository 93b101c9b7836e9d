"""From what a test cell left behind to a verdict. Trusted code and data; reads outputs, runs nothing."""

from autograder.judge.curves import curves_of
from autograder.judge.exhibits import exhibits_of, models_of
from autograder.judge.scoring import CellEvidence, judge_cell, why_it_ended

__all__ = ["CellEvidence", "curves_of", "exhibits_of", "judge_cell", "models_of", "why_it_ended"]
