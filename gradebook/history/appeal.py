"""The commands ``gradebook appeal …``: what students ask about their grades, and what they are answered."""

import json
import sys
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding

from autograder.messages import printable, tr
from gradebook.history.titles import Titles, read_titles
from gradebook.records import Appeal, Outcome, Records
from gradebook.records.location import database_url
from gradebook.text import clean

__all__ = ["appeal", "appeal_json", "outcome_name"]

appeal = typer.Typer(
    no_args_is_help=True, help="What students ask about their grades, and what they are answered."
)

_Assignment = Annotated[str, typer.Argument(help="The assignment, such as lista12.")]
_Text = Annotated[str, typer.Option(metavar="TEXT", help="What is written.")]
_Course = Annotated[Path, typer.Option(help="The root of the course.")]
_Db = Annotated[
    str | None,
    typer.Option(metavar="URL", help="The gradebook; that of nbgrader_config.py, or gradebook.db, if not given."),
]


@appeal.command()
def file(
    assignment: _Assignment,
    student: Annotated[str, typer.Argument(help="Whose grade.")],
    notebook: Annotated[str, typer.Argument(help="The notebook.")],
    text: _Text,
    cell: Annotated[
        str | None, typer.Option(metavar="ID", help="nbgrader's id of the cell; the whole notebook if not given.")
    ] = None,
    by: Annotated[
        str | None, typer.Option(metavar="NAME", help="Who writes it down; the student if not given.")
    ] = None,
    course: _Course = Path(),
    db: _Db = None,
) -> None:
    """Write down what a student asks about a grade."""
    with Records(database_url(course, db)) as records:
        filed = records.file_appeal(assignment, student, notebook, text, cell=cell, by=by)
    sys.stdout.write(tr("Appeal {number} is filed.", number=filed.id) + "\n")


@appeal.command()
def answer(
    number: Annotated[int, typer.Argument(metavar="ID", help="The appeal's number.")],
    text: _Text,
    by: Annotated[str, typer.Option(metavar="NAME", help="Who answers.")],
    outcome: Annotated[Outcome, typer.Option(help="What becomes of it; points are changed elsewhere.")] = "noted",
    course: _Course = Path(),
    db: _Db = None,
) -> None:
    """Answer an appeal. No points change by it: who grants one changes them in formgrader or by a regrade."""
    with Records(database_url(course, db)) as records:
        answered = records.answer_appeal(number, text, by=by, outcome=outcome)
    words = tr("Appeal {number} is answered: {outcome}.", number=answered.id, outcome=outcome_name(outcome))
    sys.stdout.write(words + "\n")


@appeal.command("list")
def list_(
    assignment: _Assignment,
    only_open: Annotated[bool, typer.Option("--open", help="Only those that nobody has answered.")] = False,
    course: _Course = Path(),
    db: _Db = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")] = False,
) -> None:
    """The appeals of an assignment, oldest first."""
    with Records(database_url(course, db)) as records:
        records.known_assignment(assignment)
        found = [one for one in records.appeals(assignment) if one.open or not only_open]
    if as_json:
        sys.stdout.write(json.dumps([appeal_json(one) for one in found], ensure_ascii=True, indent=2) + "\n")
        return
    out = Console(highlight=False)
    if not found:
        out.print(tr("There is no appeal."))
    titles = read_titles(course, [assignment])
    for one in found:
        _show(out, one, titles)


def _show(out: Console, one: Appeal, titles: Titles) -> None:
    what = one.notebook
    if one.cell is not None:
        what += f": {titles.get((one.assignment, one.notebook, one.cell), one.cell)}"
    state = tr("open") if one.outcome is None else outcome_name(one.outcome)
    head = f"{one.id}  {_local(one.filed_at)}  {printable(one.student)}  {printable(what, 200)}  "
    out.print(f"[bold]{escape(head)}[/]{escape(state)}")
    by = "" if one.filed_by == one.student else f"{printable(one.filed_by)}: "
    out.print(Padding(escape(by + clean(one.text, limit=10_000)), (0, 0, 0, 4)))
    if one.answered_at is not None:
        by = f"{_local(one.answered_at)}  {printable(one.answered_by or '')}: "
        out.print(Padding(escape(by + clean(one.answer or "", limit=10_000)), (0, 0, 0, 4)))


def outcome_name(outcome: Outcome) -> str:
    """What became of an appeal, as a person reads it."""
    return {"granted": tr("granted"), "denied": tr("denied"), "noted": tr("noted")}[outcome]


def appeal_json(one: Appeal) -> dict[str, Any]:
    """An appeal for programs."""
    return {
        key: value.isoformat(timespec="milliseconds") if isinstance(value, datetime) else value
        for key, value in asdict(one).items()
    }


def _local(time: datetime) -> str:
    return f"{time.astimezone():%Y-%m-%d %H:%M}"
