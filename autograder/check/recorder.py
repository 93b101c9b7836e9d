"""Where the outcome of a check goes.

Theory of operation: in a notebook the outcome is *published*, as a ``display_data`` message that carries the
outcome as JSON for the grader and one line of text for people. A failed check does not raise, so that the
later checks of the cell still count. Stock nbgrader knows nothing of outcomes and would take such a cell for
a passed one; so after a cell with a failed check an ``error`` message named ``CheckFailed`` is sent, and
nbgrader (and its Validate button) sees a failed cell. Outside a notebook the outcome goes to the innermost
``collecting()`` block, and where there is none a failure raises at once. The judge, which runs cells without
IPython, listens in a ``reporting_to()`` block.
"""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Any, Protocol

from autograder.errors import GraderError
from autograder.exhibit import Exhibit, from_json, to_json
from autograder.messages import tr
from autograder.outcome import Outcome

__all__ = [
    "CLAIM_MIME",
    "CURVES_MIME",
    "EXHIBIT_MIME",
    "OUTCOME_MIME",
    "CheckFailed",
    "Listener",
    "collecting",
    "publish",
    "record",
    "reporting_to",
    "running_shell",
    "show",
]

#: One outcome of one check, as ``Outcome.to_json`` writes it.
OUTCOME_MIME = "application/vnd.autograder.outcome+json"
#: Learning curves: a list of finite numbers under each name.
CURVES_MIME = "application/vnd.autograder.curves+json"
#: Something to draw, as ``autograder.exhibit.to_json`` writes it.
EXHIBIT_MIME = "application/vnd.autograder.exhibit+json"
#: Predictions that somebody who has the labels must judge; see ``autograder.check.claim``.
CLAIM_MIME = "application/vnd.autograder.claim+json"

_collected: ContextVar[list[Outcome] | None] = ContextVar("collected", default=None)
_listener: ContextVar["Listener | None"] = ContextVar("listener", default=None)
_HOOKED = "_autograder_reports_failures"


class CheckFailed(AssertionError):
    """The answer is wrong. It costs points."""


class Listener(Protocol):
    """Who runs test cells without IPython."""

    def outcome(self, outcome: Outcome) -> None:
        """A check has found something."""

    def publish(self, mime: str, data: Mapping[str, Any], text: str | None) -> None:
        """A check has data to show, perhaps with a line of text for people."""


@contextmanager
def reporting_to(listener: Listener) -> Iterator[None]:
    """Tell ``listener`` of what the checks called inside the block find."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


@contextmanager
def collecting() -> Iterator[list[Outcome]]:
    """Collect the outcomes of the checks called inside the block, wherever it runs.

    Example:
        >>> from autograder import check
        >>> with collecting() as outcomes:
        ...     check.equal(2 + 2, 4, title="soma")
        >>> outcomes[0].passed
        True
    """
    outcomes: list[Outcome] = []
    token = _collected.set(outcomes)
    try:
        yield outcomes
    finally:
        _collected.reset(token)


def record(outcome: Outcome) -> None:
    """Hand over what a check found.

    Raises:
        CheckFailed: Nobody collects outcomes here, and the check failed.
        GraderError: Nobody collects outcomes here, and the check itself broke.
    """
    outcomes = _collected.get()
    if outcomes is not None:
        outcomes.append(outcome)
        return
    listener = _listener.get()
    if listener is not None:
        listener.outcome(outcome)
        return
    shell = running_shell()
    if shell is not None:
        publish(OUTCOME_MIME, outcome.to_json(), text=line_of(outcome))
        if not outcome.passed:
            _failures_of(shell).append(line_of(outcome))
        return
    if outcome.error is not None:
        raise GraderError(f"{outcome.title}: {outcome.error}")
    if not outcome.passed:
        raise CheckFailed(line_of(outcome))


def publish(mime: str, data: Mapping[str, Any], *, text: str) -> bool:
    """Publish ``data`` in the running notebook; returns whether there is one to publish in."""
    if _collected.get() is not None:
        return False
    listener = _listener.get()
    if listener is not None:
        listener.publish(mime, data, text)
        return True
    shell = running_shell()
    if shell is None:
        return False
    shell.display_pub.publish(data={mime: dict(data), "text/plain": text})
    return True


def show(exhibit: Exhibit) -> None:
    """Hand something to draw to the judge, for the feedback page. Elsewhere nobody would draw it.

    Texts are cut here: names are the student's, and have any length. What no page would draw is not handed on.
    """
    listener = _listener.get()
    if listener is None or _collected.get() is not None:
        return
    with suppress(ValueError):
        listener.publish(EXHIBIT_MIME, to_json(from_json(to_json(exhibit))), None)


def line_of(outcome: Outcome) -> str:
    """The outcome as one line of text."""
    if outcome.error is not None:
        return tr(
            "⚠ {title} — the check itself broke ({error}); a person will look at it.",
            title=outcome.title,
            error=outcome.error,
        )
    if outcome.passed:
        return f"✓ {outcome.title}"
    details = []
    if outcome.expected is not None:
        details.append(tr("expected {expected}", expected=outcome.expected))
    if outcome.actual is not None:
        details.append(tr("got {actual}", actual=outcome.actual))
    line = f"✗ {outcome.title}"
    if details:
        line += f" — {', '.join(details)}."
    if outcome.hint:
        line += " " + tr("Hint: {hint}", hint=outcome.hint)
    return line


def running_shell() -> Any:
    """The running IPython shell, or ``None``; IPython is not imported for the question."""
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython is not None else None


def _failures_of(shell: Any) -> list[str]:
    """The failures of the cell that is running; the hook that reports them is registered once a shell."""
    failures: list[str] | None = getattr(shell, _HOOKED, None)
    if failures is None:
        failures = []
        setattr(shell, _HOOKED, failures)
        shell.events.register("post_run_cell", lambda result: _report(shell, failures, result))
    return failures


def _report(shell: Any, failures: list[str], result: Any) -> None:
    lines, failures[:] = list(failures), []
    if not lines or not getattr(result, "success", True):
        return
    summary = tr("Checks of this cell that did not pass: {count}.", count=len(lines))
    # The method by which kernels send every traceback; there is no public one.
    shell._showtraceback(CheckFailed, CheckFailed(summary), [f"CheckFailed: {summary}"])
