"""Hostile submissions, graded in one go beside honest ones: none gains or harms, each earns what it deserves."""

import re
from pathlib import Path

import pytest
from hostile.attack import Attack
from hostile.catalogue import ATTACKS, FAMILIES
from hostile.course import CANARIES, FULL, HONEST, RIGHT, Lab, build, grade, scores
from hostile.exhausting import peak_growth

from autograder.sandbox.client import Zygote

pytestmark = [pytest.mark.sandbox, pytest.mark.slow, pytest.mark.timeout(600)]

#: Bytes by which the grader may grow while all are graded.
_MAY_GROW = 700 * 2**20


@pytest.fixture(scope="module")
def lab(zygote: Zygote, tmp_path_factory: pytest.TempPathFactory) -> Lab:
    """The whole class, graded."""
    Zygote.connect("judge")  # its start, once, is not what the slowest attack is measured by
    course = build(tmp_path_factory.mktemp("attacks") / "c", ATTACKS)
    found: list[Lab] = []
    growth = peak_growth(lambda: found.append(grade(course)))
    found[0].growth = growth
    return found[0]


def test_catalogue_is_what_it_says() -> None:
    """Names are unique, families known, and every attack says what success would be."""
    names = [attack.name for attack in ATTACKS]
    assert len(set(names)) == len(names) >= 60
    assert {attack.family for attack in ATTACKS} == set(FAMILIES)
    assert all(attack.success and re.fullmatch("[a-z0-9-]+", attack.name) for attack in ATTACKS)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_attack_fails(attack: Attack, lab: Lab) -> None:
    """It gains no point, reads no secret and leaves nothing; its honest part earns exactly what it deserves."""
    graded = lab.results[attack.name]
    reasons = [verdict.reason for verdict in graded.report.verdicts]
    assert scores(graded) == {**FULL, **attack.earned, **dict.fromkeys(attack.review)}, reasons
    assert {v.grade_id for v in graded.report.verdicts if v.needs_review} == attack.review
    shown = lab.shown(attack.name)
    assert [what for what, canary in CANARIES.items() if canary in shown] == []
    if attack.proof is not None:
        assert attack.proof(attack, lab) is None


@pytest.mark.parametrize("student", HONEST)
def test_honest_bystanders_lose_nothing(student: str, lab: Lab) -> None:
    """Whatever was graded before, beside and after them."""
    assert scores(lab.results[student]) == FULL
    assert not lab.results[student].report.needs_review


def test_nothing_is_left_on_the_host(lab: Lab) -> None:
    """No process, no file; the gradebook and the submissions are as they were."""
    assert (lab.survivors, lab.planted) == ([], [])
    assert (lab.course.root / "gradebook.db").read_text() == CANARIES["gradebook"]
    for student in HONEST:
        assert (lab.course.folder(student) / "anotacoes.txt").read_text() == CANARIES["other student"]


def test_the_grader_does_not_swell(lab: Lab) -> None:
    """Giant messages, floods and documents stay outside of its memory."""
    assert lab.growth < _MAY_GROW


def test_the_next_run_is_clean(lab: Lab, tmp_path: Path) -> None:
    """The same zygotes serve a class after the hostile one: it finds no trace, and earns every point."""
    course = build(tmp_path / "c", ())
    look = (
        "import os, sys\n"
        "lugares = ['/tmp', '/dev/shm', os.path.expanduser('~'), '/var/tmp', '/run/answers', '.']\n"
        "achados = [n for p in lugares if os.path.isdir(p) for n in os.listdir(p) if 'attack' in n]\n"
        "import autograder.check, IPython\nassert not achados, achados\n"
        "assert not get_ipython().input_transformers_post and not get_ipython().ast_transformers\n"
        "assert 'lambda' not in repr(np.allclose)\n"
    )
    course.submit("depois", {**RIGHT, "antes": look + RIGHT["antes"]})
    after = grade(course)
    assert {student: scores(result) for student, result in after.results.items()} == dict.fromkeys(
        (*HONEST, "depois"), FULL
    )
    assert not after.results["depois"].report.notices
