"""What people call a cell: the heading above it in the source notebook."""

import re
from collections import Counter

from autograder.assignment import Template
from autograder.notebook import grade_id_of

__all__ = ["cell_titles", "notebook_title"]

_HEADING = re.compile(r"^ {0,3}(#{1,6})\s+(.+?)\s*#*\s*$")
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

    The notebook's own title names no cell; a cell with nothing better is called by its id. Graded cells
    under one heading are numbered.
    """
    titles: dict[str, str] = {}
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
    graded = [cell.grade_id for cell in template.cells if cell.graded]
    shared = Counter(titles[identity] for identity in graded)
    counts: Counter[str] = Counter()
    for identity in graded:
        title = titles[identity]
        if shared[title] > 1:
            counts[title] += 1
            titles[identity] = f"{title} ({counts[title]})"
    return titles


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
