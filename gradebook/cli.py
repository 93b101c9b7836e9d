"""The command ``gradebook``."""

import json
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import track
from rich.table import Table

import autograder.startup  # noqa: F401
from autograder.assignment import load
from autograder.errors import AutograderError, UsageError
from autograder.messages import tr
from gradebook.backup.command import backup, restore
from gradebook.feedback import write_all
from gradebook.history.appeal import appeal
from gradebook.history.log import log
from gradebook.purge.command import purge
from gradebook.records import Graded, Records
from gradebook.records.database import Database, database_url
from gradebook.review.store import Reviews, rubrics_of

__all__ = ["app", "main"]

app = typer.Typer(
    name="gradebook",
    help="Keeps and explains the grades of a course.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


app.command()(log)
app.command()(backup)
app.command()(restore)
app.command()(purge)
app.add_typer(appeal, name="appeal")


@app.callback()
def _commands() -> None:
    """Keeps and explains the grades of a course."""


@app.command()
def feedback(
    assignment: Annotated[str, typer.Argument(help="The assignment, such as lista12.")],
    student: Annotated[str | None, typer.Option(help="Only this student.")] = None,
    notebook: Annotated[str | None, typer.Option(help="Only this notebook.")] = None,
    course: Annotated[Path, typer.Option(help="The root of the course.")] = Path(),
    db: Annotated[
        str | None, typer.Option(metavar="URL", help="The gradebook; <course>/gradebook.db if not given.")
    ] = None,
    lang: Annotated[
        Literal["pt_BR", "en"] | None, typer.Option(help="Language; the assignment's own if not given.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Write a feedback page for each student and notebook, and one for each student's whole list."""
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


@app.command()
def review(
    assignment: Annotated[str, typer.Argument(help="The assignment, such as lista12.")],
    deal: Annotated[
        str | None, typer.Option(metavar="NAMES", help="Deal unread answers among these people: teresa,tiago.")
    ] = None,
    double: Annotated[float, typer.Option(min=0, max=1, help="Share that two people read, when dealing.")] = 0.1,
    course: Annotated[Path, typer.Option(help="The root of the course.")] = Path(),
    db: Annotated[
        str | None, typer.Option(metavar="URL", help="The gradebook; <course>/gradebook.db if not given.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Who reads which essays, how far they are, and how far two readers agree."""
    source = load(course, assignment)
    database = Database(database_url(course, db))
    try:
        reviews = Reviews(database, assignment, rubrics_of(source))
        if deal is not None:
            new = reviews.deal([name.strip() for name in deal.split(",") if name.strip()], double=double)
            Console(stderr=True).print(f"{len(new)} new readings dealt.", highlight=False)
        found = reviews.overview()
    finally:
        database.close()
    if as_json:
        sys.stdout.write(json.dumps(found.to_json(), ensure_ascii=True, indent=2) + "\n")
        return
    out = Console()
    table = Table("reader", "question", "done", box=None)
    for row in found.progress:
        table.add_row(row.reviewer, f"{row.notebook} {row.cell}", f"{row.done} of {row.tasks}")
    if found.progress:
        out.print(table)
    pairs = Table("question", "criterion", "pairs", "alike", "kappa", box=None)
    for (notebook, cell, title), found_pairs in found.agreement.items():
        kappa = "–" if found_pairs.kappa is None else f"{found_pairs.kappa:.2f}"
        pairs.add_row(
            f"{notebook} {cell}", escape(title), str(found_pairs.pairs), f"{found_pairs.same:.0%}", kappa
        )
    if found.agreement:
        out.print(pairs)
    if found.undealt:
        hint = f"gradebook review {assignment} --deal NAME,NAME"
        out.print(f"{found.undealt} answers are nobody's: {hint}", highlight=False)


@app.command()
def report(
    assignment: Annotated[str, typer.Argument(help="The assignment, such as lista12.")],
    course: Annotated[Path, typer.Option(help="The root of the course.")] = Path(),
    db: Annotated[
        str | None, typer.Option(metavar="URL", help="The gradebook; <course>/gradebook.db if not given.")
    ] = None,
    lang: Annotated[
        Literal["pt_BR", "en"] | None, typer.Option(help="Language; the assignment's own if not given.")
    ] = None,
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


@app.command()
def export(
    assignment: Annotated[str, typer.Argument(help="The assignment, such as lista12.")],
    kind: Annotated[
        Literal["csv", "xlsx", "json", "moodle", "canvas"], typer.Option("--format", help="For which program.")
    ] = "csv",
    to: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where; exports/ of the course if not given.")
    ] = None,
    course: Annotated[Path, typer.Option(help="The root of the course.")] = Path(),
    db: Annotated[
        str | None, typer.Option(metavar="URL", help="The gradebook; <course>/gradebook.db if not given.")
    ] = None,
) -> None:
    """Write the grades, after the course's policies.toml, to a file."""
    # Imported here: no other command needs pandas, which takes its time.
    from gradebook.exports import write_export
    from gradebook.frames import grades

    found = grades(assignment, course=course, db=db)
    path = write_export(found, kind, course, to)
    waiting = found.notebooks.loc[found.notebooks["pending"] > 0, "student"].nunique()
    console = Console(stderr=True)
    if waiting:
        console.print(
            f"{waiting} students have answers that nobody has read yet: they count as zero.", style="yellow"
        )
    sys.stdout.write(f"{path}\n")


@app.command()
def similarity(
    assignment: Annotated[str, typer.Argument(help="The assignment, such as lista12.")],
    notebook: Annotated[str | None, typer.Option(help="Only this notebook.")] = None,
    at_least: Annotated[
        float | None,
        typer.Option(metavar="0.x", help="How alike a pair is to be listed; 0.8 if not given."),
    ] = None,
    to: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where; reports/ of the course if not given.")
    ] = None,
    course: Annotated[Path, typer.Option(help="The root of the course.")] = Path(),
    db: Annotated[
        str | None, typer.Option(metavar="URL", help="The gradebook; <course>/gradebook.db if not given.")
    ] = None,
    lang: Annotated[
        Literal["pt_BR", "en"] | None, typer.Option(help="Language; the assignment's own if not given.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Show whose code, files or models are alike: something to look at, never a verdict."""
    # Imported here: no other command needs SciPy.
    from gradebook.similarity.command import Request, run

    run(Request(assignment, course, db, notebook, at_least, to, lang), as_json=as_json)


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


def main() -> None:
    """Run the command line; errors that were raised on purpose end it with a message and no traceback."""
    try:
        app()
    except AutograderError as error:
        Console(stderr=True).print(f"gradebook: {error}", style="red", markup=False, highlight=False)
        sys.exit(2 if isinstance(error, UsageError) else 1)
