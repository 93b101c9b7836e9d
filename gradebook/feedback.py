"""Feedback: one self-contained page a student and notebook, where nbgrader looks for it.

``nbgrader release_feedback`` publishes ``feedback/<student>/<assignment>/<notebook>.html`` under a name that
only the student's own client can work out, from the files ``submission_secret.txt`` and ``timestamp.txt``
that came with the submission; so these are put beside the pages.
"""

from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from autograder.assignment import Assignment
from autograder.errors import SubmissionError, UsageError
from autograder.messages import tr, using_language
from autograder.notebook import read_bytes
from gradebook.page import page_of
from gradebook.records import Graded

__all__ = ["render", "write_feedback"]

_COMPANIONS = ("timestamp.txt", "submission_secret.txt")


def render(graded: Graded, assignment: Assignment, *, language: str | None = None) -> str:
    """The page of ``graded`` as an HTML document that loads nothing.

    Args:
        graded: What was recorded of a notebook.
        assignment: Its source; only titles are taken from it.
        language: ``pt_BR`` or ``en``; the assignment's own when ``None``.

    Raises:
        UsageError: The assignment has no such notebook.
    """
    language = language or assignment.settings.language
    with using_language(language):
        page = page_of(graded, assignment, language=language)
        environment = Environment(
            loader=PackageLoader("gradebook"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        return environment.get_template("feedback.html.j2").render(page=page, tr=tr)


def write_feedback(graded: Graded, assignment: Assignment, *, course: Path, language: str | None = None) -> Path:
    """Write the page of ``graded`` into the course at ``course``, and return its path.

    Raises:
        UsageError: The file cannot be written, or the assignment has no such notebook.
    """
    report = graded.report
    for name in (report.student, report.assignment, report.notebook):
        if not name or name.startswith(".") or "/" in name or "\x00" in name:
            raise UsageError(f"{name!r} cannot be the name of a file.", "Mend it in the gradebook.")
    folder = course / "feedback" / report.student / report.assignment
    path = folder / f"{report.notebook}.html"
    text = render(graded, assignment, language=language)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _replace(path, text.encode("utf-8", "replace"))
        for name, content in _companions(course / "submitted" / report.student / report.assignment):
            _replace(folder / name, content)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}.") from error
    return path


def _companions(submission: Path) -> list[tuple[str, bytes]]:
    found = []
    for name in _COMPANIONS:
        try:
            found.append((name, read_bytes(submission / name, max_bytes=4096)))
        except SubmissionError:
            # Submissions that did not come through nbgrader's exchange have none, and need none.
            continue
    return found


def _replace(path: Path, content: bytes) -> None:
    partial = path.with_name(path.name + ".partial")
    partial.write_bytes(content)
    partial.replace(path)
