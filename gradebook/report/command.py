"""The command ``gradebook report``."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from autograder.assignment import load
from autograder.messages import tr
from gradebook.arguments import AssignmentName, Course, Db, Lang
from gradebook.records.location import database_url

__all__ = ["report"]


def report(
    assignment: AssignmentName,
    course: Course = Path(),
    db: Db = None,
    lang: Lang = None,
    to: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where; reports/ of the course if not given.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON instead of a table.")] = False,
) -> None:
    """Write the class report: what the class did not understand, and which question was bad."""
    # Imported here: no other command needs all of that.
    from gradebook.report.values import plain
    from gradebook.report.write import read_report, render, write_report

    source = load(course, assignment)
    found = read_report(source, course=course, url=database_url(course, db))
    path = write_report(render(found, source, language=lang), source, course=course, to=to)
    if as_json:
        sys.stdout.write(json.dumps(plain(found), ensure_ascii=True, allow_nan=False) + "\n")
        return
    summary = found.summary
    table = Table(box=None, pad_edge=False, show_header=False)
    for label, number in (
        (tr("Students"), summary.students),
        (tr("Handed in something"), summary.handed_in),
        (tr("Graded"), summary.graded),
        (tr("Complete"), summary.complete),
        (tr("Late"), summary.late),
        (tr("Missing"), summary.missing),
        (tr("Wait for readers"), summary.waiting),
        (tr("Grader failed"), summary.failures),
    ):
        table.add_row(label, str(number))
    console = Console()
    console.print(table)
    console.print(str(path), markup=False, highlight=False, soft_wrap=True)
