"""What may be relied on in the figures of a class: worked out by hand, and of odd classes."""

import json
import math
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from nbgrader.api import Gradebook
from sample_course import Course, report
from small_class import DUE, MSE, PASSED, SECOND, write_class
from sqlalchemy import text

from autograder.outcome import CellVerdict, Outcome
from gradebook.records import Records
from gradebook.records.database import Database
from gradebook.report.values import ClassReport, Example, Spread, plain
from gradebook.report.write import read_report
from gradebook.review.store import Reviews, rubrics_of

NOW = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)


def figures(course: Course) -> ClassReport:
    return read_report(course.load(), course=course.root, url=course.db_url, made_at=NOW)


def pearson(one: list[float], other: list[float]) -> float:
    """In plain Python."""
    number = len(one)
    a, b = sum(one) / number, sum(other) / number
    top = sum((x - a) * (y - b) for x, y in zip(one, other, strict=True))
    return top / math.sqrt(sum((x - a) ** 2 for x in one) * sum((y - b) ** 2 for y in other))


def test_items_of_a_class_worked_out_by_hand(course: Course, records: Records) -> None:
    """Twelve students; each question against the points of the other: the essays wait, and do not count."""
    write_class(course, records)
    first, second, essay, _ = figures(course).questions
    assert [first.cell, second.cell, essay.cell] == ["test_model", "test_fit", "essay"]
    assert first.item.difficulty == pytest.approx(6 / 12)
    assert (first.item.full, first.item.partial, first.item.none) == (6, 0, 6)
    r = pearson([float(p) for p in PASSED], list(SECOND))
    assert first.item.discrimination == pytest.approx(r)
    # Of the other test the lowest three have 0, of whom one passes this one, and the highest three 4.
    assert (first.item.lower, first.item.upper) == pytest.approx((1 / 3, 1.0))
    assert second.item.difficulty == pytest.approx(24 / 48)
    assert (second.item.full, second.item.partial, second.item.none) == (3, 6, 3)
    assert second.item.discrimination == pytest.approx(r)
    assert essay.item.students == 0
    assert essay.item.difficulty is None


def test_checks_and_how_they_fail(course: Course, records: Records) -> None:
    """A check is compared with the rest of the list without its whole question."""
    write_class(course, records)
    model, mse = figures(course).checks
    assert (model.title, model.item.students, model.failed) == ("Três camadas densas", 12, 6)
    assert model.examples == (Example("três", "duas", 4), Example("três", "nenhuma", 2))
    assert mse.item.difficulty == pytest.approx(4 / 12)
    passed = [float(value <= 0.5) for value in MSE]
    assert mse.item.discrimination == pytest.approx(pearson(passed, [3.0 * p for p in PASSED]))


def test_margins_and_near_misses(course: Course, records: Records) -> None:
    """0.505 and 0.51 miss 0.5 by 2 % at most; 0.5 itself passes."""
    write_class(course, records)
    (found,) = figures(course).thresholds
    assert (found.metric, found.threshold, found.rises, found.students) == ("mse", 0.5, False, 12)
    assert found.values == tuple(sorted(MSE))
    assert (found.passed, found.near) == (4, 2)
    assert found.margins[0] == pytest.approx(0.2)


def test_the_class_in_numbers(course: Course, records: Records) -> None:
    """Who is missing, who is late, what waits; spreads of points and of times."""
    write_class(course, records)
    for student in ("s00", "collected"):
        (course.root / "submitted" / student / "lista").mkdir(parents=True)
    found = figures(course)
    assert vars(found.summary) == {
        "students": 13, "handed_in": 13, "ungraded": 1, "graded": 12, "complete": 12, "missing": 1, "late": 1,
        "waiting": 24, "waiting_students": 12, "failures": 0, "failing_students": 0,
    }  # fmt: skip
    (notebook,) = found.notebooks
    assert (notebook.handed_in, notebook.full, notebook.partial, notebook.none) == (12, 9, 6, 9)
    assert (notebook.wall.least, notebook.wall.median, notebook.wall.most) == (1.0, 6.5, 12.0)
    assert notebook.cpu.median == 13.0
    shares = sorted((3 * p + s) / 7 for p, s in zip(PASSED, SECOND, strict=True))
    assert found.shares.median == pytest.approx((shares[5] + shares[6]) / 2)
    assert sum(found.bins) == 12
    pupils = {pupil.student: pupil for pupil in found.pupils}
    assert [pupil.student for pupil in found.pupils][:3] == ["zero", "s11", "s00"]
    assert pupils["zero"].missing == ("ex01",)
    assert pupils["zero"].name == "Zero à Esquerda"
    assert pupils["zero"].bins == "------"
    assert pupils["s11"].late == timedelta(hours=1)
    assert (pupils["s00"].score, pupils["s00"].share, pupils["s00"].bins) == (7.0, 1.0, "9999--")


