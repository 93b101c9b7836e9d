"""What a student may rely on in the drawings of a feedback page, and what they can never show."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sample_course import Course, report
from test_feedback import Document, page

from autograder.exhibit import Board, Confusion, Diagram, Residuals, Series, Sketch
from autograder.outcome import CellVerdict, Curve, Outcome
from gradebook.feedback.bands import bands_of
from gradebook.feedback.drawings import draw
from gradebook.feedback.write import render, write_all
from gradebook.pictures.mistakes import most_confused
from gradebook.pictures.svg import Drawing
from gradebook.records import Records

CHAIN = Sketch(("entrada (8,)", "Dense(1, linear)"), ((0, 1),))
OWN = Sketch(("entrada (8,)", "Dense(30, relu)", "Dense(1, <b>sigmoid</b>)"), ((0, 1), (1, 2)))
MIXED = Confusion("Acurácia", ("Shirt", "Coat", "Bag"), ((60, 38, 2), (10, 90, 0), (0, 0, 50)))
OFF = Residuals("MSE", "US$", (-1.0, 0.0, 1.0), (30, 70), ((0.5, 0.25), (2.0, -0.75)))
LOGS = Board(
    "my_logs", tuple(Series(f"run_{n}/train: epoch_loss", (0, 1, 2), (0.9, 0.5, 0.1 * n)) for n in (1, 2))
)


def test_the_band_is_the_middle_half_of_ten_or_more(course: Course, records: Records) -> None:
    """Quartiles by hand; of nine students nothing is shown."""
    curves = {f"s{n}": (Curve("loss", (float(n), float(n) / 2)),) for n in range(11)}
    band = bands_of(curves)["loss"]
    assert (band.low, band.middle, band.high) == ((2.5, 1.25), (5.0, 2.5), (7.5, 3.75))
    nine = dict(list(curves.items())[:9])
    assert bands_of(nine) == {}
    assert bands_of({**nine, "s0": curves["s0"] * 5}) == {}
    for n in range(9):
        records.record(report(f"s{n}", curves=curves[f"s{n}"]), submitted_at=None)
    assert not any("metade central" in text for text in _pages(course))
    records.record(report("s9", curves=curves["s9"]), submitted_at=None)
    text = next(text for text in _pages(course) if ">s3<" in text)
    assert "a metade central da turma (treino) está entre 1,12 e 3,38 na época 2" in text


def _pages(course: Course) -> list[str]:
    pages = write_all(course.load(), course=course.root, db=course.db_url)
    return [path.read_text() for _, path in pages]


def test_a_band_ends_where_few_students_are_left() -> None:
    """Ten have two epochs, two have four; values that are no numbers do not count."""
    curves = {f"s{n}": (Curve("loss", (1.0, 0.5)),) for n in range(10)}
    curves |= {f"t{n}": (Curve("loss", (1.0, float("nan"), 0.2, 0.1)),) for n in range(2)}
    band = bands_of(curves)["loss"]
    assert len(band.middle) == 2
    assert band.students == 12


def test_nothing_of_another_student_is_on_a_page(course: Course, records: Records) -> None:
    """Neither a name nor a curve: the band is all that the class leaves."""
    for n in range(12):
        records.record(report(f"colega_{n}", curves=(Curve("loss", (1.0, 0.123456 + n)),)), submitted_at=None)
    for page_text in _pages(course):
        assert sum(f"colega_{n}<" in page_text for n in range(12)) == 1


def test_a_model_is_drawn_beside_what_was_asked_where_they_differ(course: Course, records: Records) -> None:
    """Both drawings stand below the check that failed, with words; a check that passed has none."""
    outcomes = (
        Outcome("Saída", False, 0.0, expected="linear", actual="sigmoid"),
        Outcome("Entrada", True, 1.0),
    )
    given = report(
        verdicts=(CellVerdict("test_model", 3.0, 0.0, outcomes=outcomes), *report().verdicts[1:]),
        exhibits=(
            Diagram("Saída", OWN, CHAIN, False, "test_model"),
            Diagram("Entrada", OWN, CHAIN, True, "test_model"),
        ),
    )
    document = Document(page(records, course, given))
    labels = [str(a["aria-label"]) for tag, a in document.elements if tag == "svg" and "aria-label" in a]
    assert "O que foi pedido: entrada (8,) → Dense(1, linear)" in labels
    assert "O seu modelo: entrada (8,) → Dense(30, relu) → Dense(1, <b>sigmoid</b>)" in labels
    assert sum(label.startswith("O seu modelo") for label in labels) == 1
    assert set(draw(given, {}, locale="pt_BR").models) == {("test_model", "Saída")}


def test_the_most_confused_classes_by_hand(course: Course, records: Records) -> None:
    """38 % of the shirts were taken for coats; what two checks measured is drawn once."""
    worst = most_confused(MIXED)
    assert [(m.right, m.taken, m.share) for m in worst] == [
        ("Shirt", "Coat", 0.38), ("Coat", "Shirt", 0.1), ("Shirt", "Bag", 0.02),
    ]  # fmt: skip
    given = report(exhibits=(MIXED, replace(MIXED, title="Outra")))
    document = Document(page(records, course, given))
    assert "38% de “Shirt” foram tomados por “Coat”." in document.text
    assert document.text.count("Matriz de confusão") == 0  # it is called so for who cannot see it
    labels = [str(a["aria-label"]) for tag, a in document.elements if tag == "svg" and "aria-label" in a]
    assert sum("Matriz de confusão" in label for label in labels) == 1
    assert any("Shirt 60%; Coat 90%; Bag 100%" in label for label in labels)


def test_residuals_and_logs_are_told_in_words(course: Course, records: Records) -> None:
    """Where a regressor errs, and what the runs came to, can be read without seeing."""
    first = Board("my_logs", LOGS.series[:1])
    text = Document(page(records, course, report(exhibits=(OFF, first, LOGS)))).text
    assert "70% delas são altas demais" in text
    assert "até 0,5: +0,25 em média; até 2: -0,75 em média" in text
    assert "epoch_loss: run_1/train de 0,9 a 0,1; run_2/train de 0,9 a 0,2." in text


@pytest.mark.parametrize("language", ["pt_BR", "en"])
def test_the_largest_page_is_light(course: Course, records: Records, language: str) -> None:
    """With everything a report may hold, a page stays below 1 MB."""
    many = tuple(f"classe {n}" for n in range(100))
    long = tuple(float(v) for v in np.linspace(1, 0, 2000))
    outcomes = tuple(
        Outcome(f"{n}" + "t" * 100, False, 0.0, expected="e" * 2000, actual="a" * 2000) for n in range(40)
    )
    sketch = Sketch(("n" * 100,) * 60, tuple((0, n) for n in range(1, 60)))
    given = report(
        verdicts=(CellVerdict("test_model", 3.0, 0.0, outcomes=outcomes), *report().verdicts[1:]),
        curves=tuple(Curve(f"{kind}metric_{n}", long) for n in range(20) for kind in ("", "val_")),
        exhibits=(
            *(Diagram(o.title, sketch, sketch, False, "test_model") for o in outcomes[:30]),
            *(Confusion(f"{n}", many, ((n,) * 100,) * 100) for n in range(3)),
            *(Board(f"{n}", (Series("r: " + "t" * 100, tuple(range(500)), long[:500]),) * 12) for n in range(5)),
        ),
    )
    records.record(given, submitted_at=None)
    (graded,) = records.reports("lista")
    assert len(render(graded, course.load(), language=language).encode()) < 1_000_000


def test_texts_of_drawings_are_escaped() -> None:
    """Names of runs and layers are the student's."""
    drawing = Drawing(10, 10)
    drawing.text(0, 0, "<script>")
    assert "<script>" not in drawing.svg('"><script>')


