"""What may be relied on where the best submission counts."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbgrader.api import Gradebook
from sample_course import Course, report

import gradebook
from autograder.outcome import NotebookReport
from gradebook.attempts import with_attempts
from gradebook.exports.formats import as_json
from gradebook.policies.rules import apply, totals
from gradebook.policies.settings import Late, Policy
from gradebook.records import Attempt, AttemptCell, CellGrade, Graded, Records, Student

pytestmark = pytest.mark.both_databases

DUE = datetime(2026, 11, 20, 12, tzinfo=UTC)
FIRST, SECOND, THIRD = (DUE + timedelta(hours=hours) for hours in (-3, -2, 26))


def scored(fit: float, **fields: Any) -> NotebookReport:
    """The sample's report with another score of ``test_fit``; 3 points are those of ``test_model``."""
    model, test_fit, *rest = report().verdicts
    return report(verdicts=(model, replace(test_fit, score=fit), *rest), **fields)


def read_essay(course: Course, score: float) -> None:
    """What formgrader does when a TA has read the essay."""
    with Gradebook(course.db_url) as stock:
        grade = stock.find_grade("essay", "ex01", "lista", "ana")
        grade.manual_score, grade.needs_manual_grade = score, False
        stock.db.commit()


def best(course: Course, policy: str = 'submission = "best"') -> Any:
    """Ana's one row."""
    (course.root / "policies.toml").write_text(f"[lista]\n{policy}\n")
    found = gradebook.grades("lista", course=course.root, db=course.db_url)
    (row,) = found.notebooks.to_dict("records")
    return row


def test_what_a_new_submission_replaces_is_kept(course: Course, records: Records) -> None:
    """With what counted, an overruled score and an essay that nobody has read."""
    records.record(scored(4.0), submitted_at=FIRST, answers={"essay": "digest 1"})
    with Gradebook(course.db_url) as stock:
        grade = stock.find_grade("test_model", "ex01", "lista", "ana")
        grade.manual_score, grade.extra_credit = 2.0, 0.5
        stock.db.commit()
    before = datetime.now(UTC)
    records.record(scored(1.0), submitted_at=SECOND, answers={"essay": "digest 2"})
    (attempt,) = records.attempts("lista")
    assert before <= attempt.replaced_at <= datetime.now(UTC)
    cells = {
        "test_model": AttemptCell(2.5, 3.0, True, None),
        "test_fit": AttemptCell(4.0, 4.0, False, None),
        "essay": AttemptCell(None, 2.0, True, "digest 1"),
        "task": AttemptCell(None, 1.0, True, None),
    }
    assert attempt == Attempt("ana", "lista", "ex01", FIRST, attempt.replaced_at, "graded", cells)


def test_a_regrade_replaces_no_attempt(records: Records) -> None:
    """Nor does a record that knows no time, nor a notebook that was not handed in."""
    records.record(report(status="missing"), submitted_at=FIRST)
    records.record(scored(4.0), submitted_at=SECOND)
    records.record(scored(1.0), submitted_at=SECOND)
    records.record(scored(2.0), submitted_at=None)
    assert records.attempts("lista") == []
    records.record(scored(3.0), submitted_at=THIRD)
    records.record(scored(2.0), submitted_at=SECOND)
    records.record(scored(3.0), submitted_at=THIRD)
    assert sorted(str(a.submitted_at) for a in records.attempts("lista")) == [str(SECOND), str(THIRD)]


def test_the_best_counts_and_is_named(course: Course, records: Records) -> None:
    """By its time; how many there were can be seen, under each policy."""
    for time, score in ((FIRST, 1.0), (SECOND, 4.0), (THIRD, 2.0)):
        records.record(scored(score), submitted_at=time)
    row = best(course)
    assert (row["score"], row["submitted_at"], row["attempts"]) == (7.0, pd.Timestamp(SECOND), 3)
    row = best(course, "")
    assert (row["score"], row["submitted_at"], row["attempts"]) == (5.0, pd.Timestamp(THIRD), 3)
    (course.root / "policies.toml").write_text('[lista]\nsubmission = "best"\n')
    found = json.loads(as_json(gradebook.grades("lista", course=course.root, db=course.db_url)))
    (shown,) = found["students"][0]["notebooks"]
    assert (shown["attempts"], shown["submitted_at"]) == (3, SECOND.isoformat())


