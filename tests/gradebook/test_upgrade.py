"""A gradebook of an older version goes on in mid-term: nothing is lost, and from then on changes are written down.

``data/gradebook-0.1-before.sql`` was written by the code of commit d3c234d, before there were reviews and a
history: the sample course, Ana and Bia graded, Ana's essay and one test graded by hand with nbgrader.
"""

import sqlite3
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from nbgrader.api import Gradebook
from sample_course import Course, report

from gradebook.records import Records, Scores
from gradebook.records.tables import OURS
from gradebook.records.triggers import sqlite_triggers

OLD = Path(__file__).parent / "data" / "gradebook-0.1-before.sql"
TIME = datetime(2026, 11, 20, 11, tzinfo=UTC)


def rows(path: Path, names: list[str]) -> dict[str, Any]:
    with sqlite3.connect(path) as database:
        return {name: sorted(database.execute(f"SELECT * FROM {name}").fetchall(), key=str) for name in names}


@pytest.fixture
def old(tmp_path: Path) -> Course:
    """A course whose gradebook is of the older version; not opened yet."""
    course = Course(tmp_path)
    course.write()
    with sqlite3.connect(tmp_path / "gradebook.db") as database:
        database.executescript(OLD.read_text(encoding="utf-8"))
        assert database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall() == []
    return course


def test_every_row_stays_and_what_is_new_is_added(old: Course) -> None:
    path = old.root / "gradebook.db"
    with sqlite3.connect(path) as database:
        query = "SELECT name FROM sqlite_master WHERE type = 'table'"
        names = [name for (name,) in database.execute(query)]
    before = rows(path, names)
    assert {len(before[name]) for name in ("autograder_report", "submitted_assignment")} == {2}
    assert not set(names) & {"autograder_history", "autograder_review_task"}
    with Records(old.db_url):
        pass
    assert rows(path, names) == before
    with sqlite3.connect(path) as database:
        there = {name for (name,) in database.execute("SELECT name FROM sqlite_master")}
    assert there >= {*OURS.tables, *sqlite_triggers()}


def test_grades_comments_and_reports_are_read_as_before(old: Course) -> None:
    with Records(old.db_url) as records:
        ana, bia = records.reports("lista")
        assert (records.history(), records.attempts("lista"), records.appeals("lista")) == ([], [], ())
    assert (ana.report, bia.report) == (report("ana"), report("bia"))
    assert {c.grade_id: c.score for c in ana.cells} == {
        "test_model": 3.0, "test_fit": 4.0, "essay": 1.75, "task": None,
    }  # fmt: skip
    assert (ana.comments, ana.answers, ana.submitted_at) == (
        {"essay": "Bom argumento."}, {"essay": "digest 1"}, TIME,
    )  # fmt: skip


def test_a_regrade_is_written_down_and_what_people_gave_is_kept(old: Course) -> None:
    """Also after the sources were brought in anew."""
    model, *rest = report().verdicts
    with Records(old.db_url) as records:
        records.sync(old.load())
        records.record(report("ana", verdicts=(replace(model, score=1.0), *rest)), submitted_at=TIME)
        (change,) = records.history()
        (ana,) = records.reports("lista", student="ana")
    assert (change.cell, change.actor, change.why) == ("test_model", "autograder", "regrade")
    assert (change.old, change.new, change.total) == (Scores(auto=3.0), Scores(auto=1.0), 6.75)
    assert (ana.score, ana.comments) == (6.75, {"essay": "Bom argumento."})


def test_a_new_submission_keeps_the_old_one_as_an_attempt(old: Course) -> None:
    with Records(old.db_url) as records:
        records.sync(old.load())
        records.record(report("ana"), submitted_at=TIME.replace(hour=12), answers={"essay": "digest 2"})
        (attempt,) = records.attempts("lista")
    assert attempt.submitted_at == TIME
    assert {name: cell.score for name, cell in attempt.cells.items()} == {
        "test_model": 3.0, "test_fit": 4.0, "essay": 1.75, "task": None,
    }  # fmt: skip


def test_nbgrader_itself_goes_on_with_it(old: Course) -> None:
    """What it writes is a change of its own; what it removes, too."""
    with Records(old.db_url), Gradebook(old.db_url) as stock:
        stock.find_grade("test_fit", "ex01", "lista", "bia").manual_score = 0.5
        stock.db.commit()
        stock.remove_student("ana")
    with Records(old.db_url) as records:
        assert records.students() == ("bia",)
        changes = [(c.student, c.cell, c.actor, c.old.points, c.new.points) for c in records.history()]
    assert changes[0] == ("bia", "test_fit", "nbgrader", 2.0, 0.5)
    assert sorted(changes[1:]) == [
        ("ana", "essay", "nbgrader", 1.75, None),
        ("ana", "test_fit", "nbgrader", 4.0, None),
        ("ana", "test_model", "nbgrader", 3.0, None),
    ]
