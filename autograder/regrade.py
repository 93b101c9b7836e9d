"""Judge collected submissions again after tests or points changed. What ``autograder regrade`` does.

No student code runs and nothing is trained: the judge works on the evidence of the last run, and only on pairs of
evidence and test that it has not judged before. A notebook whose evidence cannot answer is graded again, and
that is said. Manual scores and comments stay.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.assignment import load
from autograder.engine import Course, Graded, Item, items_of
from autograder.engine.again import Again, judge_again
from autograder.engine.examine import Miss
from autograder.errors import AutograderError, UsageError
from autograder.grade import Options, Result, chosen, grade_items, keep
from autograder.messages import printable
from autograder.outcome import NotebookReport
from autograder.sandbox import doctor
from autograder.sandbox.client import Zygote
from autograder.terminal import err, progress
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
    """Judge again, record, and bring ``autograded/`` up to date.

    Raises:
        UsageError: There is nothing to regrade, or the host or the course is not ready; nothing was changed.
    """
    assignment = load(root, name)
    weakened = doctor.require(allow_weak=options.allow_weak_sandbox)
    course = Course.open(root, assignment, weakened=weakened, jobs=options.jobs)
    submissions, templates = chosen(root, assignment, records, options)
    records.sync(assignment)
    last = {(g.report.student, g.report.notebook): g for g in records.reports(name)}
    if not last:
        raise UsageError(f"{name} was never graded.", f"Run: autograder grade {name}")
    Zygote.connect("judge", progress=lambda text: err.print(text, highlight=False))
    items = items_of(submissions, templates)
    reports = {key: graded.report for key, graded in last.items()}
    began = time.monotonic()
    judged, kept, ran = asyncio.run(_judge(course, items, reports, records, options.jobs))
    seconds = time.monotonic() - began
    again = [item for item in items if item.name in ran]
    if again:
        for item in again:
            err.print(
                f"{printable(item.name)} has to run again: {printable(ran[item.name], 200)}.", highlight=False
            )
        grade_items(course, again, records, options)
    return Regraded(Result.of(assignment, items, records), judged, kept, ran, seconds)


async def _judge(
    course: Course,
    items: Sequence[Item],
    reports: dict[tuple[str, str], NotebookReport],
    records: Records,
    jobs: int,
) -> tuple[int, int, dict[str, str]]:
    """Judge all, ``jobs`` at a time; how many cells and notebooks, and what has to run again and why."""
    waiting = asyncio.Semaphore(jobs)
    judged, kept, ran = 0, 0, dict[str, str]()

    async def work(item: Item) -> tuple[Item, Again | str]:
        async with waiting:
            key = (item.submission.student, item.template.name)
            try:
                return item, await judge_again(course, item.submission, item.template, reports.get(key))
            except (Miss, AutograderError) as why:
                return item, str(why)

    with progress("Judging", len(items)) as meter:
        for done in asyncio.as_completed([asyncio.create_task(work(item)) for item in items]):
            item, outcome = await done
            meter.advance()
            if isinstance(outcome, str):
                ran[item.name] = outcome
                continue
            judged += outcome.judged
            kept += not outcome.judged
            graded = keep(course.root, item, Graded(outcome.report, outcome.notebook))
            records.record(graded.report, submitted_at=item.submission.submitted_at, reason="regrade")
    return judged, kept, ran
