"""The class report as one file that opens without a network."""

import base64
import hashlib
from collections.abc import Collection
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from markupsafe import Markup
from sqlalchemy.orm import Session

from autograder.assignment import Assignment
from autograder.messages import tr as translate
from autograder.messages import using_language
from gradebook.pages import environment, write_whole
from gradebook.policies.settings import read_policy
from gradebook.records.bulk import ClassTables, nothing_collected, read_class
from gradebook.records.database import Database
from gradebook.report.page import page_of
from gradebook.report.statistics import report_of
from gradebook.report.values import ClassReport
from gradebook.review.overview import Overview, read_overview
from gradebook.review.store import rubrics_of

__all__ = ["read_report", "render", "write_report"]


def read_report(assignment: Assignment, *, course: Path, url: str, made_at: datetime | None = None) -> ClassReport:
    """The figures of a list, from the gradebook and the course's folders.

    Args:
        assignment: The list.
        course: Root of the course.
        url: Of the gradebook.
        made_at: What time to say it is; now if not given.

    Raises:
        UsageError: The gradebook does not have the list, or ``policies.toml`` cannot be used.
        GraderError: A recorded report cannot be read.
    """
    policy = read_policy(course, assignment.name, [template.name for template in assignment.notebooks])
    with closing(Database(url)) as database, nothing_collected():
        tables, review = database.read(lambda session: _read(session, assignment))
    return report_of(
        tables, assignment, review, policy=policy, made_at=made_at or datetime.now(UTC),
        collected=_collected(course / "submitted", assignment.name),
    )  # fmt: skip


def _read(session: Session, assignment: Assignment) -> tuple[ClassTables, Overview]:
    """One state of the gradebook."""
    tables, rubrics = read_class(session, assignment.name), rubrics_of(assignment)
    notebooks, cells = tables.notebooks, tables.cells
    open_cells = cells.loc[cells["auto_score"].isna(), ["place", "cell"]]
    rows = notebooks[["notebook", "student"]].take(open_cells["place"].to_numpy())
    answers = {
        (notebook, cell, student)
        for notebook, cell, student in zip(rows["notebook"], open_cells["cell"], rows["student"], strict=True)
        if (notebook, cell) in rubrics
    }
    texts = dict(
        zip(zip(notebooks["notebook"], notebooks["student"], strict=True), notebooks["answers"], strict=True)
    )
    return tables, read_overview(session, assignment.name, rubrics, answers=answers, texts=texts)


def render(report: ClassReport, assignment: Assignment, *, language: str | None = None) -> str:
    """The page as an HTML document that loads nothing, and runs no script but its own.

    Args:
        report: The figures.
        assignment: Its source, for what must not be shown.
        language: ``pt_BR`` or ``en``; the assignment's own when ``None``.
    """
    language = language or assignment.settings.language
    templates = environment()
    assert templates.loader is not None
    script, _, _ = templates.loader.get_source(templates, "report.js")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    with using_language(language):
        page = page_of(report, assignment, language=language)
        return templates.get_template("report.html.j2").render(
            page=page,
            tr=translate,
            script=Markup(script),  # noqa: S704  (our own file)
            digest=digest,
        )


def write_report(text: str, assignment: Assignment, *, course: Path, to: Path | None = None) -> Path:
    """Write a page to ``reports/<list>.html`` of the course, or to ``to``; where.

    Raises:
        UsageError: The file cannot be written.
    """
    return write_whole(to or course / "reports" / f"{assignment.name}.html", text)


def _collected(submitted: Path, assignment: str) -> Collection[str]:
    """Who has a folder of submissions."""
    if not submitted.is_dir():
        return ()
    return [folder.name for folder in submitted.iterdir() if (folder / assignment).is_dir()]
