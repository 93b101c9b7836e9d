"""One student's submission cannot stop the pages, reports and tables of a class."""

import json
from datetime import UTC, datetime

import pytest
from sample_course import Course, report
from small_class import write_class

from autograder.exhibit import Board, Series
from gradebook.exports.formats import as_json
from gradebook.feedback.write import write_all
from gradebook.frames import grades
from gradebook.records import Records
from gradebook.report.write import read_report, render

pytestmark = pytest.mark.both_databases

__all__: list[str] = []


@pytest.mark.parametrize(
    "when", [datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, tzinfo=UTC)], ids=["first", "last"]
)
def test_a_time_that_nobody_can_mean_stops_nothing(course: Course, records: Records, when: datetime) -> None:
    """``timestamp.txt`` may say any year: the class has its pages, and a far future is late as any other time."""
    write_class(course, records)
    (course.root / "policies.toml").write_text('[default]\nlate = { lose = 0.1, every = "1d", most = 0.5 }\n')
    records.record(report("mal"), submitted_at=when)
    records.record(report("mal"), submitted_at=when.replace(hour=12, minute=0))
    pages = {graded.student.id for graded, _ in write_all(course.load(), course=course.root, db=course.db_url)}
    assert {"mal", "s00"} <= pages
    rows = grades("lista", course=course.root, db=course.db_url).notebooks.set_index("student")
    assert rows.loc["mal", "penalty"] == (0.0 if when.year == 1 else 2.5)
    assert b'"mal"' in as_json(grades("lista", course=course.root, db=course.db_url))
    source = course.load()
    assert "mal" in render(read_report(source, course=course.root, url=course.db_url), source)


def test_steps_of_a_log_that_are_one_float_are_drawn(course: Course, records: Records) -> None:
    """An event file may say any step: 2⁶⁰ and the next one differ as whole numbers only."""
    board = Board("logs", (Series("run/train: epoch_loss", (2**60, 2**60 + 1), (0.5, 0.25)),))
    records.record(report("mal", exhibits=(board,)), submitted_at=None)
    records.record(report("s00"), submitted_at=None)
    pages = list(write_all(course.load(), course=course.root, db=course.db_url))
    assert [graded.student.id for graded, _ in pages] == ["mal", "s00"]
    assert "epoch_loss" in pages[0][1].read_text()


def test_pictures_that_cannot_be_read_leave_a_page_without_them(course: Course, records: Records) -> None:
    """Another version's, or damaged ones: whose they are has a page, and so have all others."""
    board = Board("logs", (Series("run/train: epoch_loss", (1, 2), (0.5, 0.25)),))
    for student in ("mal", "s00"):
        records.record(report(student, exhibits=(board,)), submitted_at=None)
    newer = json.dumps({"exhibits": [{"kind": "Hologram"}], "models": []})
    course.execute("UPDATE autograder_exhibit SET exhibits = :newer WHERE student = 'mal'", newer=newer)
    pages = {
        graded.student.id: path.read_text()
        for graded, path in write_all(course.load(), course=course.root, db=course.db_url)
    }
    assert ["epoch_loss" in pages[student] for student in ("mal", "s00")] == [False, True]
