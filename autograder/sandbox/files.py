"""Copy what a student handed in: regular files only, no links followed, nothing without a limit."""

import fnmatch
import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.messages import printable

__all__ = ["MAX_FILES", "Copied", "copy_regular_files", "why_not"]

#: Files that are copied at most.
MAX_FILES = 2000
_MAX_DEPTH = 20
_MAX_NAME = 200


@dataclass(frozen=True)
class Copied:
    """What was copied, and what was left behind and why.

    Args:
        files: Relative paths that were copied.
        left: Pairs of relative path (made printable) and reason: ``link``, ``special``, ``name``,
            ``pattern``, ``limit``, ``unreadable``.
    """

    files: tuple[str, ...]
    left: tuple[tuple[str, str], ...]


def _odd(name: str) -> bool:
    return len(os.fsencode(name)) > _MAX_NAME or not name.isprintable()


def copy_regular_files(source: Path, target: Path, *, max_bytes: int, leave: Sequence[str] = ()) -> Copied:
    """Copy the regular files below ``source`` to the existing folder ``target``.

    Folders are opened without following links, one level at a time, so that a link swapped in while we
    look leads nowhere. Hard links are copied as files.

    Args:
        max_bytes: Bytes copied at most; files beyond are left.
        leave: Patterns (``*.h5``) of file and folder names that are left.
    """
    files: list[str] = []
    left: list[tuple[str, str]] = []
    budget = max_bytes

    def visit(folder: int, here: str, into: Path, depth: int) -> None:
        nonlocal budget
        for name in sorted(os.listdir(folder)):
            relative = f"{here}{name}"
            status = os.lstat(name, dir_fd=folder)
            reason = why_not(name, status, leave, depth)
            if (
                reason is None
                and stat.S_ISREG(status.st_mode)
                and (status.st_size > budget or len(files) >= MAX_FILES)
            ):
                reason = "limit"
            if reason is not None:
                if len(left) < MAX_FILES:
                    left.append((printable(relative), reason))
                continue
            try:
                descriptor = os.open(
                    name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder
                )
            except OSError:
                left.append((printable(relative), "unreadable"))
                continue
            try:
                if stat.S_ISDIR(status.st_mode):
                    (into / name).mkdir(exist_ok=True)
                    visit(descriptor, relative + "/", into / name, depth + 1)
                elif stat.S_ISREG(os.fstat(descriptor).st_mode):
                    budget -= _copy(descriptor, into / name, budget)
                    files.append(relative)
                else:
                    left.append((printable(relative), "special"))
            finally:
                os.close(descriptor)

    top = os.open(source, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        visit(top, "", target, 0)
    finally:
        os.close(top)
    return Copied(tuple(files), tuple(left))


def why_not(name: str, status: os.stat_result, leave: Sequence[str], depth: int) -> str | None:
    """Why an entry of a folder is left: ``link``, ``special``, ``name``, ``pattern``, ``limit``; ``None`` if it
    is not."""
    if stat.S_ISLNK(status.st_mode):
        return "link"
    if not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):
        return "special"
    if _odd(name):
        return "name"
    if any(fnmatch.fnmatchcase(name, pattern) for pattern in leave):
        return "pattern"
    if stat.S_ISDIR(status.st_mode) and depth >= _MAX_DEPTH:
        return "limit"
    return None


def _copy(descriptor: int, target: Path, budget: int) -> int:
    copied = 0
    with target.open("wb") as out:
        while chunk := os.read(descriptor, 1 << 20):
            if copied + len(chunk) > budget:  # it grew while we read: keep what fits
                chunk = chunk[: budget - copied]
            out.write(chunk)
            copied += len(chunk)
            if copied >= budget:
                break
    return copied
