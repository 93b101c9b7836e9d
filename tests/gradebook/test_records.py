"""What may be relied on when grades are recorded."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from nbgrader.api import Gradebook
from sample_course import Course, report
from sqlalchemy import Engine, event

from autograder.errors import GraderError, UsageError
from autograder.exhibit import Confusion, ModelPrint
from autograder.outcome import CellVerdict
from gradebook.records import Graded, Records, Student

pytestmark = pytest.mark.both_databases

LATE = datetime(2026, 11, 20, 13, 30, tzinfo=UTC)


def only(records: Records, **where: Any) -> Graded:
    """The one recorded notebook."""
    (graded,) = records.reports("lista", **where)
    return graded


def cell(graded: Graded, grade_id: str) -> Any:
    return next(cell for cell in graded.cells if cell.grade_id == grade_id)


@contextmanager
def formgrader(course: Course) -> Iterator[Gradebook]:
    """The gradebook as a TA's browser changes it."""
    with Gradebook(course.db_url) as gradebook:
        yield gradebook


def grade_by_hand(course: Course, grade_id: str, score: float, comment: str | None = None) -> None:
    """What formgrader does when a TA enters a score and a comment."""
    with formgrader(course) as gradebook:
        grade = gradebook.find_grade(grade_id, "ex01", "lista", "ana")
        grade.manual_score, grade.needs_manual_grade = score, False
        if comment is not None:
            gradebook.find_comment(grade_id, "ex01", "lista", "ana").manual_comment = comment
        gradebook.db.commit()


def test_report_comes_back_as_it_was(records: Records) -> None:
    """The whole report is kept, and its scores are nbgrader's."""
    records.record(report(), submitted_at=LATE)
    graded = only(records)
    assert graded.report == report()
    assert (graded.score, graded.max_score, graded.pending) == (5.0, 10.0, 3.0)
    assert [c.grade_id for c in graded.cells] == ["test_model", "test_fit", "essay", "task"]


def test_lateness_is_derived_from_the_due_date(records: Records) -> None:
    """Ninety minutes late is 5400 s; without a timestamp nobody knows."""
    records.record(report("ana"), submitted_at=LATE)
    records.record(report("bia"), submitted_at=None)
    records.record(report("caio"), submitted_at=datetime(2026, 11, 20, 8, 0))
    late = {graded.student.id: graded.late_seconds for graded in records.reports("lista")}
    assert late == {"ana": 5400.0, "bia": None, "caio": 0.0}


def test_an_extension_moves_the_due_date(course: Course, records: Records) -> None:
    """What formgrader or nbgrader grants counts."""
    records.record(report(), submitted_at=LATE)
    with formgrader(course) as gradebook:
        gradebook.grant_extension("lista", "ana", hours=1)
    assert only(records).late_seconds == 1800.0


def test_essay_waits_until_it_is_graded_and_its_grade_stays(course: Course, records: Records) -> None:
    """A second record of the same submission asks no TA twice."""
    records.record(report(), submitted_at=LATE)
    assert cell(only(records), "essay").waits
    grade_by_hand(course, "essay", 1.5, "Bom argumento.")
    records.record(report(), submitted_at=LATE)
    graded = only(records)
    essay = cell(graded, "essay")
    assert (essay.score, essay.waits, graded.comments) == (1.5, False, {"essay": "Bom argumento."})
    assert (graded.score, graded.pending) == (6.5, 1.0)


@pytest.mark.parametrize(
    ("second", "answers", "waits"),
    [
        (LATE, {"essay": "digest 2"}, True),
        (LATE.replace(minute=45), {"essay": "digest 1"}, False),
        (LATE.replace(minute=45), None, True),
        (LATE, None, False),
        (None, None, False),
    ],
)
def test_resubmission_asks_the_ta_again(
    course: Course, records: Records, second: datetime | None, answers: dict[str, str] | None, waits: bool
) -> None:
    """A changed text (or, where texts are unknown, another time) is looked at again; scores are kept."""
    records.record(report(), submitted_at=LATE, answers={"essay": "digest 1"})
    grade_by_hand(course, "essay", 1.5, "Bom.")
    records.record(report(), submitted_at=second, answers=answers)
    essay = cell(only(records), "essay")
    assert (essay.manual_score, essay.waits) == (1.5, waits)
    # And a later regrade does not make the TA's duty vanish.
    records.record(report(), submitted_at=second, answers=answers)
    assert cell(only(records), "essay").waits is waits


def test_grader_failure_is_neither_zero_nor_full(course: Course, records: Records) -> None:
    """A cell that needs review has no automatic score, and waits for a person."""
    broken = report()
    failed = replace(broken.verdicts[1], score=None, needs_review=True, reason="bug")
    records.record(replace(broken, verdicts=(broken.verdicts[0], failed)), submitted_at=LATE)
    with formgrader(course) as gradebook:
        grade = gradebook.find_grade("test_fit", "ex01", "lista", "ana")
        assert (grade.auto_score, grade.needs_manual_grade) == (None, True)
    assert only(records).needs_review
    grade_by_hand(course, "test_fit", 4.0)
    grade_by_hand(course, "essay", 1.0)
    grade_by_hand(course, "task", 1.0)
    assert not only(records).needs_review


