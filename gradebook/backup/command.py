"""The commands ``gradebook backup`` and ``gradebook restore``."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from autograder.errors import UsageError
from autograder.messages import printable
from gradebook.backup.layout import DATABASE
from gradebook.backup.pack import write_backup
from gradebook.backup.unpack import restore as put_back
from gradebook.records.location import database_url, sqlite_file

__all__ = ["backup", "restore"]

_Course = Annotated[Path, typer.Option(help="The root of the course.")]


def backup(
    to: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where; backups/ of the course if not given.")
    ] = None,
    evidence: Annotated[
        bool, typer.Option(help="With the evidence: the largest part. Without it, a regrade runs notebooks again.")
    ] = True,
    course: _Course = Path(),
    db: Annotated[
        str | None,
        typer.Option(
            metavar="URL", help="The gradebook; that of nbgrader_config.py, or gradebook.db, if not given."
        ),
    ] = None,
) -> None:
    """Write a backup of the course: its gradebook, submissions, feedback, evidence, policies and holdout key."""
    path = to or course / "backups" / f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}.tar.gz"
    manifest = write_backup(course, database_url(course, db), path, evidence=evidence)
    errors = Console(stderr=True, highlight=False)
    for name in manifest.skipped[:20]:
        errors.print(f"Not a file, and left out: {printable(name, 200)}", markup=False)
    size = path.stat().st_size / 1e6
    errors.print(
        f"{len(manifest.members)} files, {size:.1f} MB. It holds every student's work and the holdout key."
    )
    sys.stdout.write(f"{path}\n")


def restore(
    file: Annotated[Path, typer.Argument(help="The backup.")],
    force: Annotated[bool, typer.Option("--force", help="Move aside what is there.")] = False,
    course: _Course = Path(),
    db: Annotated[
        str | None,
        typer.Option(metavar="URL", help="A PostgreSQL database; that of nbgrader_config.py if not given."),
    ] = None,
) -> None:
    """Put a course back into the state of a backup. Stop formgrader and graders before."""
    restored = put_back(file, course, server=_server(course, db), force=force)
    out = Console(highlight=False, soft_wrap=True)
    out.print(f"Restored {len(restored.manifest.members)} files of {restored.manifest.made_at}.", markup=False)
    if restored.aside is not None:
        out.print(f"What was there lies in {restored.aside}.", markup=False)


def _server(course: Path, db: str | None) -> str | None:
    """Where the grades go back to, if not into the course's folder."""
    url = database_url(course, db, must_exist=False)
    path = sqlite_file(url)
    if path is None:
        return url
    if path.resolve() != (course / DATABASE).resolve():
        raise UsageError(
            f"The gradebook of this course is {path}, and a backup is put back into the course's folder.",
            "Put it back into a new folder with --course, and copy its gradebook.db.",
        )
    return None
