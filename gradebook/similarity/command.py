"""The command ``gradebook similarity``."""

from pathlib import Path
from typing import Annotated

import typer

from gradebook.arguments import AsJson, AssignmentName, Course, Db, Lang

__all__ = ["similarity"]


def similarity(
    assignment: AssignmentName,
    notebook: Annotated[str | None, typer.Option(help="Only this notebook.")] = None,
    at_least: Annotated[
        float | None,
        typer.Option(metavar="0.x", help="How alike a pair is to be listed; 0.8 if not given."),
    ] = None,
    to: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where; reports/ of the course if not given.")
    ] = None,
    course: Course = Path(),
    db: Db = None,
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """Show whose code, files or models are alike: something to look at, never a verdict."""
    # Imported here: no other command needs SciPy.
    from gradebook.similarity.run import Request, run

    run(Request(assignment, course, db, notebook, at_least, to, lang), as_json=as_json)
