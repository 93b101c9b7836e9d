"""One notebook from file to report, where only a kernel can tell; and several at once."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest
from courses import RIGHT, TinyCourse, code, solution, test
from nbformat import NotebookNode

from autograder.engine import Course, Graded, Item, Observer, Silent, grade_all, items_of
from autograder.errors import UsageError
from autograder.sandbox.client import Zygote
from autograder.submission import find

pytestmark = pytest.mark.sandbox


def graded(course: TinyCourse, *, jobs: int = 1, observer: Observer | None = None) -> dict[str, Graded]:
    """Everybody's results, by student, in the order in which they ended."""

    async def run() -> dict[str, Graded]:
        items = items_of(find(course.root, "lista"), course.assignment.notebooks)
        opened = Course.open(course.root, course.assignment)
        done = grade_all(opened, items, jobs=jobs, observer=observer)
        return {item.submission.student: result async for item, result in done}

    return asyncio.run(run())


def test_held_out_inputs_come_after_the_last_cell_a_student_wrote(zygote: Zygote, tmp_path: Path) -> None:
    """Nothing of the student's can look at them and then learn; the labels are the judge's alone."""
    cells: Sequence[NotebookNode] = [
        solution("seen = []", "peek"),
        test(
            "from autograder import check, holdout\nheld = holdout.fashion_mnist()\n"
            "check.equal(len(held.labels()), len(held.inputs()), title='com rótulos')\n"
            "check.equal(held.inputs().shape[1:], (28, 28), title='entradas')\n"
            "check.equal(seen, [[], []], title='nada antes')",
            "held-test",
            3,
        ),
        code("", "end"),
    ]
    course = TinyCourse(tmp_path / "c", cells={"tiny": cells})
    look = "import os; seen.append(os.listdir('/run/autograder'))"
    course.submit("ana", {"peek": f"seen = []\n{look}"}, edit=lambda nb: nb.cells.append(code(look, "mine")))
    report = graded(course)["ana"].report
    assert [(o.title, o.passed) for v in report.verdicts for o in v.outcomes] == [
        ("com rótulos", True), ("entradas", True), ("nada antes", True),
    ]  # fmt: skip
    assert report.score == 3


def test_outcomes_curves_and_answers_are_in_the_result(zygote: Zygote, tmp_path: Path) -> None:
    course = TinyCourse(tmp_path / "c")
    course.submit("ana", {**RIGHT, "double": "def double(x):\n    return 4 if x == 2 else 0"})
    result = graded(course)["ana"]
    verdict = next(v for v in result.report.verdicts if v.grade_id == "double-test")
    assert [(o.passed, o.hint) for o in verdict.outcomes] == [(True, None), (False, "Veja a definição.")]
    assert verdict.score == 1
    assert set(result.answers) == {"essay"}
    assert result.report.seconds > 0
    assert result.notebook is not None
    assert any(cell.get("outputs") for cell in result.notebook.cells)


def test_the_answer_of_an_essay_is_recognised_when_it_changes(zygote: Zygote, tmp_path: Path) -> None:
    """So that a TA reads again what was handed in again, and nothing else."""
    course = TinyCourse(tmp_path / "c")
    course.submit("ana")
    course.submit("bia", {**RIGHT, "double": "x = 1"})
    course.submit("caio", {**RIGHT, "essay": "Outra."})
    answers = {student: result.answers["essay"] for student, result in graded(course, jobs=2).items()}
    assert answers["ana"] == answers["bia"] != answers["caio"]


def test_no_more_run_at_once_than_was_asked(zygote: Zygote, tmp_path: Path) -> None:
    course = TinyCourse(tmp_path / "c")
    for student in ("ana", "bia", "caio"):
        course.submit(student)
    started: list[str] = []

    class Told(Silent):
        def began(self, item: Item, worker: str) -> None:
            started.append(item.submission.student)

    results = graded(course, jobs=1, observer=Told())
    assert started == list(results) == ["ana", "bia", "caio"]


def test_leaving_early_ends_what_runs(zygote: Zygote, tmp_path: Path) -> None:
    course = TinyCourse(tmp_path / "c", settings="[limits]\ncell_cpu = 60\n")
    course.submit("ana")
    course.submit("bia", {**RIGHT, "double": "import time\ntime.sleep(600)"})

    async def first() -> str:
        items = items_of(find(course.root, "lista"), course.assignment.notebooks)
        results = grade_all(Course.open(course.root, course.assignment), items, jobs=2)
        item, _ = await anext(results)
        await asyncio.sleep(1.5)  # the other one is in its endless cell by now
        await results.aclose()  # type: ignore[attr-defined]
        return item.submission.student

    assert asyncio.run(asyncio.wait_for(first(), 30)) == "ana"


def test_a_course_without_a_release_cannot_be_graded(tmp_path: Path) -> None:
    course = TinyCourse(tmp_path / "c")
    (course.root / "release" / "lista" / "tiny.ipynb").write_text("{")
    with pytest.raises(UsageError, match="autograder release lista"):
        Course.open(course.root, course.assignment)
