"""The commands ``gradebook backup`` and ``gradebook restore``."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from autograder.messages import printable
from gradebook.backup.pack import write_backup
from gradebook.backup.unpack import restore as put_back
from gradebook.records.database import database_url

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
        str | None, typer.Option(metavar="URL", help="The gradebook; <course>/gradebook.db if not given.")
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
) -> None:
    """Put a course back into the state of a backup. Stop formgrader and graders before."""
    restored = put_back(file, course, force=force)
    out = Console(highlight=False, soft_wrap=True)
    out.print(f"Restored {len(restored.manifest.members)} files of {restored.manifest.made_at}.", markup=False)
    if restored.aside is not None:
        out.print(f"What was there lies in {restored.aside}.", markup=False)
