"""Feedback: self-contained pages, one a student and notebook and one of the student's whole list.

``nbgrader release_feedback`` publishes ``feedback/<student>/<assignment>/<notebook>.html`` under a name that
only the student's own client can work out, from the files ``submission_secret.txt`` and ``timestamp.txt``
that came with the submission; so these are put beside the pages. A client fetches pages of notebooks only,
so each of these tells of the whole list too.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from autograder.assignment import Assignment
from autograder.errors import SubmissionError, UsageError
from autograder.messages import tr, using_language
from autograder.notebook import read_bytes
from gradebook.feedback.measured import without_measures
from gradebook.feedback.page import name_of, page_of
from gradebook.feedback.shared import Shared, read_shared
from gradebook.feedback.summary import Summary, summary_of
from gradebook.pages import environment, write_whole
from gradebook.records import Graded, Records, Student
from gradebook.text import clean

__all__ = ["WHOLE", "render", "render_list", "write_all", "write_feedback"]

_COMPANIONS = ("timestamp.txt", "submission_secret.txt")
#: The page of the whole list.
WHOLE = "index"


def write_all(
    assignment: Assignment,
    *,
    course: Path,
    db: str,
    student: str | None = None,
    notebook: str | None = None,
    language: str | None = None,
    students: Sequence[str] | None = None,
    compare: bool = True,
    measured: bool = True,
) -> Iterator[tuple[Graded, Path]]:
    """Write the pages of a list, student by student, those of their whole list included; yields each notebook's.

    Who works in a group gets the pages of what counts for them, whoever of the group handed it in.

    Args:
        assignment: The list.
        course: Root of the course.
        db: URL of the gradebook.
        student: Only this one.
        notebook: Only this one.
        language: ``pt_BR`` or ``en``; the assignment's own when ``None``.
        students: Only these.
        compare: Whether to show where a student's curves lie in the class.
        measured: Whether to show numbers that were measured on held-out data.

    Raises:
        UsageError: A file cannot be written, or the course's policies cannot be used.
        GraderError: The gradebook does not answer.
    """
    language = language or assignment.settings.language
    shared = read_shared(assignment, course=course, db=db, compare=compare)
    with Records(db) as records:
        names = [student] if student is not None else students
        people = {person.id: person for person in records.people()}
        for name in _readers(records.graded_students(assignment.name), shared) if names is None else names:
            graded = records.reports(assignment.name, student=name)
            graded = _with_group(people.get(name), graded, assignment, records, shared)
            if not measured:
                graded = [without_measures(one) for one in graded]
            with using_language(language):
                summary = summary_of(name, graded, assignment, shared, language=language)
            for one in graded:
                if notebook is None or one.report.notebook == notebook:
                    yield (
                        one,
                        write_feedback(
                            one, assignment, course=course, language=language, shared=shared, summary=summary
                        ),
                    )
            if graded and summary is not None:
                _write_list(graded[0], assignment, summary, course=course, language=language)


def _readers(graded: Sequence[str], shared: Shared) -> list[str]:
    """Who gets pages: of whom something is recorded, and for whom a mate of their group has handed in."""
    there = set(graded)
    return sorted(there | {student for (student, _), row in shared.rows.items() if str(row.by) in there})


def _with_group(
    student: Student | None, own: list[Graded], assignment: Assignment, records: Records, shared: Shared
) -> list[Graded]:
    """What counts for ``student``: what a mate handed in for their group stands for their own."""
    if student is None:
        return own
    found = {one.report.notebook: one for one in own}
    for template in assignment.notebooks:
        row = shared.rows.get((student.id, template.name))
        if row is None or row.by == student.id or row.status == "missing":
            continue
        for one in records.reports(assignment.name, student=str(row.by), notebook=template.name):
            report = replace(one.report, student=student.id)
            found[template.name] = replace(one, student=student, report=report)
    return [found[name] for name in sorted(found)]


def render(
    graded: Graded,
    assignment: Assignment,
    *,
    language: str | None = None,
    shared: Shared | None = None,
    summary: Summary | None = None,
) -> str:
    """The page of ``graded`` as an HTML document that loads nothing.

    Args:
        graded: What was recorded of a notebook.
        assignment: Its source; only titles and rubrics are taken from it.
        language: ``pt_BR`` or ``en``; the assignment's own when ``None``.
        shared: What is known of the whole list; nothing when ``None``.
        summary: The student's whole list, to stand at the end of the page.

    Raises:
        UsageError: The assignment has no such notebook.
    """
    language = language or assignment.settings.language
    with using_language(language):
        page = page_of(graded, assignment, shared or Shared(), summary, language=language)
        return environment().get_template("feedback.html.j2").render(page=page, tr=tr)


def render_list(student: str, assignment: Assignment, summary: Summary, *, language: str | None = None) -> str:
    """The page of a student's whole list as an HTML document that loads nothing.

    Args:
        student: As the page calls them.
        assignment: The list.
        summary: What there is to tell.
        language: ``pt_BR`` or ``en``; the assignment's own when ``None``.
    """
    language = language or assignment.settings.language
    with using_language(language):
        title = clean(assignment.settings.title or assignment.name)
        return (
            environment()
            .get_template("list.html.j2")
            .render(summary=summary, title=title, student=student, language=language.replace("_", "-"), tr=tr)
        )


def write_feedback(
    graded: Graded,
    assignment: Assignment,
    *,
    course: Path,
    language: str | None = None,
    shared: Shared | None = None,
    summary: Summary | None = None,
) -> Path:
    """Write the page of ``graded`` into the course at ``course``, and return its path.

    Takes what ``render`` takes.

    Raises:
        UsageError: The file cannot be written, or the assignment has no such notebook.
    """
    text = render(graded, assignment, language=language, shared=shared, summary=summary)
    report = graded.report
    folder = _folder(course, report.student, report.assignment)
    path = write_whole(folder / f"{_file_name(report.notebook)}.html", text)
    for name, content in _companions(course / "submitted" / report.student / report.assignment):
        write_whole(folder / name, content)
    return path


def _write_list(graded: Graded, assignment: Assignment, summary: Summary, *, course: Path, language: str) -> Path:
    text = render_list(name_of(graded.student), assignment, summary, language=language)
    folder = _folder(course, graded.report.student, graded.report.assignment)
    taken = {template.name for template in assignment.notebooks}
    names = itertools.chain([WHOLE], (f"{WHOLE}-{number}" for number in itertools.count(2)))
    name = next(name for name in names if name not in taken)
    return write_whole(folder / f"{name}.html", text)


def _folder(course: Path, student: str, assignment: str) -> Path:
    return course / "feedback" / _file_name(student) / _file_name(assignment)


def _file_name(name: str) -> str:
    if not name or name.startswith(".") or "/" in name or "\x00" in name:
        raise UsageError(f"{name!r} cannot be the name of a file.", "Mend it in the gradebook.")
    return name


def _companions(submission: Path) -> list[tuple[str, bytes]]:
    found = []
    for name in _COMPANIONS:
        try:
            found.append((name, read_bytes(submission / name, max_bytes=4096)))
        except SubmissionError:
            # Submissions that did not come through nbgrader's exchange have none, and need none.
            continue
    return found
