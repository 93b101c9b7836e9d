"""The channels of failure: the operator's, the student's and the grader's own."""

import errno
import os
import shutil

__all__ = ["AutograderError", "GraderError", "Lost", "SubmissionError", "UsageError", "stop_on_full_disk"]

_FULL = (errno.ENOSPC, errno.EDQUOT)


class AutograderError(Exception):
    """Base of every error raised on purpose by this project.

    Args:
        what: What is wrong, and where (a file, a student, a cell).
        hint: How to mend it; shown after the message.
    """

    def __init__(self, what: str, hint: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.what} {self.hint}".strip()


class UsageError(AutograderError):
    """The operator asked for something that cannot be done as asked."""


class SubmissionError(AutograderError):
    """A submitted file cannot be graded, and that is the student's doing. It costs points."""


class GraderError(AutograderError):
    """The grader failed: a bug in a test, a sandbox that could not start. Never a zero, never a full mark."""


class Lost(GraderError):
    """A process of the grader's own was ended by somebody else. Trying again may help."""


def stop_on_full_disk(error: BaseException) -> None:
    """Raise where no other notebook would fare better.

    Raises:
        UsageError: The disk is full, which is behind ``error``.
    """
    cause: BaseException | None = error
    while cause is not None:
        # shutil gathers errors as texts.
        told = isinstance(cause, shutil.Error) and any(os.strerror(number) in str(cause) for number in _FULL)
        if told or (isinstance(cause, OSError) and cause.errno in _FULL):
            raise UsageError(
                f"The disk is full: {error}.",
                "Make room, then run the same command again: what had been graded is recorded.",
            ) from error
        cause = cause.__cause__