def test_the_best_is_that_after_what_lateness_costs(course: Course, records: Records) -> None:
    """26 hours late at 30 % a begun day: 0.4 of 7 points are less than 4."""
    records.record(scored(1.0), submitted_at=FIRST)
    records.record(scored(4.0), submitted_at=THIRD)
    row = best(course, 'submission = "best"\nlate = { lose = 0.3 }')
    assert (row["score"], row["late"], row["submitted_at"]) == (4.0, pd.Timedelta(0), pd.Timestamp(FIRST))


def test_people_read_a_text_once(course: Course, records: Records) -> None:
    """An essay that did not change counts in each submission with the score that it was given later."""
    records.record(scored(4.0), submitted_at=FIRST, answers={"essay": "digest 1"})
    records.record(scored(1.0), submitted_at=SECOND, answers={"essay": "digest 1"})
    row = best(course)
    assert (row["score"], row["pending"]) == (7.0, 2.0)
    read_essay(course, 1.5)
    row = best(course)
    assert (row["score"], row["pending"], row["submitted_at"]) == (8.5, 0.0, pd.Timestamp(FIRST))


def test_another_text_keeps_its_own_score(course: Course, records: Records) -> None:
    """What a reader gave for a later text is not given to an earlier one, and nobody waits for it."""
    records.record(scored(4.0), submitted_at=FIRST, answers={"essay": "digest 1"})
    records.record(scored(1.0), submitted_at=SECOND, answers={"essay": "digest 2"})
    read_essay(course, 2.0)
    row = best(course)
    assert (row["score"], row["pending"], row["submitted_at"]) == (7.0, 0.0, pd.Timestamp(FIRST))


def test_points_of_today(course: Course, records: Records) -> None:
    """A question that is worth more now is worth more in each submission; one that is gone counts in none."""
    records.record(scored(2.0), submitted_at=FIRST)
    records.record(scored(1.0), submitted_at=SECOND)

    def edit(notebook: Any) -> None:
        notebook.cells = [c for c in notebook.cells if c.get("id") != "id-test_model"]
        for cell in notebook.cells:
            if cell.get("id") == "id-test_fit":
                cell.metadata.nbgrader.points = 8

    records.sync(course.write(edit=edit))
    row = best(course)
    assert (row["score"], row["max_score"], row["submitted_at"]) == (4.0, 11.0, pd.Timestamp(FIRST))


def test_who_hands_in_less_later_keeps_what_was_handed_in(course: Course, records: Records) -> None:
    """A later submission without the notebook."""
    records.record(scored(4.0), submitted_at=FIRST)
    verdicts = tuple(replace(v, score=0.0) for v in report().verdicts)
    records.record(report(status="missing", verdicts=verdicts), submitted_at=SECOND)
    row = best(course)
    assert (row["score"], row["status"], row["attempts"]) == (7.0, "graded", 1)


def test_a_notebook_that_nobody_handed_in_has_no_attempt(course: Course, records: Records) -> None:
    records.enrol(["ana"])
    row = best(course)
    assert (row["score"], row["status"], row["attempts"]) == (0.0, "missing", 0)


DIGESTS = st.sampled_from([None, "a", "b"])
POINTS = st.integers(0, 8).map(lambda n: n / 2)
HOURS = st.integers(-50, 150)


