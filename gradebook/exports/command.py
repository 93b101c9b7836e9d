"""The command ``gradebook export``."""

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console

from autograder.errors import UsageError
from gradebook.arguments import AssignmentName, Course, Db

__all__ = ["export"]


def export(
    assignment: AssignmentName,
    kind: Annotated[
        Literal["csv", "xlsx", "json", "moodle", "canvas"], typer.Option("--format", help="For which program.")
    ] = "csv",
    student: Annotated[
        str | None, typer.Option(help="Only this one, with nothing of the others: what a student may ask for.")
    ] = None,
    to: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where; exports/ of the course if not given.")
    ] = None,
    course: Course = Path(),
    db: Db = None,
) -> None:
    """Write the grades, after the course's policies.toml, to a file."""
    # Imported here: no other command needs pandas, which takes its time.
    from gradebook.exports.formats import FORMATS, write_export
    from gradebook.frames import grades

    found = grades(assignment, course=course, db=db)
    if student is not None:
        found = found.of(student)
        name = f"{assignment}-{student}.{FORMATS[kind][0]}"
        if to is None and Path(name).name != name:
            raise UsageError(f"{student!r} cannot be in the name of a file.", "Say where with --to.")
        to = to or course / "exports" / name
    path = write_export(found, kind, course, to)
    waiting = found.notebooks.loc[found.notebooks["pending"] > 0, "student"].nunique()
    console = Console(stderr=True)
    if waiting:
        console.print(
            f"{waiting} students have answers that nobody has read yet: they count as zero.", style="yellow"
        )
    sys.stdout.write(f"{path}\n")
