"""What may be relied on when source notebooks change."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.apps.api import NbGraderAPI
from sample_course import CANARY, Course, nbgrader_cell, report
from traitlets.config import Config

from autograder.errors import UsageError
from gradebook.records import Records

pytestmark = pytest.mark.both_databases

TABLES = {
    "assignment": "name, course_id",
    "notebook": "name, kernelspec",
    "base_cell": "name, type",
    "grade_cells": "max_score, cell_type",
    "task_cells": "max_score, cell_type",
    "solution_cells": "1",
    "source_cell": "name, cell_type, locked, source, checksum",
    "alembic_version": "version_num",
    "course": "id",
}


def rows(course: Course) -> dict[str, list[Any]]:
    """All that nbgrader keeps of the sources, without its random ids; the cells' texts in the database's order."""
    found = {t: course.execute(f"SELECT {c} FROM {t}") for t, c in TABLES.items()}
    return {table: rows if table == "source_cell" else sorted(rows) for table, rows in found.items()}


def manual(course: Course) -> dict[str, tuple[float | None, str | None, bool]]:
    """Manual score, comment and whether somebody waits, by cell."""
    with Gradebook(course.db_url) as gradebook:
        submitted = gradebook.find_submission_notebook("ex01", "lista", "ana")
        comments = {c.name: c.manual_comment for c in submitted.comments}
        return {g.name: (g.manual_score, comments.get(g.name), g.needs_manual_grade) for g in submitted.grades}


@pytest.fixture
def graded(course: Course, records: Records) -> Records:
    """Records in which a TA has graded an essay, overruled a test and commented on a solution."""
    records.record(report(), submitted_at=datetime(2026, 11, 20, tzinfo=UTC))
    with Gradebook(course.db_url) as gradebook:
        for grade_id, score in (("essay", 1.5), ("test_fit", 4.0)):
            grade = gradebook.find_grade(grade_id, "ex01", "lista", "ana")
            grade.manual_score, grade.needs_manual_grade = score, False
        for grade_id in ("essay", "model"):
            gradebook.find_comment(grade_id, "ex01", "lista", "ana").manual_comment = f"sobre {grade_id}"
        gradebook.db.commit()
    return records


@pytest.mark.parametrize(
    "config",
    ["", 'c = get_config()\nc.ClearSolutions.text_stub = "Escreva aqui."\n'],
    ids=["defaults", "own stubs"],
)
def test_stores_what_generate_assignment_stores(course: Course, config: str) -> None:
    """Row by row, in nbgrader's order, with the course's own stubs."""
    (course.root / "nbgrader_config.py").write_text(config)
    nbgrader = Config()
    nbgrader.CourseDirectory.root = str(course.root)
    nbgrader.CourseDirectory.course_id = "default_course"
    nbgrader.CourseDirectory.source_directory = "assignments"
    nbgrader.CourseDirectory.db_url = f"sqlite:///{course.root / 'stock.db'}"
    if config:
        nbgrader.ClearSolutions.text_stub = "Escreva aqui."
    result = NbGraderAPI(config=nbgrader).generate_assignment("lista")
    assert result["success"], result
    with Records(course.db_url) as records:
        records.sync(course.load())
        records.sync(course.load())
    ours, stock = rows(course), Course(course.root)
    stock.db_url = nbgrader.CourseDirectory.db_url
    assert rows(stock) == ours
    assert any(CANARY in source for _, _, _, source, _ in ours["source_cell"])


def test_changed_points_keep_manual_grades(course: Course, graded: Records) -> None:
    """Points change under existing submissions."""

    def edit(notebook: NotebookNode) -> None:
        notebook.cells[8].metadata.nbgrader.points = 5

    graded.sync(course.write(edit=edit))
    (record,) = graded.reports("lista")
    assert record.max_score == 13.0
    assert manual(course)["essay"] == (1.5, "sobre essay", False)


def test_added_cell_waits_in_every_submission(course: Course, graded: Records) -> None:
    """A submission that was there gets the rows that nbgrader and formgrader expect, in source order."""

    def edit(notebook: NotebookNode) -> None:
        notebook.cells.insert(
            3, nbgrader_cell("code", "test_new", "assert True", grade=True, locked=True, points=1)
        )

    graded.sync(course.write(edit=edit))
    after = manual(course)
    assert after["test_new"] == (None, None, True)
    assert after["test_fit"] == (4.0, None, False)
    with Gradebook(course.db_url) as gradebook:
        names = [cell.name for cell in gradebook.find_notebook("ex01", "lista").source_cells]
    assert names == ["model", "test_new", "test_model", "test_fit", "read_only", "essay", "task"]


def test_removed_cell_takes_its_points_and_gives_back_its_comments(course: Course, graded: Records) -> None:
    """What a TA wrote about a removed cell is archived, and returns with the cell, to be looked at again."""

    def edit(notebook: NotebookNode) -> None:
        del notebook.cells[8], notebook.cells[5], notebook.cells[2]

    graded.sync(course.write(edit=edit))
    assert set(manual(course)) == {"test_model", "task"}
    (record,) = graded.reports("lista")
    assert record.max_score == 4.0
    graded.sync(course.write(edit=edit))
    graded.sync(course.write())
    after = manual(course)
    assert after["essay"] == (1.5, "sobre essay", True)
    assert after["test_fit"] == (4.0, None, True)
    with Gradebook(course.db_url) as gradebook:
        assert gradebook.find_comment("model", "ex01", "lista", "ana").manual_comment == "sobre model"
    assert course.execute("SELECT count(*) FROM autograder_archive") == [(0,)]


def test_cell_that_turns_into_a_task_keeps_its_grade(course: Course, graded: Records) -> None:
    """The kind of a cell may change; what was given for it stays."""

    def edit(notebook: NotebookNode) -> None:
        notebook.cells[8] = nbgrader_cell("markdown", "essay", "Discuta.", task=True, locked=True, points=2)

    graded.sync(course.write(edit=edit))
    assert manual(course)["essay"] == (1.5, "sobre essay", True)


def test_added_and_removed_notebooks(course: Course, graded: Records) -> None:
    """A notebook may come and go; grades return with it."""
    with_second = course.write("ex02")
    graded.sync(with_second)
    with Gradebook(course.db_url) as gradebook:
        assert len(gradebook.find_submission_notebook("ex02", "lista", "ana").grades) == 4
    (course.root / "assignments" / "lista" / "ex01.ipynb").unlink()
    graded.sync(course.load())
    assert graded.reports("lista") == []
    graded.sync(course.write())
    assert manual(course)["essay"] == (1.5, "sobre essay", True)
    assert len(graded.reports("lista")) == 1


def test_source_edit_changes_text_and_checksum(course: Course, records: Records) -> None:
    """A mended hidden test replaces the old one."""
    before = rows(course)["source_cell"]

    def edit(notebook: NotebookNode) -> None:
        notebook.cells[3].source = "assert model == 1"

    records.sync(course.write(edit=edit))
    after = rows(course)["source_cell"]
    assert [a[0] for a, b in zip(after, before, strict=True) if a != b] == ["test_model"]


def test_due_date_of_the_settings_is_kept_in_utc(course: Course, records: Records) -> None:
    """An offset is converted; settings without a due date leave what formgrader set."""
    settings = course.root / "assignments" / "lista.toml"
    settings.write_text("due = 2026-12-01T23:59:00-03:00\n")
    records.sync(course.load())
    settings.write_text("")
    records.sync(course.load())
    with Gradebook(course.db_url) as gradebook:
        assert gradebook.find_assignment("lista").duedate == datetime(2026, 12, 2, 2, 59)


def test_what_nbgrader_would_refuse_is_said_clearly(course: Course, records: Records) -> None:
    """The message names the notebook, and the gradebook stays as it was."""
    before = rows(course)

    def unclosed(notebook: NotebookNode) -> None:
        notebook.cells[2].source = "### BEGIN SOLUTION\nmodel = 1"

    def raw(notebook: NotebookNode) -> None:
        notebook.cells[3].cell_type = "raw"
        del notebook.cells[3]["outputs"], notebook.cells[3]["execution_count"]

    def autotest(notebook: NotebookNode) -> None:
        notebook.cells[3].source = "### AUTOTEST model"

    for edit, message in ((unclosed, "no end solution"), (raw, "type raw"), (autotest, "AUTOTEST")):
        with pytest.raises(UsageError, match=message) as caught:
            records.sync(course.write(edit=edit))
        assert "ex01.ipynb" in str(caught.value)
    (course.root / "nbgrader_config.py").write_text("raise RuntimeError('oops')")
    with pytest.raises(UsageError, match="oops"):
        records.sync(course.write())
    assert rows(course) == before


def test_kernelspec_is_kept(course: Course, records: Records) -> None:
    """nbgrader's OverwriteKernelspec reads it as JSON."""
    with Gradebook(course.db_url) as gradebook:
        assert json.loads(gradebook.find_notebook("ex01", "lista").kernelspec)["name"] == "python3"
