"""The bank of right and wrong submissions, graded as students' are: every verdict is the one it must be.

Every exemplar runs in a sandbox on the real data, once a session; then each has a test of its own.
"""

import asyncio
import os
import shutil
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest

from autograder.assignment import Assignment, load
from autograder.engine import Course, Item, grade_all
from autograder.exemplar import Exemplar, bank, submission
from autograder.notebook import write
from autograder.outcome import NotebookReport
from autograder.sandbox.client import Zygote
from autograder.submission import Submission

pytestmark = [pytest.mark.tensorflow, pytest.mark.sandbox, pytest.mark.slow, pytest.mark.timeout(900)]

ROOT = Path(__file__).parent.parent
BANK = bank(ROOT / "exemplars" / "lista12")


def key_of(exemplar: Exemplar) -> str:
    return f"{exemplar.notebook[:2]}-{exemplar.verdict}-{exemplar.name}"


def build_course(root: Path) -> Assignment:
    """A course with list #12 and every exemplar handed in by a student of its own."""
    shutil.copytree(ROOT / "assignments" / "lista12", root / "assignments" / "lista12")
    shutil.copytree(ROOT / "release" / "lista12", root / "release" / "lista12")
    settings = (ROOT / "assignments" / "lista12.toml").read_text().replace("cell_cpu = 120", "cell_cpu = 30")
    (root / "assignments" / "lista12.toml").write_text(settings)
    assignment = load(root, "lista12")
    for exemplar in BANK:
        released = nbformat.read(root / "release" / "lista12" / f"{exemplar.notebook}.ipynb", as_version=4)
        filled = submission(exemplar, assignment.notebook(exemplar.notebook).notebook, released)
        write(filled, root / "submitted" / key_of(exemplar) / "lista12" / f"{exemplar.notebook}.ipynb")
    return assignment


async def grade_bank(
    root: Path, assignment: Assignment, chosen: list[Exemplar] = BANK, *, judged: bool = True
) -> dict[str, NotebookReport]:
    items = [
        Item(
            Submission(key_of(e), root / "submitted" / key_of(e) / "lista12", None),
            assignment.notebook(e.notebook),
        )
        for e in chosen
    ]
    # The slowest first: endless loops then share the machine with the rest.
    items.sort(key=lambda item: "laco" not in item.name)
    jobs = os.cpu_count() or 1
    course = replace(Course.open(root, assignment, jobs=jobs), judged=judged)
    return {i.submission.student: g.report async for i, g in grade_all(course, items, jobs=jobs)}


@pytest.fixture(scope="session")
def graded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Assignment, dict[str, NotebookReport]]:
    root = tmp_path_factory.mktemp("bank")
    assignment = build_course(root)
    for role in ("kernel", "judge"):
        Zygote.connect(role)
    return assignment, asyncio.run(grade_bank(root, assignment))


@pytest.mark.parametrize("exemplar", BANK, ids=key_of)
def test_verdict(exemplar: Exemplar, graded: tuple[Assignment, dict[str, NotebookReport]]) -> None:
    """A correct answer gets every point, and a wrong one loses exactly those that its defect costs."""
    assignment, reports = graded
    report = reports[key_of(exemplar)]
    cells = assignment.notebook(exemplar.notebook).cells
    expected = exemplar.expected({c.grade_id: c.points for c in cells if c.is_test})
    scores = {v.grade_id: v.score for v in report.verdicts if not v.manual}
    details = [o for v in report.verdicts for o in v.outcomes if not o.passed]
    assert scores == pytest.approx(expected), (report.notices, details)
    assert not report.needs_review


def test_there_are_six_styles_of_right_answers() -> None:
    """Each exercise is proved to accept at least six ways to answer it, and to catch as many defects."""
    for notebook in ("01_classificador_sequencial", "02_regressor_sequencial", "09_diretrizes"):
        for verdict in ("accepted", "rejected"):
            assert len([e for e in BANK if e.notebook == notebook and e.verdict == verdict]) >= 6


def test_checks_speak_portuguese_inside_the_sandbox(graded: tuple[Assignment, dict[str, NotebookReport]]) -> None:
    """The kernel cannot see this project's files; its messages are translated all the same."""
    report = graded[1]["01-rejected-salvou_antes"]
    saving = next(v for v in report.verdicts if v.grade_id == "saving-test")
    assert [o.actual for o in saving.outcomes if not o.passed] == ["a arquitetura está certa, os pesos são outros"]


@pytest.mark.parametrize("notebook", ["01_classificador_sequencial", "02_regressor_sequencial"])
def test_right_answers_are_quick(notebook: str, graded: tuple[Assignment, dict[str, NotebookReport]]) -> None:
    """No accepted style takes more than 20 s of CPU time."""
    slowest = max(
        graded[1][key_of(e)].cpu_seconds for e in BANK if e.notebook == notebook and e.verdict == "accepted"
    )
    assert slowest <= 20


def test_every_test_cell_of_the_list_is_judged(graded: tuple[Assignment, dict[str, NotebookReport]]) -> None:
    """None runs beside the student's code."""
    assert {tuple(report.sandbox["in_kernel"]) for report in graded[1].values()} == {()}


def test_the_judge_and_the_plain_kernel_agree(
    graded: tuple[Assignment, dict[str, NotebookReport]], tmp_path: Path
) -> None:
    """Right answers get the same scores from tests that run beside the student's code, cell by cell."""
    accepted = [e for e in BANK if e.verdict == "accepted"]
    plain = asyncio.run(grade_bank(tmp_path, build_course(tmp_path), accepted, judged=False))
    for name, report in plain.items():
        scores = {v.grade_id: v.score for v in report.verdicts}
        assert scores == {v.grade_id: v.score for v in graded[1][name].verdicts}, name