def test_extensions_grace_and_groups_are_the_policy_s(course: Course, records: Records) -> None:
    """Who has more time is not late; whose partner handed in is not missing."""
    write_class(course, records)
    policies = course.root / "policies.toml"
    policies.write_text('[lista]\nextensions = { s11 = "2h" }\ngroups = { par = ["zero", "s00"] }\n')
    assert (figures(course).summary.late, figures(course).summary.missing) == (0, 0)
    policies.write_text('[lista]\nlate = { lose = 0.1, grace = "1h" }\n')
    assert figures(course).summary.late == 0


def test_what_people_decided_counts(course: Course, records: Records) -> None:
    """A manual score takes the place of the automatic one, and closes a failure of the grader."""
    write_class(course, records)
    broken = CellVerdict("test_fit", 4.0, None, needs_review=True, reason="O disco está cheio.")
    verdicts = report().verdicts
    records.record(report("s00", verdicts=(verdicts[0], broken, *verdicts[2:])), submitted_at=DUE)
    (failure,) = figures(course).failures
    assert (failure.student, failure.question, failure.reason) == (
        "s00",
        "2. O treinamento",
        "O disco está cheio.",
    )
    assert figures(course).questions[1].item.students == 11
    with Gradebook(course.db_url) as nbgrader:
        for cell, score in (("test_fit", 4.0), ("essay", 2.0)):
            grade = nbgrader.find_grade(cell, "ex01", "lista", "s00")
            grade.manual_score, grade.needs_manual_grade = score, False
        nbgrader.db.commit()
    found = figures(course)
    assert found.failures == ()
    assert found.questions[1].item.difficulty == pytest.approx(24 / 48)
    assert found.summary.waiting == 23


def test_a_failed_notebook_is_one_failure(course: Course, records: Records) -> None:
    """With the grader's own message, once, not once a cell."""
    verdicts = tuple(replace(v, score=None, needs_review=True, outcomes=()) for v in report().verdicts)
    records.record(report("ana", verdicts=verdicts, status="failed", error="Sem disco."), submitted_at=None)
    (failure,) = figures(course).failures
    assert (failure.student, failure.question, failure.reason) == ("ana", None, "Sem disco.")


def test_the_order_of_students_does_not_matter(course: Course, records: Records) -> None:
    """The same class under other logins has the same figures."""
    write_class(course, records)
    found = figures(course)
    with closing(Database(course.db_url)) as database:
        database.write(lambda session: [session.execute(statement) for statement in _renamed()])
    other = figures(course)
    for one, two in zip(other.questions, found.questions, strict=True):
        assert vars(one.item) == {name: pytest.approx(value) for name, value in vars(two.item).items()}
    assert [c.examples for c in other.checks] == [c.examples for c in found.checks]
    assert other.thresholds == found.thresholds


def _renamed() -> list[Any]:
    """Logins in the opposite order."""
    columns = (("student", "id"), ("submitted_assignment", "student_id"), ("autograder_report", "student"))
    return [
        text(f"UPDATE {table} SET {column} = 't' || (99 - substr({column}, 2)) WHERE {column} LIKE 's__'")
        for table, column in columns
    ]


@pytest.mark.parametrize("number", [0, 1, 9])
def test_of_few_students_nothing_is_compared(course: Course, records: Records, number: int) -> None:
    """Counts and names, no figure."""
    for place in range(number):
        records.record(report(f"s{place}"), submitted_at=None)
    found = figures(course)
    assert found.summary.students == found.summary.graded == number
    assert found.shares.median is None
    assert found.bins == ()
    assert all(question.item.difficulty is None for question in found.questions)
    assert all(check.examples == () for check in found.checks)
    assert len(found.pupils) == number
    json.dumps(plain(found), allow_nan=False)


