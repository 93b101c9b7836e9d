"""What is in ``submitted/``: who handed in which notebook, when, and what else is in the folder."""

import hashlib
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from dateutil import parser as dates
from nbformat import NotebookNode

from autograder.assignment import Assignment, Template
from autograder.errors import SubmissionError, UsageError
from autograder.messages import printable, tr
from autograder.notebook import grade_id_of, is_notebook_name, read, read_bytes
from autograder.sanitise import match

__all__ = ["Found", "Submission", "find", "find_notebook", "student_of"]

#: A notebook under another name is taken for the missing one when this much of it is there.
_ENOUGH = 0.5


@dataclass(frozen=True)
class Submission:
    """One student's folder.

    Args:
        student: nbgrader's student id.
        folder: ``submitted/<student>/<assignment>``; ``None`` when nothing was handed in.
        submitted_at: From nbgrader's ``timestamp.txt``; ``None`` when unknown.
        problem: Why the folder cannot be graded, for the student; ``None`` when it can.
    """

    student: str
    folder: Path | None
    submitted_at: datetime | None
    problem: str | None = None


@dataclass(frozen=True)
class Found:
    """A submitted notebook: where it is, what it says, and what to tell the student about that."""

    path: Path
    notebook: NotebookNode
    notices: tuple[str, ...]


def find(course: Path, assignment: str, *, roster: tuple[str, ...] = ()) -> list[Submission]:
    """The submissions of an assignment, by student; students of the roster without one included.

    Raises:
        UsageError: Nobody handed in anything.
    """
    found: dict[str, Submission] = {}
    base = course / "submitted"
    if base.is_dir():
        for entry in sorted(os.scandir(base), key=lambda e: e.name):
            if entry.name.startswith(".") or not (entry.is_symlink() or entry.is_dir()):
                continue
            student = student_of(entry.name)
            if (submission := _submission(student, Path(entry.path), assignment)) is not None:
                found[student] = submission
    if not found:
        raise UsageError(
            f"Nothing to grade: no folder {base}/<student>/{assignment}.",
            f"Collect submissions first (`nbgrader collect {assignment}`), or copy them there.",
        )
    return [found.get(s) or Submission(s, None, None) for s in sorted({*found, *roster})]


def student_of(folder: str) -> str:
    """Whose a folder of ``submitted/`` is: its name, where that is fit for databases and pages.

    They take no name that is not text; and no two students share one.
    """
    student = printable(folder, 100)
    return student if student == folder else f"{student}-{hashlib.sha256(os.fsencode(folder)).hexdigest()[:8]}"


def _submission(student: str, home: Path, assignment: str) -> Submission | None:
    """What is in one student's folder; ``None`` when there is nothing for this assignment."""
    folder = home / assignment
    try:
        if home.is_symlink() or folder.is_symlink():
            return Submission(student, folder, None, tr("The folder handed in is a link."))
        if not os.path.lexists(folder):
            return None
        if not folder.is_dir():
            return Submission(student, folder, None, tr("What was handed in is a file, not a folder."))
        next(folder.iterdir(), None)  # may it be read?
    except OSError as error:
        return Submission(
            student, folder, None, tr("The folder handed in cannot be read: {why}.", why=error.strerror)
        )
    return Submission(student, folder, _timestamp(folder))


def _timestamp(folder: Path | None) -> datetime | None:
    if folder is None:
        return None
    try:
        text = read_bytes(folder / "timestamp.txt", max_bytes=200).decode().strip()
        when: datetime = dates.parse(text)
        return when.astimezone(UTC) if when.tzinfo else when.replace(tzinfo=UTC)
    except (SubmissionError, UnicodeDecodeError, ValueError, OverflowError):
        return None  # nbgrader writes this file; one that is no date says nothing


def find_notebook(submission: Submission, template: Template, assignment: Assignment) -> Found | None:
    """The student's copy of ``template``; ``None`` when it was not handed in.

    A notebook that was renamed is found by its cells.

    Raises:
        SubmissionError: The file is there and cannot be graded.
    """
    if submission.problem is not None:
        raise SubmissionError(submission.problem, tr("Hand in a folder with the notebook in it."))
    if submission.folder is None:
        return None
    path = submission.folder / f"{template.name}.ipynb"
    if os.path.lexists(path):
        return Found(path, read(path), ())
    names = {f"{t.name}.ipynb" for t in assignment.notebooks}
    best: tuple[float, Path, NotebookNode] | None = None
    unreadable: SubmissionError | None = None
    for candidate in sorted(submission.folder.iterdir()):
        if not is_notebook_name(candidate.name) or candidate.name in names or candidate.is_symlink():
            continue
        try:
            notebook = read(candidate)
        except SubmissionError as error:
            unreadable = error  # if it was the answer, nobody can tell
            continue
        share = match(notebook, template)
        if share >= _ENOUGH and (best is None or share > best[0]) and _is_closest(notebook, template, assignment):
            best = (share, candidate, notebook)
    if best is None and unreadable is not None:
        raise SubmissionError(
            tr("{name} was not handed in, and another file cannot be read: {why}",
               name=path.name, why=unreadable.what),
            unreadable.hint,
        ) from unreadable  # fmt: skip
    if best is None:
        return None
    notice = tr("The notebook was handed in as “{name}”; it was graded as “{expected}”.",
                name=printable(best[1].name), expected=path.name)  # fmt: skip
    return Found(best[1], best[2], (notice,))


def _is_closest(notebook: NotebookNode, template: Template, assignment: Assignment) -> bool:
    """Whether no other notebook of the assignment looks more like it (ids repeat between notebooks)."""
    share = match(notebook, template)
    others = [match(notebook, t) for t in assignment.notebooks if t.name != template.name]
    if any(other > share for other in others):
        return False
    if share not in others:
        return True
    first = next((c.source for c in notebook.cells if grade_id_of(c) is None), "")
    return any(c.source == first for c in template.notebook.cells)
