"""What a student may rely on when reading feedback, and an instructor when sending it."""

import ast
import html.parser
import math
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st
from nbgrader.api import Gradebook
from sample_course import CANARY, LABEL, Course, report

import autograder
import gradebook
from autograder.assignment import load
from autograder.errors import UsageError
from autograder.outcome import CellVerdict, Curve, NotebookReport, Outcome
from gradebook.feedback.write import render, write_feedback
from gradebook.headings import cell_titles, notebook_title
from gradebook.records import Records
from gradebook.text import Redactor, clean

LATE = datetime(2026, 11, 20, 13, 30, tzinfo=UTC)
VOID = {"meta", "link", "br", "img", "hr", "input", "rect", "use", "path"}


class Document(html.parser.HTMLParser):
    """Elements with their attributes, ids, and the text that a reader sees."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Called by the parser."""
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Called by the parser."""
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        """Called by the parser."""
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Called by the parser."""
        if "style" not in self.open:
            self.words.append(data)

    @property
    def text(self) -> str:
        """What a reader sees, with single spaces."""
        return " ".join(" ".join(self.words).split())


def page(records: Records, course: Course, given: NotebookReport, **options: Any) -> str:
    """The page of a report that was recorded as handed in late."""
    records.record(given, submitted_at=LATE)
    (graded,) = records.reports("lista", student=given.student)
    return render(graded, course.load(), **options)


def every_text(text: str) -> NotebookReport:
    """A report in which ``text`` stands wherever the grader or a student may put one."""
    outcomes = tuple(Outcome(text, False, credit, expected=text, actual=text, hint=text) for credit in (0.0, 0.5))
    verdicts = tuple(
        replace(v, score=None if v.manual else 0.0, outcomes=outcomes, reason=text) for v in report().verdicts
    )
    curves = (Curve(text, (1.0, 2.0)),)
    return report(verdicts=verdicts, notices=(text,), curves=curves, error=text)


def test_page_tells_scores_outcomes_and_hints(course: Course, records: Records) -> None:
    """Title, lateness, points, and each outcome with what was expected, found and advised."""
    document = Document(page(records, course, report()))
    for text in (
        "Classificador sequencial",
        "Lista de teste",
        "20 de novembro de 2026, 13:30",
        "1 h 30 min de atraso",
        "5 de 10 pontos",
        "Ainda sem nota: 3",
        "1. A arquitetura",
        "2 de 4",
        "Três camadas densas",
        "Acurácia na validação",
        "pelo menos 0,85",
        "0,31",
        "Normalizou os pixels?",
        "Aguarda a correção de um professor.",
        "treino de 0,9 a 0,4; validação de 0,8 a 0,55",
    ):
        assert text in document.text
    assert document.open == []
    marks = [a.get("aria-label") for tag, a in document.elements if tag == "span" and a.get("role") == "img"]
    assert marks == ["correto", "correto", "incorreto"]


def test_page_loads_nothing(course: Course, records: Records) -> None:
    """No script, no address, no reference to another file; and a policy that would forbid them."""
    text = page(records, course, report())
    document = Document(text)
    tags = {tag for tag, _ in document.elements}
    assert not tags & {"script", "link", "img", "iframe", "object", "embed", "base", "form", "a"}
    assert not re.search(r"https?:|url\((?!#)|@import|src=", text)
    for _, attributes in document.elements:
        assert not [name for name in attributes if name.startswith("on")]
        assert (attributes.get("xlink:href") or "#").startswith("#")
    policies = [a["content"] for _, a in document.elements if a.get("http-equiv") == "Content-Security-Policy"]
    assert len(policies) == 1
    assert policies[0] is not None
    assert policies[0].startswith("default-src 'none'; style-src 'unsafe-inline';")


def test_ids_are_unique_and_references_hold(course: Course, records: Records) -> None:
    """Several pictures on a page do not share the names of their parts."""
    curves = tuple(Curve(name, (1.0, 0.5)) for name in ("loss", "val_loss", "mae", "val_mae", "accuracy"))
    document = Document(page(records, course, report(curves=curves)))
    ids = [a["id"] for _, a in document.elements if "id" in a]
    assert len(ids) == len(set(ids))
    for _, attributes in document.elements:
        for name in ("aria-labelledby", "xlink:href"):
            if attributes.get(name):
                assert str(attributes[name]).lstrip("#") in ids


@pytest.mark.parametrize(
    "attack",
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "</style></title><svg onload=alert(1)>",
        "' onmouseover='alert(1)",
        "{{ 7*7 }} {% raw %} ${x} {student}",
        "$\\frac{1}{0}$ --> <!-- \\1",
        "\u202egnp.exe\u2066",
        "\ud800\x00\x1b[2J",
    ],
)
def test_student_strings_are_text(course: Course, records: Records, attack: str) -> None:
    """Whatever a student puts into names and values, no element or attribute comes of it."""
    harmless = Document(page(records, course, every_text("inofensivo")))
    hostile_page = page(records, course, every_text(attack))
    hostile = Document(hostile_page)
    assert [tag for tag, _ in harmless.elements] == [tag for tag, _ in hostile.elements]
    assert [set(a) for _, a in harmless.elements] == [set(a) for _, a in hostile.elements]
    assert not set("\u202e\u2066\x00\x1b") & set(hostile_page)
    assert "49" not in hostile.text
    hostile_page.encode("utf-8")


