"""Stock nbgrader goes on working on the gradebook that the records wrote."""

from pathlib import Path

import pytest
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.apps.api import NbGraderAPI
from sample_course import Course, report
from traitlets.config import Config

from gradebook.records import Records

pytestmark = pytest.mark.both_databases


def edit(notebook: NotebookNode) -> None:
    """Tests that run: 'model' is 1."""
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") in ("test_model", "test_fit"):
            cell.source = "assert model == 1\n### BEGIN HIDDEN TESTS\nassert model < 2\n### END HIDDEN TESTS"


@pytest.mark.slow
def test_stock_autograde_and_feedback_after_sync(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """Autograde restores hidden tests from what sync stored, scores over a record of ours."""
    monkeypatch.chdir(course.root)  # nbgrader's converters need it
    assignment = course.write(edit=edit)
    with Records(course.db_url) as records:
        records.sync(assignment)
        records.record(report("ana"), submitted_at=None)
    config = Config()
    config.CourseDirectory.root = str(course.root)
    config.CourseDirectory.course_id = "default_course"
    config.CourseDirectory.source_directory = "assignments"
    config.CourseDirectory.db_url = course.db_url
    api = NbGraderAPI(config=config)
    assert api.generate_assignment("lista")["success"]
    released = (course.root / "release" / "lista" / "ex01.ipynb").read_text()
    assert "model < 2" not in released
    for student, answer in (("ana", "raise NotImplementedError()"), ("bia", "model = 1")):
        folder = course.root / "submitted" / student / "lista"
        folder.mkdir(parents=True)
        text = released.replace("raise NotImplementedError()", answer)
        if student == "bia":
            text = text.replace("YOUR ANSWER HERE", "Minha resposta.")
        (folder / "ex01.ipynb").write_text(text)
        result = api.autograde("lista", student)
        assert result["success"], result
    with Gradebook(course.db_url) as gradebook:
        scores = {s["student"]: (s["score"], s["needs_manual_grade"]) for s in gradebook.submission_dicts("lista")}
    assert scores == {"ana": (0.0, True), "bia": (7.0, True)}
    assert "model < 2" in Path("autograded/bia/lista/ex01.ipynb").read_text()
    assert api.generate_feedback("lista", "bia")["success"]
    with Records(course.db_url) as records:
        records.record(report("bia"), submitted_at=None)
        (graded,) = records.reports("lista", student="bia")
        changes = [(c.cell, c.actor, c.why, c.old.points, c.new.points) for c in records.history(student="ana")]
    assert graded.score == 5.0
    # What stock nbgrader did to Ana's scores was written down by the database.
    assert sorted(changes, key=str) == [
        ("essay", "nbgrader", "grading", None, 0.0),
        ("test_fit", "autograder", "grading", None, 2.0),
        ("test_fit", "nbgrader", "grading", 2.0, 0.0),
        ("test_model", "autograder", "grading", None, 3.0),
        ("test_model", "nbgrader", "grading", 3.0, 0.0),
    ]