@st.composite
def classes(draw: Any) -> tuple[pd.DataFrame, list[Graded], list[Attempt]]:
    """Three students, two notebooks, each handed in never or up to four times; a test and an essay in each."""
    rows, graded, attempts = [], [], []
    for student in ("ana", "bruno", "caio"):
        for notebook in ("n1", "n2"):
            times = [DUE + timedelta(hours=h) for h in draw(st.lists(HOURS, max_size=4, unique=True))]
            test, essay, answer = draw(POINTS), draw(st.none() | POINTS), draw(DIGESTS)
            cells = (
                CellGrade("test", 4.0, test, None, None, False),
                CellGrade("essay", 4.0, None, essay, None, essay is None),
            )
            now = None if not times else times[-1]
            raw = 0.0 if now is None else sum(cell.score or 0.0 for cell in cells)
            pending = 4.0 if now is not None and essay is None else 0.0
            rows.append((student, notebook, raw, 8.0, pending, "graded" if now else "missing", now, DUE))
            if now is None:
                continue
            made = NotebookReport(student, "lista", notebook, "graded")
            answers = {} if answer is None else {"essay": answer}
            graded.append(Graded(made, Student(student), cells, {}, now, DUE, DUE, False, answers))
            for time in times[:-1]:
                was = {
                    "test": AttemptCell(draw(POINTS), draw(st.sampled_from([4.0, 8.0])), False, None),
                    "essay": AttemptCell(draw(st.none() | POINTS), 4.0, True, draw(DIGESTS)),
                }
                attempts.append(Attempt(student, "lista", notebook, time, DUE, "graded", was))
    names = ["student", "notebook", "raw", "max_score", "pending", "status", "submitted_at", "due"]
    frame = pd.DataFrame(rows, columns=names)
    for name in ("submitted_at", "due"):
        frame[name] = pd.to_datetime(frame[name], utc=True)
    return frame.astype({"student": "string", "notebook": "string"}), graded, attempts


policies = st.builds(
    Policy,
    late=st.none() | st.builds(Late, lose=st.sampled_from([0.1, 0.5]), none_after=st.sampled_from([None, "2d"])),
    drop_lowest=st.integers(0, 1),
    weights=st.sampled_from([{}, {"n1": 3.0}]),
    groups=st.sampled_from([{}, {"dupla": ("ana", "bruno")}]),
    scale=st.sampled_from([None, 10.0]),
)


@settings(max_examples=60, deadline=None)
@given(classes(), policies)
def test_the_best_never_gives_less_than_the_last(
    drawn: tuple[pd.DataFrame, list[Graded], list[Attempt]], policy: Policy
) -> None:
    """Of the same class and otherwise the same policy; and there is one row a student and notebook."""
    frame, graded, attempts = drawn
    found = {}
    for which in ("last", "best"):
        rows = with_attempts(frame, attempts, graded if which == "best" else None)
        assert rows.dtypes[frame.columns].equals(frame.dtypes)
        chosen = apply(rows, policy.model_copy(update={"submission": which}))
        assert sorted(zip(chosen["student"], chosen["notebook"], strict=True)) == sorted(
            zip(frame["student"], frame["notebook"], strict=True)
        )
        found[which] = (
            chosen.set_index(["student", "notebook"])["score"].sort_index(),
            totals(chosen, policy.scale).set_index("student")["total"],
        )
    for last, top in zip(found["last"], found["best"], strict=True):
        assert (top >= last - 1e-9).all()


@settings(max_examples=30, deadline=None)
@given(classes())
def test_without_earlier_submissions_the_policies_agree(
    drawn: tuple[pd.DataFrame, list[Graded], list[Attempt]],
) -> None:
    frame, graded, _ = drawn
    last, best_ = (apply(with_attempts(frame, [], graded if rows else None), Policy()) for rows in (False, True))
    pd.testing.assert_frame_equal(last, best_)
    assert last["attempts"].isin([0, 1]).all()


@pytest.mark.parametrize("which", ["last", "best"])
def test_a_column_says_how_often(course: Course, records: Records, which: str) -> None:
    records.record(scored(4.0), submitted_at=FIRST)
    records.record(scored(1.0), submitted_at=SECOND)
    assert best(course, f'submission = "{which}"')["attempts"] == 2


def test_a_submission_that_is_put_back_is_the_last_and_counts_once(course: Course, records: Records) -> None:
    """As it is graded now, not as it was; what stood in between is an earlier one."""
    records.record(scored(4.0), submitted_at=FIRST)
    records.record(scored(1.0), submitted_at=SECOND)
    records.record(scored(2.0), submitted_at=FIRST)
    for which in ("best", "last"):
        row = best(course, f'submission = "{which}"')
        assert (row["score"], row["submitted_at"], row["attempts"]) == (5.0, pd.Timestamp(FIRST), 2)
