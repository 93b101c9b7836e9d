"""Somebody kills a process of the grader's while it works: the notebook is done again, and costs nobody points."""

import asyncio
import os
import signal
from pathlib import Path
from typing import Any

import psutil
import pytest
from courses import RIGHT, TinyCourse, solution, test

from autograder.engine import Course, Graded, Item, Silent, grade_all, items_of
from autograder.sandbox.client import Sandbox, Zygote
from autograder.submission import find

pytestmark = [pytest.mark.sandbox, pytest.mark.slow]

SLOW = "import time\ntime.sleep(4)\n" + RIGHT["double"]
#: A test whose judge is at work for a while, and asks the kernel.
LONG_TEST = (
    "import time\nassert double(2) == 4\nfim = time.monotonic() + 4\nwhile time.monotonic() < fim:\n    pass\n"
    "assert double(3) == 6"
)


class Told(Silent):
    """Remembers what was tried again."""

    def __init__(self) -> None:
        self.why: list[str] = []

    def retried(self, item: Item, why: str) -> None:
        """See ``Observer``."""
        self.why.append(why)


async def graded_now(course: TinyCourse, told: Told) -> Graded:
    [item] = items_of(find(course.root, "lista"), course.assignment.notebooks)
    opened = Course.open(course.root, course.assignment)
    [(_, done)] = [done async for done in grade_all(opened, [item], jobs=1, observer=told)]
    return done


def graded(course: TinyCourse, told: Told) -> Graded:
    """Grade the only submission."""
    return asyncio.run(asyncio.wait_for(graded_now(course, told), 200))


def graded_while(course: TinyCourse, kill: str, after: float) -> tuple[Graded, list[str]]:
    """Grade the only submission, and kill a process of that kind meanwhile; what was tried again."""
    told = Told()

    async def run() -> Graded:
        grading = asyncio.create_task(graded_now(course, told))
        await asyncio.sleep(after)
        victim = await asyncio.to_thread(found, kill)
        assert not grading.done()
        os.kill(victim, signal.SIGKILL)
        return await grading

    return asyncio.run(asyncio.wait_for(run(), 200)), told.why


def found(kind: str) -> int:
    """The process of that kind that works now."""
    role = "judge" if kind in ("judge", "judge's keeper", "judge zygote") else "kernel"
    answer = Zygote.connect(role).ping()
    assert answer is not None
    if kind in ("kernel zygote", "judge zygote"):
        return int(answer["pid"])
    keeper = max(psutil.Process(answer["pid"]).children(), key=lambda process: process.create_time())
    if kind in ("keeper", "judge's keeper"):
        return keeper.pid
    # The keeper forks the porter first.
    porter, kernel = sorted(keeper.children(), key=lambda process: process.pid)[:2]
    return porter.pid if kind == "porter" else kernel.pid


@pytest.fixture
def course(zygote: Zygote, tmp_path: Path) -> TinyCourse:
    Zygote.connect("judge")
    return TinyCourse(tmp_path / "c", cells={"tiny": [solution("x", "double"), test(LONG_TEST, "double-test", 5)]})


@pytest.mark.parametrize("kind", ["kernel", "keeper", "porter"])
def test_a_notebook_whose_sandbox_was_killed_runs_once_more(course: TinyCourse, kind: str) -> None:
    course.submit("ana", {"double": SLOW})
    graded, tried_again = graded_while(course, kind, 2.5)
    assert graded.report.score == 5, graded.report
    assert not graded.report.needs_review
    assert len(tried_again) == 1


@pytest.mark.parametrize("kind", ["kernel", "keeper"])
def test_one_that_is_killed_while_it_starts_is_started_once_more(
    course: TinyCourse, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    course.submit("ana", {"double": RIGHT["double"]})
    real = Zygote.spawn
    killed = []

    def spawn(self: Zygote, spec: Any) -> Sandbox:
        sandbox = real(self, spec)
        if spec.role == "kernel" and not killed:
            killed.append(found(kind))
            os.kill(killed[0], signal.SIGKILL)
        return sandbox

    monkeypatch.setattr(Zygote, "spawn", spawn)
    told = Told()
    report = graded(course, told).report
    assert report.score == 5, report
    assert len(killed) == len(told.why) == 1


@pytest.mark.parametrize("kind", ["judge", "judge's keeper"])
def test_a_judge_that_was_killed_judges_once_more(course: TinyCourse, kind: str) -> None:
    """The notebook is not run again for that."""
    course.submit("ana", {"double": RIGHT["double"]})
    graded, tried_again = graded_while(course, kind, 3.0)
    assert graded.report.score == 5, graded.report
    assert not graded.report.needs_review
    assert tried_again == []


@pytest.mark.parametrize("kind", ["kernel zygote", "judge zygote"])
def test_what_runs_goes_on_without_its_zygote(course: TinyCourse, kind: str) -> None:
    course.submit("ana", {"double": SLOW})
    graded, tried_again = graded_while(course, kind, 2.5)
    assert graded.report.score == 5, graded.report
    assert tried_again == []
    Zygote.connect("kernel")
    Zygote.connect("judge")  # for the tests after this one


def test_a_student_who_kills_the_kernel_loses_what_that_costs(zygote: Zygote, tmp_path: Path) -> None:
    """What can be done from inside is the student's doing: no second try, no review."""
    course = TinyCourse(tmp_path / "c", settings="[limits]\ncell_cpu = 10\nnotebook_cpu = 30\n")
    suicide = (
        "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\nos.kill(os.getpid(), signal.SIGSEGV)\nos.abort()"
    )
    course.submit("ana", {**RIGHT, "square": suicide})
    told = Told()
    report = graded(course, told).report
    assert (report.status, report.score, report.needs_review) == ("graded", 2, False)
    assert told.why == []
