"""What a student may rely on of the page of their whole list."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sample_course import Course, report
from test_feedback import Document

from autograder.outcome import CellVerdict, Outcome
from gradebook.feedback.write import write_all
from gradebook.records import Records
from gradebook.records.database import Database
from gradebook.review.plan import Answer
from gradebook.review.store import Reviews, rubrics_of

pytestmark = pytest.mark.both_databases

RUBRIC = """
[[rubrics.ex01.essay.criteria]]
title = "Diagnóstico"
levels = [
    { points = 1.0, text = "Cita valores do histórico" },
    { points = 0.5, text = "Conclusão sem valores" },
    { points = 0.0, text = "Não se apoia nas curvas" },
]
[[rubrics.ex01.essay.criteria]]
title = "Proposta"
levels = [{ points = 1.0, text = "Justificada" }, { points = 0.0, text = "Nenhuma" }]
"""


def written(course: Course) -> dict[str, Document]:
    """All pages of ana, by their file's name."""
    list(write_all(course.load(), course=course.root, db=course.db_url))
    folder = course.root / "feedback" / "ana" / "lista"
    return {path.stem: Document(path.read_text()) for path in sorted(folder.glob("*.html"))}


def test_figures_of_one_student_by_hand(course: Course, records: Records) -> None:
    """5 of 10 points, 26 hours late: two tenths of 5 are 1; 4 of 20, as one notebook was not handed in."""
    course.write("ex02")
    records.sync(course.load())
    late = datetime(2026, 11, 21, 14, 0, tzinfo=UTC)
    records.record(report(), submitted_at=late)
    (course.root / "policies.toml").write_text('[default]\nscale = 10\nlate = { lose = 0.1, every = "1d" }\n')
    pages = written(course)
    assert set(pages) == {"ex01", "index"}
    for name in ("ex01", "index"):
        text = pages[name].text
        assert "Entregue com 1 d 2 h de atraso." in text
        assert "Períodos iniciados de 1 d: 2 × 10% = 20%." in text
        assert "5 − 5 × 20% = 4" in text
        assert "Pontos: 4 de 20." in text
        assert "4 ÷ 20 × 10 = 2" in text
    assert "não entregue" in pages["index"].text
    assert pages["index"].text.count("2 de 10 pontos") == 1


def test_what_to_look_at_next_is_what_cost_most(course: Course, records: Records) -> None:
    """Checks that failed, by the points they cost, with their hints; what a teacher decided is left out."""
    outcomes = (
        Outcome("Barata", False, 0.5, hint="quase"),
        Outcome("Cara", False, 0.0, weight=3, hint="leia o texto"),
    )
    verdicts = (CellVerdict("test_model", 3.0, 0.5, outcomes=outcomes), *report().verdicts[1:])
    records.record(report(verdicts=verdicts), submitted_at=None)
    text = written(course)["index"].text
    # 3 points × 3/4; 4 points × 1/2 of the other cell; 3 points × 1/4 × 1/2.
    places = [text.index(s) for s in ("Cara −2,25", "Acurácia na validação −2", "Barata −0,38")]
    assert places == sorted(places)
    assert "leia o texto" in text
    database = Database(course.db_url)
    database.write(
        lambda s: s.connection().exec_driver_sql("UPDATE grade SET manual_score = 3 WHERE auto_score = 2")
    )
    database.close()
    assert "Acurácia na validação" not in written(course)["index"].text


def test_what_is_left_out_is_nothing_to_look_at_next(course: Course, records: Records) -> None:
    """Points lost in a notebook that does not count cost nothing."""
    course.write("ex02")
    records.sync(course.load())
    records.record(report(), submitted_at=None)
    good = tuple(CellVerdict(v.grade_id, v.max_score, v.max_score, manual=v.manual) for v in report().verdicts)
    records.record(report(notebook="ex02", verdicts=good), submitted_at=None)
    assert "Acurácia na validação −2" in written(course)["index"].text
    (course.root / "policies.toml").write_text("[default]\ndrop_lowest = 1\n")
    assert "O que ver a seguir" not in written(course)["index"].text


