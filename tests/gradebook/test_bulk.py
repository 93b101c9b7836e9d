"""What may be relied on when a whole class is read at once: the same as notebook by notebook."""

import json
import math
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pandas as pd
import pytest
from nbgrader.api import Gradebook
from sample_course import Course, report
from sqlalchemy import create_engine, text

import gradebook
from autograder.errors import GraderError, UsageError
from autograder.outcome import CellVerdict, Curve, Measure, Outcome
from gradebook.records import Records, Student
from gradebook.records.bulk import ClassTables, read_class
from gradebook.records.database import Database

pytestmark = pytest.mark.both_databases

WHEN = datetime(2026, 11, 20, 13, 30, tzinfo=UTC)


def read(course: Course) -> ClassTables:
    database = Database(course.db_url)
    try:
        return database.read(lambda session: read_class(session, "lista"))
    finally:
        database.close()


def rewrite(course: Course, change: Any) -> None:
    """Change the recorded report of Ana as text."""
    with create_engine(course.db_url).begin() as connection:
        (old,) = connection.execute(text("SELECT report FROM autograder_report WHERE student = 'ana'")).one()
        connection.execute(
            text("UPDATE autograder_report SET report = :new WHERE student = 'ana'"), {"new": change(old)}
        )


def told(course: Course, records: Records) -> list[tuple[Any, ...]]:
    """What ``Records.reports`` says of each cell, notebook by notebook."""
    return [
        (
            one.student.id, one.report.notebook, one.report.status, cell.grade_id, cell.auto_score,
            cell.manual_score, cell.score, cell.max_score, cell.waits, one.comments.get(cell.grade_id),
            one.submitted_at, one.due,
        )
        for one in records.reports("lista")
        for cell in one.cells
    ]  # fmt: skip


def loaded(course: Course) -> list[tuple[Any, ...]]:
    """What ``gradebook.load`` says of each cell."""
    frame = gradebook.load("lista", course=course.root, db=course.db_url)
    names = ["student", "notebook", "status", "cell", "auto_score", "manual_score", "score", "max_score", "waits",
             "comment", "submitted_at", "due"]  # fmt: skip
    frame = frame[names].astype(object)
    return [tuple(row) for row in frame.where(frame.notna(), None).itertuples(index=False)]


def test_the_same_as_notebook_by_notebook(course: Course, records: Records) -> None:
    """Scores, who waits, comments and times; of several students and notebooks."""
    course.write("ex02")
    records.sync(course.load())
    records.enrol([Student("ana", "Ana", "Souza"), Student("caio")])
    for student in ("bia", "ana"):
        for notebook in ("ex02", "ex01"):
            records.record(report(student, notebook=notebook), submitted_at=WHEN)
    zero = tuple(replace(v, score=0.0, outcomes=()) for v in report().verdicts)
    records.record(report("davi", status="missing", verdicts=zero, curves=()), submitted_at=None)
    with Gradebook(course.db_url) as nbgrader:
        grade = nbgrader.find_grade("essay", "ex01", "lista", "ana")
        grade.manual_score, grade.needs_manual_grade, grade.extra_credit = 1.5, False, 0.25
        nbgrader.find_comment("essay", "ex01", "lista", "ana").manual_comment = "Bom."
        nbgrader.find_comment("model", "ex01", "lista", "ana").manual_comment = "Código limpo."
        nbgrader.find_submission("lista", "bia").extension = pd.Timedelta("2h").to_pytimedelta()
        nbgrader.db.commit()
    assert len(told(course, records)) == 5 * 4
    assert loaded(course) == told(course, records)
    assert read(course).people["student"].tolist() == ["ana", "bia", "caio", "davi"]


