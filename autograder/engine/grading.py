"""Grade one notebook of one submission: find, sanitise, run, judge. Whatever happens, there is a report."""

import hashlib
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import nbformat
import numpy as np
from nbformat import NotebookNode

from autograder.assignment import Settings, Template, TemplateCell
from autograder.engine.course import DATASETS, EVIDENCE, Course
from autograder.engine.evidence import evidence_of, source_digest
from autograder.engine.examine import Examiner
from autograder.engine.here import share_at
from autograder.engine.judged import visible_bindings
from autograder.engine.places import Place
from autograder.engine.ran_on import RanOn, ran_on
from autograder.engine.written import written_in
from autograder.errors import AutograderError, Lost, SubmissionError, UsageError, stop_on_full_disk
from autograder.evidence.bundle import Bundle
from autograder.judge import curves_of, exhibits_of, judge_cell, models_of, why_it_ended
from autograder.messages import tr, using_language
from autograder.notebook import grade_id_of
from autograder.outcome import CellVerdict, NotebookReport
from autograder.sandbox.files import copy_regular_files
from autograder.sandbox.live import Examine, Live
from autograder.sandbox.run import CellRun, CellStatus, RunReport, run_notebook
from autograder.sanitise import Sanitised, sanitise
from autograder.submission import Submission, find_notebook

__all__ = ["MAX_STAGED", "Graded", "failed", "grade_notebook", "left_aside"]

#: Bytes of a submission that a run finds beside its notebook.
MAX_STAGED = 200 * 2**20
_MAX_NOTICES = 50


@dataclass(frozen=True)
class Graded:
    """What grading one notebook yields.

    Args:
        report: For the gradebook.
        notebook: The executed notebook for formgrader, tests included; ``None`` when there is none.
        answers: A digest of the text of each cell that is graded by hand, by its id: tells whether a TA who
            has read it must read it again.
    """

    report: NotebookReport
    notebook: NotebookNode | None
    answers: Mapping[str, str] = field(default_factory=dict)


async def grade_notebook(
    course: Course,
    submission: Submission,
    template: Template,
    *,
    on_cell: Callable[[], None] | None = None,
    on_retry: Callable[[str], None] | None = None,
    place: Place | None = None,
) -> Graded:
    """Grade the student's copy of ``template``. Never raises for what a student did or the grader broke.

    Where somebody ended a process of the grader's, the notebook runs once more.

    Args:
        on_cell: Called after each cell.
        on_retry: Called with the reason when it runs once more.
        place: What of this machine the notebook may use; without one, no GPU and the course's threads.

    Raises:
        UsageError: The operator must act first: the disk is full, or the assignment requires a GPU and the place
            has none.
    """
    began = time.monotonic()
    if course.assignment.settings.limits.gpu == "required" and (place is None or place.gpu is None):
        raise UsageError(
            f"{course.assignment.name} requires a GPU, and this run has none to give.",
            'Grade it with `autograder grade` on a machine that has one, or set gpu = "if there" under [limits].',
        )
    with using_language(course.assignment.settings.language):
        try:
            try:
                return await _grade(course, submission, template, on_cell, place)
            except Lost as lost:
                if on_retry is not None:
                    on_retry(str(lost))
                return await _grade(course, submission, template, on_cell, place)
        except SubmissionError as error:
            depends = ran_on(course, submission, template)
            report = _without_run(course, submission, template, "refused", str(error), 0.0, depends)
        except UsageError:
            raise  # the operator must act; no submission can be graded until then
        except AutograderError as error:
            stop_on_full_disk(error)
            report = _without_run(course, submission, template, "failed", str(error), None)
        # A bug of ours must cost nobody points and stop nobody else's grading: it is put on record as ours.
        except Exception as error:
            stop_on_full_disk(error)
            report = failed(course, submission, template, f"{type(error).__name__}: {error}").report
    return Graded(_timed(report, time.monotonic() - began), None)


def failed(course: Course, submission: Submission, template: Template, why: str) -> Graded:
    """What is said of a notebook that the grader could not grade: no score, and a person must look."""
    with using_language(course.assignment.settings.language):
        reason = tr("The grader failed: {why}.", why=why[:300])
        return Graded(_without_run(course, submission, template, "failed", reason, None), None)


def _timed(report: NotebookReport, seconds: float) -> NotebookReport:
    return NotebookReport(**{**report.__dict__, "seconds": round(seconds, 2)})


def _without_run(
    course: Course,
    submission: Submission,
    template: Template,
    status: str,
    reason: str,
    score: float | None,
    depends: RanOn | None = None,
) -> NotebookReport:
    """A report on a notebook that was not run: zero for what is the student's doing, a review for what is ours."""
    verdicts = tuple(
        CellVerdict(
            cell.grade_id, cell.points, score, needs_review=score is None, manual=cell.manual, reason=reason
        )
        for cell in template.cells
        if cell.graded
    )
    return NotebookReport(
        submission.student, course.assignment.name, template.name,
        status=status,  # type: ignore[arg-type]  # one of Status; the callers are above
        verdicts=verdicts, error=reason,
        sandbox={} if depends is None else {"ran_on": depends.to_json()},
    )  # fmt: skip