def test_levels_of_the_rubric_are_told(course: Course, records: Records) -> None:
    """Each criterion with the level that was chosen and its points; not once another score counts."""
    settings = course.root / "assignments" / "lista.toml"
    settings.write_text(settings.read_text() + RUBRIC)
    records.record(report(), submitted_at=None, answers={"essay": "d1"})
    database = Database(course.db_url)
    reviews = Reviews(database, "lista", rubrics_of(course.load()))
    reviews.deal(["tiago"], double=0)
    reviews.mark(Answer("ex01", "essay", "ana"), "tiago", [1, 0], "Faltou citar valores.")
    text = written(course)["ex01"].text
    assert "Diagnóstico 0,5 de 1 Conclusão sem valores" in text
    assert "Proposta 1 de 1 Justificada" in text
    assert "Não se apoia nas curvas" not in text
    assert "Faltou citar valores." in text
    database.write(
        lambda s: s.connection().exec_driver_sql("UPDATE grade SET manual_score = 2 WHERE manual_score = 1.5")
    )
    database.close()
    assert "Diagnóstico" not in written(course)["ex01"].text


def test_an_appeal_and_its_answer_are_on_the_page(course: Course, records: Records) -> None:
    """What was asked of which question, what became of it, and nothing of other students' appeals."""
    records.record(report(), submitted_at=None)
    records.record(report("bia"), submitted_at=None)
    filed = records.file_appeal("lista", "ana", "ex01", "O limiar <b> está errado?", by="ana", cell="test_fit")
    records.file_appeal("lista", "bia", "ex01", "Segredo da Bia", by="bia")
    assert "O limiar <b> está errado?" in written(course)["ex01"].text
    records.answer_appeal(filed.id, "Conferido: está certo.", by="Prof. Lia", outcome="denied")
    text = written(course)["ex01"].text
    assert "2. O treinamento indeferido O limiar <b> está errado?" in text
    assert "Conferido: está certo." in text
    assert "Segredo" not in text


def test_the_best_submission_is_named(course: Course, records: Records) -> None:
    """Where the best of several counts, the page says which, and the grade is that one's."""
    (course.root / "policies.toml").write_text('[default]\nsubmission = "best"\n')
    first, second = datetime(2026, 11, 18, 12, 0, tzinfo=UTC), datetime(2026, 11, 19, 12, 0, tzinfo=UTC)
    records.record(report(), submitted_at=first)
    worse = (CellVerdict("test_model", 3.0, 0.0), *report().verdicts[1:])
    records.record(report(verdicts=worse), submitted_at=second)
    text = written(course)["ex01"].text
    assert "Conta a entrega de 18/11/2026 12:00, a melhor de 2." in text
    assert "Pontos: 5 de 10." in text


def test_pages_load_nothing_and_link_only_to_each_other(course: Course, records: Records) -> None:
    """The list's page leads to the notebooks beside it."""
    records.record(report(), submitted_at=None)
    pages = written(course)
    for name, document in pages.items():
        links = [a["href"] for tag, a in document.elements if tag == "a"]
        assert links == (["ex01.html"] if name == "index" else [])
        assert not {tag for tag, _ in document.elements} & {"script", "link", "img", "iframe", "object", "base"}
        assert document.open == []


def test_a_notebook_may_be_called_like_the_lists_page(course: Course, records: Records) -> None:
    """Then the list's page steps aside."""
    course.write("index")
    records.sync(course.load())
    records.record(report(notebook="index"), submitted_at=None)
    pages = written(course)
    assert set(pages) == {"index", "index-2"}
    assert "O que ver a seguir" in pages["index-2"].text


