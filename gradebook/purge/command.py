"""The command ``gradebook purge``."""

import json
import tomllib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from autograder.errors import UsageError
from autograder.messages import printable
from autograder.receipt import RECEIPTS
from gradebook.policies.settings import FILE
from gradebook.purge.files import Target, copies, remove, targets
from gradebook.purge.receipts import count_receipts, forget_receipts
from gradebook.purge.statistics import statistics
from gradebook.records import Records
from gradebook.records.database import Database
from gradebook.records.location import database_url, sqlite_file
from gradebook.records.purge import assignment_names, purge_rows
from gradebook.records.snapshot import compact

__all__ = ["purge"]


class _Preview(Exception):
    """Ends the transaction that counted: nothing of it is kept."""

    def __init__(self, counts: dict[str, int]) -> None:
        self.counts = counts


def purge(
    assignment: Annotated[str | None, typer.Argument(help="The assignment, such as lista12.")] = None,
    term: Annotated[bool, typer.Option("--term", help="All assignments, and the whole roster.")] = False,
    keep_statistics: Annotated[
        bool, typer.Option("--keep-statistics", help="Keep figures about nobody in statistics/.")
    ] = False,
    with_copies: Annotated[
        bool, typer.Option("--copies", help="Remove backups and older copies in the course, too.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask, for scripts.")] = False,
    course: Annotated[Path, typer.Option(help="The root of the course.")] = Path(),
    db: Annotated[
        str | None,
        typer.Option(
            metavar="URL", help="The gradebook; that of nbgrader_config.py, or gradebook.db, if not given."
        ),
    ] = None,
) -> None:
    """Remove students' work, grades and evidence for good. Stop formgrader and graders before."""
    if (assignment is None) != term:
        raise UsageError("Say which assignment, or --term for all of them.")
    if assignment is not None and (assignment.startswith(".") or "/" in assignment):
        raise UsageError(f"{assignment!r} is no assignment.")
    url = database_url(course, db)
    out = Console(highlight=False, soft_wrap=True)
    database = Database(url)
    try:
        counts = _preview(database, assignment)
        lists = _lists(database, course)
        files, old = targets(course, assignment, lists), copies(course)
        receipts = count_receipts(course, assignment)
        _show(out, counts, [*files, *(old if with_copies else [])], receipts)
        _confirm(assignment or course.resolve().name, yes=yes)
        if keep_statistics:
            _keep(out, url, course, database.read(assignment_names) if assignment is None else [assignment])
        database.write(lambda session: purge_rows(session, assignment))
    finally:
        database.close()
    for target in [*files, *(old if with_copies else [])]:
        remove(course, target)
    forget_receipts(course, assignment)
    compact(url)
    out.print("Removed.")
    if sqlite_file(url) is None:
        out.print("The server's own copies are its administrator's: write-ahead log, archives, dumps, messages.")
    if old and not with_copies:
        out.print("These copies still hold students' data; --copies removes them:")
        for target in old:
            out.print(f"  {printable('/'.join(target.parts), 200)}", markup=False)
    _warn_of_policies(out, url, course)


def _lists(database: Database, course: Path) -> set[str]:
    """The course's lists: those of the gradebook, and those that have sources."""
    sources = course / "assignments"
    return {*database.read(assignment_names), *(path.name for path in sources.glob("*/"))}


def _preview(database: Database, assignment: str | None) -> dict[str, int]:
    """What would go, counted by doing it and taking it back."""

    def work(session: Any) -> None:
        raise _Preview(purge_rows(session, assignment))

    try:
        database.write(work)
    except _Preview as preview:
        return preview.counts
    raise AssertionError("unreachable")


def _show(out: Console, counts: dict[str, int], files: list[Target], receipts: int) -> None:
    out.print("This will be removed, and does not come back:")
    for name, count in sorted(counts.items()):
        out.print(f"  {count} rows of {name}")
    tally: Counter[str] = Counter()
    for target in files:
        tally[target.parts[0]] += target.files
    for folder, count in sorted(tally.items()):
        out.print(f"  {count} files of {folder}/", markup=False)
    if receipts:
        out.print(f"  {receipts} lines of {RECEIPTS}")
    if not counts and not tally and not receipts:
        out.print("  nothing: it was removed before")


def _confirm(name: str, *, yes: bool) -> None:
    if yes:
        return
    try:
        typed = input(f"Type {name} to remove it: ")
    except EOFError:
        typed = ""
    if typed.strip() != name:
        raise UsageError("That is another name: nothing was removed.")


def _keep(out: Console, url: str, course: Path, names: Sequence[str]) -> None:
    with Records(url) as records:
        for name in names:
            figures = statistics(name, records.reports(name))
            if not figures["notebooks"]:
                continue  # purged before: the figures of then stay
            path = course / "statistics" / f"{name}.json"
            try:
                path.parent.mkdir(exist_ok=True)
                path.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
            except OSError as error:
                raise UsageError(f"{path} cannot be written: {error.strerror}. Nothing was removed.") from error
            out.print(f"Figures: {path}", markup=False)


def _warn_of_policies(out: Console, url: str, course: Path) -> None:
    """Logins stand in a file that people write, and that they have to edit."""
    try:
        tables = tomllib.loads((course / FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        out.print(f"{FILE} may name students, and cannot be read: {error}.", markup=False)
        return
    named: set[str] = set()
    for table in tables.values():
        if isinstance(table, dict):
            named |= {str(name) for name in table.get("extensions", {})}
            named |= {str(name) for group in table.get("groups", {}).values() for name in group}
    with Records(url) as records:
        left = sorted(named - set(records.students()))
    if left:
        out.print(f"{FILE} still names {', '.join(map(printable, left))}: edit it.", markup=False)