async def _grade(
    course: Course,
    submission: Submission,
    template: Template,
    on_cell: Callable[[], None] | None,
    place: Place | None,
) -> Graded:
    began = time.monotonic()
    depends = ran_on(course, submission, template)
    found = find_notebook(submission, template, course.assignment)
    if found is None:
        reason = tr("{name}.ipynb was not handed in.", name=template.name)
        return Graded(_without_run(course, submission, template, "missing", reason, 0.0, depends), None)
    clean = sanitise(found.notebook, template, course.released[template.name])
    bundle = Bundle.new(course.root / EVIDENCE, apart=bool(course.weakened))
    stage = bundle.beside("stage")
    examiner = course.examiner(template, bundle)
    examiner.written = written_in(clean, template)
    try:
        examiner.start()
        left = _stage(course, submission, stage)
        run = await _run(course, template, clean, stage, examiner, on_cell, place)
        for identity, outputs in examiner.outputs.items():
            clean.notebook.cells[clean.position[identity]].outputs = outputs
        bundle.facts = {
            "notebook": source_digest(nbformat.writes(found.notebook)),
            "in_kernel": {name: source_digest(template.by_id[name].source) for name in examiner.others},
        }
        bundle.settle(course.evidence(submission.student, template.name))
    finally:
        try:
            await examiner.close()
        finally:  # also when this is cancelled
            bundle.discard()
            shutil.rmtree(stage)
    mishaps = _mishaps(template, clean, run)
    over_limit = next((text for where, text in mishaps.items() if run.cells[where].status == "limit"), None)
    graded = [cell for cell in template.cells if cell.graded]
    if _lost(course, template, examiner):
        graded = [cell for cell in graded if cell.grade_id in examiner.evidence]
    verdicts = tuple(_verdict(course, cell, clean, run, examiner) for cell in graded)
    tests = [(c.grade_id, clean.notebook.cells[clean.position[c.grade_id]]) for c in template.cells if c.is_test]
    report = NotebookReport(
        student=submission.student,
        assignment=course.assignment.name,
        notebook=template.name,
        status="graded",
        verdicts=verdicts,
        error=_death(run.death) or over_limit,
        notices=(*mishaps.values(), *found.notices, *clean.notices, *left)[:_MAX_NOTICES],
        curves=curves_of(cell for _, cell in tests),
        exhibits=exhibits_of(tests),
        models=models_of(tests),
        seconds=round(time.monotonic() - began, 2),
        cpu_seconds=round(run.cpu, 2),
        sandbox={
            "ran_on": depends.to_json(),
            "memory": run.memory,
            "weakened": list(course.weakened),
            "in_kernel": sorted(examiner.others),
            "seconds": {name: round(value, 3) for name, value in vars(examiner.seconds).items()},
        },
    )
    answers = {
        cell.grade_id: hashlib.sha256(
            clean.notebook.cells[clean.position[cell.grade_id]].source.encode()
        ).hexdigest()
        for cell in template.cells
        if cell.manual
    }
    return Graded(report, clean.notebook, answers)


def _mishaps(template: Template, clean: Sanitised, run: RunReport) -> dict[int, str]:
    """What went wrong in the student's own cells, by position: the cause of what the tests then find missing."""
    names = {position: identity for identity, position in clean.position.items()}
    found: dict[int, str] = {}
    name = ""
    for position, cell in enumerate(clean.notebook.cells):
        name = names.get(position, name)
        ran = run.cells.get(position)
        known = template.by_id.get(names.get(position, ""))
        if ran is None or ran.status in ("ok", "skipped") or (known is not None and known.is_test):
            continue
        where = (
            tr("The cell “{id}”", id=name) if position in names
            else tr("Your own cell after “{id}”", id=name) if name
            else tr("Your own cell at the start")
        )  # fmt: skip
        found[position] = f"{where}: {why_it_ended(evidence_of(cell, ran))}"
    return found


def left_aside(settings: Settings) -> tuple[str, ...]:
    """Patterns of names that a run does not find beside its notebook."""
    return (*settings.set_aside, "*.ipynb", "timestamp.txt")


def _stage(course: Course, submission: Submission, stage: Path) -> tuple[str, ...]:
    """Lay out the files that the run may find beside the notebook; returns what to say about those left."""
    assert submission.folder is not None
    leave = left_aside(course.assignment.settings)
    copied = copy_regular_files(submission.folder, stage, max_bytes=MAX_STAGED, leave=leave)
    _make_room(course.assignment.path, stage)
    copy_regular_files(course.assignment.path, stage, max_bytes=MAX_STAGED, leave=("*.ipynb",))
    texts = {
        "link": tr("“{name}” is a link and was left out."),
        "special": tr("“{name}” is no regular file and was left out."),
        "name": tr("“{name}” has a name that cannot be used and was left out."),
        "limit": tr("“{name}” is too large, and was left out."),
        "unreadable": tr("“{name}” cannot be read, and was left out."),
        "pattern": tr("“{name}” was set aside: the notebook has to make it itself."),
    }
    return tuple(
        texts[reason].format(name=name)
        for name, reason in copied.left
        if reason != "pattern" or not (name.endswith((".ipynb", "timestamp.txt")) or name.startswith("."))
    )


