"""What nbgrader keeps of a source notebook, worked out as ``nbgrader generate_assignment`` does."""

import copy
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbgrader import utils
from nbgrader.nbgraderformat import ValidationError
from nbgrader.preprocessors import (
    CheckCellMetadata,
    ClearOutput,
    ClearSolutions,
    ComputeChecksums,
    IncludeHeaderFooter,
    LockCells,
)
from traitlets import TraitError
from traitlets.config import Config, PyFileConfigLoader

from autograder.assignment import Template
from autograder.errors import UsageError

__all__ = ["SourceNotebook", "SourceRow", "read_config", "source_of"]

# What nbgrader runs before it saves the cells. (InstantiateTests, which also runs there, executes the
# notebook; it is refused below.)
_STEPS = (IncludeHeaderFooter, LockCells, ClearSolutions, ClearOutput, CheckCellMetadata, ComputeChecksums)


@dataclass(frozen=True)
class SourceRow:
    """One cell as nbgrader saves it: hidden tests included, solutions removed."""

    name: str
    cell_type: str
    source: str
    checksum: str | None
    locked: bool
    grade: bool
    solution: bool
    task: bool
    points: float


@dataclass(frozen=True)
class SourceNotebook:
    """A notebook as nbgrader saves it."""

    name: str
    kernelspec: str
    rows: tuple[SourceRow, ...]


def read_config(course: Path) -> Config:
    """The course's ``nbgrader_config.py``: its stubs and delimiters change what is saved.

    Raises:
        UsageError: The file cannot be executed.
    """
    if not (course / "nbgrader_config.py").exists():
        return Config()
    try:
        return PyFileConfigLoader("nbgrader_config.py", path=str(course)).load_config()
    except Exception as error:  # it is a program: whatever it raises is a mistake in it
        raise UsageError(f"{course / 'nbgrader_config.py'} fails: {type(error).__name__}: {error}.") from error


def source_of(template: Template, *, assignment: str, config: Config) -> SourceNotebook:
    """What ``nbgrader generate_assignment`` would save of ``template``.

    Raises:
        UsageError: nbgrader would refuse the notebook.
    """
    notebook = copy.deepcopy(template.notebook)
    _refuse_autotests(template, config)
    resources: dict[str, Any] = {
        "nbgrader": {"notebook": template.name, "assignment": assignment, "student": ".", "db_url": ""},
        "metadata": {"path": ""},
    }
    try:
        for step in _STEPS:
            notebook, resources = step(config=config)(notebook, resources)
        rows = tuple(_row(cell) for cell in notebook.cells if _kept(cell))
    except (ValidationError, RuntimeError, ValueError, KeyError, OSError, TraitError) as error:
        raise UsageError(
            f"{assignment}/{template.name}.ipynb: nbgrader refuses it: {error}.",
            "See its message by running 'nbgrader generate_assignment'.",
        ) from error
    for row in rows:
        if row.cell_type not in ("code", "markdown"):
            raise UsageError(
                f"{assignment}/{template.name}.ipynb: cell {row.name!r} is of type {row.cell_type}.",
                "nbgrader keeps code and markdown cells only.",
            )
    return SourceNotebook(template.name, json.dumps(notebook.metadata.get("kernelspec", {})), rows)


def _refuse_autotests(template: Template, config: Config) -> None:
    delimiter = config.get("InstantiateTests", {}).get("autotest_delimiter", "AUTOTEST")
    for cell in template.cells:
        if cell.grade and any(
            line.lstrip("# ").startswith(delimiter) and line.lstrip().startswith("#")
            for line in cell.source.splitlines()
        ):
            raise UsageError(
                f"{template.name}.ipynb: cell {cell.grade_id!r} uses {delimiter}, which is not supported.",
                "Write the test out.",
            )


def _kept(cell: Any) -> bool:
    return bool(utils.is_grade(cell) or utils.is_solution(cell) or utils.is_locked(cell) or utils.is_task(cell))


def _row(cell: Any) -> SourceRow:
    metadata = cell.metadata.nbgrader
    grade, task = bool(utils.is_grade(cell)), bool(utils.is_task(cell))
    return SourceRow(
        name=metadata["grade_id"],
        cell_type=cell.cell_type,
        source=cell.source,
        checksum=metadata.get("checksum"),
        locked=bool(utils.is_locked(cell)),
        grade=grade,
        solution=bool(utils.is_solution(cell)),
        task=task,
        points=float(metadata["points"]) if grade or task else 0.0,
    )