@pytest.mark.parametrize("edges", [((0, 2),), ((0, 1), (1, 2), (0, 2))])
def test_graphs_are_told_arrow_by_arrow(course: Course, records: Records, edges: Any) -> None:
    """A model with branches is no chain of words."""
    sketch = Sketch(("entrada (5,)", "entrada (6,)", "Dense(1)"), edges)
    outcome = Outcome("Caminho", False, 0.0)
    given = report(
        verdicts=(CellVerdict("test_model", 3.0, 0.0, outcomes=(outcome,)), *report().verdicts[1:]),
        exhibits=(Diagram("Caminho", sketch, None, False, "test_model"),),
    )
    assert "entrada (5,) leva a Dense(1)" in page(records, course, given)


def test_what_one_example_was_taken_for_is_in_no_matrix() -> None:
    """Who answers one class for all examples but one does not read that one's label off a cell of its own."""
    aside = ((0, 180), (0, 170))
    matrices = [Confusion("Acurácia", ("Shirt", "Coat"), counts) for counts in (aside, ((1, 179), (0, 170)))]
    (one,), (other,) = (draw(report(exhibits=(matrix,)), {}, locale="en").mistakes for matrix in matrices)
    assert [mistakes.pictures[0].svg.count('class="in"') for mistakes in (one, other)] == [2, 2]
