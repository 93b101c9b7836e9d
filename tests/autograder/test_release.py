"""Nothing that students must not see is in what they get."""

from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from courses import CANARY, TinyCourse, cell_of, code, solution, test, text, tiny
from nbformat import NotebookNode

from autograder.release import problems, secret_lines


@pytest.fixture
def course(tmp_path: Path) -> TinyCourse:
    return TinyCourse(tmp_path / "course")


def edit_release(course: TinyCourse, edit: Callable[[NotebookNode], None]) -> list[str]:
    path = course.root / "release" / "lista" / "tiny.ipynb"
    notebook = nbformat.read(path, as_version=4)
    edit(notebook)
    nbformat.write(notebook, path)
    return problems(course.root, course.assignment)


def test_a_good_release_has_no_problem(course: TinyCourse) -> None:
    assert problems(course.root, course.assignment) == []


def test_a_missing_release_is_a_problem(course: TinyCourse) -> None:
    (course.root / "release" / "lista" / "tiny.ipynb").unlink()
    (problem,) = problems(course.root, course.assignment)
    assert "does not exist" in problem


def test_a_hidden_test_that_stayed_is_found(course: TinyCourse) -> None:
    source = course.assignment.notebooks[0].by_id["double-test"].source
    found = edit_release(course, lambda nb: cell_of(nb, "double-test").update(source=source))
    assert any(CANARY in problem for problem in found)
    assert all("tiny.ipynb" in problem for problem in found)


def test_a_solution_that_stayed_is_found(course: TinyCourse) -> None:
    answer = "square = [n * n for n in range(10)]"
    found = edit_release(course, lambda nb: nb.cells.append(code(f"# {answer}", "leak")))
    assert any(answer in problem for problem in found)


@pytest.mark.parametrize("where", ["metadata", "output", "attachment"])
def test_a_secret_beside_the_text_of_a_cell_is_found(course: TinyCourse, where: str) -> None:
    """An executed source shows results; an editor may keep a copy in the metadata."""
    answer = "square = [n * n for n in range(10)]"

    def leak(notebook: NotebookNode) -> None:
        if where == "metadata":
            notebook.metadata["backup"] = answer
        elif where == "output":
            cell = cell_of(notebook, "square")
            cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text=answer)]
        else:
            notebook.cells[0]["attachments"] = {"a.txt": {"text/plain": answer}}

    assert any(answer in problem for problem in edit_release(course, leak))


def test_lines_that_students_see_anyway_are_no_secret(tmp_path: Path) -> None:
    cells = [
        text("Use `history = model.fit(X, y)`.", "intro"),
        solution("history = model.fit(X, y)\nsecret_learning_rate = 3", "s"),
        test("assert history", "t", 1),
    ]
    course = TinyCourse(tmp_path / "c", cells={"tiny": cells})
    assert secret_lines(course.assignment.notebooks[0]) == {"secret_learning_rate = 3"}


def test_held_out_data_before_the_last_answer_is_a_problem(tmp_path: Path) -> None:
    """The inputs are delivered after the last cell that a student may have written."""
    cells = tiny()
    cells.insert(2, test("from autograder import check, holdout\nholdout.fashion_mnist()", "early", 1))
    course = TinyCourse(tmp_path / "c", cells={"tiny": cells})
    (problem,) = problems(course.root, course.assignment)
    assert "'early' uses held-out data before the last solution cell" in problem
