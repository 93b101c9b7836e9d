"""List #12 as it stands in the repository: what students get is what the source notebooks say."""

import shutil
from pathlib import Path

import nbformat
import pytest

from autograder.assignment import load
from autograder.nbgrader_bridge import generate_release
from autograder.release import problems, secret_lines, without_hidden_tests
from autograder.sanitise import sanitise

ROOT = Path(__file__).parent.parent
NOTEBOOKS = ("01_classificador_sequencial", "02_regressor_sequencial", "09_diretrizes")


def sources(path: Path) -> list[str]:
    return [cell.source for cell in nbformat.read(path, as_version=4).cells]


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the course with a release made just now."""
    root = tmp_path_factory.mktemp("course")
    shutil.copytree(ROOT / "assignments", root / "assignments")
    shutil.copy(ROOT / "nbgrader_config.py", root)
    generate_release(root, "lista12")
    return root


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_the_release_is_current(fresh: Path, notebook: str) -> None:
    """Nobody forgot `make release` after changing an exercise."""
    made = fresh / "release" / "lista12" / f"{notebook}.ipynb"
    assert sources(ROOT / "release" / "lista12" / f"{notebook}.ipynb") == sources(made)


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_the_solutions_are_current_and_have_run(notebook: str) -> None:
    """The published solution is the reference solution, executed, without hidden tests."""
    solved = nbformat.read(ROOT / "solutions" / "lista12" / f"{notebook}.ipynb", as_version=4)
    expected = [without_hidden_tests(s) for s in sources(ROOT / "assignments" / "lista12" / f"{notebook}.ipynb")]
    assert [cell.source for cell in solved.cells] == expected
    assert all(c.execution_count for c in solved.cells if c.cell_type == "code" and c.source.strip())
    assert not [o for c in solved.cells for o in c.get("outputs", ()) if o.output_type == "error"]


def test_the_release_leaks_nothing() -> None:
    """No line of a solution, a hidden test or a mark scheme is in what students get."""
    assert problems(ROOT, load(ROOT, "lista12")) == []


def test_a_leak_is_seen(fresh: Path) -> None:
    """The scan is no formality: one hidden line in a release is reported."""
    assignment = load(fresh, "lista12")
    path = fresh / "release" / "lista12" / f"{NOTEBOOKS[0]}.ipynb"
    before = path.read_text()
    notebook = nbformat.reads(before, as_version=4)
    notebook.cells[0].source += "\n" + sorted(secret_lines(assignment.notebooks[0]))[0]
    nbformat.write(notebook, path)
    try:
        assert len(problems(fresh, assignment)) == 1
    finally:
        path.write_text(before)


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_every_exercise_is_complete(notebook: str) -> None:
    """Ten points: eight by tests, two by a TA; held-out tests come last."""
    template = load(ROOT, "lista12").notebook(notebook)
    assert template.max_score == 10
    assert sum(c.points for c in template.cells if c.manual) == 2
    assert template.notebook.metadata.kernelspec.name == "python3"


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_a_sanitised_notebook_reads_like_the_one_handed_out(notebook: str) -> None:
    """A TA sees text and cells in the order of the exercise, free cells included."""
    template = load(ROOT, "lista12").notebook(notebook)
    released = nbformat.read(ROOT / "release" / "lista12" / f"{notebook}.ipynb", as_version=4)
    clean = sanitise(released, template, released)
    assert [c.id for c in clean.notebook.cells] == [c.id for c in released.cells]
    assert clean.notices == ()
