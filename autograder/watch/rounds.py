"""Rounds of ``autograder watch``: collect what is new, give turns, grade, release feedback.

::

    inbound/ ── Inbox: new and whole ── OwnedCollect ──▶ submitted/        (always the newest of each student)
                                                            │ queue: turns of the day, deadline
                        gradebook: autograder_watch ◀── admitted           (before anything runs)
                                                            │ grade()      (the code of ``autograder grade``)
                                                            │ feedback, if the course says so
                        gradebook: autograder_watch ◀── finished

Nothing is kept in this process that matters: whatever ends it, the next one finds in the gradebook which turns
were begun, and ``grade`` runs only what is not recorded. A round holds the assignment's lock, so ``autograder
grade`` beside it waits for its end, and a round waits for theirs.
"""

import os
import time
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from autograder.assignment import Assignment, load
from autograder.errors import AutograderError, UsageError
from autograder.grade import Options, grade, say
from autograder.lock import Held, hold
from autograder.messages import using_language
from autograder.submission import Submission, find
from autograder.watch.exchange import Exchange
from autograder.watch.inbox import Inbox, student_of
from autograder.watch.log import Log
from autograder.watch.queue import queue
from gradebook.feedback.write import write_all
from gradebook.records import Graded, Records, Turn

__all__ = ["Round", "Watch"]

#: How long nothing may change in a submission before it counts as whole, in seconds.
_QUIET = 5.0
#: The longest wait after a failure, in seconds: of a round, of one student.
_LONGEST, _LONGEST_STUDENT = 300.0, 3600.0


@dataclass(frozen=True)
class Round:
    """What a round did.

    Args:
        graded: Submissions that were graded.
        needs_review: Whether the grader failed in one of them.
        growing: Whether somebody seems to be handing in just now.
        missing: Why there is no exchange to collect from; ``None`` when there is.
    """

    graded: int = 0
    needs_review: bool = False
    growing: bool = False
    missing: str | None = None


