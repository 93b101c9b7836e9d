"""Finding what was handed in: by name, by content, and never by following a link."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from courses import TinyCourse, code, solution, test, text

from autograder.errors import SubmissionError, UsageError
from autograder.messages import using_language
from autograder.submission import Found, Submission, find, find_notebook


@pytest.fixture
def course(tmp_path: Path) -> TinyCourse:
    return TinyCourse(tmp_path / "course")


def found(course: TinyCourse, student: str = "ana") -> Found | None:
    submission = next(s for s in find(course.root, "lista", roster=(student,)) if s.student == student)
    with using_language("en"):
        return find_notebook(submission, course.assignment.notebooks[0], course.assignment)


def test_nobody_handed_in_anything(course: TinyCourse) -> None:
    with pytest.raises(UsageError, match=r"Nothing to grade.*nbgrader collect lista"):
        find(course.root, "lista")


def test_students_come_in_order_and_the_roster_is_complete(course: TinyCourse) -> None:
    course.submit("bia")
    course.submit("ana")
    (course.root / "submitted" / "caio").mkdir()
    (course.root / "submitted" / "a-file").touch()
    submissions = find(course.root, "lista", roster=("davi",))
    assert [(s.student, s.folder is not None) for s in submissions] == [
        ("ana", True),
        ("bia", True),
        ("davi", False),
    ]


def test_a_link_in_place_of_a_folder_is_not_followed(course: TinyCourse, tmp_path: Path) -> None:
    course.submit("ana")
    (course.root / "submitted" / "eve").mkdir()
    (course.root / "submitted" / "eve" / "lista").symlink_to(course.folder("ana"))
    (course.root / "submitted" / "mallory").symlink_to(course.root / "submitted" / "ana")
    found = find(course.root, "lista")
    assert [(s.student, s.problem is None) for s in found] == [("ana", True), ("eve", False), ("mallory", False)]
    for submission in found[1:]:
        with pytest.raises(SubmissionError, match="link"):
            find_notebook(submission, course.assignment.notebooks[0], course.assignment)


def test_a_file_in_place_of_a_folder_is_said(course: TinyCourse) -> None:
    course.submit("ana")
    (course.root / "submitted" / "bia").mkdir()
    (course.root / "submitted" / "bia" / "lista").write_text("a zip, say")
    (course.root / "submitted" / ".cache").mkdir()
    assert [(s.student, s.problem is None) for s in find(course.root, "lista")] == [("ana", True), ("bia", False)]


def test_a_folder_with_an_odd_name_is_found_under_a_name_that_can_be_shown(course: TinyCourse) -> None:
    os.makedirs(os.fsencode(course.root / "submitted") + b"/a\xff\x1b/lista")
    (student,) = [s.student for s in find(course.root, "lista")]
    assert student.startswith("a\\udcff\\x1b-")  # and a digest, so that no two students share a name


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-20 15:00:00.123456 UTC", datetime(2026, 11, 20, 15, 0, 0, 123456, UTC)),
        ("2026-11-20 12:00:00 -0300", datetime(2026, 11, 20, 15, tzinfo=UTC)),
        ("2026-11-20T15:00:00", datetime(2026, 11, 20, 15, tzinfo=UTC)),
        ("", None),
        ("ontem", None),
        ("0001-01-01 00:00:00 +14:00", None),
        ("9999-12-31 23:59:59 -0500", None),
        ("2026-01-01 00:00:00 +99:99", None),
        ("9" * 150, None),
        ("x" * 300, None),
        ("\udcff", None),
    ],
)
def test_the_time_of_submission(course: TinyCourse, text: str, expected: datetime | None) -> None:
    """nbgrader writes it; what is no date says nothing."""
    (course.folder("ana") / "timestamp.txt").write_bytes(os.fsencode(text))
    assert find(course.root, "lista")[0].submitted_at == expected


def test_no_time_of_submission(course: TinyCourse) -> None:
    course.submit("ana")
    assert find(course.root, "lista")[0].submitted_at is None


def test_a_notebook_in_its_place(course: TinyCourse) -> None:
    path = course.submit("ana")
    result = found(course)
    assert result is not None
    assert (result.path, result.notices) == (path, ())


def test_nothing_handed_in(course: TinyCourse) -> None:
    course.folder("ana")
    assert found(course) is None
    assert find_notebook(Submission("x", None, None), course.assignment.notebooks[0], course.assignment) is None


@pytest.mark.parametrize("name", ["tiny (1).ipynb", "Tiny final.ipynb", "a\x1b[31m\udcff.ipynb"])
def test_a_renamed_notebook_is_found_by_its_cells(course: TinyCourse, name: str) -> None:
    path = course.submit("ana")
    path.rename(path.with_name(name))
    result = found(course)
    assert result is not None
    (notice,) = result.notices
    assert notice.startswith("The notebook was handed in as")
    assert notice.isprintable()


def test_the_best_of_several_renamed_copies_counts(course: TinyCourse) -> None:
    path = course.submit("ana", edit=lambda nb: nb.cells.__delitem__(slice(5, None)))
    path.rename(path.with_name("a.ipynb"))
    path = course.submit("ana")
    path.rename(path.with_name("b.ipynb"))
    result = found(course)
    assert result is not None
    assert result.path.name == "b.ipynb"


def test_some_other_notebook_is_not_taken_for_the_answer(course: TinyCourse) -> None:
    path = course.submit("ana", edit=lambda nb: nb.cells.__delitem__(slice(2, None)))
    path.rename(path.with_name("rascunho.ipynb"))
    assert found(course) is None


def test_a_broken_notebook_under_another_name_is_told(course: TinyCourse) -> None:
    """The student handed in something; the message says why it did not count."""
    (course.folder("ana") / "minha lista.ipynb").write_text('{"cells": [')
    with pytest.raises(
        SubmissionError, match=r"tiny.ipynb was not handed in, .*minha lista.ipynb.*breaks at line 1"
    ):
        found(course)


def test_links_and_checkpoints_are_not_searched(course: TinyCourse) -> None:
    path = course.submit("ana")
    hidden = path.parent / ".ipynb_checkpoints"
    hidden.mkdir()
    path.rename(hidden / "tiny-checkpoint.ipynb")
    (path.parent / "other.ipynb").symlink_to(hidden / "tiny-checkpoint.ipynb")
    assert found(course) is None


def test_a_link_in_place_of_the_notebook_is_refused(course: TinyCourse) -> None:
    path = course.submit("ana")
    path.rename(path.with_name("real.ipynb"))
    path.symlink_to("real.ipynb")
    with pytest.raises(SubmissionError, match=r"tiny\.ipynb is a link"):
        found(course)


def twins(intro: str) -> list[object]:
    return [
        text(intro, f"intro-{intro}"),
        solution("x = 1", "answer"),
        test("assert x", "t", 1),
        code("y", "plain"),
    ]


def test_a_renamed_notebook_goes_to_the_exercise_it_belongs_to(tmp_path: Path) -> None:
    """Two exercises with the same ids are told apart by their first text."""
    course = TinyCourse(tmp_path / "c", cells={"a": twins("Primeira"), "b": twins("Segunda")})  # type: ignore[dict-item]
    path = course.submit("ana", {"answer": "x = 1"}, name="b")
    path.rename(path.with_name("minha.ipynb"))
    submission = find(course.root, "lista")[0]
    a, b = course.assignment.notebooks
    assert find_notebook(submission, a, course.assignment) is None
    assert find_notebook(submission, b, course.assignment) is not None
