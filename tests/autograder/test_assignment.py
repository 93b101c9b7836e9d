"""What an instructor wrote is read once; what is wrong with it is said with its place."""

from pathlib import Path
from typing import Any

import nbformat
import pytest
from courses import TinyCourse, cell_of, code, source_notebook, template, text, tiny

from autograder.assignment import Limits, Settings, load, load_settings, template_of
from autograder.errors import UsageError


def test_a_course_is_read(tmp_path: Path) -> None:
    course = TinyCourse(tmp_path / "c", settings='title = "Lista"\n[limits]\ncell_cpu = 3\n')
    assignment = course.assignment
    assert (assignment.name, assignment.settings.title, assignment.settings.limits.cell_cpu) == (
        "lista",
        "Lista",
        3,
    )
    (tiny_template,) = assignment.notebooks
    assert tiny_template.max_score == 6
    kinds = {c.grade_id: (c.locked, c.manual, c.is_test, c.points) for c in tiny_template.cells}
    assert kinds == {
        "double": (False, False, False, 0),
        "double-test": (True, False, True, 2),
        "notice": (True, False, False, 0),
        "square": (False, False, False, 0),
        "square-test": (True, False, True, 3),
        "essay": (False, True, False, 1),
    }


def test_a_notebook_that_is_not_there_is_named_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no notebook 'x'.*It has: tiny"):
        TinyCourse(tmp_path / "c").assignment.notebook("x")


def test_an_assignment_that_is_not_there_is_named_with_those_that_are(tmp_path: Path) -> None:
    course = TinyCourse(tmp_path / "c")
    with pytest.raises(UsageError, match=r"No assignment 'list12'.*Assignments here: lista\."):
        load(course.root, "list12")


def test_a_folder_without_notebooks(tmp_path: Path) -> None:
    (tmp_path / "assignments" / "l").mkdir(parents=True)
    with pytest.raises(UsageError, match="holds no notebook"):
        load(tmp_path, "l")


def test_settings_have_defaults(tmp_path: Path) -> None:
    assert load_settings(tmp_path / "none.toml") == Settings()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("title = ", "not valid TOML"),
        ("titel = 'x'", "titel"),
        ("[limits]\ncell_cpu = 0", "limits.cell_cpu"),
        ("[limits]\nmemory = 'much'", "limits.memory"),
        ("language = 'fr'", "language"),
        ("due = 'soon'", "due"),
        ("threads = 0", "threads"),
    ],
)
def test_wrong_settings_name_file_and_field(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "lista.toml"
    path.write_text(text)
    with pytest.raises(UsageError, match=says) as caught:
        load_settings(path)
    assert "lista.toml" in str(caught.value)


RUBRIC = """
[[rubrics.tiny.essay.criteria]]
title = "Por quê"
levels = [{{ points = {best}, text = "diz por quê" }}, {{ points = 0, text = "não diz" }}]
"""


def test_a_rubric_belongs_to_a_question_that_a_person_marks(tmp_path: Path) -> None:
    """Its best levels add up to what the question is worth."""
    course = TinyCourse(tmp_path / "c", settings=RUBRIC.format(best=1))
    rubric = course.assignment.settings.rubrics["tiny"]["essay"]
    assert (rubric.points, [level.text for level in rubric.criteria[0].levels]) == (1, ["diz por quê", "não diz"])


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        (RUBRIC.format(best=2), r"rubrics\.tiny\.essay add up to 2 points, the cell is worth 1"),
        (
            RUBRIC.format(best=1).replace("essay", "square-test"),
            r"square-test is for no cell.*Those are: tiny\.essay",
        ),
        (RUBRIC.format(best=1).replace("tiny", "huge"), r"rubrics\.huge\.essay is for no cell"),
        (RUBRIC.format(best=0), "levels go from the best down to 0"),
        (RUBRIC.format(best=1).replace("points = 0", "points = 0.5"), "levels go from the best down to 0"),
        (RUBRIC.format(best=1).replace("não diz", ""), "rubrics.tiny.essay.criteria.0.levels.1.text"),
    ],
)
def test_a_rubric_that_does_not_fit_is_refused(tmp_path: Path, settings: str, says: str) -> None:
    """An instructor hears of it when the assignment is loaded, not a TA in the middle of marking."""
    with pytest.raises(UsageError, match=says):
        TinyCourse(tmp_path / "c", settings=settings).assignment  # noqa: B018


def test_limits_cannot_be_changed_by_mistake() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Limits().memory = 1  # type: ignore[misc]


@pytest.mark.parametrize("points", [None, "many", -1, float("nan"), float("inf"), [1]])
def test_points_are_finite_and_not_negative(tmp_path: Path, points: Any) -> None:
    notebook = source_notebook(tiny())
    cell_of(notebook, "square-test").metadata.nbgrader["points"] = points
    nbformat.write(notebook, tmp_path / "t.ipynb")
    with pytest.raises(UsageError, match="square-test"):
        template_of(tmp_path / "t.ipynb")


def test_two_cells_with_one_id(tmp_path: Path) -> None:
    cells = [code("1", "id-a", solution=True), code("2", "id-b", solution=True, grade_id="a")]
    with pytest.raises(UsageError, match="two cells have the grade_id 'a'"):
        template(cells, folder=tmp_path)


@pytest.mark.parametrize("identity", ["", None, 3])
def test_a_cell_without_an_id(tmp_path: Path, identity: Any) -> None:
    with pytest.raises(UsageError, match="cell 0 has nbgrader metadata without a grade_id"):
        template([code("1", "id-a", solution=True, grade_id=identity)], folder=tmp_path)


def test_a_task_is_graded_by_hand(tmp_path: Path) -> None:
    made = template([text("Desenhe.", "id-task", task=True, locked=True, points=2)], folder=tmp_path)
    assert (made.cells[0].manual, made.cells[0].is_test, made.max_score) == (True, False, 2)


@pytest.mark.parametrize("content", ["", "{}", '{"nbformat": 4}', "[]", "\xff"])
def test_a_source_that_is_no_notebook(tmp_path: Path, content: str) -> None:
    path = tmp_path / "t.ipynb"
    path.write_text(content, encoding="latin-1")
    with pytest.raises(UsageError, match=r"t\.ipynb is not a valid notebook"):
        template_of(path)


def test_gpus_are_asked_for_in_the_limits(tmp_path: Path) -> None:
    """By default there is none; a part of one only where one is asked for."""
    assert (Limits().gpu, Limits().gpu_memory) == ("no", None)
    file = tmp_path / "lista.toml"
    file.write_text('[limits]\ngpu = "if there"\ngpu_memory = 4096\n')
    assert load_settings(file).limits.gpu_memory == 4096
    for wrong, said in (
        ("gpu_memory = 4096", "gpu_memory is of no use"), ('gpu = "yes"', "if there"),
        ('gpu = "required"\ngpu_memory = 500', "1024"),
    ):  # fmt: skip
        file.write_text(f"[limits]\n{wrong}\n")
        with pytest.raises(UsageError, match=said):
            load_settings(file)
