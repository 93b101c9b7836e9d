"""Files of students in a course, removed without following a link."""

import os
import shutil
import stat
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import UsageError

__all__ = ["Target", "copies", "remove", "targets"]

#: Folders with a folder a student, in which there is one a list.
_BY_STUDENT = ("submitted", "autograded", "feedback")
#: Folders whose entries are called by the list: figures and tables with names in them.
_BY_LIST = ("exports", "reports")
_EVIDENCE = "evidence"
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True)
class Target:
    """Something to remove.

    Args:
        parts: Its path in the course. The first part may be the operator's link; of the others none is followed.
        files: How many files it holds.
    """

    parts: tuple[str, ...]
    files: int


def targets(course: Path, assignment: str | None, lists: Collection[str] = ()) -> list[Target]:
    """What students' files of a list, or of all lists, a course holds.

    Args:
        course: Root of the course.
        assignment: The list; ``None`` for all.
        lists: Other lists: a report may begin with the names of two, and is that of the longer one.
    """
    found: list[tuple[str, ...]] = []
    for step in _BY_STUDENT:
        for student in _names(course / step):
            if assignment is None:
                found.append((step, student))
                continue
            for name in _names(course / step / student):
                # What collecting was interrupted at lies beside the list, as .lista.partial and .lista.old.
                if name == assignment or name in (f".{assignment}.partial", f".{assignment}.old"):
                    found.append((step, student, name))
    for name in _names(course / _EVIDENCE):
        # What begins with a dot was left by a run that was interrupted.
        if assignment is None or name == assignment or name.startswith("."):
            found.append((_EVIDENCE, name))
    for folder in _BY_LIST:
        for name in _names(course / folder):
            if assignment is None or _list_of(name, {*lists, assignment}) == assignment:
                found.append((folder, name))
    return [Target(parts, _count(course.joinpath(*parts))) for parts in found]


def _list_of(name: str, lists: Collection[str]) -> str | None:
    """The list that a file of ``exports/`` or ``reports/`` is of: ``lista-extra.html`` is none of ``lista``'s."""
    named = [one for one in lists if name == one or name.startswith((f"{one}.", f"{one}-"))]
    return max(named, key=len, default=None)


def copies(course: Path) -> list[Target]:
    """Copies of students' data in a course: backups, what a restore moved aside, what nbgrader's upgrade kept.

    Also what a backup or a restore left that was ended half-way.
    """
    found: list[tuple[str, ...]] = [("backups", name) for name in _names(course / "backups")]
    for name in _names(course):
        aside = name.startswith(("replaced-", ".restore-", ".backup-"))
        older = name.startswith("gradebook.db") and name.removeprefix("gradebook.db") not in ("", "-wal", "-shm")
        if aside or older:
            found.append((name,))
    return [Target(parts, _count(course.joinpath(*parts))) for parts in found]


def remove(course: Path, target: Target) -> None:
    """Remove a target. A link on the way to it is itself removed, and what it leads to stays.

    Raises:
        UsageError: It cannot be removed.
    """
    *way, name = target.parts
    try:
        descriptors = [os.open(course, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)]
        try:
            for place, part in enumerate(way):
                if place and _is_link(part, descriptors[-1]):
                    os.unlink(part, dir_fd=descriptors[-1])
                    return
                flags = _FOLDER if place else _FOLDER & ~os.O_NOFOLLOW
                descriptors.append(os.open(part, flags, dir_fd=descriptors[-1]))
            if stat.S_ISDIR(os.stat(name, dir_fd=descriptors[-1], follow_symlinks=False).st_mode):
                shutil.rmtree(name, dir_fd=descriptors[-1])
            else:
                os.unlink(name, dir_fd=descriptors[-1])
            if len(way) > 1:
                with suppress(OSError):  # the student has another list
                    os.rmdir(way[-1], dir_fd=descriptors[-2])
        finally:
            for descriptor in descriptors:
                os.close(descriptor)
    except FileNotFoundError:
        return
    except OSError as error:
        raise UsageError(f"{course.joinpath(*target.parts)} cannot be removed: {error.strerror}.") from error


def _names(folder: Path) -> list[str]:
    try:
        return sorted(path.name for path in folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise UsageError(f"{folder} cannot be read: {error.strerror}.") from error


def _is_link(name: str, folder: int) -> bool:
    return stat.S_ISLNK(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode)


def _count(path: Path) -> int:
    if path.is_symlink() or not path.is_dir():
        return 1
    return sum(len(names) for _, _, names in os.walk(path, followlinks=False))
