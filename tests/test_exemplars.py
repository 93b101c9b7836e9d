"""A sample of the bank of right and wrong submissions, graded as students' are: every score is the declared one.

``make audit`` grades the whole bank, by the same code. Each exemplar of the sample runs in a sandbox on the real
data, once a session; then it has a test of its own.
"""

import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from autograder.assignment import load
from autograder.audit.answers import Bench
from autograder.audit.bank import Graded, grade_bank, sample, short, unanswered
from autograder.audit.fates import Store
from autograder.exemplar import Exemplar, bank

pytestmark = [pytest.mark.tensorflow, pytest.mark.sandbox, pytest.mark.slow, pytest.mark.timeout(900)]

ROOT = Path(__file__).parent.parent
BANK = bank(ROOT / "exemplars" / "lista12")
#: Searches and long trainings: of these the suite grades one right answer.
SLOW = ("06_callbacks", "08_otimizacao_hiperparametrica", "09_diretrizes")
SAMPLE = [e for e in sample(BANK, load(ROOT, "lista12")) if e.notebook not in SLOW or e.verdict == "accepted"]
#: Whose right answers are graded without a judge as well; `make bench` does that with many.
PLAIN = ("00_tensorflow_basico", "02_regressor_sequencial", "04_api_de_subclasses")
#: What the checks say of one of them, in Portuguese, is looked at below.
SPOKEN = next(e for e in BANK if e.notebook.startswith("01") and e.name == "salvou_antes")


@dataclass(frozen=True)
class Run:
    """The sample, graded with and without a judge."""

    judged: dict[str, Graded]
    plain: dict[str, Graded]


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    root = tmp_path_factory.mktemp("bank")
    (root / "course").mkdir()
    bench = Bench(ROOT, "lista12", (), root / "course")
    store, jobs = Store(root / "fates", fresh=True), os.cpu_count() or 1
    accepted = [e for e in SAMPLE if e.verdict == "accepted" and e.notebook in PLAIN]
    chosen = SAMPLE if SPOKEN in SAMPLE else [*SAMPLE, SPOKEN]
    chosen = [*chosen, *(unanswered(bench, template) for template in bench.assignment.notebooks)]
    judged = grade_bank(bench, chosen, store, jobs=jobs)
    plain = grade_bank(bench, accepted, store, jobs=jobs, judged=False)
    return Run(*({short(g.exemplar): g for g in graded} for graded in (judged, plain)))


@pytest.mark.parametrize("exemplar", SAMPLE, ids=short)
def test_verdict(exemplar: Exemplar, run: Run) -> None:
    """A correct answer gets every point, and a wrong one loses exactly those that its defect costs."""
    assert run.judged[short(exemplar)].deviations == ()


@pytest.mark.parametrize("notebook", [t.name for t in load(ROOT, "lista12").notebooks])
def test_who_answers_nothing_gets_nothing(notebook: str, run: Run) -> None:
    """No test is passed by what was handed out."""
    assert run.judged[f"{notebook[:2]}-rejected-unanswered"].deviations == ()


def test_checks_speak_portuguese_inside_the_sandbox(run: Run) -> None:
    """The kernel cannot see this project's files; its messages are translated all the same."""
    failed = run.judged[short(SPOKEN)].fate.failed
    assert [o.actual for cell, o in failed if cell == "saving-test"] == [
        "a arquitetura está certa, os pesos são outros"
    ]


def test_right_answers_are_quick(run: Run) -> None:
    """None takes more than 40 s of CPU time; a search among hyperparameters, 90."""
    for graded in run.judged.values():
        if graded.exemplar.verdict == "accepted":
            most = 90 if graded.exemplar.notebook.startswith("08") else 40
            assert graded.fate.cpu_seconds <= most, graded.exemplar.name


def test_every_test_cell_of_the_list_is_judged(run: Run) -> None:
    """None runs beside the student's code."""
    assert {g.fate.in_kernel for g in run.judged.values()} == {()}


def test_the_judge_and_the_plain_kernel_agree(run: Run) -> None:
    """Right answers get the same scores from tests that run beside the student's code, cell by cell."""
    assert len(run.plain) == len(PLAIN)
    for name, graded in run.plain.items():
        assert graded.fate.scores == run.judged[name].fate.scores, name
