"""Files that students handed in besides their notebooks: which are the same, which were written by the same run.

Files are never parsed: they are sizes, names and digests. No link is followed, nor is a folder entered through
one. Only files whose size another student's file has as well are read at all.
"""

import hashlib
import os
import re
import stat
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

__all__ = ["HandedIn", "SameFiles", "same_files"]

#: nbgrader's own companions of a submission, which are nobody's work.
_COMPANIONS = frozenset({"timestamp.txt", "submission_secret.txt"})
#: Smaller files say nothing, in bytes.
_MIN_BYTES = 64
#: Larger ones are left out, in bytes; a model of the lectures has a few MB.
_MAX_BYTES = 2**30
#: Bytes of one student that are read.
_MAX_TOTAL = 4 * 2**30
_MAX_FILES, _MAX_ENTRIES, _MAX_DEPTH = 2000, 20_000, 8
#: Files that more of the class have are something the course gave.
_COMMON_SHARE, _COMMON_STUDENTS = 1 / 3, 4
_EVENTS = re.compile(r"events\.out\.tfevents\.(?P<time>[1-9]\d{9})\.(?P<host>.+)\.(?P<process>\d+)\.\d+(?:\.v2)?")


@dataclass(frozen=True)
class HandedIn:
    """A file of a submission.

    Args:
        student: Login.
        name: Path inside the submission.
        size: In bytes.
    """

    student: str
    name: str
    size: int


@dataclass(frozen=True)
class SameFiles:
    """Files that students have in common.

    Args:
        kind: ``content``: equal bytes; ``run``: event logs that one process began in the same second.
        mark: The digest (SHA-256, hexadecimal), or time, machine and process.
        files: Of two students or more, sorted.
    """

    kind: str
    mark: str
    files: tuple[HandedIn, ...]

    @property
    def students(self) -> tuple[str, ...]:
        """Who has it, sorted."""
        return tuple(sorted({file.student for file in self.files}))


@dataclass(frozen=True)
class _Found:
    file: HandedIn
    path: Path


def same_files(folders: Mapping[str, Path], given: Iterable[Path] = ()) -> tuple[list[SameFiles], list[str]]:
    """What is the same among submissions, and whose files could not all be looked at.

    Args:
        folders: The submission of each student.
        given: Folders that the course gave out: files equal to one of theirs do not count.
    """
    found: list[_Found] = []
    partly: set[str] = set()
    for student, folder in folders.items():
        own, whole = _walk(student, folder)
        found.extend(own)
        if not whole:
            partly.add(student)
    gave = [one for folder in given if folder.is_dir() for one in _walk("", folder)[0]]
    equal = _equal(found, gave, partly)
    most = max(_COMMON_STUDENTS, _COMMON_SHARE * len(folders))
    digest = {file: one.mark for one in equal for file in one.files}
    # Where all files of a run are one file, that says it already.
    runs = [run for run in _runs(found) if len({digest.get(file, file) for file in run.files}) > 1]
    return [one for one in equal + runs if 2 <= len(one.students) <= most], sorted(partly)


def _walk(student: str, folder: Path) -> tuple[list[_Found], bool]:
    """The regular files of a submission, without notebooks and nbgrader's own; and whether these are all."""
    found: list[_Found] = []
    entries, whole = 0, True
    for root, folders, names in os.walk(folder, followlinks=False):
        inside = Path(root).relative_to(folder)
        if len(inside.parts) >= _MAX_DEPTH and folders:
            folders[:], whole = [], False
        folders.sort()
        entries += len(folders) + len(names)
        if entries > _MAX_ENTRIES:
            return found, False
        for name in sorted(names):
            if name.endswith(".ipynb") or (name in _COMPANIONS and not inside.parts):
                continue
            path = Path(root, name)
            try:
                status = path.lstat()
            except OSError:
                whole = False
                continue
            if stat.S_ISREG(status.st_mode) and status.st_size >= _MIN_BYTES:
                if len(found) == _MAX_FILES:
                    return found, False
                found.append(_Found(HandedIn(student, (inside / name).as_posix(), status.st_size), path))
    return found, whole


def _equal(found: list[_Found], gave: list[_Found], partly: set[str]) -> list[SameFiles]:
    sizes: dict[int, set[str]] = defaultdict(set)
    for one in found:
        sizes[one.file.size].add(one.file.student)
    given = {_digest(one) for one in gave if len(sizes[one.file.size]) > 1}
    alike: dict[str, list[HandedIn]] = defaultdict(list)
    read: dict[str, int] = defaultdict(int)
    for one in found:
        student, size = one.file.student, one.file.size
        if len(sizes[size]) < 2:
            continue
        read[student] += size
        digest = _digest(one) if size <= _MAX_BYTES and read[student] <= _MAX_TOTAL else None
        if digest is None:
            partly.add(student)
        elif digest not in given:
            alike[digest].append(one.file)
    return [SameFiles("content", digest, _in_order(files)) for digest, files in sorted(alike.items())]


def _runs(found: list[_Found]) -> list[SameFiles]:
    """Event logs by the process that wrote them; their content may differ."""
    runs: dict[str, list[HandedIn]] = defaultdict(list)
    for one in found:
        match = _EVENTS.fullmatch(one.path.name)
        if match:
            runs[f"{match['time']} {match['host']} {match['process']}"].append(one.file)
    return [SameFiles("run", mark, _in_order(files)) for mark, files in sorted(runs.items())]


def _in_order(files: Iterable[HandedIn]) -> tuple[HandedIn, ...]:
    return tuple(sorted(files, key=lambda file: (file.student, file.name)))


def _digest(one: _Found) -> str | None:
    """SHA-256 of a file, read a piece at a time; ``None`` if it cannot be read, or grows while it is."""
    try:
        descriptor = os.open(one.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    with os.fdopen(descriptor, "rb") as file:
        digest, left = hashlib.sha256(), one.file.size
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return None
        while left > 0 and (piece := file.read(min(left, 2**20))):
            digest.update(piece)
            left -= len(piece)
        return digest.hexdigest() if left == 0 and not file.read(1) else None
