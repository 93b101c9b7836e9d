"""The command ``autograder watch``."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from autograder.assignment import load
from autograder.engine import Course
from autograder.grade import Options
from autograder.lock import hold
from autograder.sandbox import doctor
from autograder.watch.log import Log
from autograder.watch.rounds import Watch
from gradebook.records import Records

__all__ = ["watch"]

#: Seconds until who was asked to end, and goes on, is asked again.
_AGAIN = 10


def watch(
    course: Path, assignment: str, db: str, options: Options, *, once: bool, interval: float, as_json: bool
) -> int:
    """Watch the exchange until Ctrl-C or SIGTERM, or go once through what is new.

    Args:
        course: Root of the course.
        assignment: Which.
        db: URL of the gradebook.
        options: How to grade.
        once: One round.
        interval: Between looks, in seconds.
        as_json: Print objects of what was graded.

    Returns:
        The exit status: 0; with ``once`` 1 if the grader failed anywhere, 130 if it was interrupted.

    Raises:
        UsageError: Somebody else watches it, or the host or the course is not ready.
    """
    log = Log(as_json=as_json)
    with _ends_as_by_hand(), hold(course, assignment, "watching", "autograder watch", wait=False):
        try:
            settings = _ready(course, assignment, db, options)
            queue = Watch(course, assignment, db, options, log)
            if once:
                return 1 if queue.once().needs_review else 0
            log.line(f"Watching {queue.inbound} for {assignment}: {settings}.")
            queue.forever(interval)
        except KeyboardInterrupt:
            log.line("Stopped. What had been graded is recorded; the rest has its turn when this runs again.")
            return 130 if once else 0
    return 0


def _ready(course: Path, assignment: str, db: str, options: Options) -> str:
    """What would stop every round is said now; returns what the settings say, for people.

    Raises:
        UsageError: It would.
    """
    loaded = load(course, assignment)
    weakened = doctor.require(allow_weak=options.allow_weak_sandbox)
    Course.open(course, loaded, weakened=weakened, jobs=options.jobs).view()
    with Records(db):
        pass
    settings = loaded.settings.watch
    many = "any number" if settings.a_day is None else str(settings.a_day)
    shown = "no feedback by itself"
    if settings.feedback:
        shown = "feedback at once" if settings.show == "all" else "feedback at once, without measured numbers"
    return f"{many} graded a student and day, {shown}"


@contextmanager
def _ends_as_by_hand() -> Iterator[None]:
    """SIGTERM, by which systemd ends a service, does what Ctrl-C does; also in a shell's background, where that is
    ignored.

    An exception that a signal raises can be lost: in a finalizer, or where a library catches whatever comes. So it
    is raised again until it is heard.
    """

    def end(number: int, frame: object) -> None:
        signal.alarm(_AGAIN)
        signal.raise_signal(signal.SIGINT)

    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM)}
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for asked in (signal.SIGTERM, signal.SIGALRM):
        signal.signal(asked, end)
    try:
        yield
    finally:
        signal.alarm(0)
        for number, handler in before.items():
            signal.signal(number, handler)