def test_who_is_in_a_group_gets_the_pages_of_what_counts_for_them(course: Course, records: Records) -> None:
    """Also who handed in nothing, and who handed in something else before; the mate's appeals are the mate's."""
    course.write("ex02")
    records.sync(course.load())
    records.enrol(["bia", "caio"])
    early, late = datetime(2026, 11, 18, 12, 0, tzinfo=UTC), datetime(2026, 11, 19, 12, 0, tzinfo=UTC)
    worse = tuple(CellVerdict(v.grade_id, v.max_score, 0.0, manual=v.manual) for v in report().verdicts)
    records.record(report("caio", verdicts=worse), submitted_at=early)
    records.record(report("ana"), submitted_at=late)
    records.record(report("ana", notebook="ex02"), submitted_at=late)
    records.file_appeal("lista", "ana", "ex01", "Segredo da Ana", by="ana")
    (course.root / "policies.toml").write_text('[lista]\ngroups = { g1 = ["ana", "bia", "caio"] }\n')
    shown = {(one.student.id, one.report.notebook) for one, _ in
             write_all(course.load(), course=course.root, db=course.db_url)}  # fmt: skip
    assert shown == {(who, name) for who in ("ana", "bia", "caio") for name in ("ex01", "ex02")}
    for who in ("bia", "caio"):
        folder = course.root / "feedback" / who / "lista"
        text = Document((folder / "ex01.html").read_text()).text
        assert "5 de 10 pontos" in text
        assert "Entregue por ana, do seu grupo." in text
        assert "Acurácia na validação" in text
        assert "Segredo" not in text
        assert f"Estudante {who}" in text
        index = Document((folder / "index.html").read_text())
        assert [a["href"] for tag, a in index.elements if tag == "a"] == ["ex01.html", "ex02.html"]


def test_extra_credit_is_arithmetic(course: Course, records: Records) -> None:
    """What a teacher gives on top in formgrader: 2 of 4, and half a point."""
    records.record(report(), submitted_at=None)
    database = Database(course.db_url)
    for more, told in ((0.5, "2 + 0,5 = 2,5"), (-0.5, "2 − 0,5 = 1,5")):
        change = f"UPDATE grade SET extra_credit = {more} WHERE auto_score = 2"
        database.write(lambda s, change=change: s.connection().exec_driver_sql(change))
        assert f"Pontos extras de um professor: {told}." in written(course)["ex01"].text
    database.close()


def test_who_is_not_graded_gets_no_page(course: Course, records: Records) -> None:
    """Nothing recorded, nothing written."""
    records.enrol(["bia"])
    records.record(report(), submitted_at=None)
    list(write_all(course.load(), course=course.root, db=course.db_url))
    assert [path.name for path in Path(course.root / "feedback").iterdir()] == ["ana"]
    assert re.search(r"\bbia\b", written(course)["index"].text) is None


def test_an_extension_is_in_the_head_of_the_page(course: Course, records: Records) -> None:
    """26 hours after the due time, and a day more: two hours late; with two days more, in time."""
    records.record(report(), submitted_at=datetime(2026, 11, 21, 14, 0, tzinfo=UTC))
    heads = []
    for more in ("1d", "2d"):
        (course.root / "policies.toml").write_text(f'[default]\nextensions = {{ ana = "{more}" }}\n')
        heads.append(written(course)["ex01"].text.partition("Prazo")[0])
    assert "2 h de atraso" in heads[0]
    assert "1 d 2 h" not in heads[0]
    assert "no prazo" in heads[1]
    assert "de atraso" not in heads[1]


def test_what_waits_is_said_in_points_of_the_grade(course: Course, records: Records) -> None:
    """3 of 10 points wait, and full points are called 1: the grade may rise by 0.3, not by 3."""
    records.record(report(), submitted_at=None)
    (course.root / "policies.toml").write_text("[default]\nscale = 1\n")
    whole = written(course)["index"].text.partition("Pontos:")[0]
    assert "0,5 de 1 pontos" in whole
    assert "Ainda sem nota: 0,3" in whole
