"""Headings of cells, for tables in which the sources may be gone."""

from collections.abc import Iterable
from pathlib import Path

from autograder.assignment import load
from gradebook.headings import cell_titles

__all__ = ["Titles", "read_titles"]

#: By assignment, notebook and cell, in the order of the notebooks.
Titles = dict[tuple[str, str, str], str]


def read_titles(course: Path, assignments: Iterable[str]) -> Titles:
    """The headings of cells of those assignments whose sources are there."""
    titles: Titles = {}
    for assignment in sorted(set(assignments)):
        if "/" in assignment or not (course / "assignments" / assignment).is_dir():
            continue
        for template in load(course, assignment).notebooks:
            titles |= {(assignment, template.name, cell): t for cell, t in cell_titles(template).items()}
    return titles
