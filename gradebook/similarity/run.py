"""The command ``gradebook similarity``: compare, write the page, say on the terminal what is in it."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from autograder.assignment import Assignment, load
from autograder.errors import UsageError
from autograder.messages import printable, tr, using_language
from gradebook.policies.settings import read_policy
from gradebook.records import Graded, Records
from gradebook.records.location import database_url, sqlite_file
from gradebook.similarity.evidence import as_data, reasons
from gradebook.similarity.page import write_page
from gradebook.similarity.survey import AT_LEAST, Survey, survey

__all__ = ["Request", "run"]

_MAX_ROWS = 25
_MAX_NAMES = 6


@dataclass(frozen=True)
class Request:
    """What was asked for; the fields are the command's options."""

    assignment: str
    course: Path
    db: str | None = None
    notebook: str | None = None
    at_least: float | None = None
    to: Path | None = None
    language: str | None = None


def run(request: Request, *, as_json: bool) -> None:
    """Do what was asked for.

    Raises:
        UsageError: There is no such assignment, notebook or gradebook, nobody handed in anything, or the page
            cannot be written.
    """
    at_least = AT_LEAST if request.at_least is None else request.at_least
    if not 0 < at_least <= 1:
        raise UsageError(f"--at-least is {at_least:g}.", "It is a part, above 0 and at most 1.")
    source = load(request.course, request.assignment)
    language = request.language or source.settings.language
    policy = read_policy(request.course, source.name, [template.name for template in source.notebooks])
    graded = _graded(request, source)
    found = survey(
        request.course, source, graded, notebook=request.notebook, at_least=at_least, groups=policy.groups
    )
    if not any(found.compared.values()) and not found.left_out:
        raise UsageError(
            f"Nothing to compare: no notebook in {request.course}/submitted/<student>/{source.name}.",
            f"Collect submissions first: nbgrader collect {source.name}",
        )
    name = f"{source.name}-{request.notebook}" if request.notebook else source.name
    path = request.to or request.course / "reports" / f"{name}-similarity.html"
    people = {one.student.id: one.student for one in graded}
    write_page(found, people, path, language=language)
    if as_json:
        data = {**as_data(found), "path": str(path)}
        sys.stdout.write(json.dumps(data, ensure_ascii=True, indent=2) + "\n")
        return
    with using_language(language):
        _show(found)
    Console().print(str(path), markup=False, highlight=False, soft_wrap=True)


def _graded(request: Request, source: Assignment) -> list[Graded]:
    """What was recorded; nothing where nobody graded yet, since code and files need no grades."""
    url = database_url(request.course, request.db, must_exist=False)
    file = sqlite_file(url)
    if request.db is None and file is not None and not file.exists():
        return []
    with Records(url) as records:
        return records.reports(source.name)


def _show(found: Survey) -> None:
    console = Console()
    table = Table(box=None, pad_edge=False, header_style="bold", expand=True)
    longest = max((len(cluster.notebook) for cluster in found.clusters[:_MAX_ROWS]), default=0)
    table.add_column(tr("Notebook"), overflow="fold", width=max(8, min(30, longest)))
    table.add_column(tr("Students"), overflow="fold", ratio=3)
    table.add_column(tr("Likeness"), justify="right", no_wrap=True)
    table.add_column(tr("Why"), overflow="fold", ratio=2)
    for cluster in found.clusters[:_MAX_ROWS]:
        best = max(pair.found.likeness for pair in cluster.pairs)
        why = ", ".join(dict.fromkeys(word for pair in cluster.pairs for word in reasons(pair)))
        table.add_row(escape(cluster.notebook), escape(_some(cluster.students)), f"{best:.0%}", why)
    for one in found.files[:_MAX_ROWS]:
        why = tr("run") if one.kind == "run" else f"{tr('file')} {printable(one.files[0].name, 40)}"
        table.add_row("", escape(_some(one.students)), "", escape(why))
    if table.row_count:
        console.print(table)
    else:
        console.print(tr("No pair is as alike as that."), highlight=False)
    hidden = max(0, len(found.clusters) - _MAX_ROWS) + max(0, len(found.files) - _MAX_ROWS)
    if hidden:
        console.print(tr("{count} more on the page.", count=hidden), highlight=False)
    console.print(tr("Something to look at, not a verdict. Read both sides, and talk first:"), highlight=False)


def _some(students: tuple[str, ...]) -> str:
    shown = ", ".join(students[:_MAX_NAMES])
    return shown if len(students) <= _MAX_NAMES else f"{shown} … ({len(students)})"
