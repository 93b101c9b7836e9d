"""What may be relied on about the history of scores, whoever changes them."""

import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nbgrader.api import Grade, Gradebook
from sample_course import Course, report
from sqlalchemy import NullPool, create_engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from autograder.rubric import Rubric
from gradebook.records import Change, Records, Scores
from gradebook.records.database import Database
from gradebook.records.triggers import caused_by, name_cause, sqlite_triggers
from gradebook.review.store import Reviews

pytestmark = pytest.mark.both_databases

TIME = datetime(2026, 11, 20, 11, tzinfo=UTC)


def brief(changes: list[Change]) -> list[tuple[str, str, str, Scores, Scores]]:
    return [(c.cell, c.actor, c.why, c.old, c.new) for c in changes]


def better(score: float = 4.0) -> Any:
    """The sample's report with another score of ``test_fit``."""
    first, second, *rest = report().verdicts
    return report(verdicts=(first, replace(second, score=score), *rest))


def by_hand(course: Course, **fields: Any) -> None:
    """What formgrader does when somebody types into its boxes."""
    with Gradebook(course.db_url) as gradebook:
        grade = gradebook.find_grade("test_fit", "ex01", "lista", "ana")
        for name, value in fields.items():
            setattr(grade, name, value)
        gradebook.db.commit()


def test_grading_is_written_down_once_a_cell_with_one_time(records: Records) -> None:
    """Cells that wait for a person have no score yet, so nothing changed there."""
    before = datetime.now(UTC)
    records.record(report(), submitted_at=TIME)
    changes = records.history()
    assert sorted(brief(changes), key=str) == [
        ("test_fit", "autograder", "grading", Scores(), Scores(auto=2.0)),
        ("test_model", "autograder", "grading", Scores(), Scores(auto=3.0)),
    ]
    assert {(c.student, c.assignment, c.notebook) for c in changes} == {("ana", "lista", "ex01")}
    assert len({c.at for c in changes}) == 1
    assert before <= changes[0].at <= datetime.now(UTC)


def test_a_regrade_that_changes_nothing_writes_nothing(records: Records) -> None:
    records.record(report(), submitted_at=TIME)
    before = records.history()
    records.record(report(), submitted_at=TIME)
    assert records.history() == before


@pytest.mark.parametrize(
    ("submitted_at", "answers", "reason", "why"),
    [
        (TIME, None, None, "regrade"),
        (None, None, None, "regrade"),
        (TIME, {"essay": "digest 1"}, None, "regrade"),
        (TIME, {"essay": "digest 2"}, None, "grading"),
        (TIME + timedelta(hours=1), {"essay": "digest 1"}, None, "grading"),
        (TIME + timedelta(hours=1), None, "regrade", "regrade"),
        (TIME, None, "grading", "grading"),
    ],
)
def test_a_regrade_is_told_from_a_grading(
    records: Records, submitted_at: datetime | None, answers: Any, reason: Any, why: str
) -> None:
    """By the submission's time and answers; unless the caller says which it is."""
    records.record(report(), submitted_at=TIME, answers={"essay": "digest 1"})
    records.record(better(), submitted_at=submitted_at, answers=answers, reason=reason)
    assert brief(records.history())[2:] == [("test_fit", "autograder", why, Scores(auto=2.0), Scores(auto=4.0))]


def test_what_formgrader_changes_is_nbgraders(course: Course, records: Records) -> None:
    """No code of ours runs there; and what it sets to the same value is no change."""
    records.record(report(), submitted_at=TIME)
    known = len(records.history())
    by_hand(course, manual_score=3.5, needs_manual_grade=False)
    by_hand(course, manual_score=3.5)
    by_hand(course, extra_credit=0.5)
    by_hand(course, manual_score=None)
    by_hand(course, auto_score=1.0)
    assert brief(records.history())[known:] == [
        ("test_fit", "nbgrader", "by hand", Scores(2.0), Scores(2.0, 3.5)),
        ("test_fit", "nbgrader", "by hand", Scores(2.0, 3.5), Scores(2.0, 3.5, 0.5)),
        ("test_fit", "nbgrader", "by hand", Scores(2.0, 3.5, 0.5), Scores(2.0, None, 0.5)),
        ("test_fit", "nbgrader", "grading", Scores(2.0, None, 0.5), Scores(1.0, None, 0.5)),
    ]


def test_each_change_knows_what_the_notebook_came_to(course: Course, records: Records) -> None:
    """Worked out backwards from what is there, so the first changes may be older than the history."""
    records.record(report(), submitted_at=TIME)
    course.execute("DELETE FROM autograder_history")
    by_hand(course, manual_score=4.0)
    by_hand(course, extra_credit=0.5)
    records.record(better(1.0), submitted_at=TIME)
    records.record(report("bia"), submitted_at=TIME)
    found = [(c.student, c.gain, c.total) for c in records.history(student="ana")]
    assert found == [("ana", 2.0, 7.0), ("ana", 0.5, 7.5), ("ana", 0.0, 7.5)]


