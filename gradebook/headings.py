"""What people call a cell: the heading above it in the source notebook."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from autograder.assignment import Template
from autograder.notebook import grade_id_of

__all__ = ["cell_titles", "notebook_title"]

_HEADING = re.compile(r"^ {0,3}(#{1,6})\s+(.+?)\s*#*\s*$")
_POINTS = re.compile(r"\((\d+(?:[.,]\d+)?(?:\s*\+\s*\d+(?:[.,]\d+)?)*)\s+(?:pontos?|points?)\)")
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_MARKUP = re.compile(r"[*`]+|(?<!\w)_+|_+(?!\w)|<[^>]+>")


def notebook_title(template: Template) -> str:
    """The first heading of the notebook, or its name."""
    for cell in template.notebook.cells:
        if cell.cell_type == "markdown" and grade_id_of(cell) is None:
            for _, title in _headings(cell.source):
                return title
    return template.name


def cell_titles(template: Template) -> dict[str, str]:
    """The nearest heading above each cell that nbgrader knows, by the cell's id.

    A test may stand further down than what it tests. Headings that promise points, as "2. Arquitetura (1 ponto)"
    or "(1 + 0,5 ponto)", tell: a cell for whose points the heading above it has no promise left belongs to an
    earlier one that has. The notebook's own title names no cell; a cell with nothing better is called by its id.
    Graded cells under one heading are numbered.
    """
    titles: dict[str, str] = {}
    headings: list[str] = []
    current: str | None = None
    own_title_seen = False
    for cell in template.notebook.cells:
        identity = grade_id_of(cell)
        if identity is not None:
            titles[identity] = current or identity
        elif cell.cell_type == "markdown":
            for level, title in _headings(cell.source):
                if level == 1 and not own_title_seen:
                    own_title_seen = True
                else:
                    current = title
                    headings.append(title)
    graded = [cell.grade_id for cell in template.cells if cell.graded]
    points = {cell.grade_id: cell.points for cell in template.cells if cell.graded}
    titles |= _kept_promises(headings, {cell: titles[cell] for cell in points}, points)
    shared = Counter(titles[identity] for identity in graded)
    counts: Counter[str] = Counter()
    for identity in graded:
        title = titles[identity]
        if shared[title] > 1:
            counts[title] += 1
            titles[identity] = f"{title} ({counts[title]})"
    return titles


def _kept_promises(
    headings: Sequence[str], titles: Mapping[str, str], points: Mapping[str, float]
) -> dict[str, str]:
    """Which earlier heading a graded cell belongs to, where the one above it has promised other points.

    Args:
        headings: All, in the order of the notebook.
        titles: The one above each graded cell, or the cell's id.
        points: Of each graded cell, in the order of the notebook.
    """
    open_ones = {title: _promises(title) for title in headings}
    astray = []
    for cell in reversed(list(points)):  # of two cells for one promise, the one further down is at its place
        own = open_ones.get(titles[cell], [])
        if points[cell] in own:
            own.remove(points[cell])
        elif _POINTS.search(titles[cell]):
            astray.append(cell)
    found = {}
    for cell in reversed(astray):
        for title, left in open_ones.items():
            if title == titles[cell]:
                break
            if points[cell] in left:
                left.remove(points[cell])
                found[cell] = title
                break
    return found


def _promises(title: str) -> list[float]:
    """The points in a title, one number for each graded cell."""
    found = _POINTS.search(title)
    return [float(number.replace(",", ".")) for number in found[1].split("+")] if found else []


def _headings(source: str) -> list[tuple[int, str]]:
    headings, fenced = [], False
    for line in source.splitlines():
        if line.lstrip().startswith(("```", "~~~")):
            fenced = not fenced
        match = None if fenced else _HEADING.match(line)
        if match:
            title = _MARKUP.sub("", _LINK.sub(r"\1", match[2])).strip()
            if title:
                headings.append((len(match[1]), title))
    return headings
