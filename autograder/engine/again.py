"""Judge a notebook again from its evidence: nothing is run of the student's, nothing is trained.

What does not depend on evidence is taken over from the last report. Where the evidence cannot answer, ``Miss``
says why, and the notebook has to be graded again.
"""

from dataclasses import dataclass, replace
from typing import Any

import nbformat
from nbformat import NotebookNode

from autograder.assignment import Template, TemplateCell
from autograder.engine.course import Course
from autograder.engine.evidence import source_digest
from autograder.engine.examine import Miss
from autograder.engine.ran_on import RanOn, ran_on, recorded
from autograder.errors import SubmissionError
from autograder.evidence.bundle import Bundle
from autograder.judge import curves_of, exhibits_of, judge_cell, models_of
from autograder.messages import using_language
from autograder.outcome import CellVerdict, NotebookReport
from autograder.sanitise import sanitise
from autograder.submission import Submission, find_notebook

__all__ = ["Again", "judge_again"]


@dataclass(frozen=True)
class Again:
    """What judging again yields.

    Args:
        report: For the gradebook.
        notebook: The executed notebook with the new tests in it; ``None`` where there never was one.
        judged: How many cells were judged, not looked up.
    """

    report: NotebookReport
    notebook: NotebookNode | None
    judged: int


async def judge_again(
    course: Course, submission: Submission, template: Template, last: NotebookReport | None
) -> Again:
    """Judge the test cells of ``template`` on what was kept of the student's copy.

    Args:
        course: With the assignment as it is now.
        submission: What was handed in.
        template: The notebook as it is now.
        last: The last report on it, if any.

    Raises:
        Miss: It has to be graded again; the text says why.
        GraderError: The evidence was damaged.
    """
    with using_language(course.assignment.settings.language):
        if last is None:
            raise Miss("it was never graded")
        if last.status == "failed":
            raise Miss("the grader failed the last time")
        then, now = recorded(last.sandbox), ran_on(course, submission, template)
        if then is not None and then.submission != now.submission:
            raise Miss("it was handed in again since")
        if last.status in ("missing", "refused"):
            if then is None:
                raise Miss("an older version did not write down what it found")
            report = _without_run(last, template)
            return Again(replace(report, sandbox=_depends(last, now)), None, 0)
        bundle = Bundle.read(course.evidence(submission.student, template.name))
        if bundle is None:
            raise Miss("no evidence was kept")
        if not course.weakened:
            return await _again(course, submission, template, last, bundle, now)
        copy = bundle.copy_apart()
        try:
            again = await _again(course, submission, template, last, copy, now)
            copy.settle(bundle.folder)
        finally:
            copy.discard()
        return again


async def _again(
    course: Course,
    submission: Submission,
    template: Template,
    last: NotebookReport,
    bundle: Bundle,
    now: RanOn,
) -> Again:
    notebook = _notebook(course, submission, template, bundle)
    examiner = course.examiner(template, bundle)
    before = {verdict.grade_id: verdict for verdict in last.verdicts}
    try:
        verdicts = []
        for cell in template.cells:
            if cell.grade_id in examiner.judged:
                evidence = await examiner.again(cell.grade_id)
                verdicts.append(judge_cell(cell, evidence, course.settle))
            elif cell.graded:
                verdicts.append(_kept(cell, before.get(cell.grade_id), bundle))
        if examiner.judgements:
            bundle.write()
    finally:
        await examiner.close()
    for cell in notebook.cells:
        identity = cell.metadata.get("nbgrader", {}).get("grade_id")
        if identity in examiner.outputs:
            cell.outputs = examiner.outputs[identity]
    tests = [(name, nbformat.from_dict({"outputs": outputs})) for name, outputs in examiner.outputs.items()]
    report = replace(
        last,
        verdicts=tuple(verdicts),
        curves=curves_of(cell for _, cell in tests) or last.curves,
        exhibits=exhibits_of(tests),
        models=models_of(tests),
        sandbox=_depends(last, now),
    )
    return Again(report, notebook, examiner.judgements)


def _without_run(last: NotebookReport, template: Template) -> NotebookReport:
    """A notebook that was not handed in, or cannot be read: zero in every cell that there is now."""
    verdicts = tuple(
        CellVerdict(cell.grade_id, cell.points, 0.0, manual=cell.manual, reason=last.error)
        for cell in template.cells
        if cell.graded
    )
    return replace(last, verdicts=verdicts)


def _depends(last: NotebookReport, now: RanOn) -> dict[str, Any]:
    """What was known of the run, judged by the tests and the judge of now."""
    before = recorded(last.sandbox)
    if before is None:
        return dict(last.sandbox)
    return {**last.sandbox, "ran_on": before.judged_again(now).to_json()}


def _kept(cell: TemplateCell, before: CellVerdict | None, bundle: Bundle) -> CellVerdict:
    """The verdict on a cell that no judge decides."""
    if cell.manual:
        if before is None or before.score is None:
            return CellVerdict(cell.grade_id, cell.points, None, manual=True)
        return CellVerdict(cell.grade_id, cell.points, 0.0, manual=True, reason=before.reason)
    known = bundle.facts.get("in_kernel", {}).get(cell.grade_id)
    if before is None or known != source_digest(cell.source):
        raise Miss(f"{cell.grade_id!r} cannot be judged from outside, and is new or was changed")
    if before.score is None or not before.max_score:
        raise Miss(f"{cell.grade_id!r} needs review")
    score = round(before.score / before.max_score * cell.points, 6)
    return replace(before, max_score=cell.points, score=min(score, cell.points))


def _notebook(course: Course, submission: Submission, template: Template, bundle: Bundle) -> NotebookNode:
    """The student's notebook on the skeleton of today, with what its cells printed when they ran."""
    try:
        found = find_notebook(submission, template, course.assignment)
    except SubmissionError as error:
        raise Miss(f"the file that was handed in has changed: {error}") from error
    if found is None:
        raise Miss("the file that was handed in is gone")
    if source_digest(nbformat.writes(found.notebook)) != bundle.facts.get("notebook"):
        raise Miss("it was handed in again since")
    clean = sanitise(found.notebook, template, course.released[template.name]).notebook
    path = course.root / "autograded" / submission.student / course.assignment.name / f"{template.name}.ipynb"
    try:
        executed = {cell.get("id"): cell for cell in nbformat.read(path, as_version=4).cells}
    except (OSError, ValueError):
        executed = {}
    for cell in clean.cells:
        ran = executed.get(cell.get("id"))
        if cell.cell_type == "code" and ran is not None and ran.cell_type == "code":
            cell.outputs, cell.execution_count = ran.outputs, ran.execution_count
    return clean
