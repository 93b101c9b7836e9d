"""Making a backup."""

import hashlib
import io
import os
import stat
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, NoReturn

from autograder.errors import UsageError
from gradebook.backup.layout import DATABASE, EVIDENCE, FILES, FOLDERS, MANIFEST, Manifest, Member
from gradebook.records.snapshot import copy_database

__all__ = ["write_backup"]

_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def write_backup(course: Path, url: str, to: Path, *, evidence: bool = True) -> Manifest:
    """Write the backup ``to``, readable by its owner alone; it is there whole, or not at all.

    Args:
        course: Root of the course.
        url: Its database.
        to: A new file, in no folder that is backed up.
        evidence: Whether to back up the evidence, by far the largest part; without it, a regrade runs notebooks.

    Raises:
        UsageError: The database is none of SQLite's, or a file cannot be read or written.
    """
    covers = tuple(name for name in (*FILES, *FOLDERS) if evidence or name != EVIDENCE)
    if os.path.lexists(to):
        raise UsageError(f"{to} is there already.", "Say another file with --to.")
    if any(to.resolve().is_relative_to((course / name).resolve()) for name in FOLDERS):
        raise UsageError(f"{to} lies in a folder that is backed up.", "Say another file with --to.")
    try:
        to.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Beside it, so that it can be renamed; made for its owner alone.
        with tempfile.TemporaryDirectory(prefix=".backup-", dir=to.parent) as folder:
            partial = Path(folder) / "partial"
            copy_database(url, Path(folder) / DATABASE)
            with partial.open("xb") as file:
                manifest = _write(course, Path(folder) / DATABASE, file, covers)
                os.fsync(file.fileno())
            partial.chmod(0o600)
            partial.rename(to)
    except OSError as error:
        raise UsageError(f"The backup {to} cannot be made: {error}.") from error
    return manifest


def _write(course: Path, database: Path, file: IO[bytes], covers: tuple[str, ...]) -> Manifest:
    with tarfile.open(fileobj=file, mode="w:gz", format=tarfile.PAX_FORMAT, compresslevel=6) as archive:
        packer = _Packer(archive)
        packer.add(DATABASE, os.open(database, _READ))
        for name in covers:
            if name in FOLDERS:
                packer.add_folder(course, name)
            elif name != DATABASE and os.path.lexists(course / name):
                packer.add(name, _open(name, course))
        made_at = datetime.now(UTC).isoformat(timespec="seconds")
        manifest = Manifest(made_at, covers, packer.members, tuple(packer.skipped))
        data = manifest.to_json()
        entry = tarfile.TarInfo(MANIFEST)
        entry.size, entry.mode = len(data), 0o600
        archive.addfile(entry, io.BytesIO(data))
    return manifest


@dataclass
class _Packer:
    archive: tarfile.TarFile
    members: dict[str, Member] = field(default_factory=dict)
    skipped: list[str] = field(default_factory=list)

    def add_folder(self, course: Path, name: str) -> None:
        """All regular files of a folder, which may be a link of the operator's; below, none is followed."""
        if not (course / name).is_dir():
            return
        root = (course / name).resolve()
        for place, descriptor in _files(root):
            self.add(f"{name}/{place}", descriptor)

    def add(self, name: str, descriptor: int | None) -> None:
        """A file that was opened, which is closed; anything but a regular one is skipped."""
        if descriptor is None:
            self.skipped.append(name)
            return
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                self.skipped.append(name)
                return
            entry = tarfile.TarInfo(name)
            entry.size, entry.mtime = status.st_size, int(status.st_mtime)
            entry.mode = stat.S_IMODE(status.st_mode) & 0o777
            counted = _Counted(file)
            # What a file grows by meanwhile is left out; one that shrinks is an error.
            self.archive.addfile(entry, counted)  # type: ignore[arg-type]
        self.members[name] = Member(counted.digest.hexdigest(), entry.size)


class _Counted:
    """A file of which a digest is made while it is read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.digest = hashlib.sha256()

    def read(self, size: int) -> bytes:
        data = self._file.read(size)
        self.digest.update(data)
        return data


def _files(root: Path) -> Iterator[tuple[str, int | None]]:
    """The path below ``root`` of everything that is no folder, with an open descriptor, or none for a link."""
    for folder, folders, names, descriptor in os.fwalk(root, onerror=_refuse, follow_symlinks=False):
        folders.sort()
        below = Path(folder).relative_to(root).as_posix()
        prefix = "" if below == "." else f"{below}/"
        links = [name for name in folders if _is_link(name, descriptor)]
        for name in sorted([*names, *links]):
            yield prefix + name, _open(name, descriptor)


def _refuse(error: OSError) -> NoReturn:
    """A folder that cannot be read: a backup without it would look whole."""
    raise error


def _is_link(name: str, folder: int) -> bool:
    return stat.S_ISLNK(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode)


def _open(name: str, folder: int | Path) -> int | None:
    """An open descriptor; ``None`` for a link or a socket."""
    path, at = (str(folder / name), None) if isinstance(folder, Path) else (name, folder)
    if stat.S_ISREG(os.stat(path, dir_fd=at, follow_symlinks=False).st_mode):
        return os.open(path, _READ, dir_fd=at)
    return None