def test_student_ids_are_text_and_never_paths(course: Course, records: Records) -> None:
    """A name from the gradebook is escaped, and cannot lead out of the feedback folder."""
    text = page(records, course, report("<b>ana</b>"))
    assert "<b>" not in text
    records.record(report("../../ana"), submitted_at=None)
    (graded,) = records.reports("lista", student="../../ana")
    with pytest.raises(UsageError, match="cannot be the name of a file"):
        write_feedback(graded, course.load(), course=course.root)


def test_floods_are_cut(course: Course, records: Records) -> None:
    """A megabyte in each field makes a page that a phone can open, and says how much is left out."""
    text = page(records, course, every_text("a" * 1_000_000))
    assert len(text) < 150_000
    assert "(mais 999400 caracteres)" in text


def test_hidden_tests_and_labels_stay_hidden(course: Course, records: Records) -> None:
    """Not from the source, and not even if a traceback carried a hidden line into the report."""
    hidden = f"assert labels == '{LABEL}'"
    traceback = f"Traceback:\n----> 2 {CANARY} = 0.8517\n      3 {hidden}\nAssertionError"
    outcomes = (Outcome("Rótulos", False, 0.0, expected=traceback, actual=traceback),)
    verdicts = tuple(replace(v, outcomes=outcomes, reason=traceback) for v in report().verdicts)
    leaky = report(verdicts=verdicts, notices=(traceback,), error=traceback, status="refused")
    text = page(records, course, leaky)
    assert "AssertionError" in text
    for secret in (CANARY, LABEL, "0.8517", "BEGIN HIDDEN", "Uma resposta modelo"):
        assert secret not in text


def test_failure_of_the_grader_is_explained_without_its_details(course: Course, records: Records) -> None:
    """The student reads that no points are lost; the message is for the instructor."""
    broken = Outcome("Recarregar", False, 0.0, actual="segredo", error="KeyError: segredo")
    verdict = CellVerdict("test_fit", 4.0, None, needs_review=True, outcomes=(broken,), reason="segredo")
    verdicts = (report().verdicts[0], verdict, *report().verdicts[2:])
    text = page(records, course, report(verdicts=verdicts, status="failed", error="segredo"))
    assert "O corretor falhou aqui; um professor vai olhar; você não perdeu pontos por isso." in text
    assert "segredo" not in text


def test_missing_and_refused_notebooks_say_so(course: Course, records: Records) -> None:
    """A zero is explained."""
    verdicts = tuple(replace(v, score=0.0, outcomes=()) for v in report().verdicts)
    missing = page(records, course, report("bia", status="missing", verdicts=verdicts, curves=()))
    assert "Este notebook não foi entregue." in missing
    assert "Entregue em" not in missing
    refused = report("caio", status="refused", verdicts=verdicts, curves=(), error="O JSON quebra na linha 3.")
    assert "O JSON quebra na linha 3." in page(records, course, refused)


def test_what_the_teacher_said_is_shown(course: Course, records: Records) -> None:
    """Comments on essays and on solutions, overruled scores, and what will be looked at again."""
    records.record(report(), submitted_at=LATE)
    with Gradebook(course.db_url) as nbgrader:
        for name, score in (("essay", 1.5), ("test_fit", 3.5)):
            grade = nbgrader.find_grade(name, "ex01", "lista", "ana")
            grade.manual_score, grade.needs_manual_grade = score, False
        nbgrader.find_comment("essay", "ex01", "lista", "ana").manual_comment = "Bom <b>argumento</b>."
        nbgrader.find_comment("model", "ex01", "lista", "ana").manual_comment = "Código limpo."
        nbgrader.db.commit()
    document = Document(page(records, course, report()))
    for text in (
        "8 de 10 pontos",
        "Bom <b>argumento</b>.",
        "Código limpo.",
        "Um professor alterou esta nota; a automática era 2.",
        "Manual: 1,5 de 3",
    ):
        assert text in document.text
    records.record(report(), submitted_at=LATE.replace(minute=50))
    (graded,) = records.reports("lista")
    assert "Um professor vai olhar isto de novo." in render(graded, course.load())


def test_english_page(course: Course, records: Records) -> None:
    """``en`` changes every fixed word, the dates and the numbers."""
    text = page(records, course, report(), language="en")
    document = Document(text)
    assert document.elements[0] == ("html", {"lang": "en"})
    for word in (
        "November 20, 2026, 13:30",
        "1 h 30 min late",
        "Still to be decided: 3",
        "Loss: training from 0.9",
    ):
        assert word in document.text
    for word in ("Estudante", "Entregue", "pontos", "professor", "treino"):
        assert word not in document.text


