"""The exemplar bank: its format, and that what is in it fits the exercises."""

import ast
from pathlib import Path

import pytest

from autograder import assignment, exemplar
from autograder.errors import UsageError

COURSE = Path(__file__).parents[2]
TEXT = """# title = "Um defeito"
# scores = {"a-test" = 0.5}
#
# %% [a]
x = 1

# %% [+after a]
print(x)
# %% [markdown] [essay]
# # Título
# texto
"""


def write(folder, text, name="ex.py"):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def test_an_exemplar_is_read(tmp_path):
    """Header, cells, added cells, Markdown."""
    found = exemplar.load(write(tmp_path / "nb" / "rejected", TEXT))

    assert (found.name, found.notebook, found.verdict, found.title) == ("ex", "nb", "rejected", "Um defeito")
    assert found.cells == {"a": "x = 1", "essay": "# Título\ntexto"}
    assert found.extra == (exemplar.ExtraCell("a", "print(x)"),)
    assert found.expected({"a-test": 2.0, "b-test": 1.0}) == {"a-test": 0.5, "b-test": 1.0}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x = 1\n",
        "# title = 3\n",
        '# title = "t"\n# other = 1\n',
        '# title = "t"\n# scores = 3\n',
        '# title = "t"\n# scores = {"a" = "1"}\n',
        '# title = "t"\n# scores = {"a" = true}\n',
        '# title = "t\n',
        '# title = "t"\n# %% no name\nx\n',
        '# title = "t"\n# %% [a]\n# %% [a]\n',
    ],
)
def test_a_malformed_exemplar_is_refused(tmp_path, text):
    """The message names the file."""
    with pytest.raises(UsageError, match=r"ex\.py"):
        exemplar.load(write(tmp_path / "nb" / "rejected", text))


def test_an_unknown_verdict_and_an_empty_bank_are_refused(tmp_path):
    """The folder is the verdict."""
    with pytest.raises(UsageError, match="perhaps"):
        exemplar.load(write(tmp_path / "nb" / "perhaps", TEXT))
    with pytest.raises(UsageError):
        exemplar.bank(tmp_path / "nothing")


def test_expectations_must_fit_the_notebook(tmp_path):
    """A cell that does not exist, or more points than there are, is a mistake in the bank."""
    found = exemplar.load(write(tmp_path / "nb" / "rejected", TEXT))
    for points in ({"b-test": 1.0}, {"a-test": 0.25}):
        with pytest.raises(UsageError, match="a-test"):
            found.expected(points)


@pytest.fixture(scope="module")
def lista12():
    return assignment.load(COURSE, "lista12")


@pytest.fixture(scope="module")
def bank():
    return exemplar.bank(COURSE / "exemplars" / "lista12")


def test_a_submission_fills_the_released_notebook(lista12, tmp_path):
    """Named cells are the exemplar's, the others the reference solution's without its markers."""
    template = lista12.notebook("01_classificador_sequencial")
    text = '# title = "t"\n# %% [compile]\nmodel.compile()\n# %% [+after compile]\nprint(1)\n'
    found = exemplar.load(write(tmp_path / template.name / "accepted", text))
    before = [cell.source for cell in template.notebook.cells]

    made = exemplar.submission(found, template.notebook, template.notebook)

    by_id = {cell.id: cell.source for cell in made.cells}
    assert by_id["compile"] == "model.compile()"
    assert by_id["compile-extra-1"] == "print(1)"
    assert by_id["saving"].strip() == 'model.save("modelo.h5")'
    assert [cell.source for cell in template.notebook.cells] == before


def test_an_exemplar_of_cells_that_do_not_exist_is_refused(lista12, tmp_path):
    """A cell that was renamed in the exercise is noticed."""
    template = lista12.notebook("01_classificador_sequencial")
    for section in ("[nothing]", "[+after nothing]", "[architecture-test]"):
        text = f'# title = "t"\n# %% {section}\nx\n'
        found = exemplar.load(write(tmp_path / template.name / "accepted", text))
        with pytest.raises(UsageError, match="unknown"):
            exemplar.submission(found, template.notebook, template.notebook)


def test_every_exemplar_fits_its_exercise(lista12, bank):
    """Cells and expected scores exist, and its code is Python but where it is meant not to be."""
    for found in bank:
        template = lista12.notebook(found.notebook)
        points = {cell.grade_id: cell.points for cell in template.cells if cell.is_test}
        expected = found.expected(points)
        exemplar.submission(found, template.notebook, template.notebook)
        if found.verdict == "accepted":
            assert expected == points, found.name
        if found.verdict == "rejected":
            assert sum(expected.values()) < sum(points.values()), found.name


def test_the_bank_is_broad_enough(lista12, bank):
    """At least seven right styles and seven defects for each exercise."""
    for template in lista12.notebooks:
        for verdict in ("accepted", "rejected"):
            names = [e.name for e in bank if e.notebook == template.name and e.verdict == verdict]
            assert len(names) >= 7, (template.name, verdict)


def test_each_exercise_is_worth_ten_points(lista12):
    """Eight are automatic, two are the TA's."""
    for template in lista12.notebooks:
        automatic = sum(cell.points for cell in template.cells if cell.is_test)
        manual = sum(cell.points for cell in template.cells if cell.manual)
        assert (automatic, manual) == (8, 2), template.name


def test_test_cells_of_the_exercises_are_sound(lista12):
    """Held-out data only after the last solution; no bare expression that nbgrader would take for a score."""
    for template in lista12.notebooks:
        last = max(i for i, cell in enumerate(template.cells) if cell.solution and cell.cell_type == "code")
        for index, cell in enumerate(template.cells):
            if not cell.is_test:
                continue
            assert "holdout" not in cell.source or index > last, cell.grade_id
            final = ast.parse(cell.source).body[-1]
            if isinstance(final, ast.Expr):  # a loop or a branch at the end has no value
                assert isinstance(final.value, ast.Call), cell.grade_id
                assert ast.unparse(final.value.func).startswith("check."), cell.grade_id
