"""Bring a submitted notebook back into the shape the instructor gave it, keeping the student's work.

The instructor's notebook is the skeleton. Every cell that nbgrader knows is there once, in its place, with its
own type, id and points; locked cells have the instructor's text; the student's text goes into the cells that
are the student's to edit. Cells that the student added stay, after the cell they followed. Whatever was changed
that should not have been is restored and said in a notice: a mistake with the mouse costs nobody points.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell

from autograder.assignment import Template, TemplateCell
from autograder.messages import printable, tr
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
    for index, original in enumerate(template.notebook.cells):
        identity = grade_id_of(original)
        if identity is None:
            if original.cell_type == "markdown":
                cells.append(new_markdown_cell(original.source, id=original.get("id")))
            # An instructor's code cell without an id is the student's to edit; theirs came as an extra.
            cells.extend(extras.get(index, ()))
            continue
        known = template.by_id[identity]
        cell = _restored(known, answers.get(identity), stubs.get(identity, ""), original)
        if known.solution and cell.source.strip() in ("", stubs.get(identity, "").strip()):
            untouched.add(identity)
        position[identity] = len(cells)
        cells.append(cell)
        cells.extend(extras.get(index, ()))
    clean = nbformat.v4.new_notebook(cells=_unique_ids(cells, ours=set(_cell_ids(template).values())))
    clean.metadata = nbformat.from_dict(
        {
            "kernelspec": {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"},
            "language_info": {"name": "python"},
        }
    )
    return Sanitised(clean, position, tuple(notices), frozenset(untouched))


def _sort_cells(
    notebook: NotebookNode, template: Template, stubs: dict[str, str]
) -> tuple[dict[str, NotebookNode], dict[int | None, list[NotebookNode]], list[str]]:
    """Tell the student's cells apart: answers by nbgrader id, extra cells by the instructor's cell they follow."""
    by_cell_id = {cell_id: identity for identity, cell_id in _cell_ids(template).items() if cell_id}
    index = {grade_id_of(c): i for i, c in enumerate(template.notebook.cells)}
    plain = {
        c.source.strip(): i
        for i, c in enumerate(template.notebook.cells)
        if grade_id_of(c) is None and c.cell_type == "markdown"
    }
    answers: dict[str, NotebookNode] = {}
    extras: dict[int | None, list[NotebookNode]] = {}
    notices: list[str] = []
    seen: set[str] = set()
    after: int | None = None

    def keep(cell: NotebookNode) -> None:
        nonlocal after
        if cell.cell_type == "markdown" and cell.source.strip() in plain:
            after = plain[cell.source.strip()]  # the instructor's own text comes from the skeleton
        else:
            extras.setdefault(after, []).append(_extra(cell))

    for cell in notebook.cells:
        label = grade_id_of(cell) or ""
        own = by_cell_id.get(cell.get("id", ""), "")
        if own and template.by_id[own].locked and cell.source.strip() not in _texts(template.by_id[own], stubs):
            own = ""  # an id alone makes no test of what the student wrote
        # Where nbgrader's id and the cell's own disagree, somebody changed one: take the cell for one that is
        # not there yet, and rather for an answer than for a test, whose text would be replaced.
        candidates = [template.by_id[name] for name in (label, own) if name in template.by_id]
        known = min(candidates, key=lambda c: (c.grade_id in seen, c.locked), default=None)
        if known is None:
            if label:
                notices.append(
                    tr("A cell has the unknown id “{id}”; it counts as an ordinary cell.", id=printable(label))
                )
            keep(cell)
            continue
        if known.grade_id in seen:
            notices.append(
                tr("The cell “{id}” is there twice; the copy counts as an ordinary cell.", id=known.grade_id)
            )
            if not _take_duplicate(cell, known, answers, stubs):
                keep(cell)
            continue
        seen.add(known.grade_id)
        after = index[known.grade_id]
        if not known.locked:
            answers[known.grade_id] = cell
        notices.extend(_changes(cell, known, stubs.get(known.grade_id)))
    notices.extend(
        tr("The cell “{id}” was missing; it was put back.", id=cell.grade_id)
        for cell in template.cells
        if cell.grade_id not in seen and (cell.graded or cell.solution)
    )
    return answers, extras, notices


def _texts(known: TemplateCell, stubs: dict[str, str]) -> set[str]:
    """The cell's texts that are not the student's."""
    return {"", known.source.strip(), stubs.get(known.grade_id, "").strip()}


def _take_duplicate(
    cell: NotebookNode, known: TemplateCell, answers: dict[str, NotebookNode], stubs: dict[str, str]
) -> bool:
    """Whether a second cell with the same id is done with: it is the answer, or nothing of the student's."""
    if cell.source.strip() in _texts(known, stubs):
        return True
    if known.locked or answers[known.grade_id].source.strip() not in _texts(known, stubs):
        return False
    answers[known.grade_id] = cell  # the answer was written into the copy
    return True


def _changes(cell: NotebookNode, known: TemplateCell, released: str | None) -> Iterable[str]:
    identity = known.grade_id
    metadata = nbgrader_metadata(cell)
    if cell.cell_type != known.cell_type:
        yield tr("The cell “{id}” had changed its type; it was restored.", id=identity)
    if known.locked and released is not None and cell.source.strip() != released.strip():
        yield tr("The locked cell “{id}” had been edited; its text was restored.", id=identity)
    if known.graded and "points" in metadata and metadata["points"] != known.metadata.get("points"):
        yield tr("The points of the cell “{id}” had been edited; they were restored.", id=identity)


def _restored(known: TemplateCell, answer: NotebookNode | None, stub: str, original: NotebookNode) -> NotebookNode:
    """A cell of the skeleton: the instructor's in everything but the text that is the student's to write."""
    if known.locked:
        source = known.source
    elif answer is not None:
        source = answer.source
    else:  # deleted: an answer is then empty, and what was only offered for editing is put back
        source = "" if known.solution else stub
    make = new_code_cell if known.cell_type == "code" else new_markdown_cell
    cell = make(source, id=original.get("id") or "")
    cell.cell_type = known.cell_type
    cell.metadata = nbformat.from_dict({"nbgrader": dict(known.metadata)})
    shown = original if known.locked else answer
    if shown is not None and known.cell_type == "markdown" and "attachments" in shown:
        cell.attachments = shown.attachments  # pictures pasted into an essay
    return cell


def _extra(cell: NotebookNode) -> NotebookNode:
    """A student's own cell: its text, and none of its metadata (tags can tell a runner to skip it)."""
    if cell.cell_type == "code":
        return new_code_cell(cell.source, id=cell.get("id", ""))
    extra = new_markdown_cell(cell.source, id=cell.get("id", ""))
    if "attachments" in cell:
        extra.attachments = cell.attachments
    return extra


def _unique_ids(cells: list[NotebookNode], *, ours: set[str]) -> list[NotebookNode]:
    """Give each cell an id of its own; ids of the instructor's cells (``ours``) go to no other cell."""
    seen: set[str] = set()
    for index, cell in enumerate(cells):
        stolen = cell.get("id") in ours and "nbgrader" not in cell.metadata
        if not cell.get("id") or cell["id"] in seen or stolen:
            cell["id"] = f"extra-{index}"
            while cell["id"] in seen | ours:
                cell["id"] += "x"
        seen.add(cell["id"])
    return cells
