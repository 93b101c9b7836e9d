"""The command ``gradebook``."""

import sys
from collections.abc import Callable

import typer
from rich.console import Console

import autograder.startup  # noqa: F401
from autograder.errors import AutograderError, UsageError
from gradebook.backup.command import backup, restore
from gradebook.exports.command import export
from gradebook.feedback.command import feedback
from gradebook.history.appeal import appeal
from gradebook.history.log import log
from gradebook.purge.command import purge
from gradebook.report.command import report
from gradebook.review.command import review
from gradebook.similarity.command import similarity

__all__ = ["app", "main"]

app = typer.Typer(
    name="gradebook",
    help="Keeps and explains the grades of a course.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
_COMMANDS: tuple[Callable[..., None], ...] = (
    feedback, report, review, similarity, export, log, backup, restore, purge,
)  # fmt: skip
for _command in _COMMANDS:
    app.command()(_command)
app.add_typer(appeal, name="appeal")


@app.callback()
def _commands() -> None:
    """Keeps and explains the grades of a course."""


def main() -> None:
    """Run the command line; errors that were raised on purpose end it with a message and no traceback."""
    try:
        app()
    except AutograderError as error:
        Console(stderr=True).print(f"gradebook: {error}", style="red", markup=False, highlight=False)
        sys.exit(2 if isinstance(error, UsageError) else 1)
