"""A new exercise is whole: it can be released, its exemplars fit, and nothing that was there is touched."""

from pathlib import Path

import nbformat
import pytest

from autograder.assignment import load
from autograder.errors import UsageError
from autograder.exemplar import bank, submission
from autograder.nbgrader_bridge import generate_release
from autograder.new import scaffold
from autograder.release import not_judged, problems


@pytest.mark.parametrize("language", ["pt_BR", "en"])
def test_a_new_exercise_can_be_handed_out(tmp_path: Path, language: str) -> None:
    """Released without a leak, every test cell judged, a rubric for its essay, ten points."""
    scaffold(tmp_path, "lista", "01_exercise", language=language)
    assignment = load(tmp_path, "lista")
    generate_release(tmp_path, "lista")
    assert problems(tmp_path, assignment) == []
    assert not_judged(assignment) == []
    (template,) = assignment.notebooks
    assert (template.max_score, assignment.settings.language) == (10, language)
    assert assignment.settings.rubrics["01_exercise"]["essay"].points == 2


@pytest.mark.parametrize("language", ["pt_BR", "en"])
def test_its_exemplars_fit(tmp_path: Path, language: str) -> None:
    """Right, wrong and crashing ones, each naming cells and points that exist."""
    scaffold(tmp_path, "lista", "01_exercise", language=language)
    (template,) = load(tmp_path, "lista").notebooks
    points = {cell.grade_id: cell.points for cell in template.cells if cell.is_test}
    found = bank(tmp_path / "exemplars" / "lista")
    assert {e.verdict for e in found} == {"accepted", "rejected", "crashing"}
    for exemplar in found:
        expected = exemplar.expected(points)
        submission(exemplar, template.notebook, template.notebook)
        assert (expected == points) == (exemplar.verdict == "accepted")


def test_both_languages_are_the_same_exercise(tmp_path: Path) -> None:
    """Cell by cell: what is mended in one is mended in the other."""
    cells = []
    for language in ("pt_BR", "en"):
        scaffold(tmp_path / language, "lista", "nb", language=language)
        notebook = nbformat.read(tmp_path / language / "assignments" / "lista" / "nb.ipynb", as_version=4)
        cells.append([(c.id, c.metadata.get("nbgrader")) for c in notebook.cells])
    assert cells[0] == cells[1]


def test_a_list_gets_one_more_notebook(tmp_path: Path) -> None:
    """Its settings keep what the teacher wrote, and gain a rubric."""
    scaffold(tmp_path, "lista", "01_a")
    settings = tmp_path / "assignments" / "lista.toml"
    settings.write_text(settings.read_text().replace("cell_cpu = 60", "cell_cpu = 33"))
    (tmp_path / "nbgrader_config.py").write_text("mine")
    scaffold(tmp_path, "lista", "02_b")
    assignment = load(tmp_path, "lista")
    assert [t.name for t in assignment.notebooks] == ["01_a", "02_b"]
    assert assignment.settings.limits.cell_cpu == 33
    assert set(assignment.settings.rubrics) == {"01_a", "02_b"}
    assert (tmp_path / "nbgrader_config.py").read_text() == "mine"


@pytest.mark.parametrize(
    ("name", "notebook", "language", "says"),
    [
        ("lista", "01_a", "pt_BR", "is there already"),
        ("lista", "../x", "pt_BR", "cannot be the name"),
        ("a/b", "01_a", "pt_BR", "cannot be the name"),
        ("lista", "", "pt_BR", "cannot be the name"),
        ("lista", "02_b", "fr", "No exercise in 'fr'"),
    ],
)
def test_what_cannot_be_written_is_refused_before_anything_is(
    tmp_path: Path, name: str, notebook: str, language: str, says: str
) -> None:
    scaffold(tmp_path, "lista", "01_a")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    with pytest.raises(UsageError, match=says):
        scaffold(tmp_path, name, notebook, language=language)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
