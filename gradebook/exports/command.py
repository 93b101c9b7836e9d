"""The command ``gradebook export``."""

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console

from gradebook.arguments import AssignmentName, Course, Db

__all__ = ["export"]


def export(
    assignment: AssignmentName,
    kind: Annotated[
        Literal["csv", "xlsx", "json", "moodle", "canvas"], typer.Option("--format", help="For which program.")
    ] = "csv",
    to: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where; exports/ of the course if not given.")
    ] = None,
    course: Course = Path(),
    db: Db = None,
) -> None:
    """Write the grades, after the course's policies.toml, to a file."""
    # Imported here: no other command needs pandas, which takes its time.
    from gradebook.exports.formats import write_export
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
