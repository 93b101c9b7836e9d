"""Arguments that many commands have."""

from pathlib import Path
from typing import Annotated, Literal

import typer

__all__ = ["AsJson", "AssignmentName", "Course", "Db", "Lang"]

AssignmentName = Annotated[str, typer.Argument(help="The assignment, such as lista12.")]
Course = Annotated[Path, typer.Option(help="The root of the course.")]
Db = Annotated[
    str | None,
    typer.Option(metavar="URL", help="The gradebook; that of nbgrader_config.py, or gradebook.db, if not given."),
]
Lang = Annotated[
    Literal["pt_BR", "en"] | None,
    typer.Option(
        help="Language of the page; what checks found stays as it was graded.", show_default="that of the list"
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
