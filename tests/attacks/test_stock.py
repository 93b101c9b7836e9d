"""The stand-in for stock nbgrader says what nbgrader says: a few attacks, in a course that uses it as it comes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hostile.catalogue import ATTACKS
from hostile.course import FULL, build
from nbgrader.api import Gradebook

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

#: Attack, and the test cell whose points it gets.
GAINS = {
    "blank-by-cleanup": "resposta-test",
    "drop-asserts-in-tree": "resposta-test",
    "read-the-cell-before-it-runs": "resposta-test",
    "equal-to-everything": "resposta-test",
    "numpy-replaced": "pi-test",
    "partial-score-nan": "quadrados-test",
}


def nbgrader(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return subprocess.run(
        [sys.executable, "-m", "nbgrader", *arguments], cwd=root, env={**os.environ, "PATH": path},
        capture_output=True, text=True, timeout=200, check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course graded by stock nbgrader."""
    root = tmp_path_factory.mktemp("stock") / "c"
    course = build(root, [attack for attack in ATTACKS if attack.name in GAINS])
    (root / "gradebook.db").unlink()
    for student in (root / "submitted").iterdir():
        if student.name not in GAINS:
            for path in course.folder(student.name).iterdir():
                path.unlink()
            course.folder(student.name).rmdir()
            student.rmdir()
    made = nbgrader(root, "generate_assignment", "lista", "--force", "--create")
    assert made.returncode == 0, made.stderr[-2000:]
    graded = nbgrader(root, "autograde", "lista", "--create")
    assert graded.returncode == 0, graded.stderr[-2000:]
    return root


@pytest.mark.parametrize(("name", "cell"), GAINS.items())
def test_stock_nbgrader_gives_the_points(name: str, cell: str, root: Path) -> None:
    """Full marks for a wrong answer."""
    with Gradebook(f"sqlite:///{root}/gradebook.db") as book:
        found = book.find_submission_notebook("tiny", "lista", name)
        assert {grade.name: grade.auto_score for grade in found.grades}[cell] == FULL[cell]
