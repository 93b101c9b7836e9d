"""Restoring a backup.

Everything is unpacked and checked beside the course's files before one of them is touched. Then each is moved
aside, and the new one to its place: two renames each, which are taken back when one fails. Whatever ends the
process meanwhile, nothing is lost: what was there lies in the course's ``replaced-…``.

A gradebook on a PostgreSQL server is replaced in one transaction, which is committed when all files have been
renamed; if it cannot be, they are renamed back. What was in it lies in ``replaced-…`` as a ``gradebook.db``.
"""

import hashlib
import os
import shutil
import tarfile
import tempfile
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from autograder.errors import UsageError
from gradebook.backup.layout import DATABASE, EVIDENCE, MANIFEST, Manifest, Member, is_covered
from gradebook.records.snapshot import check_database
from gradebook.records.transfer import holds_students, replacing

__all__ = ["Restored", "restore"]

_CHUNK = 1024 * 1024
_MAX_MANIFEST = 512 * 1024 * 1024
#: A copy of what was in a server's database, until it is moved aside.
_BEFORE = ".before.db"
#: SQLite's files beside a database go where it goes.
_SIDECARS = (f"{DATABASE}-wal", f"{DATABASE}-shm", f"{DATABASE}-journal")


@dataclass(frozen=True)
class Restored:
    """What a restore did.

    Args:
        manifest: Of the backup.
        aside: Where what was replaced lies; ``None`` if nothing was there.
    """

    manifest: Manifest
    aside: Path | None


def restore(archive: Path, course: Path, *, server: str | None = None, force: bool = False) -> Restored:
    """Put a course back into the state of a backup.

    Args:
        archive: The backup.
        course: Root of the course.
        server: URL of the course's PostgreSQL database; its ``gradebook.db`` if not given.
        force: Whether what is there may be replaced; it is moved aside.

    Raises:
        UsageError: The backup is damaged or none, or the course has files that it would replace. Nothing was
            changed.
        GraderError: The server failed. Nothing was changed.
    """
    try:
        course.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=".restore-", dir=course))
    except OSError as error:
        raise UsageError(f"{course} cannot be written to: {error.strerror}.") from error
    try:
        manifest = _unpack(archive, staging)
        check_database(staging / DATABASE)
        covers = [name for name in manifest.covers if server is None or name != DATABASE]
        there = [name for name in covers if _holds_something(course / name)]
        filled = server is not None and holds_students(server)
        if filled:
            there.append("grades in its database")
        if there and not force:
            raise UsageError(
                f"{course} has {', '.join(there)} already.",
                "With --force they are moved aside, into a folder of the course.",
            )
        os.sync()
        if server is None:
            return Restored(manifest, _swap(staging, course, (*covers, *_SIDECARS)))
        before = staging / _BEFORE
        with replacing(server, staging / DATABASE, aside=before) as commit:
            (staging / DATABASE).unlink()
            if not filled:
                before.unlink()
            return Restored(manifest, _swap(staging, course, covers, finish=commit))
    except OSError as error:
        raise UsageError(f"{archive} cannot be restored: {error}. Nothing was changed.") from error
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _unpack(archive: Path, staging: Path) -> Manifest:
    found: dict[str, Member] = {}
    listed: bytes | None = None
    try:
        with tarfile.open(archive, "r:gz") as tar:
            for entry in tar:
                if entry.name == MANIFEST and entry.isreg() and entry.size <= _MAX_MANIFEST and listed is None:
                    listed = _content(tar, entry).read()
                    continue
                if not entry.isreg() or not is_covered(entry.name) or entry.name in found or listed is not None:
                    raise UsageError(f"{archive} holds {entry.name[:200]!r}, which no backup has.")
                if hasattr(tarfile, "data_filter"):  # since Python 3.11.4; a second lock on the same door
                    tarfile.data_filter(entry, str(staging))
                found[entry.name] = _extract(_content(tar, entry), staging / entry.name, entry)
    except FileNotFoundError as error:
        raise UsageError(f"There is no backup {archive}.") from error
    except (tarfile.TarError, EOFError, zlib.error, OSError) as error:
        raise UsageError(f"{archive} is damaged, or no backup: {error}.") from error
    if listed is None:
        raise UsageError(f"{archive} is damaged, or no backup: it has no {MANIFEST}.")
    manifest = Manifest.from_json(listed)
    wrong = sorted(name for name in {*found, *manifest.members} if found.get(name) != manifest.members.get(name))
    if wrong or DATABASE not in found:
        raise UsageError(f"{archive} is damaged: {wrong[0] if wrong else DATABASE} is not as it was written.")
    return manifest


def _content(tar: tarfile.TarFile, entry: tarfile.TarInfo) -> IO[bytes]:
    content = tar.extractfile(entry)
    assert content is not None  # of a regular file there is one
    return content


def _extract(content: IO[bytes], path: Path, entry: tarfile.TarInfo) -> Member:
    path.parent.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        while data := content.read(_CHUNK):
            digest.update(data)
            size += len(data)
            file.write(data)
        os.fchmod(descriptor, (entry.mode & 0o755) | 0o600)
    os.utime(path, (entry.mtime, entry.mtime))
    return Member(digest.hexdigest(), size)


def _holds_something(path: Path) -> bool:
    if path.is_dir() and not path.is_symlink():
        return any(path.iterdir())
    return os.path.lexists(path)


def _swap(
    staging: Path, course: Path, covers: Iterable[str], *, finish: Callable[[], None] = lambda: None
) -> Path | None:
    aside = course / f"replaced-{datetime.now(UTC):%Y%m%dT%H%M%S.%f}"
    if (staging / EVIDENCE).exists():
        (staging / EVIDENCE).chmod(0o700)  # as the grader makes it
    moves: list[tuple[Path, Path]] = []
    for name in covers:
        if os.path.lexists(course / name):
            moves.append((course / name, aside / name))
    for path in sorted(staging.iterdir()):
        moves.append((path, aside / DATABASE if path.name == _BEFORE else course / path.name))
    replaces = any(to.parent == aside for _, to in moves)
    if replaces:
        aside.mkdir(mode=0o700)
    done: list[tuple[Path, Path]] = []
    try:
        for move in moves:
            done.append(move)
            move[0].rename(move[1])
        finish()
    except BaseException:
        for source, target in reversed(done):
            if os.path.lexists(target) and not os.path.lexists(source):
                target.rename(source)
        if replaces:
            aside.rmdir()
        raise
    return aside if replaces else None
