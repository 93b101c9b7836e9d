"""The command ``gradebook log``."""

import json
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from autograder.errors import UsageError
from autograder.messages import printable, tr
from gradebook.history.appeal import appeal_json, outcome_name
from gradebook.history.events import Event, events
from gradebook.history.titles import Titles, read_titles
from gradebook.records import Appeal, Change, Records
from gradebook.records.location import database_url

__all__ = ["log"]


@dataclass(frozen=True)
class _Entry:
    """One line of the log, and what belongs below it: headings and points of cells."""

    at: datetime
    student: str
    what: str
    who: str
    points: str
    cells: tuple[tuple[str, str], ...]

    @property
    def when(self) -> str:
        """By the clock of this machine."""
        return f"{self.at.astimezone():%Y-%m-%d %H:%M}"


def log(
    student: Annotated[str | None, typer.Argument(help="Only this student.")] = None,
    assignment: Annotated[str | None, typer.Option(help="Only this assignment, such as lista12.")] = None,
    notebook: Annotated[str | None, typer.Option(help="Only this notebook.")] = None,
    since: Annotated[
        str | None, typer.Option(metavar="TIME", help="Only from then on: 2026-11-20, or 2026-11-20T14:30.")
    ] = None,
    cells: Annotated[bool, typer.Option("--cells", help="Show each cell that changed.")] = False,
    course: Annotated[Path, typer.Option(help="The root of the course.")] = Path(),
    db: Annotated[
        str | None,
        typer.Option(
            metavar="URL", help="The gradebook; that of nbgrader_config.py, or gradebook.db, if not given."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Who changed which score when, from what to what; and what students asked."""
    begin = None if since is None else _time(since)
    with Records(database_url(course, db)) as records:
        changes = records.history(assignment=assignment, student=student, notebook=notebook)
        appeals = [a for a in records.appeals(assignment, student) if notebook in (None, a.notebook)]
        if not changes and not appeals:
            # A misspelt name must not look like a clean record.
            if student is not None and student not in records.students():
                raise UsageError(f"Nobody is enrolled as {student!r}, and nothing of them is recorded.")
            if assignment is not None:
                records.known_assignment(assignment)
    found = [event for event in events(changes) if begin is None or event.at >= begin]
    appeals = [a for a in appeals if begin is None or (a.answered_at or a.filed_at) >= begin]
    if as_json:
        rows = [event.to_json() for event in found] + [{"kind": "appeal", **appeal_json(a)} for a in appeals]
        sys.stdout.write(json.dumps(rows, ensure_ascii=True, indent=2) + "\n")
        return
    out = Console(highlight=False)
    named = {*(event.first.assignment for event in found), *(a.assignment for a in appeals)}
    entries = _entries(found, appeals, read_titles(course, named))
    if not entries:
        out.print(tr("No change of a score is recorded."))
    elif cells:
        out.print(_details(entries, student=student is None))
    else:
        out.print(_table(entries, student=student is None))


def _time(text: str) -> datetime:
    """A day or a time, by the clock of this machine if it names no zone."""
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise UsageError(
            f"--since {text!r} is no time.", "Write a day, 2026-11-20, or a time, 2026-11-20T14:30."
        ) from error


def _entries(found: list[Event], appeals: list[Appeal], titles: Titles) -> list[_Entry]:
    """Everything that is shown, by time."""
    entries = []
    order = {key: place for place, key in enumerate(titles)}
    for event in found:
        first = event.first
        changes = sorted(event.changes, key=lambda c: order.get(_key(c), len(order)))
        cells = tuple(
            (titles.get(_key(c), c.cell), f"{_points(c.old.points)} → {_points(c.new.points)}") for c in changes
        )
        points = f"{_points(event.before)} → {_points(event.after)}"
        what = f"{first.assignment}/{first.notebook}"
        entries.append(_Entry(event.at, first.student, what, _who(first), points, cells))
    for appeal in appeals:
        what = f"{appeal.assignment}/{appeal.notebook}"
        if appeal.cell is not None:
            what += ": " + titles.get((appeal.assignment, appeal.notebook, appeal.cell), appeal.cell)
        asked = tr("appeal {number}: {text}", number=appeal.id, text=appeal.text)
        entries.append(_Entry(appeal.filed_at, appeal.student, f"{what} · {asked}", appeal.filed_by, "", ()))
        if appeal.answered_at is not None and appeal.outcome is not None:
            answered = tr(
                "appeal {number}, {outcome}: {text}",
                number=appeal.id, outcome=outcome_name(appeal.outcome), text=appeal.answer,
            )  # fmt: skip
            by = appeal.answered_by or ""
            entries.append(_Entry(appeal.answered_at, appeal.student, f"{what} · {answered}", by, "", ()))
    return sorted(entries, key=lambda entry: entry.at)


def _table(entries: list[_Entry], *, student: bool) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(tr("When"), no_wrap=True)
    if student:
        table.add_column(tr("Student"), overflow="fold")
    table.add_column(tr("What"), overflow="fold", ratio=1)
    table.add_column(tr("Who"), overflow="fold", max_width=16)
    table.add_column(tr("Points"), justify="right", no_wrap=True)
    for entry in entries:
        whose = (entry.student,) if student else ()
        table.add_row(*(_cell(text) for text in (entry.when, *whose, entry.what, entry.who, entry.points)))
    return table


def _details(entries: list[_Entry], *, student: bool) -> Table:
    """As the table, in fewer columns, so that there is room for the headings of cells."""
    table = Table.grid(padding=(0, 1), expand=True)
    table.add_column(overflow="fold", ratio=1)
    table.add_column(justify="right", no_wrap=True)
    for entry in entries:
        whose = (entry.student,) if student else ()
        head = "  ".join(_cell(text) for text in (entry.when, *whose, entry.what, entry.who))
        table.add_row(f"[bold]{head}[/]", f"[bold]{_cell(entry.points)}[/]")
        for title, points in entry.cells:
            table.add_row(Padding(_cell(title), (0, 0, 0, 4)), _cell(points))
    return table


def _cell(text: str) -> str:
    return escape(printable(text, 300))


def _key(change: Change) -> tuple[str, str, str]:
    return change.assignment, change.notebook, change.cell


def _who(change: Change) -> str:
    """Who made a change, or what, as a person reads it."""
    whys = {
        "grading": tr("grading"),
        "regrade": tr("regrade"),
        "sources changed": tr("sources changed"),
        "by hand": tr("by hand"),
    }
    why = whys.get(change.why, change.why)
    if change.why == "review":
        return change.actor
    return why if change.actor == "autograder" else f"{change.actor}: {why}"


def _points(points: float | None) -> str:
    return "–" if points is None else f"{round(points, 4):g}"
