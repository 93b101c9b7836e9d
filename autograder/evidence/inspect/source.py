"""The bytes of a file that somebody else left in a folder."""

import os
import stat
from pathlib import Path

from autograder.evidence.refusal import Refused
from autograder.messages import tr

__all__ = ["MAX_FILE", "read_file"]

MAX_FILE = 512 * 2**20


def read_file(path: Path, limit: int = MAX_FILE) -> bytes:
    """The whole of a regular file; a link is not followed, a pipe not waited for.

    Args:
        path: The file.
        limit: The most bytes it may have.

    Raises:
        Refused: With code ``"missing"``, ``"not-a-file"`` or ``"too-large"``.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError as error:
        raise Refused("missing", tr("There is no file {name}.", name=path.name)) from error
    except OSError as error:
        raise Refused("not-a-file", tr("{name} is not a regular file.", name=path.name)) from error
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        raise Refused("not-a-file", tr("{name} is not a regular file.", name=path.name))
    with os.fdopen(descriptor, "rb") as file:
        # A file may grow while it is read.
        content = file.read(limit + 1) if status.st_size <= limit else None
    if content is None or len(content) > limit:
        raise Refused("too-large", tr("The file is too large, or claims to be."))
    return content
