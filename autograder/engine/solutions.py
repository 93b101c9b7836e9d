"""The solved notebooks, executed, without hidden tests: what students get after the deadline."""

import asyncio
import tempfile
from copy import deepcopy
from pathlib import Path

from nbformat import NotebookNode

from autograder import data
from autograder.assignment import Assignment, Template
from autograder.engine.evidence import evidence_of
from autograder.errors import UsageError
from autograder.judge import why_it_ended
from autograder.notebook import write
from autograder.release import without_hidden_tests
from autograder.sandbox.files import copy_regular_files
from autograder.sandbox.run import run_notebook

__all__ = ["write_solutions"]


def write_solutions(course: Path, assignment: Assignment) -> list[Path]:
    """Run the reference solutions in the sandbox and write ``solutions/<assignment>/``.

    Raises:
        UsageError: A reference solution fails; the message names the cell.
    """
    return [asyncio.run(_write(course, assignment, template)) for template in assignment.notebooks]


async def _write(course: Path, assignment: Assignment, template: Template) -> Path:
    notebook = deepcopy(template.notebook)
    for cell in notebook.cells:
        cell.source = without_hidden_tests(cell.source)
    with tempfile.TemporaryDirectory() as work:
        copy_regular_files(assignment.path, Path(work), max_bytes=2**28, leave=("*.ipynb",))
        settings = assignment.settings
        config = {"datasets": str(data.public_view(course))}
        run = await run_notebook(notebook, work=Path(work), limits=settings.limits, config=config)
    for position, ran in run.cells.items():
        evidence = evidence_of(notebook.cells[position], ran)
        if (why := why_it_ended(evidence)) is not None or any(
            output.output_type == "error" for output in evidence.outputs
        ):
            raise UsageError(
                f"{template.name}: the reference solution fails in cell {position}: {why or 'a check'}"
            )
    _leave_out_warnings(notebook)
    path = course / "solutions" / assignment.name / f"{template.name}.ipynb"
    write(notebook, path)
    return path


def _leave_out_warnings(notebook: NotebookNode) -> None:
    """Drop what went to stderr: libraries' warnings name folders of the teacher's machine, and answer nothing."""
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [out for out in cell.outputs if out.get("name") != "stderr"]
