"""A small course, written by hand, with secrets planted where they must not come out."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from sqlalchemy import create_engine
from sqlalchemy import text as sql_text

from autograder.assignment import Assignment, load
from autograder.outcome import CellVerdict, Curve, NotebookReport, Outcome

CANARY = "canary_hidden_threshold"
LABEL = "rotulo_secreto_7319"

Edit = Callable[[NotebookNode], None]


def nbgrader_cell(kind: str, grade_id: str, source: str, **fields: Any) -> NotebookNode:
    """A cell that nbgrader knows."""
    metadata = {"grade": False, "solution": False, "locked": False, "task": False, "schema_version": 3}
    new = new_code_cell if kind == "code" else new_markdown_cell
    cell = new(source, metadata={"nbgrader": {**metadata, "grade_id": grade_id, **fields}})
    cell["id"] = f"id-{grade_id}"
    return cell


def notebook() -> NotebookNode:
    """A source notebook with each kind of cell."""
    hidden = f"### BEGIN HIDDEN TESTS\n{CANARY} = 0.8517\nassert labels == '{LABEL}'\n### END HIDDEN TESTS"
    cells = [
        new_markdown_cell("# Classificador sequencial\n\nContexto.", id="intro"),
        new_markdown_cell("## 1. A arquitetura", id="h1"),
        nbgrader_cell("code", "model", "### BEGIN SOLUTION\nmodel = 1\n### END SOLUTION", solution=True),
        nbgrader_cell("code", "test_model", f"assert model\n{hidden}", grade=True, locked=True, points=3),
        new_markdown_cell("## 2. O treinamento\n\nTreine.", id="h2"),
        nbgrader_cell("code", "test_fit", f"assert model\n{hidden}", grade=True, locked=True, points=4),
        nbgrader_cell("markdown", "read_only", "Leia isto.", locked=True),
        new_markdown_cell("## 3. Discussão", id="h3"),
        nbgrader_cell("markdown", "essay", "Uma resposta modelo.", grade=True, solution=True, points=2),
        nbgrader_cell("markdown", "task", "Desenhe um gráfico.", task=True, locked=True, points=1),
    ]
    kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernelspec})


class Course:
    """A course in a folder, and its gradebook."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.db_url = f"sqlite:///{root / 'gradebook.db'}"

    def write(self, name: str = "ex01", *, edit: Edit | None = None) -> Assignment:
        """Write a source notebook, changed by ``edit``, and load the assignment."""
        source = notebook()
        if edit is not None:
            edit(source)
        folder = self.root / "assignments" / "lista"
        folder.mkdir(parents=True, exist_ok=True)
        nbformat.write(source, folder / f"{name}.ipynb")
        return self.load()

    def execute(self, statement: str, **values: Any) -> list[tuple[Any, ...]]:
        """Run a statement of SQL, as somebody who knows nothing of us would; its rows."""
        engine = create_engine(self.db_url)
        with engine.begin() as connection:
            found = connection.execute(sql_text(statement), values)
            rows = [tuple(row) for row in found] if found.returns_rows else []
        engine.dispose()
        return rows

    def load(self) -> Assignment:
        """The assignment as it is on disk."""
        return load(self.root, "lista")


def report(student: str = "ana", **fields: Any) -> NotebookReport:
    """A graded notebook: one test passed in full, one in part, an essay and a task that wait."""
    verdicts = (
        CellVerdict("test_model", 3.0, 3.0, outcomes=(Outcome("Três camadas densas", True, 1.0),)),
        CellVerdict(
            "test_fit",
            4.0,
            2.0,
            outcomes=(
                Outcome("O histórico tem 10 épocas", True, 1.0),
                Outcome(
                    "Acurácia na validação",
                    False,
                    0.0,
                    expected="pelo menos 0,85",
                    actual="0,31",
                    hint="Normalizou os pixels?",
                ),
            ),
        ),
        CellVerdict("essay", 2.0, None, manual=True),
        CellVerdict("task", 1.0, None, manual=True),
    )
    curves = (Curve("loss", (0.9, 0.5, 0.4)), Curve("val_loss", (0.8, 0.6, 0.55)))
    values: dict[str, Any] = {
        "student": student,
        "assignment": "lista",
        "notebook": "ex01",
        "status": "graded",
        "verdicts": verdicts,
        "curves": curves,
        "seconds": 2.5,
        "sandbox": {"weakened": False},
    }
    return NotebookReport(**{**values, **fields})
