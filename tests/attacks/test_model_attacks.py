"""Hostile model files, histories and models, against the real tests of list #12's first exercise."""

import json
from pathlib import Path

import pytest
from courses import TinyCourse
from hostile.attack import Attack
from hostile.course import Lab, grade, scores
from hostile.models import ATTACKS, BASE, CELLS, FULL_01, HONEST_01

from autograder.sandbox.client import Zygote

pytestmark = [pytest.mark.tensorflow, pytest.mark.sandbox, pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def lab(zygote: Zygote, tmp_path_factory: pytest.TempPathFactory) -> Lab:
    """A class in which one student is honest."""
    course = TinyCourse(tmp_path_factory.mktemp("models") / "c", cells={"tiny": CELLS})
    course.submit(HONEST_01, BASE)
    for attack in ATTACKS:
        course.submit(attack.name, {**BASE, **attack.answers})
    return grade(course)


def test_the_honest_student_earns_every_point_but_those_of_training(lab: Lab) -> None:
    """A second of training is not much; the rest is right."""
    found = {name: score for name, score in scores(lab.results[HONEST_01]).items() if name != "accuracy-test"}
    assert found == {name: points for name, points in FULL_01.items() if name != "accuracy-test"}


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_attack_fails(attack: Attack, lab: Lab) -> None:
    """It gains no point, and costs its honest part none."""
    graded = lab.results[attack.name]
    honest = scores(lab.results[HONEST_01])
    reasons = [
        (verdict.reason, outcome)
        for verdict in graded.report.verdicts
        for outcome in (*verdict.outcomes, None)
        if outcome is None or not outcome.passed
    ]
    assert scores(graded) == {**honest, **attack.earned}, reasons
    assert not graded.report.needs_review
    assert "canario-" not in json.dumps(graded.report.to_json())


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_attack_succeeds_without_the_defence(attack: Attack, lab: Lab, tmp_path: Path) -> None:
    """Files that the libraries themselves open, and numbers that the kernel itself reports."""
    assert attack.weak(attack, lab)
