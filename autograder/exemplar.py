"""Exemplar submissions: right and wrong answers, kept as text, whose scores are known beforehand.

An exemplar is a Python file in percent format, in the folder that names its verdict:
``exemplars/lista12/<notebook>/{accepted,rejected,crashing,hostile}/<name>.py``. It opens with TOML in comment
lines, and then has a section for each cell that is not the reference solution's::

    # title = "Salvou antes de treinar"
    # scores = {"saving-test" = 0.25}
    #
    # %% [compile]
    model.compile(loss="mse", optimizer="adam")
    # %% [+after compile]
    print("a cell of the student's own, after the cell called compile")
    # %% [markdown] [essay]
    # An answer in Markdown, in comment lines.

``scores`` holds the cells that do not get full marks; a cell that it does not name does.
"""

import re
import tomllib
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, cast, get_args

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell

from autograder.errors import UsageError
from autograder.notebook import grade_id_of, nbgrader_metadata

__all__ = ["Exemplar", "ExtraCell", "Verdict", "bank", "load", "submission"]

#: Full marks; a defect; a notebook that breaks; an attempt at more points than the answer is worth.
Verdict = Literal["accepted", "rejected", "crashing", "hostile"]
_SECTION = re.compile(r"# %%\s*(?P<markdown>\[markdown\])?\s*\[(?P<after>\+after\s+)?(?P<name>[\w.-]+)\]\s*")
_REGION = re.compile(r"^\s*### (BEGIN|END) SOLUTION\s*$\n?", re.MULTILINE)


@dataclass(frozen=True)
class ExtraCell:
    """A cell that the student added, after the cell called ``after``."""

    after: str
    source: str
    cell_type: Literal["code", "markdown"] = "code"


@dataclass(frozen=True)
class Exemplar:
    """One exemplar submission.

    Args:
        name: The file's name without its suffix.
        notebook: The notebook that it answers, by the name of its file without suffix.
        verdict: The folder it is kept in.
        title: What it shows, in Portuguese.
        scores: Expected points of the cells that do not get full marks.
        cells: Text of solution cells by grade id; those left out are the reference solution's.
        extra: Cells that the student added.
    """

    name: str
    notebook: str
    verdict: Verdict
    title: str
    scores: Mapping[str, float] = field(default_factory=dict)
    cells: Mapping[str, str] = field(default_factory=dict)
    extra: tuple[ExtraCell, ...] = ()

    def expected(self, points: Mapping[str, float]) -> dict[str, float]:
        """The score to expect of each automatically graded cell.

        Args:
            points: Their maximum scores, by grade id.

        Raises:
            UsageError: The exemplar names a cell that does not exist, or expects more than there is.
        """
        for name, score in self.scores.items():
            if not 0 <= score <= points.get(name, -1.0):
                raise UsageError(
                    f"Exemplar {self.name} expects {score} points for {name!r}.",
                    f"Cells and points are: {dict(points)}.",
                )
        return {name: self.scores.get(name, full) for name, full in points.items()}


def load(path: Path) -> Exemplar:
    """Read one exemplar; notebook and verdict are taken from the folders it lies in.

    Raises:
        UsageError: The file is not as this module says; the message names file and line.
    """
    verdict = path.parent.name
    if verdict not in get_args(Verdict):
        raise UsageError(f"{path} lies in the folder {verdict!r}.", f"Known: {', '.join(get_args(Verdict))}.")
    lines = path.read_text(encoding="utf-8").splitlines()
    first = next((i for i, line in enumerate(lines) if line.startswith("# %%")), len(lines))
    header = _header(path, lines[:first])
    cells: dict[str, str] = {}
    extra: list[ExtraCell] = []
    for name, kind, after, text in _sections(path, lines, first):
        if after:
            extra.append(ExtraCell(name, text, kind))
        elif name in cells:
            raise UsageError(f"{path} has two sections called {name!r}.")
        else:
            cells[name] = text
    return Exemplar(
        path.stem,
        path.parent.parent.name,
        cast(Verdict, verdict),
        header["title"],
        header["scores"],
        cells,
        tuple(extra),
    )