def test_curves_with_odd_values(course: Course, records: Records) -> None:
    """Infinite, huge, single and empty series neither stop the page nor spoil the picture."""
    curves = (
        Curve("loss", (math.nan, 2.0, math.inf, 1e300)),
        Curve("val_loss", ()),
        Curve("um", (0.25,)),
        Curve("vazia", ()),
        Curve("longa", tuple(float(n) for n in range(100_000))),
        Curve("h2:loss", (1.0, 1e-9)),
    )
    document = Document(page(records, course, report(curves=curves)))
    pictures = [str(a["aria-label"]) for tag, a in document.elements if tag == "svg" and "aria-label" in a]
    pictures = [label for label in pictures if label.startswith("Curva")]
    assert len(pictures) == 4
    assert "não são finitos" in pictures[0]
    assert "0,25 (uma época)" in pictures[1]


def test_written_where_nbgrader_releases_it_from(course: Course, records: Records) -> None:
    """With the secret of the submission beside it, but never through a link."""
    submitted = course.root / "submitted" / "ana" / "lista"
    submitted.mkdir(parents=True)
    (submitted / "submission_secret.txt").write_text("s3cret")
    (submitted / "timestamp.txt").symlink_to("/etc/hostname")
    records.record(report(), submitted_at=LATE)
    (graded,) = records.reports("lista")
    path = write_feedback(graded, course.load(), course=course.root)
    assert path == course.root / "feedback" / "ana" / "lista" / "ex01.html"
    assert sorted(p.name for p in path.parent.iterdir()) == ["ex01.html", "submission_secret.txt"]


@pytest.mark.parametrize(
    ("notebook", "cell", "title"),
    [
        ("00_tensorflow_basico", "houses-test", "3. Gradiente descendente: à mão e com o Keras"),
        ("00_tensorflow_basico", "devices-test", "5. Dispositivos"),
        ("02_regressor_sequencial", "architecture-test", "2. Arquitetura"),
        ("02_regressor_sequencial", "output-test", "3. Ativação da saída"),
        ("03_api_funcional", "ports-test", "2. Entradas e saídas"),
        ("04_api_de_subclasses", "loop-test", "5. ResidualRegressor: um laço"),
        ("05_salvando_e_restaurando", "inspect-test", "3. Ida e volta pelo formato .h5"),
    ],
)  # fmt: skip
def test_a_test_further_down_belongs_to_the_heading_that_promised_its_points(notebook, cell, title):
    source = load(Path(__file__).parents[2], "lista12")
    assert cell_titles(source.notebook(notebook))[cell].partition(" (")[0] == title


def test_titles_come_from_the_nearest_heading(course: Course) -> None:
    """Cells under one heading are numbered; a cell under none goes by its id."""
    template = course.load().notebook("ex01")
    assert notebook_title(template) == "Classificador sequencial"
    assert cell_titles(template) == {
        "model": "1. A arquitetura",
        "test_model": "1. A arquitetura",
        "test_fit": "2. O treinamento",
        "read_only": "2. O treinamento",
        "essay": "3. Discussão (1)",
        "task": "3. Discussão (2)",
    }

    def edit(notebook: Any) -> None:
        notebook.cells[1].source = "```\n## comentário\n```"
        notebook.cells[4].source = "## O *método* `fit` — [guia](https://keras.io) ##"

    titles = cell_titles(course.write(edit=edit).notebook("ex01"))
    assert (titles["test_model"], titles["test_fit"]) == ("test_model", "O método fit — guia")


@given(st.text(max_size=300), st.integers(1, 100))
def test_clean_text_is_short_visible_and_encodable(text: str, limit: int) -> None:
    """For any text at all."""
    shown = clean(text, limit=limit)
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", shown)
    shown.encode("utf-8")
    assert len(shown) <= 10 * limit + 60


def test_redactor_leaves_common_short_lines() -> None:
    """Only lines that say something are secret."""
    redact = Redactor(["x = 1", "", "    assert limiar > 0.85"])
    assert redact("x = 1; assert limiar > 0.85") == "x = 1; […]"


def messages() -> Iterator[str]:
    """Every message of this package, from its code and its templates."""
    root = Path(gradebook.__file__).parent
    for path in root.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "tr":
                yield ast.literal_eval(node.args[0])
    for path in root.rglob("*.j2"):
        yield from re.findall(r"""tr\(["'](.+?)["'][,)]""", path.read_text())


def test_every_message_is_translated() -> None:
    """The Portuguese catalogue is complete, with the same placeholders."""
    path = Path(autograder.__file__).parent / "locale" / "pt_BR" / "LC_MESSAGES" / "autograder.po"
    with path.open("rb") as file:
        catalogue = read_po(file)
    found = set(messages())
    assert len(found) > 40
    for message in found:
        entry = catalogue.get(message)
        assert entry is not None, message
        assert entry.string, message
        assert set(re.findall(r"{\w+}", str(entry.string))) == set(re.findall(r"{\w+}", message))
