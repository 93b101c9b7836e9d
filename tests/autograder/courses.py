"""Small courses, written by hand: notebooks that need no TensorFlow, and what students make of them."""

import copy
import json
import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograder.assignment import Assignment, Settings, Template, load, template_of
from autograder.data.key import holdout_key

ROOT = Path(__file__).resolve().parents[2]
STUB = "# ESCREVA A SUA SOLUÇÃO AQUI\nraise NotImplementedError()"
ESSAY_STUB = "*Escreva a sua resposta aqui.*"
#: In a hidden test: must not come out anywhere.
CANARY = "canary_of_the_hidden_test"

Edit = Callable[[NotebookNode], None]


def code(source: str, cell_id: str, **fields: Any) -> NotebookNode:
    """A code cell; with fields (``grade=True`` …) one that nbgrader knows."""
    return new_code_cell(source, id=cell_id, metadata=_metadata(cell_id, fields))


def text(source: str, cell_id: str, **fields: Any) -> NotebookNode:
    """A markdown cell; with fields one that nbgrader knows."""
    return new_markdown_cell(source, id=cell_id, metadata=_metadata(cell_id, fields))


def _metadata(cell_id: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    if not fields:
        return {}
    known = {"grade": False, "solution": False, "locked": False, "task": False, "schema_version": 3}
    return {"nbgrader": {**known, "grade_id": cell_id.removeprefix("id-"), **fields}}


def solution(source: str, grade_id: str) -> NotebookNode:
    """A cell for the student's code."""
    return code(f"### BEGIN SOLUTION\n{source}\n### END SOLUTION", f"id-{grade_id}", solution=True)


def test(source: str, grade_id: str, points: float) -> NotebookNode:
    """A cell that scores by being run."""
    return code(source, f"id-{grade_id}", grade=True, locked=True, points=points)


test.__test__ = False  # type: ignore[attr-defined]  # a builder, not a test


def tiny() -> list[NotebookNode]:
    """Two exercises, a check cell, an all-or-nothing cell, a read-only cell and an essay: 2 + 3 + 1 points."""
    return [
        text("# Pequena lista\n\nContexto.", "intro"),
        code("import math", "imports"),
        solution("def double(x):\n    return 2 * x", "double"),
        test(
            "from autograder import check\n"
            "check.equal(double(2), 4, title='dobro de 2')\n"
            f"### BEGIN HIDDEN TESTS\n{CANARY} = 21\n"
            f"check.equal(double({CANARY}), 42, title='dobro de outro número', hint='Veja a definição.')\n"
            "### END HIDDEN TESTS",
            "double-test",
            2,
        ),
        text("Leia isto antes.", "id-notice", locked=True),
        text("## Segunda parte", "second"),
        solution("square = [n * n for n in range(10)]", "square"),
        test("assert square[3] == 9\nassert len(square) == 10", "square-test", 3),
        text("Uma resposta modelo.", "id-essay", grade=True, solution=True, points=1),
    ]


def source_notebook(cells: Sequence[NotebookNode]) -> NotebookNode:
    """A notebook as an instructor saves it."""
    spec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return new_notebook(cells=list(cells), metadata={"kernelspec": spec})


def released(source: NotebookNode) -> NotebookNode:
    """What students get: no solution, no hidden test."""
    notebook = copy.deepcopy(source)
    for cell in notebook.cells:
        cell.source = re.sub("### BEGIN SOLUTION.*### END SOLUTION", STUB, cell.source, flags=re.DOTALL)
        cell.source = re.sub("\n?### BEGIN HIDDEN.*### END HIDDEN TESTS", "", cell.source, flags=re.DOTALL)
        known = cell.metadata.get("nbgrader", {})
        if known.get("solution") and cell.cell_type == "markdown":
            cell.source = ESSAY_STUB
    return notebook


def cell_of(notebook: NotebookNode, grade_id: str) -> NotebookNode:
    """The cell that nbgrader calls ``grade_id``."""
    return next(c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == grade_id)


def answered(notebook: NotebookNode, answers: Mapping[str, str]) -> NotebookNode:
    """A copy of a released notebook with answers in its solution cells."""
    answered = copy.deepcopy(notebook)
    for grade_id, answer in answers.items():
        cell_of(answered, grade_id).source = answer
    return answered


#: Right answers to ``tiny``.
RIGHT = {
    "double": "def double(x):\n    return 2 * x",
    "square": "square = [n ** 2 for n in range(10)]",
    "essay": "Porque sim.",
}


def template(cells: Sequence[NotebookNode] | None = None, name: str = "tiny", *, folder: Path) -> Template:
    """A template written to ``folder`` and read back."""
    path = folder / f"{name}.ipynb"
    nbformat.write(source_notebook(tiny() if cells is None else cells), path)
    return template_of(path)


class TinyCourse:
    """A course in a folder: assignment ``lista`` with its release, and what was handed in."""

    def __init__(
        self, root: Path, *, settings: str = "", cells: Mapping[str, Sequence[NotebookNode]] | None = None
    ):
        self.root = root
        root.mkdir(exist_ok=True)
        self.released: dict[str, NotebookNode] = {}
        for name, wanted in (cells or {"tiny": tiny()}).items():
            source = source_notebook(wanted)
            self.released[name] = released(source)
            self._write(source, root / "assignments" / "lista" / f"{name}.ipynb")
            self._write(self.released[name], root / "release" / "lista" / f"{name}.ipynb")
        (root / "assignments" / "lista.toml").write_text(
            settings or "[limits]\ncell_cpu = 10\nnotebook_cpu = 30\n"
        )
        # The repository's key, so that no further view of the data sets has to be made.
        holdout_key(ROOT)
        shutil.copy(ROOT / ".holdout-key", root / ".holdout-key")
        (root / "nbgrader_config.py").write_text(
            "c = get_config()\nc.CourseDirectory.source_directory = 'assignments'\n"
            f"c.ClearSolutions.code_stub = {{'python': {STUB!r}}}\nc.ClearSolutions.text_stub = {ESSAY_STUB!r}\n"
        )

    @staticmethod
    def _write(notebook: NotebookNode, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, path)

    @property
    def assignment(self) -> Assignment:
        """The assignment as it is on disk."""
        return load(self.root, "lista")

    @property
    def settings(self) -> Settings:
        """Its settings."""
        return self.assignment.settings

    def folder(self, student: str) -> Path:
        """Where the student's submission lies."""
        path = self.root / "submitted" / student / "lista"
        path.mkdir(parents=True, exist_ok=True)
        return path

    def submit(
        self,
        student: str,
        answers: Mapping[str, str] | None = None,
        *,
        name: str = "tiny",
        edit: Edit | None = None,
    ) -> Path:
        """Hand in the released notebook with answers, changed by ``edit``; returns the file."""
        notebook = answered(self.released[name], RIGHT if answers is None else answers)
        if edit is not None:
            edit(notebook)
        path = self.folder(student) / f"{name}.ipynb"
        path.write_text(json.dumps(notebook))  # not nbformat.write: it would refuse what tests hand in
        return path