def test_cells_that_the_report_leaves_out_need_review(records: Records) -> None:
    """No cell gets a silent zero."""
    records.record(report(verdicts=report().verdicts[:1], status="failed"), submitted_at=LATE)
    graded = only(records)
    assert [v.needs_review for v in graded.report.verdicts] == [False, True, True, True]
    assert [c.waits for c in graded.cells] == [False, True, True, True]


def test_untouched_essay_is_zero_as_in_nbgrader(course: Course, records: Records) -> None:
    """No TA has to read an empty answer, and formgrader says why it is zero."""
    verdicts = (*report().verdicts[:2], CellVerdict("essay", 2.0, 0.0, manual=True), report().verdicts[3])
    records.record(report(verdicts=verdicts), submitted_at=LATE)
    assert not cell(only(records), "essay").waits
    with formgrader(course) as gradebook:
        assert gradebook.find_comment("essay", "ex01", "lista", "ana").auto_comment == "Sem resposta."


def test_overruled_score_is_kept_and_looked_at_again_when_the_grader_changes_its_mind(
    course: Course, records: Records
) -> None:
    """A TA's override wins; a new automatic score under it calls the TA back."""
    records.record(report(), submitted_at=LATE)
    grade_by_hand(course, "test_fit", 4.0)
    records.record(report(), submitted_at=LATE)
    assert not cell(only(records), "test_fit").waits
    better = replace(report().verdicts[1], score=3.0)
    verdicts = (report().verdicts[0], better, *report().verdicts[2:])
    records.record(report(verdicts=verdicts), submitted_at=LATE)
    test_fit = cell(only(records), "test_fit")
    assert (test_fit.score, test_fit.auto_score, test_fit.waits) == (4.0, 3.0, True)


def test_missing_notebook_is_zero_and_waits_for_nobody(records: Records) -> None:
    """Essays of a notebook that was not handed in are zero as well."""
    verdicts = tuple(replace(v, score=0.0, outcomes=()) for v in report().verdicts)
    records.record(report(status="missing", verdicts=verdicts, curves=()), submitted_at=None)
    graded = only(records)
    assert (graded.score, graded.pending) == (0.0, 0.0)
    assert not any(c.waits for c in graded.cells)


def test_weakened_sandbox_is_on_the_record(records: Records) -> None:
    """Who graded without a layer can be told afterwards."""
    records.record(report(sandbox={"weakened": True}), submitted_at=None)
    assert only(records).weakened


def test_stock_nbgrader_reads_what_was_recorded(course: Course, records: Records) -> None:
    """The queries behind formgrader's pages give the same scores, and every row they need is there."""
    records.record(report(), submitted_at=LATE)
    with formgrader(course) as gradebook:
        (submission,) = gradebook.submission_dicts("lista")
        assert (submission["score"], submission["max_score"]) == (5.0, 10.0)
        assert (submission["code_score"], submission["written_score"]) == (5.0, 0.0)
        assert submission["needs_manual_grade"]
        assert submission["timestamp"] == LATE.replace(tzinfo=None)
        (notebook,) = gradebook.notebook_submission_dicts("ex01", "lista")
        assert notebook["failed_tests"]
        (student,) = gradebook.student_dicts()
        assert (student["id"], student["score"]) == ("ana", 5.0)
        submitted = gradebook.find_submission_notebook("ex01", "lista", "ana")
        assert {g.name for g in submitted.grades} == {"test_model", "test_fit", "essay", "task"}
        assert {c.name for c in submitted.comments} == {"model", "essay", "task"}
        for row in (*submitted.grades, *submitted.comments, submitted):
            assert row.to_dict()


def test_enrolment_keeps_names(records: Records) -> None:
    """Grading enrols who is new; enrolling again loses no name."""
    records.enrol(["caio", Student("bia", "Beatriz", "Silva")])
    records.enrol(["bia"])
    records.record(report("ana"), submitted_at=None)
    records.record(report("bia"), submitted_at=None)
    assert records.students() == ("ana", "bia", "caio")
    assert only(records, student="bia").student.first_name == "Beatriz"


def test_odd_text_survives(records: Records) -> None:
    """Lone surrogates, NUL and bidirectional overrides in a student's values do not break the record."""
    odd = report(notices=("\ud800 \x00 \u202e <script>",))
    records.record(odd, submitted_at=None)
    assert only(records).report == odd


def test_report_of_another_version_is_refused(records: Records) -> None:
    """Scores for cells or points that the gradebook does not have are not squeezed in."""
    for wrong in (CellVerdict("gone", 1.0, 1.0), CellVerdict("test_model", 5.0, 5.0)):
        with pytest.raises(GraderError, match="grade it again"):
            records.record(report(verdicts=(wrong,)), submitted_at=None)
    assert records.reports("lista") == []