def test_cells_that_came_or_went_since(course: Course, records: Records) -> None:
    """A verdict of a removed cell counts no more, nor do its checks; a new cell has a row and no verdict."""
    records.record(report("ana"), submitted_at=WHEN)

    def edit(notebook: Any) -> None:
        del notebook.cells[3]
        notebook.cells[-1].metadata.nbgrader.grade_id = "other"

    course.write(edit=edit)
    records.sync(course.load())
    tables = read(course)
    assert loaded(course) == told(course, records)
    assert tables.cells["cell"].tolist() == ["test_fit", "essay", "other"]
    assert tables.cells["needs_review"].tolist() == [False, False, pd.NA]
    assert tables.outcomes["title"].tolist() == ["O histórico tem 10 épocas", "Acurácia na validação"]


def test_a_row_a_check(course: Course, records: Records) -> None:
    """With the cell's heading, its place among the checks of the cell, and the margin, positive where passed."""
    high, low = Measure("accuracy", 0.8, 0.85, True), Measure("mse", 0.4, 0.5, False)
    outcomes = (
        Outcome("Acurácia", False, 0.5, weight=2.0, expected="≥ 0,85", actual="0,80", measure=high),
        Outcome("MSE", True, 1.0, measure=low),
    )
    verdicts = (replace(report().verdicts[0], outcomes=outcomes), *report().verdicts[1:])
    records.record(report(verdicts=verdicts), submitted_at=WHEN)
    frame = gradebook.outcomes("lista", course=course.root, db=course.db_url)
    assert len(frame) == 4
    first = frame.iloc[0]
    assert first[["student", "assignment", "notebook", "cell", "question", "number", "title"]].tolist() == [
        "ana", "lista", "ex01", "test_model", "1. A arquitetura", 1, "Acurácia",
    ]  # fmt: skip
    assert (first["passed"], first["credit"], first["weight"], first["expected"]) == (False, 0.5, 2.0, "≥ 0,85")
    assert frame["margin"].round(9).tolist()[:2] == [-0.05, 0.1]
    assert frame["number"].tolist() == [1, 2, 1, 2]
    assert frame["metric"].isna().tolist() == [False, False, True, True]


def test_an_empty_class(course: Course, records: Records) -> None:
    """Nobody graded: tables without rows, with all their columns."""
    records.enrol(["ana"])
    assert gradebook.load("lista", course=course.root, db=course.db_url).empty
    assert gradebook.outcomes("lista", course=course.root, db=course.db_url).empty
    database = Database(course.db_url)
    with pytest.raises(UsageError, match="no assignment"):
        database.read(lambda session: read_class(session, "outra"))


def test_odd_numbers_and_texts_are_read(course: Course, records: Records) -> None:
    """A curve that diverged, half a surrogate pair, and reports from before there were measures."""
    curves = (Curve("loss", (math.nan, math.inf, -math.inf)),)
    verdict = CellVerdict("test_model", 3.0, 3.0, outcomes=(Outcome("Três \ud83d", True, 1.0, actual="😀"),))
    records.record(report(curves=curves, verdicts=(verdict, *report().verdicts[1:])), submitted_at=WHEN)
    records.record(report("bia", curves=curves), submitted_at=WHEN)

    def older(recorded: str) -> str:
        found = json.loads(recorded)
        for one in found["verdicts"]:
            for outcome in one["outcomes"]:
                del outcome["measure"]
        return json.dumps(found)

    rewrite(course, older)
    outcomes = read(course).outcomes
    assert outcomes["title"].tolist()[:2] == ["Três ?", "O histórico tem 10 épocas"]
    assert outcomes["actual"].tolist()[0] == "😀"
    assert len(outcomes) == 6


@pytest.mark.parametrize(
    ("old", "new"),
    [("version", "vision"), ("}", "]"), ('"status": "graded"', '"status": 3'), ('"passed": true', '"passed": 1')],
)
def test_a_report_that_cannot_be_read_is_named(course: Course, records: Records, old: str, new: str) -> None:
    """Whose, and of which notebook."""
    records.record(report("ana"), submitted_at=WHEN)
    records.record(report("bia"), submitted_at=WHEN)
    rewrite(course, lambda recorded: recorded.replace(old, new))
    with pytest.raises(GraderError, match="ana: lista/ex01: the recorded report cannot be read"):
        read(course)
