"""Copy files out of a running sandbox: what its kernel answered, and what lies in its working directory.

Theory of operation
-------------------
The porter is forked by the keeper before the kernel, so it is in no pid namespace that a student sees. Told to
join, it enters the kernel's mount namespace (as an ordinary user: and the user namespace that owns it) and
makes the one folder shared with the host, of the kernel's sockets, read-only: otherwise a student could fill
the host's disk through it. It has no socket that students can reach, and its target is a host folder opened
before, which has no name in there.

    keeper → porter   {"op": "join", "pid": …}   once, before any student code runs; answered with {"error": …}
                      {"op": "harvest"}          answered with the event for the client

For a harvest it copies

    ``ANSWERS/out``   what ``evidence.agent`` wrote in answer to the grader, and
    ``WORK``          the student's working directory

into the target, under the SHA-256 of their content, and writes ``index.json`` there: names, digests, sizes, and
what was left and why. Student code runs on meanwhile and may swap files while they are read, so folders are
opened one level at a time without following links, only regular files are read, and counts, depth and bytes have
limits. A file that has not changed since the last request (its inode's change time, which nobody can set) is not
read again.
"""

import hashlib
import json
import os
import socket
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from autograder.sandbox import isolate, linux
from autograder.sandbox.files import why_not
from autograder.sandbox.spec import KERNEL_SOCKETS, SandboxSpec

__all__ = ["INDEX", "serve"]

INDEX = "index.json"
_MAX_FILES = 2000
_MAX_BYTES = 512 * 2**20
#: Bytes of a path below the folder that is copied: longer ones may be too long for who opens them by name.
_MAX_PATH = 1000
#: Bytes of answers that all requests together may copy. Of files: twice what the kernel may write.
_MAX_ANSWERS = 8 * 2**30
_CHUNK = 1 << 20
_PARTIAL = ".partial"
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC
_OUT = "out"


class _HostError(Exception):
    """The host's side failed, not a file of the student's."""


@contextmanager
def _host_side() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _HostError(str(error)) from error


def _write(descriptor: int, content: bytes) -> None:
    while content:
        content = content[os.write(descriptor, content) :]


@dataclass
class _Harvest:
    """What one request found, and what is left of its limits."""

    target: int
    known: dict[str, tuple[tuple[int, ...], str, int]]
    bytes_left: int
    new_left: int
    files: dict[str, tuple[str, int]] = field(default_factory=dict)
    left: list[tuple[str, str]] = field(default_factory=list)

    def visit(self, folder: int, here: str, depth: int) -> None:
        """Take the regular files below an open folder."""
        for name in sorted(os.listdir(folder)):
            relative = f"{here}{name}"
            try:
                reason = why_not(name, os.lstat(name, dir_fd=folder), (), depth)
                if reason is None and len(self.files) >= _MAX_FILES:
                    reason = "limit"
                if reason is None and len(os.fsencode(relative)) > _MAX_PATH:
                    reason = "name"
                if reason is None:
                    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
                    descriptor = os.open(name, flags, dir_fd=folder)
                    try:
                        reason = self._take(descriptor, relative, depth)
                    finally:
                        os.close(descriptor)
            except OSError:
                reason = "unreadable"
            if reason is not None and len(self.left) < _MAX_FILES:
                self.left.append((relative.encode("utf-8", "replace").decode()[:400], reason))

    def _take(self, descriptor: int, relative: str, depth: int) -> str | None:
        status = os.fstat(descriptor)
        if stat.S_ISDIR(status.st_mode):
            self.visit(descriptor, relative + "/", depth + 1)
            return None
        if not stat.S_ISREG(status.st_mode):
            return "special"
        state = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
        if relative in self.known and self.known[relative][0] == state:
            _, digest, size = self.known[relative]
        else:
            if status.st_size > min(self.bytes_left, self.new_left):
                return "limit"
            digest, size, whole = self._copy(descriptor)
            self.new_left -= size
            if not whole:
                return "limit"
            self.known[relative] = (state, digest, size)
        self.bytes_left -= size
        self.files[relative] = (digest, size)
        return None

    def _copy(self, descriptor: int) -> tuple[str, int, bool]:
        """Copy one file; its digest, its size, and whether all of it fitted."""
        digest, size = hashlib.sha256(), 0
        with _host_side():
            out = os.open(_PARTIAL, _NEW_FILE, 0o644, dir_fd=self.target)
        try:
            while chunk := os.read(descriptor, _CHUNK):
                size += len(chunk)
                if size > min(self.bytes_left, self.new_left):  # it grew while we read
                    return "", size, False
                digest.update(chunk)
                with _host_side():
                    _write(out, chunk)
        finally:
            os.close(out)
        with _host_side():
            os.rename(_PARTIAL, digest.hexdigest(), src_dir_fd=self.target, dst_dir_fd=self.target)
        return digest.hexdigest(), size, True


def serve(keeper: socket.socket, spec: SandboxSpec) -> None:
    """Serve the keeper until it closes the connection."""
    os.umask(0o022)
    target = os.open(spec.harvest, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC) if spec.harvest else -1
    known: dict[str, dict[str, Any]] = {"answers": {}, "work": {}}
    left = {"answers": _MAX_ANSWERS, "work": 2 * spec.disk}  # files may be other ones at each request
    while message := keeper.recv(4096):
        request = json.loads(message)
        error = number = None
        try:
            if request["op"] == "join":
                _join(int(request["pid"]), spec)
            else:
                folders = {"answers": f"{spec.answers_folder}/{_OUT}", "work": spec.workdir}
                index = {}
                for name, folder in folders.items():
                    index[name], left[name] = _harvest(folder, target, known[name], left[name])
                _write_index(target, index)
        except (OSError, _HostError) as problem:  # a full disk, say
            error = str(problem)
            cause = problem if isinstance(problem, OSError) else problem.__cause__
            number = getattr(cause, "errno", None)
        keeper.send(json.dumps({"event": "harvested", "error": error, "errno": number}).encode())


def _join(pid: int, spec: SandboxSpec) -> None:
    if spec.weak:
        return
    pidfd = os.pidfd_open(pid)
    try:
        linux.join_mount_namespace(pidfd, user=not isolate.is_privileged())
        linux.restrict_mount(KERNEL_SOCKETS, read_only=True)
    finally:
        os.close(pidfd)


def _harvest(path: str, target: int, known: dict[str, Any], new: int) -> tuple[dict[str, Any], int]:
    """What is in a folder; and how many of the ``new`` bytes that may still be copied are left."""
    harvest = _Harvest(target, known, _MAX_BYTES, new)
    try:
        folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:  # the student removed it, or put something else in its place
        return {"files": {}, "left": []}, new
    try:
        harvest.visit(folder, "", 0)
    finally:
        os.close(folder)
    return {"files": harvest.files, "left": harvest.left}, harvest.new_left


def _write_index(target: int, index: dict[str, Any]) -> None:
    partial = f".{INDEX}"
    out = os.open(partial, _NEW_FILE, 0o600, dir_fd=target)
    with os.fdopen(out, "w") as file:
        json.dump(index, file)
    os.rename(partial, INDEX, src_dir_fd=target, dst_dir_fd=target)
