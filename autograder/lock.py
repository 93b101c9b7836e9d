"""Locks of a course's assignment, so that two programs do not do the same work at once.

They are the kernel's (``flock``) on files in the hidden folder ``.locks`` of the course: whatever ends a process,
``kill -9`` included, lets its locks go. What is written in a file only says who holds it, for the message.
Programs that a process starts do not inherit its locks: Python closes the file for them. On a file system that
cannot lock, grading goes on as if alone, and says so.
"""

import errno
import fcntl
import json
import os
import platform
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Literal

from autograder.errors import UsageError
from autograder.messages import printable

__all__ = ["Held", "Purpose", "hold"]

#: ``grading``: runs or judges notebooks; ``watching``: a whole life of ``autograder watch``; ``collecting``:
#: writes into ``submitted/``.
Purpose = Literal["grading", "watching", "collecting"]

_FOLDER = ".locks"
_POLL = 0.25
_DONE_BY = {
    "grading": "is being graded by",
    "watching": "is watched already by",
    "collecting": "is being collected by",
}
_CANNOT = (errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL)
#: Locks that this process holds: whoever has one may do what it is for again inside.
_mine: set[Path] = set()


class Held(UsageError):
    """Somebody else holds the lock."""


@contextmanager
def hold(
    course: Path,
    assignment: str,
    purpose: Purpose,
    who: str,
    *,
    wait: bool = True,
    say: Callable[[str], object] = lambda text: None,
) -> Iterator[None]:
    """Hold a lock of ``assignment`` while the block runs; inside another block of this process that holds it, too.

    Args:
        course: Root of the course.
        assignment: Of which assignment.
        purpose: What is done meanwhile.
        who: The program, for those who find the lock held.
        wait: Wait for whoever holds it, and say so once.
        say: Told whom is waited for.

    Raises:
        Held: Somebody else holds it, and ``wait`` is false.
        UsageError: The course's folder cannot be written to.
    """
    path = (course / _FOLDER).resolve() / f"{assignment.replace('/', '_')}.{purpose}"
    if path in _mine:
        yield
        return
    try:
        path.parent.mkdir(exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o644)
    except OSError as error:
        raise UsageError(
            f"{path} cannot be opened: {error.strerror}.", "Grade with the account that owns the course's folder."
        ) from error
    try:
        _take(descriptor, path, f"{assignment} {_DONE_BY[purpose]}", wait=wait, say=say)
        _mine.add(path)
        try:
            _sign(descriptor, who)
            yield
        finally:
            _mine.discard(path)
    finally:
        os.close(descriptor)  # and the lock goes with it


def _take(descriptor: int, path: Path, what: str, *, wait: bool, say: Callable[[str], object]) -> None:
    told = False
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = _holder(path)
            if not wait:
                raise Held(f"{what} {holder}.", "End that first, or wait for its end.") from None
            if not told:
                say(f"{what} {holder}: waiting for its end.")
                told = True
            time.sleep(_POLL)
        except OSError as error:
            if error.errno not in _CANNOT:
                raise UsageError(f"{path} cannot be locked: {error.strerror}.") from error
            say(f"{path.parent} is on a file system without locks: see to it that only one program grades.")
            return
        else:
            return


def _sign(descriptor: int, who: str) -> None:
    """Write down who holds it. Nobody relies on that, so a full disk does not matter."""
    since = f"{datetime.now():%Y-%m-%d %H:%M}"
    text = json.dumps({"who": who, "pid": os.getpid(), "host": platform.node(), "since": since})
    try:
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, text.encode(), 0)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise


def _holder(path: Path) -> str:
    try:
        said = json.loads(path.read_bytes()[:1000])
        text = f"“{said['who']}” (process {said['pid']} on {said['host']}, since {said['since']})"
    except (OSError, ValueError, KeyError, TypeError):
        text = "another process"  # it has just taken it
    return printable(text, 200)
