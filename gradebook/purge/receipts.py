"""``receipts.jsonl``, a line a collected submission: who handed in what, and when."""

import json
from pathlib import Path

from autograder.errors import UsageError
from autograder.receipt import RECEIPTS
from gradebook.pages import write_whole

__all__ = ["count_receipts", "forget_receipts"]


def count_receipts(course: Path, assignment: str | None) -> int:
    """How many lines are about the list, or about any.

    Raises:
        UsageError: The file cannot be read, or is a link.
    """
    lines = _lines(course)
    return len(lines) - len(_others(lines, assignment))


def forget_receipts(course: Path, assignment: str | None) -> None:
    """Remove them, and the file with the last one.

    Raises:
        UsageError: The file cannot be read or written, or is a link.
    """
    path, lines = course / RECEIPTS, _lines(course)
    others = _others(lines, assignment)
    if len(others) == len(lines):
        return
    if others:
        write_whole(path, "".join(others).encode("utf-8", "surrogateescape"))
        return
    try:
        path.unlink()
    except OSError as error:
        raise UsageError(f"{path} cannot be removed: {error.strerror}.") from error


def _lines(course: Path) -> list[str]:
    path = course / RECEIPTS
    if path.is_symlink():
        raise UsageError(f"{path} is a link.", "Put the file in its place, or remove it.")
    try:
        return path.read_text(encoding="utf-8", errors="surrogateescape").splitlines(keepends=True)
    except FileNotFoundError:
        return []
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from error


def _others(lines: list[str], assignment: str | None) -> list[str]:
    """The lines that stay: those of other lists. One that cannot be read goes with the whole term."""
    return [] if assignment is None else [line for line in lines if _list_of(line) != assignment]


def _list_of(line: str) -> object:
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found.get("assignment") if isinstance(found, dict) else None
