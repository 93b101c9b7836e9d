"""The command ``gradebook feedback``."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import track
from rich.table import Table

from autograder.assignment import load
from autograder.errors import UsageError
from autograder.messages import tr
from gradebook.arguments import AsJson, AssignmentName, Course, Db, Lang
from gradebook.records import Graded, Records
from gradebook.records.location import database_url

__all__ = ["feedback"]


def feedback(
    assignment: AssignmentName,
    student: Annotated[str | None, typer.Option(help="Only this student.")] = None,
    notebook: Annotated[str | None, typer.Option(help="Only this notebook.")] = None,
    course: Course = Path(),
    db: Db = None,
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """Write a feedback page for each student and notebook, and one for each student's whole list."""
    # Imported here: what draws and reads tables takes its time to load.
    from gradebook.feedback.write import write_all

    source = load(course, assignment)
    db = database_url(course, db)
    with Records(db) as records:
        students = 1 if student is not None else len(records.graded_students(assignment))
    errors = Console(stderr=True)
    written = write_all(source, course=course, db=db, student=student, notebook=notebook, language=lang)
    pages = list(
        track(
            written,
            tr("Writing feedback"),
            total=students * (1 if notebook is not None else len(source.notebooks)),
            console=errors,
            transient=True,
            disable=not errors.is_terminal,
        )
    )
    if not pages:
        which = "".join(f" of {name!r}" for name in (student, notebook) if name)
        raise UsageError(
            f"Nothing{which} is recorded for {assignment}.", f"Run 'autograder grade {assignment}' first."
        )
    if as_json:
        sys.stdout.write(json.dumps([_row(*page) for page in pages], ensure_ascii=True, indent=2) + "\n")
    else:
        _show(pages, course)


def _row(graded: Graded, path: Path) -> dict[str, object]:
    report = graded.report
    return {
        "student": report.student,
        "notebook": report.notebook,
        "score": graded.score,
        "max_score": graded.max_score,
        "pending": graded.pending,
        "needs_review": graded.needs_review,
        "late_seconds": graded.late_seconds,
        "path": str(path),
    }


def _show(pages: list[tuple[Graded, Path]], course: Path) -> None:
    console = Console()
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(tr("Student"), overflow="fold")
    table.add_column(tr("Notebook"), overflow="fold")
    table.add_column(tr("Score"), justify="right", no_wrap=True)
    table.add_column(tr("Waits"), justify="right", no_wrap=True)
    for graded, _ in pages:
        table.add_row(
            escape(graded.report.student),
            escape(graded.report.notebook),
            f"{graded.score:g}/{graded.max_score:g}",
            f"{graded.pending:g}" if graded.pending else "",
        )
    console.print(table)
    first = pages[0][1]
    console.print(
        tr("Pages written to {folder}: {count}. The first one:", count=len(pages), folder=course / "feedback"),
        markup=False,
        highlight=False,
    )
    console.print(str(first), markup=False, highlight=False, soft_wrap=True)
