"""Judge collected submissions again after tests or points changed. What ``autograder regrade`` does.

No student code runs and nothing is trained: the judge works on the evidence of the last run, and only on pairs of
evidence and test that it has not judged before. A notebook whose evidence cannot answer is graded again, and
that is said. Manual scores and comments stay.
"""

import time
from dataclasses import dataclass
from pathlib import Path

from autograder.assignment import Assignment, load
from autograder.engine import Course, items_of
from autograder.errors import UsageError
from autograder.grade import Options, chosen, engine_for, past_of, say
from autograder.lock import hold
from autograder.messages import printable
from autograder.result import Result
from autograder.sandbox import doctor
from autograder.terminal import err
from autograder.work import judge_items, run_items
from gradebook.records import Records

__all__ = ["Regraded", "regrade"]


@dataclass(frozen=True)
class Regraded:
    """What a regrade did.

    Args:
        result: The scores as they are now.
        judged: Cells that were judged.
        kept: Notebooks for which nothing had to be judged.
        ran: Why notebooks had to be graded again, by name.
        seconds: Wall time of the judging, without those.
    """

    result: Result
    judged: int
    kept: int
    ran: dict[str, str]
    seconds: float

    def show(self) -> None:
        """The table of scores, and what was done for it."""
        self.result.show()
        count = len(self.result.graded) - len(self.ran)
        err.print(
            f"{count} notebooks judged again from evidence in {self.seconds:.1f} s: {self.judged} cells judged, "
            f"{self.kept} notebooks unchanged, nothing trained.",
            highlight=False,
        )
        for name, why in self.ran.items():
            err.print(f"Graded again, with a run: {printable(name)}: {printable(why, 200)}.", highlight=False)


def regrade(root: Path, name: str, records: Records, options: Options) -> Regraded:
    """Judge again, record, and bring ``autograded/`` up to date. Waits for whoever is grading the assignment.

    Raises:
        UsageError: There is nothing to regrade, or the host or the course is not ready; nothing was changed.
    """
    load(root, name)  # what is wrong with it is said at once
    with hold(root, name, "grading", "autograder regrade", say=say):
        return _regrade(root, load(root, name), records, options)  # as it is now: this may have waited for hours


def _regrade(root: Path, assignment: Assignment, records: Records, options: Options) -> Regraded:
    name = assignment.name
    weakened = doctor.require(allow_weak=options.allow_weak_sandbox)
    course = Course.open(root, assignment, weakened=weakened, jobs=options.jobs)
    submissions, templates = chosen(root, assignment, records, options)
    records.sync(assignment)
    last = {(g.report.student, g.report.notebook): g for g in records.reports(name)}
    if not last:
        raise UsageError(f"{name} was never graded.", f"Run: autograder grade {name}")
    items = items_of(submissions, templates)
    began = time.monotonic()
    judged = judge_items(course, items, last, records, jobs=options.jobs)
    seconds = time.monotonic() - began
    for item, why in judged.missed.items():
        err.print(f"{printable(item.name)} has to run again: {printable(why, 200)}.", highlight=False)
    run_items(
        course, [*judged.missed], records, engine=engine_for(course, options), past=past_of(records.ran(name))
    )
    ran = {item.name: why for item, why in judged.missed.items()}
    return Regraded(Result.of(assignment, items, records), judged.cells, judged.kept, ran, seconds)
