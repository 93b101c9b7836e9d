"""Which test cells of a notebook are judged from outside, and what is known of each before anything runs."""

from dataclasses import dataclass

from nbformat import NotebookNode

from autograder.assignment import Template, TemplateCell
from autograder.evidence.names import CellNames, bindings, bound, imports, study
from autograder.notebook import grade_id_of

__all__ = ["JudgedCell", "asked_for", "judged_cells", "solutions_of", "visible_bindings"]


@dataclass(frozen=True)
class JudgedCell:
    """A test cell that is judged from outside.

    Args:
        cell: The cell.
        names: What it needs and binds.
        state: Ids of the solution cells before it.
        helpers: Texts of instructor cells before it that are no tests: the whole of locked ones, and the imports
            of those that students may edit.
        held_out: It is judged when all of the student's cells have run.
    """

    cell: TemplateCell
    names: CellNames
    state: tuple[str, ...]
    helpers: tuple[str, ...]
    held_out: bool


def judged_cells(template: Template) -> tuple[dict[str, JudgedCell], dict[str, str]]:
    """The test cells that can be judged, by id; and of the others, why they cannot."""
    judged: dict[str, JudgedCell] = {}
    others: dict[str, str] = {}
    state: list[str] = []
    helpers: list[str] = []
    for notebook_cell in template.notebook.cells:
        identity = grade_id_of(notebook_cell)
        cell = template.by_id.get(identity or "")
        if cell is None or cell.cell_type != "code":
            if cell is None and notebook_cell.cell_type == "code":
                helpers.append(imports(notebook_cell.source))  # what a test calls ``np`` is NumPy
            continue
        if not cell.is_test:
            if cell.solution:
                state.append(cell.grade_id)
            elif cell.locked:
                helpers.append(cell.source)
            continue
        names = study(cell.source)
        if names.problem is not None:
            others[cell.grade_id] = names.problem
            continue
        held_out = "holdout." in cell.source
        seen = solutions_of(template) if held_out else tuple(state)
        judged[cell.grade_id] = JudgedCell(cell, names, seen, tuple(helpers), held_out)
    return judged, others


def asked_for(template: Template) -> list[str] | None:
    """The names that students are meant to bind: those that the instructor's own text of their cells binds.

    ``None`` where that cannot be known.
    """
    found: set[str] = set()
    for notebook_cell in template.notebook.cells:
        cell = template.by_id.get(grade_id_of(notebook_cell) or "")
        if notebook_cell.cell_type != "code" or (cell is not None and (cell.is_test or cell.locked)):
            continue
        names = bound(notebook_cell.source)
        if names is None:
            return None
        found |= names
    return sorted(found)


def solutions_of(template: Template) -> tuple[str, ...]:
    """Ids of the cells in which the student writes code, in order."""
    return tuple(c.grade_id for c in template.cells if c.solution and c.cell_type == "code")


def visible_bindings(released: NotebookNode, identity: str) -> str:
    """What the student's text of a test cell binds: their later cells may use it."""
    cell = next((c for c in released.cells if grade_id_of(c) == identity), None)
    return bindings(cell.source) if cell is not None else ""
