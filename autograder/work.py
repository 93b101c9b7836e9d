"""Carry out: run notebooks or judge them again, several at once, and record each as it is done.

One writer: results come back to this process, which writes ``autograded/`` and then, in one transaction, the
gradebook. Whatever ends it in between, a notebook is recorded whole or has to be done again.
"""

import asyncio
import os
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from autograder.board import Board
from autograder.engine import Course, Graded, Item, Observer, Past, grade_all
from autograder.engine.again import Again, judge_again
from autograder.engine.examine import Miss
from autograder.engine.places import Plan
from autograder.errors import AutograderError, SubmissionError, UsageError, stop_on_full_disk
from autograder.messages import using_language
from autograder.notebook import read_bytes, write
from autograder.outcome import NotebookReport
from autograder.sandbox.client import Zygote
from autograder.terminal import err, progress
from gradebook.records import Graded as Recorded
from gradebook.records import Reason, Records

__all__ = ["Cluster", "Engine", "Judged", "Local", "judge_items", "run_items"]


@dataclass(frozen=True)
class Judged:
    """What judging again did.

    Args:
        cells: Cells that were judged.
        kept: Notebooks for which nothing had to be judged.
        missed: Why notebooks have to run, by item.
    """

    cells: int
    kept: int
    missed: Mapping[Item, str]


class Engine(Protocol):
    """Where notebooks run."""

    def run(
        self, course: Course, items: Sequence[Item], *, observer: Observer, past: Past
    ) -> AsyncGenerator[tuple[Item, Graded], None]:
        """Grade ``items``; each as it is done, in the order they end."""


@dataclass(frozen=True)
class Local:
    """This machine.

    Args:
        places: How many notebooks at once, with what.
    """

    places: Plan

    def run(
        self, course: Course, items: Sequence[Item], *, observer: Observer, past: Past
    ) -> AsyncGenerator[tuple[Item, Graded], None]:
        """See ``Engine``."""
        for role in ("kernel", "judge"):
            Zygote.connect(role, progress=lambda text: err.print(text, highlight=False))
        return grade_all(course, items, plan=self.places, observer=observer, past=past)


@dataclass(frozen=True)
class Cluster:
    """A Dask cluster.

    Args:
        address: ``dask://HOST:PORT``.
        storage: What its workers and this machine share; empty for a folder of the course.
        allow_weak: Accept workers whose sandbox lacks namespaces.
        allow_plain: Go to other machines without TLS.
    """

    address: str
    storage: str
    allow_weak: bool
    allow_plain: bool

    def run(
        self, course: Course, items: Sequence[Item], *, observer: Observer, past: Past
    ) -> AsyncGenerator[tuple[Item, Graded], None]:
        """See ``Engine``."""
        try:
            from autograder.engine.cluster import grade_on_cluster  # an extra, and a second of imports
        except ModuleNotFoundError as error:
            raise UsageError(
                f"{error.name} is not installed.", "Install the extra: tp555-autograder[dask]."
            ) from error
        return grade_on_cluster(
            course, items, address=self.address, storage=self.storage, observer=observer,
            allow_weak=self.allow_weak, allow_plain=self.allow_plain,
        )  # fmt: skip


def run_items(course: Course, items: Sequence[Item], records: Records, *, engine: Engine, past: Past) -> None:
    """Run and grade ``items``; record each as it is done, and write its notebook."""
    if not items:
        return
    records.enrol(item.submission.student for item in items)
    asyncio.run(_run(course, items, records, engine, past))


async def _run(course: Course, items: Sequence[Item], records: Records, engine: Engine, past: Past) -> None:
    with Board(items, past) as board:
        async with aclosing(engine.run(course, items, observer=board, past=past)) as results:
            async for item, graded in results:
                board.ended(item, await _record(course, item, graded, records, graded.answers, "grading"))


