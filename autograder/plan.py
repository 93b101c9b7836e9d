"""What has to be done of what was asked for: run, judge again, or nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC

from autograder.engine import Course, Item, RanOn, ran_on, recorded
from gradebook.records import Ran

__all__ = ["Plan", "plan"]


@dataclass
class Plan:
    """The work, item by item; what is in none of these is done already.

    Args:
        run: Has to run.
        why: For people, why an item has to run.
        judge: Is judged again, from evidence.
        renew: Was handed in again without a change: only the time is new.
    """

    run: list[Item] = field(default_factory=list)
    why: dict[Item, str] = field(default_factory=dict)
    judge: list[Item] = field(default_factory=list)
    renew: list[Item] = field(default_factory=list)


def plan(course: Course, items: Sequence[Item], last: Sequence[Ran], *, force: bool = False) -> Plan:
    """Compare what a grade would depend on now with what the last one depended on.

    Args:
        course: With the assignment as it is now.
        items: What was asked for.
        last: What was recorded of the assignment.
        force: Run everything.
    """
    made = Plan()
    known: Mapping[tuple[str, str], Ran] = {(ran.student, ran.notebook): ran for ran in last}
    for item in items:
        before = known.get(item.key)
        now = ran_on(course, item.submission, item.template)
        why = "asked for" if force else _why_it_runs(course, item, before, now)
        if before is None or why is not None:
            made.run.append(item)
            made.why[item] = why or "new"
            continue
        if before.needs_review or recorded(before.sandbox) != now:
            made.judge.append(item)
        elif _time(item) is not None and _time(item) != before.submitted_at:
            made.renew.append(item)
    return made


def _why_it_runs(course: Course, item: Item, before: Ran | None, now: RanOn) -> str | None:
    """Why ``item`` cannot do without a run; ``None`` if it can."""
    if before is None:
        return "new"
    if before.status == "failed":
        return "the grader failed"
    then: RanOn | None = recorded(before.sandbox)
    if then is None:
        # Where nothing could be run, looking again costs nothing.
        return "refused before" if before.status == "refused" else "graded by an older version"
    if not then.only_judging(now):
        return then.judged_again(now).changed(now)[0]
    student, notebook = item.key
    shown = course.root / "autograded" / student / course.assignment.name / f"{notebook}.ipynb"
    if before.status == "graded" and not (shown.exists() and shown.stat().st_size):
        return "the graded notebook is gone"
    return None


def _time(item: Item) -> object:
    """When ``item`` was handed in, as the gradebook keeps it."""
    when = item.submission.submitted_at
    return when if when is None or when.tzinfo is None else when.astimezone(UTC).replace(tzinfo=None)