def bank(root: Path) -> list[Exemplar]:
    """All exemplars of an assignment, sorted by notebook, verdict and name.

    Args:
        root: ``exemplars/<assignment>``.

    Raises:
        UsageError: There is none, or one of them is malformed.
    """
    found = [load(path) for path in sorted(root.glob("*/*/*.py"))]
    if not found:
        raise UsageError(f"{root} holds no exemplar.")
    return found


def submission(exemplar: Exemplar, source: NotebookNode, released: NotebookNode) -> NotebookNode:
    """The notebook that this student hands in: the released one, filled in.

    Args:
        exemplar: What the student wrote.
        source: The source notebook, for the cells where the exemplar follows the reference solution.
        released: The student version; not changed.

    Raises:
        UsageError: The exemplar names a cell that the notebook does not have.
    """
    reference = {
        grade_id_of(cell): _REGION.sub("", cell.source)
        for cell in source.cells
        if nbgrader_metadata(cell).get("solution")
    }
    notebook = deepcopy(released)
    names = {grade_id_of(cell) or cell.get("id") for cell in notebook.cells}
    unknown = (set(exemplar.cells) - set(reference)) | ({cell.after for cell in exemplar.extra} - names)
    if unknown:
        raise UsageError(f"Exemplar {exemplar.name} names unknown cells: {', '.join(sorted(unknown))}.")
    cells: list[NotebookNode] = []
    for cell in notebook.cells:
        name = grade_id_of(cell)
        if name in reference and nbgrader_metadata(cell).get("solution"):
            cell.source = exemplar.cells.get(cast(str, name), reference[name])
        cells.append(cell)
        place = name or cell.get("id")
        added = [extra for extra in exemplar.extra if extra.after == place]
        cells.extend(_new_cell(extra, f"{place}-extra-{number}") for number, extra in enumerate(added, 1))
    notebook.cells = cells
    return notebook


def _new_cell(extra: ExtraCell, identity: str) -> NotebookNode:
    make = new_code_cell if extra.cell_type == "code" else new_markdown_cell
    return cast(NotebookNode, make(extra.source, id=identity))


def _header(path: Path, lines: list[str]) -> dict[str, Any]:
    text = []
    for number, line in enumerate(lines, 1):
        if line.strip() and not line.startswith("#"):
            raise UsageError(f"{path}, line {number}: the header has comment lines only.")
        text.append(line.removeprefix("#").strip())
    try:
        data = tomllib.loads("\n".join(text))
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path}: the header is not valid TOML: {error}.") from error
    scores = data.get("scores", {})
    if not set(data) <= {"title", "scores"} or not isinstance(data.get("title"), str):
        raise UsageError(f"{path}: the header has a title, and may have scores; nothing else.")
    if not isinstance(scores, dict) or not all(type(score) in (int, float) for score in scores.values()):
        raise UsageError(f"{path}: scores is a table of numbers.")
    return {"title": data["title"], "scores": {name: float(score) for name, score in scores.items()}}


def _sections(
    path: Path, lines: list[str], first: int
) -> list[tuple[str, Literal["code", "markdown"], bool, str]]:
    starts = [i for i in range(first, len(lines)) if lines[i].startswith("# %%")]
    sections: list[tuple[str, Literal["code", "markdown"], bool, str]] = []
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        found = _SECTION.fullmatch(lines[start])
        if found is None:
            raise UsageError(f"{path}, line {start + 1}: {lines[start]!r} names no cell.")
        body = lines[start + 1 : end]
        if found["markdown"]:
            body = [line.removeprefix("#").removeprefix(" ") for line in body]
        kind: Literal["code", "markdown"] = "markdown" if found["markdown"] else "code"
        sections.append((found["name"], kind, bool(found["after"]), "\n".join(body).strip("\n")))
    return sections
