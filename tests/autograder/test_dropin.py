"""In any nbgrader course, one line makes stock ``nbgrader autograde`` use the sandbox and the strict scoring."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.apps.api import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config, PyFileConfigLoader

import autograder
from autograder.sandbox.client import Zygote

pytestmark = [pytest.mark.sandbox, pytest.mark.slow, pytest.mark.usefixtures("zygote")]

#: nbgrader starts `alembic`, which an activated environment has on its path.
SCRIPTS = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
TESTS = ("problem1.ipynb", "problem2.ipynb")


def nbgrader(course: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The stock command line of this Python."""
    command = [sys.executable, "-m", "nbgrader", *arguments]
    return subprocess.run(
        command, cwd=course, env={**os.environ, "PATH": SCRIPTS}, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """nbgrader's own example course, with our line, its solution handed in by ana, and odd tests by others."""
    folder = tmp_path_factory.mktemp("dropin")
    made = nbgrader(folder, "quickstart", "course101")
    assert made.returncode == 0, made.stderr
    root = folder / "course101"
    config = root / "nbgrader_config.py"
    config.write_text(config.read_text() + "\nimport autograder\nautograder.configure(c, cell_cpu=20.0)\n")
    source = root / "source" / "ps1"
    assert nbgrader(root, "generate_assignment", "ps1").returncode == 0
    for student in ("ana", "bia"):
        shutil.copytree(root / "release" / "ps1", root / "submitted" / student / "ps1")
    for name in TESTS:
        shutil.copy(source / name, root / "submitted" / "ana" / "ps1" / name)
    graded = nbgrader(root, "autograde", "ps1")
    assert graded.returncode == 0, graded.stderr
    return root


def scores(root: Path, student: str) -> dict[str, tuple[float | None, float, bool]]:
    """Automatic score, points and whether a person must look, of each test cell."""
    with Gradebook(f"sqlite:///{root}/gradebook.db") as book:
        submission = book.find_submission("ps1", student)
        return {
            grade.name: (grade.auto_score, grade.max_score, bool(grade.needs_manual_grade))
            for notebook in submission.notebooks
            for grade in notebook.grades
            if grade.cell.cell_type == "code"
        }


def test_the_solution_of_the_example_course_gets_full_marks(course: Path) -> None:
    found = scores(course, "ana")
    assert found == {
        "correct_squares": (1, 1, False),
        "squares_invalid_input": (1, 1, False),
        "correct_sum_of_squares": (0.5, 0.5, False),
        "sum_of_squares_uses_squares": (0.5, 0.5, False),
        "sum_of_squares_application": (None, 2, True),
    }


def test_the_stub_gets_none(course: Path) -> None:
    found = scores(course, "bia")
    assert sum(got or 0 for got, _, _ in found.values()) == 0


def replaced(course: Path, student: str, edit: Callable[[NotebookNode], None]) -> None:
    """Change the *source*, so that the tests are the instructor's, and hand in the solution."""
    shutil.copytree(course / "submitted" / "ana", course / "submitted" / student)
    for folder in ("source/ps1", f"submitted/{student}/ps1"):
        path = course / folder / "problem1.ipynb"
        notebook = nbformat.read(path, as_version=4)
        edit(notebook)
        nbformat.write(notebook, path)


@pytest.fixture(scope="module")
def strict(course: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same course, with test cells that stock nbgrader scores wrongly."""
    root = tmp_path_factory.mktemp("strict") / "course101"
    shutil.copytree(course, root)
    for name in ("gradebook.db", "autograded", "release"):
        path = root / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()

    def edit(notebook: NotebookNode) -> None:
        tests = [c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade") and c.cell_type == "code"
                 and not c.metadata.nbgrader.get("solution")]  # fmt: skip
        sources = (
            "import sys, os, socket\nprint('WARNING', file=sys.stderr)\n"
            "assert socket.gethostname() == 'sandbox' and os.getpid() == 1 and not os.path.exists('/etc/shadow')",
            "float('nan')",
            "from autograder import check\ncheck.that(True, 'a')\ncheck.that(False, 'b')",
        )
        for number, (cell, source) in enumerate(zip(tests[:3], sources, strict=False)):
            cell.source = source
            cell.metadata.nbgrader.grade_id = f"strict-{number}"

    replaced(root, "caio", edit)
    assert nbgrader(root, "generate_assignment", "ps1", "--force").returncode == 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", SCRIPTS)
        result = api_of(root).autograde("ps1", "caio", force=True, create=True)
    assert result["success"], result
    return root


def api_of(root: Path) -> NbGraderAPI:
    """What formgrader's button calls."""
    config: Config = PyFileConfigLoader("nbgrader_config.py", path=str(root)).load_config()
    config.CourseDirectory.root = str(root)
    return NbGraderAPI(coursedir=CourseDirectory(config=config), config=config)


def test_formgraders_button_uses_the_sandbox_and_stderr_is_no_failure(strict: Path) -> None:
    got, points, manual = scores(strict, "caio")["strict-0"]
    assert (got, manual) == (points, False)


def test_a_score_that_is_no_number_waits_for_a_person(strict: Path) -> None:
    """Stock nbgrader gives full marks for it."""
    assert scores(strict, "caio")["strict-1"][::2] == (None, True)


def test_checks_give_partial_credit(strict: Path) -> None:
    got, points, manual = scores(strict, "caio")["strict-2"]
    assert (got, manual) == (pytest.approx(points / 2), False)


def test_the_autograded_notebook_is_where_formgrader_looks(course: Path) -> None:
    path = course / "autograded" / "ana" / "ps1" / "problem1.ipynb"
    notebook = nbformat.read(path, as_version=4)
    assert any(cell.get("outputs") for cell in notebook.cells)


def test_a_setting_that_does_not_exist_is_named() -> None:
    with pytest.raises(TypeError, match=r"no setting 'cell_cpus'; there are: .*cell_cpu"):
        autograder.configure(Config(), cell_cpus=3)


def test_configure_keeps_what_the_course_has_set() -> None:
    config = Config()
    config.CourseDirectory.course_id = "mine"
    autograder.configure(config, memory=999)
    assert config.CourseDirectory.course_id == "mine"
    assert config.SandboxExecute.memory == 999
    json.dumps(config.CourseDirectory)


def test_the_zygote_of_the_tests_served_the_course(course: Path, zygote: Zygote) -> None:
    """The command started no second one."""
    assert len([p for p in zygote.path.parent.glob("z-*") if p.is_socket()]) == 1
