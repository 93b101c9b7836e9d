"""Grade an assignment from end to end: find, run, judge, record, show. What ``autograder grade`` does.

Only what has to be done is done. A notebook runs when it is new, or when it, the data or what runs notebooks have
changed since it ran; where tests alone have, it is judged again from evidence; where nothing has, its grade stays.
"""

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.assignment import Assignment, Template, load
from autograder.engine import Course, Past, Used, items_of
from autograder.engine.here import machine_here
from autograder.engine.places import Plan as Places
from autograder.engine.places import gpus_wanted
from autograder.engine.places import plan as plan_places
from autograder.errors import UsageError
from autograder.lock import hold
from autograder.messages import using_language
from autograder.plan import Plan, plan
from autograder.result import Result
from autograder.sandbox import doctor
from autograder.submission import Submission, find
from autograder.terminal import err
from autograder.work import Cluster, Engine, Local, judge_items, run_items
from gradebook.records import Ran, Records

__all__ = ["Options", "chosen", "engine_for", "grade", "past_of", "say"]


@dataclass(frozen=True)
class Options:
    """What to grade, and how.

    Args:
        students: Only these; empty for all.
        notebooks: Only these; empty for all.
        jobs: Notebooks at once; ``None``: as many as the machine does fastest.
        allow_weak_sandbox: Go on where the host cannot isolate.
        force: Run also what is unchanged.
        gpus: GPUs at most, ``none`` for none; ``None`` for all that the assignment asks for.
        engine: Where notebooks run: ``local``, or ``dask://HOST:PORT``.
        storage: What a cluster and this machine share; empty for a folder of the course.
        allow_plain_cluster: Go to a cluster on other machines without TLS.
    """

    students: tuple[str, ...] = ()
    notebooks: tuple[str, ...] = ()
    jobs: int | None = None
    allow_weak_sandbox: bool = False
    force: bool = False
    gpus: str | None = None
    engine: str = "local"
    storage: str = ""
    allow_plain_cluster: bool = False


def grade(root: Path, name: str, records: Records, options: Options) -> Result:
    """Grade what has to be graded, record as results come in, and write ``autograded/``.

    Waits for whoever is grading the assignment: what they have graded is not graded again.

    Raises:
        UsageError: There is nothing to grade, or the host or the course is not ready; nothing was graded.
    """
    load(root, name)  # what is wrong with it is said at once
    with hold(root, name, "grading", "autograder grade", say=say):
        return _grade(root, load(root, name), records, options)  # as it is now: this may have waited for hours


def say(text: str) -> None:
    """Tell the operator, beside the results."""
    err.print(text, highlight=False, markup=False, soft_wrap=True)


def _grade(root: Path, assignment: Assignment, records: Records, options: Options) -> Result:
    name = assignment.name
    local = options.engine == "local"
    # On a cluster each worker looks for itself.
    weakened = doctor.require(allow_weak=options.allow_weak_sandbox) if local else ()
    if weakened:
        err.print(f"[bold yellow]Student code is not isolated[/]: no {', '.join(weakened)}. Recorded.")
    course = Course.open(root, assignment, weakened=weakened, jobs=options.jobs)
    if local:
        course.view()  # fails now, not in the middle, when the data sets are not there
    submissions, templates = chosen(root, assignment, records, options)
    records.sync(assignment)
    items = items_of(submissions, templates)
    last = records.ran(name)
    todo = plan(course, items, last, force=options.force)
    _say(todo, len(items))
    engine = engine_for(course, options)
    past = past_of(last)
    recorded = {
        item.key: graded
        for item in (*todo.judge, *todo.renew)
        for graded in records.reports(name, student=item.key[0], notebook=item.key[1])
    }
    here = course
    if todo.judge and not local:  # judging again is done here, whoever runs the others
        weakened = doctor.require(allow_weak=options.allow_weak_sandbox)
        here = Course.open(root, assignment, weakened=weakened, jobs=options.jobs)
    judged = judge_items(here, todo.judge, recorded, records, jobs=options.jobs)
    with using_language(assignment.settings.language):
        for item in todo.renew:
            if (graded := recorded.get(item.key)) is not None:
                when = item.submission.submitted_at
                records.record(graded.report, submitted_at=when, answers=graded.answers, reason="grading")
    run_items(course, [*todo.run, *judged.missed], records, engine=engine, past=past)
    return Result.of(assignment, items, records)


def engine_for(course: Course, options: Options) -> Engine:
    """Where notebooks run.

    Raises:
        UsageError: They cannot run there.
    """
    if options.engine == "local":
        return Local(_places(course, options))
    return Cluster(options.engine, options.storage, options.allow_weak_sandbox, options.allow_plain_cluster)


def _places(course: Course, options: Options) -> Places:
    """How many notebooks run at once here, with how many threads, and on which GPUs.

    Raises:
        UsageError: The assignment requires a GPU, and there is none that could be given.
    """
    settings = course.assignment.settings
    machine = machine_here(
        settings.limits, visible=os.environ.get("CUDA_VISIBLE_DEVICES"), weakened=bool(course.weakened)
    )
    made = plan_places(
        machine, settings.limits, jobs=options.jobs, gpus=gpus_wanted(options.gpus), threads=settings.threads
    )
    if made.note:
        err.print(made.note, highlight=False, markup=False)
    return made


def past_of(last: Sequence[Ran]) -> Past:
    """What runs before this one have used."""
    return Past(
        Used(ran.student, ran.notebook, ran.cpu_seconds, int(ran.sandbox.get("memory", 0)))
        for ran in last
        if ran.status == "graded"
    )


def _say(todo: Plan, count: int) -> None:
    """What will be done, where some of it has been done before."""
    kept = count - len(todo.run) - len(todo.judge)
    if not kept and not todo.judge:
        return
    text = f"{kept} of {count} notebooks are unchanged and keep their grades (--force runs them again)."
    if todo.judge:
        text += f" {len(todo.judge)} are judged again from evidence."
    if todo.run:
        whys = ", ".join(f"{why} ({number})" for why, number in Counter(todo.why.values()).most_common())
        text += f" {len(todo.run)} run: {whys}."
    err.print(text, highlight=False)


def chosen(
    root: Path, assignment: Assignment, records: Records, options: Options
) -> tuple[list[Submission], list[Template]]:
    """The submissions and notebooks that the options name.

    Raises:
        UsageError: They name a student or a notebook that does not exist.
    """
    with using_language(assignment.settings.language):
        submissions = find(root, assignment.name, roster=records.students())
    unknown = set(options.students) - {s.student for s in submissions}
    if unknown:
        raise UsageError(
            f"No submission and no student called {sorted(unknown)[0]!r}.",
            f"There are: {', '.join(s.student for s in submissions)}.",
        )
    templates = [assignment.notebook(n) for n in options.notebooks] or list(assignment.notebooks)
    return [s for s in submissions if not options.students or s.student in options.students], templates
