"""The student's own part of each submitted notebook: what was written into solution cells, and cells they added.

Submitted files are read as ``autograder.notebook`` reads them: regular files of a bounded size, no link followed.
"""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from autograder.assignment import Assignment, Template
from autograder.errors import SubmissionError
from autograder.notebook import grade_id_of, is_notebook_name, read
from autograder.submission import student_of

__all__ = ["MAX_TEXT", "Answer", "Cell", "Given", "given_of", "read_answers", "submission_folders"]

#: Characters of a notebook that are compared; an honest answer has a tenth of it.
MAX_TEXT = 100_000
#: Where a notebook has another name, this many files of so many bytes are looked at.
_MAX_FILES, _MAX_BYTES = 12, 5 * 2**20
_NOT_GIVEN = re.compile(
    r"^[ \t]*### BEGIN (SOLUTION|HIDDEN TESTS)[ \t]*$.*?^[ \t]*### END \1[ \t]*$\n?", re.MULTILINE | re.DOTALL
)


@dataclass(frozen=True)
class Cell:
    """A code cell that the student wrote.

    Args:
        grade_id: nbgrader's id; ``None`` for a cell that the student added.
        source: The whole text.
    """

    grade_id: str | None
    source: str


@dataclass(frozen=True)
class Answer:
    """One notebook of one student.

    Args:
        student: Login.
        notebook: Name of the notebook.
        cells: The student's own, in order.
        cut: Whether it is longer than what is compared.
    """

    student: str
    notebook: str
    cells: tuple[Cell, ...]
    cut: bool = False


@dataclass(frozen=True)
class Given:
    """What a notebook gave: all its code, and the text of each solution cell."""

    sources: tuple[str, ...] = ()
    stubs: Mapping[str, str] | None = None

    def lines(self, cell: Cell) -> frozenset[str]:
        """Lines that stood in the cell before the student wrote in it."""
        source = (self.stubs or {}).get(cell.grade_id or "", "")
        return frozenset(line.strip() for line in source.splitlines() if line.strip())


def given_of(course: Path, assignment: Assignment, template: Template) -> Given:
    """What students got: the released notebook, or else the source without solutions and hidden tests."""
    try:
        cells = read(course / "release" / assignment.name / f"{template.name}.ipynb").cells
        texts = [(grade_id_of(cell), cell.source) for cell in cells if cell.cell_type == "code"]
    except SubmissionError:  # it was not released from here
        texts = [
            (grade_id_of(cell), _NOT_GIVEN.sub("", cell.source))
            for cell in template.notebook.cells
            if cell.cell_type == "code"
        ]
    stubs = {
        identity: source
        for identity, source in texts
        if identity in template.by_id and template.by_id[identity].solution
    }
    return Given(tuple(source for _, source in texts), stubs)


def submission_folders(course: Path, assignment: str) -> dict[str, Path]:
    """The folder of each student who handed something in, by the name that the grader uses; no links."""
    base = course / "submitted"
    found: dict[str, Path] = {}
    if base.is_dir():
        for entry in sorted(os.scandir(base), key=lambda one: one.name):
            folder = Path(entry.path) / assignment
            usable = entry.is_dir(follow_symlinks=False) and not folder.is_symlink() and folder.is_dir()
            if usable and not entry.name.startswith("."):
                found[student_of(entry.name)] = folder
    return found


def read_answers(
    folders: Mapping[str, Path], assignment: Assignment, template: Template, given: Given
) -> tuple[list[Answer], list[str]]:
    """Each student's answer to ``template``, and who handed in one that cannot be read.

    Args:
        folders: By student.
        assignment: The list.
        template: The notebook.
        given: What it gave.
    """
    answers: list[Answer] = []
    unreadable: list[str] = []
    for student, folder in folders.items():
        try:
            notebook = _find(folder, assignment, template)
        except (SubmissionError, OSError):
            unreadable.append(student)
            continue
        if notebook is not None:
            answers.append(_answer(student, notebook, template, given))
    return answers, unreadable


def _answer(student: str, notebook: NotebookNode, template: Template, given: Given) -> Answer:
    gave = {source.strip() for source in given.sources}
    cells: list[Cell] = []
    left, cut = MAX_TEXT, False
    for cell in notebook.cells:
        identity = grade_id_of(cell)
        known = template.by_id.get(identity) if identity is not None else None
        if cell.cell_type != "code" or (known is not None and known.locked) or cell.source.strip() in gave:
            continue
        cut = cut or len(cell.source) > left
        source = cell.source[:left]
        left -= len(source)
        if source.strip():
            cells.append(Cell(known.grade_id if known is not None and known.solution else None, source))
    return Answer(student, template.name, tuple(cells), cut)


def _find(folder: Path, assignment: Assignment, template: Template) -> NotebookNode | None:
    """The student's copy: the file of that name, else the one with most of its cells and no other notebook's."""
    path = folder / f"{template.name}.ipynb"
    if os.path.lexists(path):
        return read(path)
    best: tuple[float, NotebookNode] | None = None
    for candidate in _renamed(folder, assignment.notebooks):
        try:
            notebook = read(candidate, max_bytes=_MAX_BYTES)
        except SubmissionError:
            continue  # nobody can tell of which notebook it is; the grader reports it
        share = _share(notebook, template)
        others = [_share(notebook, other) for other in assignment.notebooks if other is not template]
        if share >= 0.5 and share > max(others, default=0.0) and (best is None or share > best[0]):
            best = share, notebook
    return best[1] if best else None


def _renamed(folder: Path, templates: Sequence[Template]) -> Iterator[Path]:
    names = {f"{template.name}.ipynb" for template in templates}
    with os.scandir(folder) as entries:
        found = sorted(e.name for e in entries if is_notebook_name(e.name) and e.name not in names)
    yield from (folder / name for name in found[:_MAX_FILES])


def _share(notebook: NotebookNode, template: Template) -> float:
    there = {grade_id_of(cell) for cell in notebook.cells}
    return sum(cell.grade_id in there for cell in template.cells) / max(1, len(template.cells))
