"""Bring a submitted notebook back into the shape the instructor gave it, keeping the student's work.

The instructor's notebook is the skeleton. Every cell that nbgrader knows is there once, in its place, with its
own type, id and points; locked cells have the instructor's text; the student's text goes into the solution
cells. Cells that the student added stay, after the cell they followed. Whatever was changed that should not
have been is restored and said in a notice: a mistake with the mouse costs nobody points.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell

from autograder.assignment import Template, TemplateCell
from autograder.messages import tr
from autograder.notebook import grade_id_of, nbgrader_metadata

__all__ = ["Sanitised", "match", "sanitise"]


@dataclass(frozen=True)
class Sanitised:
    """A notebook that is safe to run as far as its shape goes.

    Args:
        notebook: Format 4.5, with the instructor's cells in order.
        position: Where each of the instructor's cells is, by nbgrader id.
        notices: What had to be restored, in the language of the course.
        untouched: nbgrader ids of solution cells that hold what was handed out, or nothing.
    """

    notebook: NotebookNode
    position: dict[str, int]
    notices: tuple[str, ...]
    untouched: frozenset[str]


def match(notebook: NotebookNode, template: Template) -> float:
    """How much of ``template`` is in ``notebook``: the part of its nbgrader ids, in [0, 1]."""
    if not template.cells:
        return 0.0
    there = {grade_id_of(cell) for cell in notebook.cells} | {cell.get("id") for cell in notebook.cells}
    ids = _cell_ids(template)
    return sum(c.grade_id in there or ids[c.grade_id] in there for c in template.cells) / len(template.cells)


def _cell_ids(template: Template) -> dict[str, str]:
    """nbformat's id of each cell that nbgrader knows: survives an editor that drops metadata."""
    return {
        identity: cell.get("id", "")
        for cell in template.notebook.cells
        if (identity := grade_id_of(cell)) is not None
    }


