"""Look at a release before students do: does it leak a solution or a hidden test, can its cells be judged?"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import nbformat

from autograder.assignment import Assignment, Template
from autograder.engine.judged import judged_cells
from autograder.notebook import grade_id_of

__all__ = ["not_judged", "problems", "secret_lines", "texts", "without_hidden_tests"]

_HIDDEN_TESTS = re.compile(r"### BEGIN HIDDEN TESTS(.*?)### END HIDDEN TESTS\n?", re.DOTALL)
_REGIONS = (
    re.compile(r"### BEGIN SOLUTION(.*?)### END SOLUTION", re.DOTALL),
    _HIDDEN_TESTS,
    re.compile(r"=== BEGIN MARK SCHEME ===(.*?)=== END MARK SCHEME ===", re.DOTALL),
)
#: Shorter lines (`)`, `else:`, `model`) say nothing.
_TELLING = 16


def problems(course: Path, assignment: Assignment) -> list[str]:
    """What is wrong with ``release/<assignment>``: a line for each problem; empty when it is fit to hand out."""
    folder = course / "release" / assignment.name
    found: list[str] = []
    for template in assignment.notebooks:
        path = folder / f"{template.name}.ipynb"
        if not path.exists():
            found.append(f"{path} does not exist.")
            continue
        found.extend(_leaks(template, path))
        found.extend(_order(template))
    return found


def not_judged(assignment: Assignment) -> list[str]:
    """The test cells that run in the student's kernel, with the reason: a line for each."""
    return [
        f"{template.name}: {identity}: {why}"
        for template in assignment.notebooks
        for identity, why in judged_cells(template)[1].items()
    ]


def secret_lines(*templates: Template) -> set[str]:
    """The telling lines of solutions, hidden tests and mark schemes that are nowhere in the visible text."""
    sources = [cell.source for template in templates for cell in template.notebook.cells]
    secret = {
        line.strip()
        for source in sources
        for region in _REGIONS
        for hidden in region.findall(source)
        for line in hidden.splitlines()
        if len(line.strip()) >= _TELLING
    }
    visible = "\n".join(_visible(source) for source in sources)
    return {line for line in secret if line not in visible}


def without_hidden_tests(source: str) -> str:
    """A cell's text without its hidden tests."""
    return _HIDDEN_TESTS.sub("", source).rstrip()


def _visible(source: str) -> str:
    for region in _REGIONS:
        source = region.sub("", source)
    return source


def _leaks(template: Template, path: Path) -> Iterator[str]:
    text = "\n".join(texts(nbformat.read(path, as_version=4)))
    for line in sorted(secret_lines(template)):
        if line in text:
            yield f"{path.name}: the release shows a hidden line: {line[:60]!r}"


def texts(data: Any) -> Iterator[str]:
    """Every text in a notebook: sources, but also outputs, attachments and what editors keep in metadata."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, Mapping):
        for value in data.values():
            yield from texts(value)
    elif isinstance(data, list):
        for value in data:
            yield from texts(value)


def _order(template: Template) -> Iterator[str]:
    cells = template.notebook.cells
    last_answer = max(
        (
            i
            for i, c in enumerate(cells)
            if (g := grade_id_of(c)) and template.by_id[g].solution and c.cell_type == "code"
        ),
        default=-1,
    )
    for index, cell in enumerate(cells):
        identity = grade_id_of(cell)
        if identity and template.by_id[identity].is_test and "holdout." in cell.source and index < last_answer:
            yield f"{template.name}: the test {identity!r} uses held-out data before the last solution cell."