class Watch:
    """The queue of one assignment.

    Args:
        root: Root of the course.
        name: The assignment.
        db: URL of the gradebook.
        options: How to grade; its students are chosen here.
        log: Where lines go.
        quiet: How long nothing may change in a submission before it counts as whole, in seconds.
        now: The grader's clock, in UTC.

    Raises:
        UsageError: nbgrader's settings cannot be used.
    """

    def __init__(
        self,
        root: Path,
        name: str,
        db: str,
        options: Options,
        log: Log,
        *,
        quiet: float = _QUIET,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._root, self._name, self._db, self._options = root, name, db, options
        self._log, self._quiet, self._now = log, quiet, now
        self._exchange = Exchange(root, name, db, say=log.once)
        self._inbox = Inbox(self._exchange.inbound, name, quiet=quiet)
        self._missing: str | None = None
        self._failures: Counter[Turn] = Counter()
        self._not_before: dict[Turn, float] = {}

    @property
    def inbound(self) -> Path:
        """Where submissions come."""
        return self._inbox.folder

    def once(self) -> Round:
        """One round, in which what is handed in just before it is collected as well.

        Raises:
            AutograderError: It could not be done; what had been graded is recorded.
        """
        with Records(self._db) as records:
            first = self._look()  # what has come is seen now, and is whole if it is the same a little later
            if first:
                time.sleep(self._quiet)
            done = self.round(records, wait=True)
        if done.missing is not None:
            raise UsageError(done.missing, "Is it mounted? nbgrader's settings say where it is.")
        return done

    def forever(self, interval: float) -> None:
        """Round after round, ``interval`` seconds apart, whatever happens in one of them; until interrupted."""
        trouble, failures = None, 0
        while True:
            try:
                with Records(self._db) as records:
                    while True:
                        done = self.round(records)
                        if trouble is not None:
                            self._log.line("It works again.")
                        trouble, failures = None, 0
                        time.sleep(min(interval, self._quiet) if done.growing else interval)
            except Exception as error:  # a full disk, a locked database, a bug of ours: the queue goes on
                text = _said(error)
                if text != trouble:
                    self._log.line(f"{text} Trying again until it works.")
                trouble, failures = text, failures + 1
            time.sleep(min(interval * 2 ** min(failures, 10), _LONGEST))

    def round(self, records: Records, *, wait: bool = False) -> Round:
        """Collect and grade once.

        Args:
            records: The course's gradebook.
            wait: Wait for whoever is grading; otherwise nothing is done while somebody does.

        Raises:
            AutograderError: Somebody has to act, or waiting may help.
        """
        try:
            with hold(self._root, self._name, "grading", "autograder watch", wait=wait, say=say):
                return self._round(records)
        except Held as held:
            self._log.once(str(held))
            return Round()

    def _round(self, records: Records) -> Round:
        assignment = load(self._root, self._name)
        growing = self._collect()
        turns = self._turns(assignment, records)
        graded: dict[Turn, list[Graded]] = {}
        done = Round(growing=growing, missing=self._missing)
        if not turns:
            return done

        def work(some: Sequence[Turn]) -> None:
            options = replace(self._options, students=tuple(turn.student for turn in some))
            result = grade(self._root, self._name, records, options)
            for turn in some:
                graded[turn] = [g for g in result.graded if g.report.student == turn.student]

        fine = self._together(turns, work, fatal=(UsageError,))
        released = self._feedback(assignment, fine)
        for turn in fine:
            if turn in self._not_before:
                continue  # its feedback is tried again
            records.finish(turn)
            self._log.graded(turn, graded[turn], released=turn in released)
        review = any(g.report.needs_review for reports in graded.values() for g in reports)
        return replace(done, graded=len(graded), needs_review=review)

    def _look(self) -> bool:
        """Whether there is anything new."""
        try:
            look = self._inbox.look()
        except OSError:
            return False  # the round says so
        return bool(look.ready or look.growing)

    def _collect(self) -> bool:
        """Collect what is new and whole; whether there is something that is not whole yet."""
        try:
            look = self._inbox.look()
        except OSError as error:
            missing = f"The exchange's {self._inbox.folder} cannot be read: {os.strerror(error.errno or 0)}."
            if missing != self._missing:
                self._log.line(f"{missing} Waiting for it.")
            self._missing = missing
            return False
        if self._missing is not None:
            self._log.line("The exchange is there.")
        self._missing = None
        for student in sorted({student_of(name) for name in look.ready}):
            names = [name for name in look.ready if student_of(name) == student]
            try:
                failed = self._exchange.collect(student, names)
            except Exception as error:  # whatever one has put there, the others are collected
                self._log.once(f"Not collected: {student}: {_said(error)} Trying again until it works.")
                continue
            for name in names:
                self._inbox.took(name, well=name not in failed)
        return bool(look.growing)

    def _turns(self, assignment: Assignment, records: Records) -> list[Turn]:
        found = queue(
            self._name, assignment.settings, self._submissions(assignment), records.graded_times(self._name),
            records.turns(self._name), now=self._now(),
        )  # fmt: skip
        for submission in found.held:
            when = submission.submitted_at.astimezone() if submission.submitted_at else None
            self._log.once(
                f"{submission.student}: what was handed in at {when:%Y-%m-%d %H:%M:%S} waits: "
                f"{assignment.settings.watch.a_day} of today were graded."
            )
        for turn in found.admitted:
            records.admit(turn)
        now = time.monotonic()
        return [t for t in (*found.resumed, *found.admitted) if self._not_before.get(t, now) <= now]

    def _submissions(self, assignment: Assignment) -> list[Submission]:
        if not any((self._root / "submitted").glob(f"*/{self._name}")):
            return []  # nobody has handed in anything
        with using_language(assignment.settings.language):
            return find(self._root, self._name)

    def _feedback(self, assignment: Assignment, turns: Sequence[Turn]) -> set[Turn]:
        """Write and release the pages of those who get them; whose were released."""
        settings = assignment.settings.watch
        wanted = [turn for turn in turns if settings.feedback and not turn.over]
        if not wanted:
            return set()

        def work(some: Sequence[Turn]) -> None:
            # Without the class's curves: two pages, before and after one more was graded, would tell of that one.
            pages = write_all(
                assignment, course=self._root, db=self._db, students=[turn.student for turn in some],
                compare=False, measured=settings.show == "all",
            )  # fmt: skip
            for _ in pages:
                pass
            for turn in some:
                self._exchange.release_feedback(turn.student)

        return set(self._together(wanted, work))

    def _together(
        self,
        turns: Sequence[Turn],
        work: Callable[[Sequence[Turn]], None],
        *,
        fatal: tuple[type[Exception], ...] = (),
    ) -> list[Turn]:
        """Work on all at once, and where that fails, on each alone, so that one stops nobody else.

        Args:
            turns: All.
            work: What to do.
            fatal: Failures that nobody alone is the cause of.

        Returns:
            With whom it went well; the others are put off.

        Raises:
            Exception: One of ``fatal``.
        """
        fine: list[Turn] = []
        try:
            work(turns)
            fine = list(turns)
        except fatal:
            raise
        except Exception as error:
            if len(turns) == 1:
                self._put_off(turns[0], error)
            else:
                return [one for turn in turns for one in self._together([turn], work, fatal=fatal)]
        for turn in fine:
            self._not_before.pop(turn, None)
        return fine

    def _put_off(self, turn: Turn, error: Exception) -> None:
        self._failures[turn] += 1
        self._not_before[turn] = time.monotonic() + min(60.0 * 2 ** self._failures[turn], _LONGEST_STUDENT)
        self._log.once(f"{turn.student}: put off: {_said(error)}")


def _said(error: Exception) -> str:
    """What went wrong, and where, if nobody foresaw it."""
    if isinstance(error, AutograderError):
        return str(error)
    frames = traceback.extract_tb(error.__traceback__)
    where = f" ({Path(frames[-1].filename).name}:{frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}: {error}{where}."