def test_figures_for_programs_have_no_nan() -> None:
    """JSON knows none."""
    assert plain(Spread(1, math.nan, math.inf, 0.5))["first"] is None
    assert plain(Spread(1, math.nan))["least"] is None
    assert plain(timedelta(hours=1)) == 3600


def test_all_alike(course: Course, records: Records) -> None:
    """A mean, and no discrimination."""
    for place in range(12):
        records.record(report(f"s{place:02}"), submitted_at=None)
    found = figures(course)
    assert [question.item.difficulty for question in found.questions[:2]] == [1.0, 0.5]
    assert [question.item.discrimination for question in found.questions] == [None] * 4


def test_notebooks_and_cells_that_came_or_went(course: Course, records: Records) -> None:
    """A notebook nobody handed in; a cell without verdicts; a verdict without a cell; a cell without a source."""
    write_class(course, records)

    def edit(notebook: Any) -> None:
        del notebook.cells[3]
        notebook.cells[-1].metadata.nbgrader.grade_id = "other"

    course.write(edit=edit)
    course.write("ex02")
    records.sync(course.load())
    found = figures(course)
    assert [(q.notebook, q.cell, q.item.students) for q in found.questions if q.notebook == "ex01"] == [
        ("ex01", "test_fit", 12), ("ex01", "essay", 0), ("ex01", "other", 0),
    ]  # fmt: skip
    assert found.notebooks[1].handed_in == 0
    assert found.notebooks[1].bins == ()
    assert [check.title for check in found.checks] == ["MSE de 0,5 ou menos"]
    assert found.questions[0].item.discrimination is None  # there is nothing else
    course.write()  # the source has the old cells again, the gradebook not yet
    cells = [q.cell for q in figures(course).questions if q.notebook == "ex01"]
    assert cells == ["test_model", "test_fit", "essay", "task", "other"]


def test_a_check_that_broke_is_nobody_s_fault(course: Course, records: Records) -> None:
    """It counts for no student; a check under a title that stands twice in its cell is two."""
    twice = (
        Outcome("Igual", True, 1.0),
        Outcome("Igual", False, 0.0),
        Outcome("Quebra", False, 0.0, error="KeyError"),
    )
    verdicts = (replace(report().verdicts[0], outcomes=twice), *report().verdicts[1:])
    for place in range(10):
        records.record(report(f"s{place:02}", verdicts=verdicts), submitted_at=None)
    checks = [check for check in figures(course).checks if check.cell == "test_model"]
    assert [(c.title, c.item.difficulty, c.broken) for c in checks] == [
        ("Igual", 1.0, 0), ("Igual (2)", 0.0, 0), ("Quebra", None, 10),
    ]  # fmt: skip


def test_readers_are_as_far_as_the_review_page_says(course: Course, records: Records) -> None:
    """The report reads the class once, and comes to the same numbers."""
    (course.root / "assignments" / "lista.toml").write_text(
        '[[rubrics.ex01.essay.criteria]]\ntitle = "Tudo"\n'
        'levels = [{ points = 2.0, text = "Sim" }, { points = 0.0, text = "Não" }]\n'
    )
    for place in range(4):
        records.record(report(f"s{place}"), submitted_at=None, answers={"essay": f"digest {place}"})
    with closing(Database(course.db_url)) as database:
        reviews = Reviews(database, "lista", rubrics_of(course.load()))
        reviews.deal(["teresa", "tiago"], double=0.5)
        records.record(report("later"), submitted_at=None, answers={"essay": "digest"})
        for reader in ("teresa", "tiago"):
            for task, _ in reviews.queue(reader):
                reviews.mark(task.answer, reader, [0])
        records.record(report("s1"), submitted_at=NOW, answers={"essay": "another text"})
        expected = reviews.overview()
    found = figures(course).review
    assert found == expected
    assert found.undealt == 1
    assert sum(row.tasks for row in found.progress) == 6
    assert sum(row.done for row in found.progress) < 6
