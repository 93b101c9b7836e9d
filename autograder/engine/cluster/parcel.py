"""A student's folder as bytes, so that it is graded elsewhere as it would be here.

Contents travel where the grader reads them. For everything else there is a stand-in of the same kind, name and
size (a dangling link, a pipe, a file of zeros that takes no room), because what is left out is told to the
student: the worker's grader comes upon the same things and says the same words.

    8 bytes: length of the head | head: JSON list of [name, kind, size] | contents, one after the other
"""

import json
import os
import stat
from collections.abc import Sequence
from pathlib import Path

from autograder.engine.grading import MAX_STAGED
from autograder.notebook import MAX_BYTES, is_notebook_name
from autograder.sandbox.files import MAX_FILES, why_not

__all__ = ["pack", "unpack"]

#: Entries that are carried at most; the grader itself takes fewer files than that.
_MAX_ENTRIES = 4 * MAX_FILES
_KINDS = ("file", "hollow", "closed", "folder", "link", "special")
_HEAD = 8


class _Packer:
    """One walk through a folder, in the order and by the rules of ``copy_regular_files``."""

    def __init__(self, leave: Sequence[str]) -> None:
        self.entries: list[tuple[str, str, int]] = []
        self.contents: list[bytes] = []
        self._leave = leave
        self._budget = MAX_STAGED
        self._files = 0

    def visit(self, folder: int, here: str, depth: int) -> None:
        names = sorted(os.listdir(folder))
        if depth == 0:
            names.sort(key=lambda name: not is_notebook_name(name))  # what counts must not fall off the end
        for name in names:
            if len(self.entries) >= _MAX_ENTRIES:
                return
            status = os.lstat(name, dir_fd=folder)
            reason = why_not(name, status, self._leave, depth)
            if stat.S_ISREG(status.st_mode):
                self._file(folder, name, here, depth, status, reason)
            elif stat.S_ISDIR(status.st_mode):
                self._folder(folder, name, here, depth, reason)
            else:
                self._add(here + name, "link" if stat.S_ISLNK(status.st_mode) else "special")

    def _folder(self, folder: int, name: str, here: str, depth: int, reason: str | None) -> None:
        self._add(here + name, "folder")
        if reason is not None:
            return
        try:
            inner = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=folder)
        except OSError:
            self.entries[-1] = (here + name, "closed", 0)
            return
        try:
            self.visit(inner, f"{here}{name}/", depth + 1)
        finally:
            os.close(inner)

    def _file(
        self, folder: int, name: str, here: str, depth: int, status: os.stat_result, reason: str | None
    ) -> None:
        size = status.st_size
        notebook = depth == 0 and is_notebook_name(name) and size <= MAX_BYTES
        beside = reason is None and size <= self._budget and self._files < MAX_FILES
        if not (notebook or beside):
            self._add(here + name, "hollow", size)
            return
        try:
            content = _read(name, folder, size)
        except OSError:
            self._add(here + name, "closed")
            return
        if beside:
            self._budget -= len(content)
            self._files += 1
        self._add(here + name, "file", len(content))
        self.contents.append(content)

    def _add(self, name: str, kind: str, size: int = 0) -> None:
        self.entries.append((name, kind, size))


def _read(name: str, folder: int, size: int) -> bytes:
    descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    with os.fdopen(descriptor, "rb") as file:
        return file.read(size)


def pack(folder: Path, *, leave: Sequence[str]) -> bytes:
    """The folder as bytes.

    Args:
        folder: What a student handed in.
        leave: Patterns of names whose content no run is given.

    Raises:
        OSError: It changed or went away while it was read.
    """
    packer = _Packer(leave)
    top = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        packer.visit(top, "", 0)
    finally:
        os.close(top)
    head = json.dumps(packer.entries).encode()  # names that are no text stay what they are, escaped
    return b"".join([len(head).to_bytes(_HEAD, "big"), head, *packer.contents])


def unpack(data: bytes, folder: Path) -> None:
    """Lay out in ``folder``, which is empty, what ``pack`` packed.

    Raises:
        ValueError: The bytes are no parcel, or name something outside of the folder.
        OSError: The disk failed.
    """
    end = _HEAD + int.from_bytes(data[:_HEAD], "big")
    entries = json.loads(data[_HEAD:end])
    view = memoryview(data)
    for name, kind, size in entries:
        parts = name.split("/")
        if kind not in _KINDS or any(part in ("", ".", "..") or "\0" in part for part in parts):
            raise ValueError(f"no entry of a parcel: {name!r} ({kind})")
        path = folder / name
        if kind == "folder":
            path.mkdir()
        elif kind == "link":
            path.symlink_to("nowhere")
        elif kind == "special":
            os.mkfifo(path)
        else:
            if kind == "file" and end + size > len(data):
                raise ValueError("a parcel was cut off")
            with path.open("xb") as file:
                if kind == "file":
                    file.write(view[end : end + size])
                    end += size
                elif kind == "hollow":
                    file.truncate(size)
            if kind == "closed":
                path.chmod(0)