def test_a_reader_is_named(course: Course, records: Records) -> None:
    levels = [{"points": p, "text": str(p)} for p in (2.0, 0.0)]
    rubric = Rubric.model_validate({"criteria": [{"title": "Causa", "levels": levels}]})
    records.record(report(), submitted_at=TIME)
    database = Database(course.db_url)
    reviews = Reviews(database, "lista", {("ex01", "essay"): rubric})
    reviews.deal(["teresa"])
    ((task, _),) = reviews.queue("teresa")
    reviews.mark(task.answer, "teresa", [0])
    database.close()
    assert brief(records.history())[2:] == [("essay", "teresa", "review", Scores(), Scores(manual=2.0))]


def test_scores_of_removed_cells_outlive_them(course: Course, records: Records) -> None:
    """The names stay, and the change says that the sources changed; what comes back is one, too."""
    records.record(report(), submitted_at=TIME)
    by_hand(course, manual_score=3.5)
    known = len(records.history())

    def shorten(notebook: Any) -> None:
        notebook.cells = [c for c in notebook.cells if c.get("id") != "id-test_fit"]

    records.sync(course.write(edit=shorten))
    records.sync(course.write())
    assert brief(records.history())[known:] == [
        ("test_fit", "autograder", "sources changed", Scores(2.0, 3.5), Scores()),
        ("test_fit", "autograder", "sources changed", Scores(), Scores(None, 3.5)),
    ]


def test_removing_a_submission_with_nbgrader_is_a_change(course: Course, records: Records) -> None:
    """Whoever loses points can be told when."""
    records.record(report(), submitted_at=TIME)
    with Gradebook(course.db_url) as gradebook:
        gradebook.remove_submission("lista", "ana")
    lost = [c for c in records.history() if c.new == Scores()]
    assert sorted((c.student, c.notebook, c.cell, c.actor, c.old.points) for c in lost) == [
        ("ana", "ex01", "test_fit", "nbgrader", 2.0),
        ("ana", "ex01", "test_model", "nbgrader", 3.0),
    ]


@pytest.mark.sqlite  # where nothing keeps rows that refer to each other together
def test_a_row_whose_notebook_is_gone_can_still_be_removed(course: Course, records: Records) -> None:
    """What the history cannot name is no reason to refuse somebody's change."""
    records.record(report(), submitted_at=TIME)
    with sqlite3.connect(course.root / "gradebook.db") as database:
        database.execute("DELETE FROM submitted_notebook")
        database.execute("DELETE FROM grade")
    assert sorted((c.student, c.cell, c.new.points) for c in records.history()[2:]) == [
        ("?", "test_fit", None),
        ("?", "test_model", None),
    ]


def test_a_cause_is_never_left_to_the_next_change(course: Course, records: Records) -> None:
    """Neither when the transaction ends, nor when it fails, nor when its process dies."""
    records.record(report(), submitted_at=TIME)
    database = Database(course.db_url)

    def fails(session: Any) -> None:
        name_cause(session, "teresa", "review")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        database.write(fails)
    database.write(lambda session: name_cause(session, "teresa", "review"))
    by_hand(course, manual_score=1.0)
    assert records.history()[-1].actor == "nbgrader"
    engine = create_engine(course.db_url, poolclass=NullPool)
    dying = Session(engine)
    name_cause(dying, "teresa", "review")
    dying.connection().connection.driver_connection.close()  # without a commit, as when the process is killed
    by_hand(course, manual_score=2.0)
    assert records.history()[-1].actor == "nbgrader"
    database.close()


def test_who_types_into_formgrader_may_be_named(course: Course, records: Records) -> None:
    """Where the server knows who it is; what is not committed leaves neither a score nor a name."""
    records.record(report(), submitted_at=TIME)
    with Gradebook(course.db_url) as gradebook:
        session = gradebook.db.registry()
        with caused_by(session, "teresa", "by hand"):
            gradebook.find_grade("test_fit", "ex01", "lista", "ana").manual_score = 3.5
            gradebook.db.commit()
        with caused_by(session, "tiago", "by hand"):
            gradebook.find_grade("test_fit", "ex01", "lista", "ana").manual_score = 1.0
        assert gradebook.find_grade("test_fit", "ex01", "lista", "ana").manual_score == 3.5
    by_hand(course, manual_score=2.0)
    assert [(c.actor, c.why, c.new.manual) for c in records.history()[-2:]] == [
        ("teresa", "by hand", 3.5), ("nbgrader", "by hand", 2.0),
    ]  # fmt: skip


