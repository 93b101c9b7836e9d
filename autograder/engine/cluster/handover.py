"""What a worker is given of a course: as bytes for the way, as a folder of its own while it grades.

The sources have hidden tests in them, and the key decides what is held out. The folder can be entered by its user
alone, lies outside of everything that a sandbox binds, and goes when the run ends. One whose process was
killed keeps its lock free, and whoever makes the next one removes it.
"""

import fcntl
import io
import os
import shutil
import tarfile
import tempfile
from dataclasses import replace
from pathlib import Path

from autograder.assignment import load
from autograder.data.key import KEY_FILE
from autograder.engine.course import EVIDENCE, Course

__all__ = ["Quarters", "pack_course"]

_PREFIX = "autograder-course-"


def pack_course(course: Course) -> bytes:
    """Sources, settings, release and key of the course's assignment, as a tar archive.

    Raises:
        OSError: One of them cannot be read.
    """
    name = course.assignment.name
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for place in (f"assignments/{name}", f"assignments/{name}.toml", f"release/{name}", KEY_FILE):
            if (course.root / place).exists():
                archive.add(course.root / place, arcname=place, filter=_plain)
    return buffer.getvalue()


def _plain(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    """Regular files and folders; no link is followed, here or there."""
    if not (member.isreg() or member.isdir()):
        return None
    return member


class Quarters:
    """The folder in which a worker keeps the course.

    Raises:
        OSError: It cannot be made.
    """

    def __init__(self) -> None:
        _remove_leftovers()
        self.folder = Path(tempfile.mkdtemp(prefix=_PREFIX))  # mode 0700
        self._lock = os.open(self.folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX)

    def open_course(self, data: bytes, assignment: str, *, weakened: tuple[str, ...], threads: int) -> Course:
        """Unpack what ``pack_course`` packed.

        Raises:
            UsageError: It is no course that can be graded.
        """
        with tarfile.open(fileobj=io.BytesIO(data), mode="r") as archive:
            for member in archive:
                path = self.folder / member.name
                if member.isdir():
                    path.mkdir(mode=0o700, parents=True, exist_ok=True)
                elif (content := archive.extractfile(member)) is not None:
                    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                    path.write_bytes(content.read())
                    path.chmod(0o600)
        (self.folder / EVIDENCE).mkdir(mode=0o700)
        course = Course.open(self.folder, load(self.folder, assignment), weakened=weakened)
        return replace(course, threads=course.assignment.settings.threads or threads)

    def close(self) -> None:
        """Remove it."""
        shutil.rmtree(self.folder, ignore_errors=True)
        os.close(self._lock)


def _remove_leftovers() -> None:
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        try:
            if folder.lstat().st_uid != os.geteuid() or folder.is_symlink():
                continue
            lock = os.open(folder / ".lock", os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError:
            continue  # another one removes it, or it is being made
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
        except BlockingIOError:
            continue  # in use
        finally:
            os.close(lock)