def sanitise(notebook: NotebookNode, template: Template, released: NotebookNode) -> Sanitised:
    """Rebuild ``notebook`` on the skeleton of ``template``.

    Args:
        notebook: The student's, valid (see ``autograder.notebook.read``).
        template: The instructor's notebook.
        released: What was handed to students: tells a stub from an answer.
    """
    stubs = {identity: cell.source for cell in released.cells if (identity := grade_id_of(cell))}
    answers, extras, notices = _sort_cells(notebook, template, stubs)
    cells: list[NotebookNode] = list(extras.get(None, ()))
    position: dict[str, int] = {}
    untouched: set[str] = set()
    for original in template.notebook.cells:
        identity = grade_id_of(original)
        if identity is None:
            if original.cell_type == "markdown":
                cells.append(new_markdown_cell(original.source, id=original.get("id")))
            # An instructor's code cell without an id is the student's to edit; theirs came as an extra.
            continue
        known = template.by_id[identity]
        answer = answers.get(identity)
        source = known.source if known.locked else answer if answer is not None else ""
        if known.solution and source.strip() == stubs.get(identity, "").strip():
            untouched.add(identity)
        if known.solution and not source.strip():
            untouched.add(identity)
        position[identity] = len(cells)
        cells.append(_cell(known, source, original.get("id", "")))
        cells.extend(extras.get(identity, ()))
    clean = nbformat.v4.new_notebook(cells=_unique_ids(cells))
    clean.metadata = nbformat.from_dict(
        {
            "kernelspec": {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"},
            "language_info": {"name": "python"},
        }
    )
    return Sanitised(clean, position, tuple(notices), frozenset(untouched))


def _sort_cells(
    notebook: NotebookNode, template: Template, stubs: dict[str, str]
) -> tuple[dict[str, str], dict[str | None, list[NotebookNode]], list[str]]:
    """Tell the student's cells apart: answers by nbgrader id, and extra cells by the known cell they follow."""
    by_cell_id = {cell_id: identity for identity, cell_id in _cell_ids(template).items() if cell_id}
    plain = {(c.cell_type, c.source.strip()) for c in template.notebook.cells if grade_id_of(c) is None}
    answers: dict[str, str] = {}
    extras: dict[str | None, list[NotebookNode]] = {}
    notices: list[str] = []
    seen: set[str] = set()
    after: str | None = None
    for cell in notebook.cells:
        identity = grade_id_of(cell)
        if identity not in template.by_id:
            if identity is not None:
                notices.append(tr("A cell has the unknown id “{id}”; it counts as an ordinary cell.", id=identity))
            identity = by_cell_id.get(cell.get("id", ""))
        known = template.by_id.get(identity or "")
        if known is None:
            if (cell.cell_type, cell.source.strip()) not in plain or cell.cell_type == "code":
                extras.setdefault(after, []).append(_extra(cell))
            continue
        if known.grade_id in seen:
            _take_duplicate(cell, known, answers, extras, stubs, notices)
            continue
        seen.add(known.grade_id)
        after = known.grade_id
        if known.solution:
            answers[known.grade_id] = cell.source
        notices.extend(_changes(cell, known, stubs.get(known.grade_id)))
    notices.extend(
        tr("The cell “{id}” was missing; it was put back.", id=cell.grade_id)
        for cell in template.cells
        if cell.grade_id not in seen and (cell.graded or cell.solution)
    )
    return answers, extras, notices


def _take_duplicate(
    cell: NotebookNode,
    known: TemplateCell,
    answers: dict[str, str],
    extras: dict[str | None, list[NotebookNode]],
    stubs: dict[str, str],
    notices: list[str],
) -> None:
    notices.append(tr("The cell “{id}” is there twice; the copy counts as an ordinary cell.", id=known.grade_id))
    if not known.solution:
        return  # a copy of a test says nothing about the answer
    stub = stubs.get(known.grade_id, "").strip()
    first = answers[known.grade_id].strip()
    if first in ("", stub) and cell.source.strip() not in ("", stub):
        answers[known.grade_id] = cell.source  # the answer was written into the copy
    else:
        extras.setdefault(known.grade_id, []).append(_extra(cell))


def _changes(cell: NotebookNode, known: TemplateCell, released: str | None) -> Iterable[str]:
    identity = known.grade_id
    metadata = nbgrader_metadata(cell)
    if cell.cell_type != known.cell_type:
        yield tr("The cell “{id}” had changed its type; it was restored.", id=identity)
    if known.locked and released is not None and cell.source.strip() != released.strip():
        yield tr("The locked cell “{id}” had been edited; its text was restored.", id=identity)
    if known.graded and "points" in metadata and metadata["points"] != known.metadata.get("points"):
        yield tr("The points of the cell “{id}” had been edited; they were restored.", id=identity)


def _cell(known: TemplateCell, source: str, cell_id: str) -> NotebookNode:
    make = new_code_cell if known.cell_type == "code" else new_markdown_cell
    cell = make(source, id=cell_id or f"c-{known.grade_id}"[:64])
    cell.cell_type = known.cell_type
    cell.metadata = nbformat.from_dict({"nbgrader": dict(known.metadata)})
    return cell


def _extra(cell: NotebookNode) -> NotebookNode:
    """A student's own cell: its text, and none of its metadata (tags can tell a runner to skip it)."""
    if cell.cell_type == "code":
        return new_code_cell(cell.source, id=cell.get("id", ""))
    return new_markdown_cell(cell.source, id=cell.get("id", ""))


def _unique_ids(cells: list[NotebookNode]) -> list[NotebookNode]:
    seen: set[str] = set()
    for index, cell in enumerate(cells):
        if not cell.get("id") or cell["id"] in seen:
            cell["id"] = f"cell-{index}"
            while cell["id"] in seen:
                cell["id"] += "x"
        seen.add(cell["id"])
    return cells