def test_unknown_names_are_said_clearly(records: Records) -> None:
    """Neither an assignment nor a notebook is made up."""
    with pytest.raises(UsageError, match="no assignment 'lista99'"):
        records.reports("lista99")
    with pytest.raises(UsageError, match="no notebook 'ex99'"):
        records.record(report(notebook="ex99"), submitted_at=None)
    assert records.students() == ()


def test_database_that_cannot_be_used_is_said_clearly(tmp_path: Path) -> None:
    """A wrong URL, a missing folder, a file that is no database, a schema of another nbgrader."""
    (tmp_path / "text.db").write_text("not a database at all, but text" * 100)
    with sqlite3.connect(tmp_path / "old.db") as old:
        old.executescript(
            "CREATE TABLE alembic_version (version_num VARCHAR(32)); "
            "INSERT INTO alembic_version VALUES ('724cde206c17')"
        )
    for url, message in (
        ("nonsense", "not the URL"),
        (f"sqlite:///{tmp_path}/none/gradebook.db", "not a folder"),
        (f"sqlite:///{tmp_path}/text.db", "cannot be used"),
        (f"sqlite:///{tmp_path}/old.db", "another version of nbgrader"),
    ):
        with pytest.raises(UsageError, match=message):
            Records(url)


def test_what_pages_look_up_is_indexed_also_in_a_database_that_nbgrader_made(tmp_path: Path) -> None:
    """Formgrader asks these of a class, once a student or once a notebook."""
    url = f"sqlite:///{tmp_path / 'gradebook.db'}"
    with Gradebook(url):
        pass
    with Records(url):
        pass
    with sqlite3.connect(tmp_path / "gradebook.db") as database:
        for table, column in (
            ("grade", "notebook_id"),
            ("comment", "notebook_id"),
            ("submitted_notebook", "assignment_id"),
        ):
            plan = database.execute(f"EXPLAIN QUERY PLAN SELECT * FROM {table} WHERE {column} = 'x'").fetchall()
            assert "SCAN" not in str(plan), (table, plan)


def test_writers_wait_for_each_other(course: Course, records: Records) -> None:
    """Parallel records through several connections all arrive."""
    failures: list[BaseException] = []

    def write(student: str) -> None:
        try:
            with Records(course.db_url) as own:
                own.record(report(student), submitted_at=LATE)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=write, args=(f"s{number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(records.reports("lista")) == 8


@pytest.mark.sqlite
def test_lock_that_stays_is_a_grader_error(course: Course, records: Records) -> None:
    """The message says what to do, and nothing is half recorded."""
    with Records(course.db_url, lock_timeout=0.05) as hasty:
        blocker = sqlite3.connect(course.root / "gradebook.db", isolation_level=None)
        blocker.execute("BEGIN IMMEDIATE")
        with pytest.raises(GraderError, match="stayed locked"):
            hasty.record(report(), submitted_at=None)
        # Readers are not in the way of a writer, nor it in theirs.
        assert records.reports("lista") == []
        blocker.execute("ROLLBACK")
        blocker.close()
        hasty.record(report(), submitted_at=None)
    assert len(records.reports("lista")) == 1


def test_exhibits_come_back_with_their_report(course: Course, records: Records) -> None:
    """They are kept apart from what a class is read by, and go when a report without any takes its place."""
    shown = (Confusion("Acurácia", ("a", "b"), ((3, 1), (0, 4)), "test_fit"),)
    prints = (ModelPrint("model", "d" * 64, (0.125,) * 64, 10),)
    records.record(report(exhibits=shown, models=prints), submitted_at=None)
    (graded,) = records.reports("lista")
    assert (graded.report.exhibits, graded.report.models) == (shown, prints)
    ((text,),) = course.execute("SELECT report FROM autograder_report")
    assert "Confusion" not in text
    assert "sketch" not in text
    records.record(report(), submitted_at=None)
    (graded,) = records.reports("lista")
    assert (graded.report.exhibits, graded.report.models) == ((), ())


def test_a_student_without_reports_costs_no_reading_of_the_class(records: Records) -> None:
    """Nobody's grades are loaded for one who handed nothing in: in a class of 10,000 that takes a minute."""
    records.record(report("ana"), submitted_at=None)
    records.enrol(["bia"])
    asked: list[str] = []

    def seen(_: object, __: object, statement: str, *___: object) -> None:
        asked.append(statement)

    def of_grades() -> bool:
        return any("grade.auto_score" in statement for statement in asked)

    event.listen(Engine, "before_cursor_execute", seen)
    try:
        assert records.reports("lista", student="bia") == []
        assert not of_grades()
        assert records.reports("lista", student="ana")
        assert of_grades()  # or nothing was seen above
    finally:
        event.remove(Engine, "before_cursor_execute", seen)
