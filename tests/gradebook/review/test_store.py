"""Reviews in a real gradebook, seen through nbgrader's own tables."""

import math
from datetime import UTC, datetime

import pytest
from sample_course import Course, report

from autograder.errors import UsageError
from autograder.rubric import Rubric
from gradebook.records import Records
from gradebook.records.database import Database
from gradebook.review.plan import Answer
from gradebook.review.store import Progress, Reviews

pytestmark = pytest.mark.both_databases

RUBRIC = Rubric.model_validate(
    {
        "criteria": [
            {"title": "Curvas", "levels": [{"points": p, "text": str(p)} for p in (1.0, 0.5, 0.0)]},
            {"title": "Causa", "levels": [{"points": p, "text": str(p)} for p in (1.0, 0.0)]},
        ]
    }
)
STUDENTS = ["ana", "bruno", "caio", "dora"]


@pytest.fixture
def reviews(course: Course, records: Records) -> Reviews:
    for student in STUDENTS:
        records.record(report(student), submitted_at=datetime(2026, 11, 19, tzinfo=UTC))
    return Reviews(Database(course.db_url), "lista", {("ex01", "essay"): RUBRIC})


def test_what_people_read_is_what_has_a_rubric_and_no_automatic_score(reviews: Reviews):
    assert reviews.answers() == [Answer("ex01", "essay", student) for student in STUDENTS]


def test_the_first_readers_mark_is_nbgraders(reviews: Reviews, records: Records):
    reviews.deal(["teresa", "tiago"], double=0)
    (task, before), *_ = reviews.queue("teresa")
    assert before is None
    assert reviews.mark(task.answer, "teresa", [1, 0], "Cite os valores.") == 1.5
    (graded,) = records.reports("lista", student=task.answer.student)
    essay = next(cell for cell in graded.cells if cell.grade_id == "essay")
    assert (essay.manual_score, essay.waits, graded.comments["essay"]) == (1.5, False, "Cite os valores.")
    (_, mark), *_ = reviews.queue("teresa")
    assert mark is not None
    assert (mark.levels, mark.comment) == ((1, 0), "Cite os valores.")


def test_a_second_reader_changes_nothing_for_the_student(reviews: Reviews, records: Records):
    reviews.deal(["teresa", "tiago"], double=1)
    for name, levels in (("teresa", [0, 0]), ("tiago", [2, 1])):
        for task, _ in reviews.queue(name):
            reviews.mark(task.answer, name, levels, f"de {name}")
    firsts = {t.answer.student: n for n in ("teresa", "tiago") for t, _ in reviews.queue(n) if not t.second}
    for graded in records.reports("lista"):
        essay = next(cell for cell in graded.cells if cell.grade_id == "essay")
        name = firsts[graded.student.id]
        assert (essay.manual_score, graded.comments["essay"]) == (2.0 if name == "teresa" else 0.0, f"de {name}")
    found = reviews.agreement()
    assert set(found) == {("ex01", "essay", "Curvas"), ("ex01", "essay", "Causa")}
    assert (found["ex01", "essay", "Causa"].pairs, found["ex01", "essay", "Causa"].same) == (4, 0.0)
    assert math.isclose(found["ex01", "essay", "Causa"].kappa or 0, -1.0)


def test_progress_and_what_comes_later(reviews: Reviews, records: Records):
    reviews.deal(["teresa"])
    (task, _), *_ = reviews.queue("teresa")
    reviews.mark(task.answer, "teresa", [0, 0])
    assert reviews.progress() == [Progress("teresa", "ex01", "essay", 1, 4)]
    records.record(report("eva"), submitted_at=datetime(2026, 11, 19, tzinfo=UTC))
    assert [t.answer.student for t in reviews.deal(["teresa"])] == ["eva"]
    assert reviews.progress() == [Progress("teresa", "ex01", "essay", 1, 5)]


def test_a_mark_can_be_mended(reviews: Reviews, records: Records):
    reviews.deal(["teresa"])
    reviews.mark(Answer("ex01", "essay", "ana"), "teresa", [0, 0], "Ótimo.")
    reviews.mark(Answer("ex01", "essay", "ana"), "teresa", [2, 1])
    (graded,) = records.reports("lista", student="ana")
    assert next(cell.manual_score for cell in graded.cells if cell.grade_id == "essay") == 0.0
    assert "essay" not in graded.comments


