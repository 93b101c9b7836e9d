"""Whose turn it is: a pure function of what lies in ``submitted/``, what is recorded, and earlier turns."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from autograder.assignment import Settings
from autograder.submission import Submission
from autograder.watch.day import day_began, is_over
from gradebook.records import Turn

__all__ = ["Queue", "queue"]


@dataclass(frozen=True)
class Queue:
    """What a round does.

    Args:
        resumed: Turns that were begun and not finished.
        admitted: New ones, to be written down.
        held: What waits for another day, or for the deadline.
    """

    resumed: tuple[Turn, ...]
    admitted: tuple[Turn, ...]
    held: tuple[Submission, ...]


def queue(
    assignment: str,
    settings: Settings,
    submissions: Iterable[Submission],
    recorded: Mapping[str, set[datetime | None]],
    turns: Sequence[Turn],
    *,
    now: datetime,
) -> Queue:
    """Who is graded now.

    A submission is new when what is recorded of its student was handed in at another time: the collector takes
    nothing that is not newer than what it took before. What has no time did not come through the exchange, and is
    not this queue's business. One that the grader failed on is not new either: a person decides what to do.

    Args:
        assignment: Its name.
        settings: Its settings, with the deadline and how many a day.
        submissions: What was collected.
        recorded: When what is recorded of each student was handed in.
        turns: All so far.
        now: By the grader's clock.
    """
    known = {(turn.student, turn.submitted_at): turn for turn in turns}
    midnight = day_began(now, settings)
    today = Counter(turn.student for turn in turns if turn.admitted_at >= midnight)
    a_day = settings.watch.a_day
    resumed, admitted, held = [], [], []
    for submission in submissions:
        student, at = submission.student, submission.submitted_at
        if at is None:
            continue
        had = known.get((student, at))
        if had is not None:
            if not had.done:
                resumed.append(had)
            continue
        if recorded.get(student) == {at}:
            continue
        over = a_day is not None and today[student] >= a_day
        if over and not is_over(now, settings):
            held.append(submission)
        else:
            admitted.append(Turn(student, assignment, at, now, over))
    return Queue(tuple(resumed), tuple(admitted), tuple(held))
