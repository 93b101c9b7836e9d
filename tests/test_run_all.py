"""A student opens the list, runs every cell of every notebook, and has not answered anything yet.

In a kernel as JupyterLab starts it: no sandbox, nothing preloaded. One kernel for the whole list; it forgets all
names between two notebooks, since TensorFlow takes long to import.
"""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

pytestmark = [pytest.mark.tensorflow, pytest.mark.slow, pytest.mark.timeout(600)]

ROOT = Path(__file__).parent.parent
RELEASES = sorted((ROOT / "release" / "lista12").glob("*.ipynb"))
FORGET = "%reset -f"
WITHOUT_CHECKS = "import sys\nsys.modules['autograder'] = None"


def run_all(folder: Path, *, first: str) -> list[nbformat.NotebookNode]:
    """Every code cell of the list, run as "Run All" does: it stops at an error unless the cell says otherwise."""
    cells = []
    for path in RELEASES:
        notebook = nbformat.read(path, as_version=4)
        cells += [new_code_cell(FORGET), new_code_cell(first)]
        cells += [cell for cell in notebook.cells if cell.cell_type == "code"]
    for cell in cells:
        cell.id = f"c{id(cell)}"
    together = new_notebook(cells=cells, metadata={"kernelspec": {"name": "python3", "display_name": "p"}})
    NotebookClient(together, timeout=120, resources={"metadata": {"path": str(folder)}}).execute()
    return list(together.cells)


def errors(cells: list[nbformat.NotebookNode]) -> list[nbformat.NotebookNode]:
    return [output for cell in cells for output in cell.outputs if output.output_type == "error"]


def text_of(cells: list[nbformat.NotebookNode]) -> str:
    return "".join(output.get("text", "") for cell in cells for output in cell.outputs)


def test_unanswered_cells_say_so_and_all_cells_run(tmp_path: Path) -> None:
    """No traceback anywhere: an unanswered cell prints a line, and a test cell names what is missing."""
    cells = run_all(tmp_path, first="")
    assert "Esta célula ainda não foi respondida." in text_of(cells)
    shown = errors(cells)
    assert len(shown) >= 5 * len(RELEASES)
    strange = [(e.ename, e.evalue) for e in shown if e.ename != "CheckFailed"]
    assert strange == []


def test_the_notebooks_run_where_the_check_library_is_not_installed(tmp_path: Path) -> None:
    """On a laptop with TensorFlow alone: each check says how to get it, and cells still run."""
    cells = run_all(tmp_path, first=WITHOUT_CHECKS)
    assert "Não verificado: instale as verificações" in text_of(cells)
    strange = [(e.ename, e.evalue) for e in errors(cells) if e.ename != "NameError"]
    assert strange == []