@pytest.mark.parametrize("levels", [[], [0], [0, 0, 0], [3, 0], [0, -1]])
def test_a_level_that_is_none(reviews: Reviews, levels: list[int]):
    reviews.deal(["teresa"])
    with pytest.raises(UsageError, match="2 criteria"):
        reviews.mark(Answer("ex01", "essay", "ana"), "teresa", levels)


def test_an_answer_that_is_anothers(reviews: Reviews):
    reviews.deal(["teresa"])
    with pytest.raises(UsageError, match="tiago does not read"):
        reviews.mark(Answer("ex01", "essay", "ana"), "tiago", [0, 0])
    with pytest.raises(UsageError, match="no rubric"):
        reviews.mark(Answer("ex01", "task", "ana"), "teresa", [0, 0])


def rewrite(records: Records, student: str, text: str) -> None:
    """The student hands in another essay, and it is graded."""
    records.record(
        report(student), submitted_at=datetime(2026, 11, 20, tzinfo=UTC), answers={"essay": text, "task": "t"}
    )


def test_a_mark_is_of_the_text_that_was_read(reviews: Reviews, records: Records):
    """Another text goes back to the queue; a mark of the old one that is on its way is refused."""
    answer = Answer("ex01", "essay", "ana")
    rewrite(records, "ana", "one")
    reviews.deal(["teresa"])
    reviews.mark(answer, "teresa", [0, 0], text=reviews.text(answer))
    assert reviews.progress() == [Progress("teresa", "ex01", "essay", 1, 4)]
    old = reviews.text(answer)
    rewrite(records, "ana", "two")
    assert reviews.progress() == [Progress("teresa", "ex01", "essay", 0, 4)]
    assert [mark for task, mark in reviews.queue("teresa") if task.answer == answer] == [None]
    with pytest.raises(UsageError, match="another text"):
        reviews.mark(answer, "teresa", [2, 1], text=old)
    (graded,) = records.reports("lista", student="ana")
    assert next(cell.waits for cell in graded.cells if cell.grade_id == "essay")
    reviews.mark(answer, "teresa", [2, 1], text=reviews.text(answer))
    assert reviews.progress() == [Progress("teresa", "ex01", "essay", 1, 4)]


def test_a_changed_rubric_asks_for_marks_again(course: Course, reviews: Reviews):
    reviews.deal(["teresa", "tiago"], double=1)
    for name in ("teresa", "tiago"):
        for task, _ in reviews.queue(name):
            reviews.mark(task.answer, name, [2, 1])
    fewer = Rubric.model_validate({"criteria": [c.model_dump() for c in RUBRIC.criteria[:1]]})
    for rubrics in ({("ex01", "essay"): fewer}, {}):
        changed = Reviews(Database(course.db_url), "lista", rubrics)
        assert sum(row.done for row in changed.progress()) == 0
        assert changed.agreement() == {}
    assert sum(row.done for row in reviews.progress()) == 8


def test_what_waits_for_somebody_who_does_not_read_is_dealt_again(reviews: Reviews):
    """A name that was mistyped, somebody who left; marks stay with who gave them."""
    reviews.deal(["tereza", "tiago"], double=0.5)
    (task, _), *_ = reviews.queue("tiago")
    reviews.mark(task.answer, "tiago", [0, 0])
    reviews.deal(["teresa", "vera"], double=0.5)
    assert reviews.queue("tereza") == []
    assert [t.answer for t, _ in reviews.queue("tiago")] == [task.answer]
    assert reviews.undealt() == 0
    readers = [t for name in ("teresa", "vera", "tiago") for t, _ in reviews.queue(name)]
    assert len({t.answer for t in readers if not t.second}) == 4
    assert len({(t.answer, t.reviewer) for t in readers}) == len(readers)


def test_kept_comments(reviews: Reviews):
    reviews.keep("ex01", "essay", " Cite os valores. ")
    reviews.keep("ex01", "essay", "Cite os valores.")
    assert reviews.phrases("ex01", "essay") == ["Cite os valores."]
    assert reviews.phrases("ex01", "task") == []
    with pytest.raises(UsageError):
        reviews.keep("ex01", "essay", "  ")
