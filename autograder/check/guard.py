"""The line between the student's failures and ours.

Calls into what the student wrote go inside ``student_code()``: an exception there is the student's, and
becomes a failed outcome that names it. Any other exception inside a check is a bug of the check, and becomes
an outcome with ``error`` set, which a person has to look at.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from autograder.check.recorder import record
from autograder.errors import GraderError
from autograder.messages import tr
from autograder.outcome import Measure, Outcome

__all__ = ["Finding", "StudentFailure", "brief", "conclude", "student_code"]

_MAX_TEXT = 400


@dataclass(frozen=True)
class Finding:
    """What the body of a check found.

    Args:
        passed: Whether the answer is right in full.
        expected: What a right answer has, in words.
        actual: What this answer has, in words.
        hint: How to mend it; told only on failure.
        credit: Earned part when not passed, in [0, 1).
        measure: The number that decided, where one did.
    """

    passed: bool
    expected: str | None = None
    actual: str | None = None
    hint: str | None = None
    credit: float = 0.0
    measure: Measure | None = None


class StudentFailure(Exception):
    """Ends the body of a check: the answer is wrong in a way that leaves nothing more to look at."""

    def __init__(self, actual: str, *, expected: str | None = None, hint: str | None = None) -> None:
        super().__init__(actual)
        self.finding = Finding(False, expected, actual, hint)


@contextmanager
def student_code() -> Iterator[None]:
    """Whatever is raised in the block is the student's.

    Interrupts pass through: they are how a time limit ends a cell.

    Raises:
        StudentFailure: The block raised; the message names type and message of the exception.
        GraderError: What stands for the student's object failed: that is ours.
    """
    try:
        yield
    except (StudentFailure, GraderError):
        raise
    except (Exception, SystemExit) as error:
        raise StudentFailure(
            tr("the exception {name}: {message}", name=type(error).__name__, message=_message(error))
        ) from error


def conclude(body: Callable[[], Finding | None], *, title: str, weight: float, hint: str | None) -> None:
    """Run the body of a check and record its outcome: exactly one, and nothing is raised to the cell.

    A body that returns ``None`` has handed its answer over for somebody else to judge.
    """
    try:
        try:
            finding = body()
        except StudentFailure as failure:
            finding = failure.finding
        if finding is None:
            return
        outcome = _outcome(finding, title, weight, hint)
    except Exception as error:
        # A bug of the check or of the test cell that calls it: kept as data, for a person to look at.
        outcome = Outcome(title, False, 0.0, error=f"{type(error).__name__}: {_sound(str(error))}")
    record(outcome)


def brief(value: object, limit: int = 80) -> str:
    """A short, one-line text of any object, also of one whose ``repr`` raises."""
    with student_code():
        text = " ".join(repr(value).split())
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _outcome(finding: Finding, title: str, weight: float, hint: str | None) -> Outcome:
    expected, actual = _sound(finding.expected), _sound(finding.actual)
    if finding.passed:
        return Outcome(title, True, 1.0, weight, expected, actual, measure=finding.measure)
    hints = " ".join(text for text in (finding.hint, hint) if text)
    return Outcome(title, False, finding.credit, weight, expected, actual, hints or None, measure=finding.measure)


def _message(error: BaseException) -> str:
    try:
        return " ".join(str(error).split())
    except Exception:
        # An exception class of the student's may fail at telling what it is.
        return "?"


def _sound(text: str | None) -> str | None:
    """A text of bounded length that UTF-8 can carry: names and messages of the student's may be anything."""
    if text is None:
        return None
    text = text.encode("utf-8", "replace").decode("utf-8")
    return text if len(text) <= _MAX_TEXT else text[: _MAX_TEXT - 1] + "…"
