"""The secret of a course that decides which rows are held out."""

import os
import secrets
import stat
from pathlib import Path

from autograder.errors import UsageError
from autograder.messages import tr

__all__ = ["KEY_FILE", "holdout_key"]

#: Lies in the course root, is in ``.gitignore`` and must never be in a release.
KEY_FILE = ".holdout-key"
_BYTES = 32


def holdout_key(course_root: Path) -> bytes:
    """The course's key of 32 bytes; made at the first call, readable by its owner alone.

    Losing the file changes the held-out rows (and with them every grade by a little); so back it up with
    the gradebook.

    Raises:
        UsageError: The file is there but is not a key, is a link, or others may read it.
    """
    path = course_root / KEY_FILE
    if not os.path.lexists(path):
        _create(path)
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        try:
            status = os.fstat(descriptor)
            text = os.read(descriptor, 4096) if stat.S_ISREG(status.st_mode) else b""
        finally:
            os.close(descriptor)
    except OSError as error:
        raise UsageError(
            tr("{path} cannot be read: {reason}.", path=path, reason=error.strerror or error)
        ) from error
    try:
        key = bytes.fromhex(text.decode("ascii").strip())
    except ValueError:
        key = b""
    if len(key) != _BYTES:
        raise UsageError(
            tr("{path} does not hold a holdout key.", path=path),
            tr("Restore it from a backup; if there is none, delete it and grade everything again."),
        )
    if stat.S_IMODE(status.st_mode) & 0o077:
        raise UsageError(
            tr("{path} can be read by other users.", path=path),
            tr("Run `chmod 600 {path}`; if students have an account here, make a new key.", path=path),
        )
    return key


def _create(path: Path) -> None:
    """Put a new key at ``path``, whole or not at all, unless somebody else was faster."""
    partial = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    try:
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as out:
            out.write(secrets.token_bytes(_BYTES).hex().encode() + b"\n")
            out.flush()
            os.fsync(out.fileno())
        try:
            os.link(partial, path)
        except FileExistsError:
            return  # made at the same moment by another command: that one counts
    except OSError as error:
        raise UsageError(
            tr("{path} cannot be made: {reason}.", path=path, reason=error.strerror or error)
        ) from error
    finally:
        partial.unlink(missing_ok=True)