def _make_room(given: Path, stage: Path) -> None:
    """Remove the student's files where the instructor's folders go, and the other way round."""
    for path in given.rglob("*"):
        spot = stage / path.relative_to(given)
        if spot.is_dir() and not path.is_dir():
            shutil.rmtree(spot)
        elif spot.is_file() and path.is_dir():
            spot.unlink()


async def _run(
    course: Course,
    template: Template,
    clean: Sanitised,
    stage: Path,
    examiner: Examiner,
    on_cell: Callable[[], None] | None,
    place: Place | None,
) -> RunReport:
    settings = course.assignment.settings
    last = [c for c in template.cells if c.is_test and _uses_holdout(c.source)]
    held_out = [c for c in last if c.grade_id in examiner.others]  # these run in the kernel, and get inputs there
    released = course.released[template.name]
    _hide(template, clean, released)
    judged: dict[int, Examine] = {}
    quietly: dict[int, str] = {}
    for identity in examiner.judged:
        position = clean.position[identity]
        judged[position] = _examination(examiner, identity, position)
        quietly[position] = visible_bindings(released, identity)

    def deliver(inbox: Path) -> None:
        for name in DATASETS:
            if any(name in cell.source for cell in held_out):
                np.savez(inbox / f".{name}.npz", X=course.holdout(name).X)
                (inbox / f".{name}.npz").chmod(0o644)
                (inbox / f".{name}.npz").rename(inbox / f"{name}.npz")

    return await run_notebook(
        clean.notebook,
        work=stage,
        limits=settings.limits,
        last=[clean.position[cell.grade_id] for cell in last],
        before_last=deliver if held_out else None,
        judged=judged,
        quietly=quietly,
        at_end=examiner.at_end,
        harvest=examiner.bundle.blobs,
        enough=lambda: _lost(course, template, examiner),
        on_cell=None if on_cell is None else lambda _: on_cell(),
        config={
            "threads": course.threads if place is None else place.threads,
            "gpu": await share_at(place),
            "datasets": str(course.view()),
            "weak": bool(course.weakened),
            "language": settings.language,
        },
    )


def _lost(course: Course, template: Template, examiner: Examiner) -> bool:
    """Whether a cell has lost points, and that is all that was asked."""
    if not course.until_lost:
        return False
    verdicts = (judge_cell(template.by_id[name], seen, course.settle) for name, seen in examiner.evidence.items())
    return any(verdict.score is not None and verdict.score < verdict.max_score - 1e-9 for verdict in verdicts)


def _examination(examiner: Examiner, identity: str, position: int) -> Examine:
    async def examine(live: Live) -> CellRun:
        evidence = await examiner.live(identity, live)
        status = cast(CellStatus, "ok" if evidence.grader is not None else evidence.status)
        return CellRun(position, status, evidence.limit, await live.cpu(), False, evidence.raised)

    return examine


def _hide(template: Template, clean: Sanitised, released: NotebookNode) -> None:
    """Take hidden text out of the instructor's cells that are run for the student: they get what the student
    saw."""
    shown = {identity: cell.source for cell in released.cells if (identity := grade_id_of(cell))}
    for cell in template.cells:
        if cell.locked and not cell.graded and cell.cell_type == "code" and cell.grade_id in shown:
            clean.notebook.cells[clean.position[cell.grade_id]].source = shown[cell.grade_id]


def _uses_holdout(source: str) -> bool:
    return "holdout." in source


def _verdict(
    course: Course, cell: TemplateCell, clean: Sanitised, run: RunReport, examiner: Examiner
) -> CellVerdict:
    if cell.manual:
        if cell.grade_id in clean.untouched and not cell.task:
            return CellVerdict(cell.grade_id, cell.points, 0.0, manual=True, reason=tr("No answer was written."))
        return CellVerdict(cell.grade_id, cell.points, None, manual=True)
    if cell.grade_id in examiner.evidence:
        return judge_cell(cell, examiner.evidence[cell.grade_id], course.settle)
    position = clean.position[cell.grade_id]
    ran = run.cells[position]
    return judge_cell(cell, evidence_of(clean.notebook.cells[position], ran), course.settle)


def _death(death: str | None) -> str | None:
    if death is None:
        return None
    texts = {
        "cpu": tr("The notebook used more CPU time than it may, and was ended."),
        "memory": tr("The notebook used more memory than it may, and was ended."),
        "processes": tr("The notebook started more processes than it may, and was ended."),
        "wall": tr("The notebook took longer than it may, and was ended."),
        "exit": tr("The notebook's code ended its kernel."),
        "signal": tr("The kernel crashed."),
    }
    return texts[death]