@pytest.mark.sqlite  # PostgreSQL refuses nobody who reads and then writes
def test_after_a_refused_change_formgrader_reads_and_writes_on(course: Course, records: Records) -> None:
    """Another writer was there for too long: the next request sees what that one wrote, and can change it."""
    records.record(report(), submitted_at=TIME)
    other = sqlite3.connect(course.root / "gradebook.db", isolation_level=None)
    with Gradebook(course.db_url) as gradebook:
        session = gradebook.db.registry()
        session.connection().exec_driver_sql("PRAGMA busy_timeout = 50")
        session.rollback()
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(OperationalError), caused_by(session, "teresa", "by hand"):
            raise AssertionError("not reached")
        gradebook.find_grade("test_fit", "ex01", "lista", "ana")
        other.execute("UPDATE grade SET manual_score = 1")
        other.execute("COMMIT")
        with caused_by(session, "teresa", "by hand"):
            grade = gradebook.find_grade("test_fit", "ex01", "lista", "ana")
            assert grade.manual_score == 1
            grade.manual_score = 2.0
            gradebook.db.commit()
    other.close()
    assert (records.history()[-1].actor, records.history()[-1].new.manual) == ("teresa", 2.0)


def test_a_gradebook_that_is_only_nbgraders_needs_no_history(course: Course) -> None:
    """Formgrader works on one that no program of ours has opened."""
    with Gradebook(course.db_url) as gradebook:
        gradebook.add_student("ana")
        with caused_by(gradebook.db.registry(), "teresa", "by hand"):
            gradebook.find_student("ana").first_name = "Ana"
            gradebook.db.commit()
        assert gradebook.find_student("ana").first_name == "Ana"


def test_a_cause_is_only_of_what_follows_it(course: Course, records: Records) -> None:
    """Changes that wait in the session when it is named are written before."""
    records.record(report(), submitted_at=TIME)
    database = Database(course.db_url)

    def work(session: Any) -> None:
        session.autoflush = False  # as SQLAlchemy 2.0 behaves before a statement that is not about mapped classes
        grade = next(g for g in session.query(Grade) if g.cell.name == "test_fit")
        grade.manual_score = 1.0
        name_cause(session, "teresa", "review")
        grade.extra_credit = 1.0

    database.write(work)
    database.close()
    assert [c.actor for c in records.history()[2:]] == ["nbgrader", "teresa"]


@pytest.mark.sqlite
def test_opening_again_changes_no_trigger_and_mends_an_old_one(course: Course, records: Records) -> None:
    """A later version may change what is written down."""
    path = course.root / "gradebook.db"
    query = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name"
    with sqlite3.connect(path) as database:
        first = dict(database.execute(query).fetchall())
        version = database.execute("PRAGMA schema_version").fetchone()
    assert first == sqlite_triggers()
    with Records(course.db_url), sqlite3.connect(path) as database:
        assert database.execute("PRAGMA schema_version").fetchone() == version
        database.executescript(
            "DROP TRIGGER autograder_history_insert; DROP TRIGGER autograder_history_update;"
            "CREATE TRIGGER autograder_history_update AFTER UPDATE ON grade BEGIN SELECT 1; END;"
            "CREATE TRIGGER autograder_history_old AFTER UPDATE ON grade BEGIN SELECT 1; END;"
        )
    with Records(course.db_url), sqlite3.connect(path) as database:
        assert dict(database.execute(query).fetchall()) == first


scores = st.none() | st.integers(0, 8).map(lambda n: n / 2)


@pytest.mark.sqlite  # a minute on a server, which each step would open anew
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(["auto_score", "manual_score", "extra_credit"]), scores), max_size=8))
def test_the_changes_lead_from_nothing_to_what_is_there(
    course: Course, records: Records, steps: list[tuple[str, float | None]]
) -> None:
    """Whatever nbgrader does to a score, each change begins where the last one ended."""
    records.record(report(), submitted_at=TIME)
    for column, value in steps:
        by_hand(course, **{column: value})
    changes = [c for c in records.history() if c.cell == "test_fit"]
    assert changes[0].old == Scores()
    for one, two in pairwise(changes):
        assert one.new == two.old
        assert two.old != two.new
    (graded,) = records.reports("lista")
    cell = next(c for c in graded.cells if c.grade_id == "test_fit")
    assert changes[-1].new == Scores(cell.auto_score, cell.manual_score, cell.extra_credit)
    assert changes[-1].new.points == cell.score
    last = records.history()[-1]
    assert last.total == graded.score