def judge_items(
    course: Course,
    items: Sequence[Item],
    last: Mapping[tuple[str, str], Recorded],
    records: Records,
    *,
    jobs: int | None = None,
) -> Judged:
    """Judge ``items`` again from evidence, several at a time; record each as it is done.

    Args:
        course: With the assignment as it is now.
        items: What to judge.
        last: What was recorded of each, by student and notebook.
        records: Where results go.
        jobs: Notebooks at once; ``None``: one a core, since a judge computes all the time.

    Raises:
        UsageError: The operator must act first: the disk is full, or data are missing.
    """
    if not items:
        return Judged(0, 0, {})
    Zygote.connect("judge", progress=lambda text: err.print(text, highlight=False))
    return asyncio.run(_judge(course, items, last, records, jobs or len(os.sched_getaffinity(0))))


async def _judge(
    course: Course,
    items: Sequence[Item],
    last: Mapping[tuple[str, str], Recorded],
    records: Records,
    jobs: int,
) -> Judged:
    waiting = asyncio.Semaphore(jobs)
    cells, kept, missed = 0, 0, dict[Item, str]()

    async def work(item: Item) -> tuple[Item, Again | str]:
        async with waiting:
            try:
                before = last[item.key].report if item.key in last else None
                return item, await judge_again(course, item.submission, item.template, before)
            except UsageError:
                raise  # a run would fare no better
            except (Miss, AutograderError) as why:
                stop_on_full_disk(why)
                return item, str(why)
            # Evidence that something else has written to, or a bug of ours: a run needs neither.
            except Exception as why:
                stop_on_full_disk(why)
                return item, f"{type(why).__name__}: {why}"

    tasks = [asyncio.create_task(work(item)) for item in items]
    try:
        with progress("Judging", len(items)) as meter:
            for done in asyncio.as_completed(tasks):
                item, outcome = await done
                meter.advance()
                if isinstance(outcome, str):
                    missed[item] = outcome
                    continue
                cells += outcome.judged
                kept += not outcome.judged
                answers = last[item.key].answers  # the notebook is the same, or it would have been missed
                graded = Graded(outcome.report, outcome.notebook)
                await _record(course, item, graded, records, answers, "regrade")
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return Judged(cells, kept, missed)


async def _record(
    course: Course, item: Item, graded: Graded, records: Records, answers: Mapping[str, str], reason: Reason
) -> NotebookReport:
    """Keep and record one notebook while others go on, for a disk takes its time; what was recorded.

    The caller waits: there is never more than one writer. Whoever ends the run meanwhile waits for the
    transaction.

    Raises:
        UsageError: The disk is full.
        GraderError: The database failed.
    """

    def work() -> NotebookReport:
        report = _keep(course.root, item, graded).report
        with using_language(course.assignment.settings.language):
            records.record(report, submitted_at=item.submission.submitted_at, answers=answers, reason=reason)
        return report

    return await asyncio.to_thread(work)


def _keep(root: Path, item: Item, graded: Graded) -> Graded:
    """``graded`` with its notebook written; where that fails, the grader's failure, and the run goes on.

    Raises:
        UsageError: The disk is full.
    """
    try:
        _write_autograded(root, item, graded)
    except (OSError, ValueError, RecursionError, SubmissionError) as error:
        stop_on_full_disk(error)
        why = f"autograded/{item.submission.student}: {error}"[:300]
        return replace(graded, report=replace(graded.report, status="failed", error=why))
    return graded


def _write_autograded(root: Path, item: Item, graded: Graded) -> None:
    """The executed notebook, where formgrader looks for it; none when there was nothing to run."""
    if item.submission.folder is None:
        return
    folder = root / "autograded" / item.submission.student / graded.report.assignment
    path = folder / f"{graded.report.notebook}.ipynb"
    if graded.notebook is None:
        path.unlink(missing_ok=True)
        return
    write(graded.notebook, path)
    if item.submission.submitted_at is not None:
        # nbgrader leaves its own copy read-only: put a new file in its place.
        partial = folder / "timestamp.txt.partial"
        partial.write_bytes(read_bytes(item.submission.folder / "timestamp.txt", max_bytes=200))
        partial.replace(folder / "timestamp.txt")
