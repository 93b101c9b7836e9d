"""What a teacher may rely on when opening the class report."""

import base64
import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from sample_course import CANARY, LABEL, Course, report
from small_class import one, students, write_class
from test_feedback import Document
from test_gradebook_cli import Command, gradebook  # noqa: F401

from autograder.errors import UsageError
from autograder.outcome import NotebookReport
from gradebook.records import Records, Student
from gradebook.report.write import read_report, render, write_report

ATTACKS = (
    "</script><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</style></title><svg onload=alert(1)>",
    "{{ 7351*7 }} {% raw %} ${x} {student}",
    "\u202egnp.exe\u2066",
)


def page(course: Course, language: str | None = None) -> str:
    source = course.load()
    return render(read_report(source, course=course.root, url=course.db_url), source, language=language)


def words(text: str) -> str:
    """What a reader sees: without the script."""
    return Document(re.sub(r"<script>.*?</script>", "", text, flags=re.DOTALL)).text


def test_what_a_teacher_reads(course: Course, records: Records) -> None:
    """Numbers of the class, suspects with reasons, what fails and how, thresholds, who is late or missing."""
    write_class(course, records)
    said = words(page(course))
    for text in (
        "Relatório da turma",
        "Lista de teste",
        "Estudantes 13",
        "Aguardam leitura 24 respostas de 12 estudantes",
        "Questões mais difíceis, pela parte média dos pontos: ex01 · 1. A arquitetura (50%)",
        "67% de 12 estudantes não passam",
        "4 × duas",
        "Esperado três",
        "4 de 12 passaram · por menos de 2% não passaram: 2",
        "s11",
        "1 h",
        "Zero à Esquerda",
        "Só há números a partir de 10 estudantes.",
    ):
        assert text in said
    failing = said[said.index("As verificações em que mais") :]
    assert failing.index("MSE de 0,5 ou menos") < failing.index("Três camadas densas")  # it fails more often
    english = words(page(course, "en"))
    assert "Class report" in english
    for text in ("Estudantes", "Questões", "pontos", "Falhas"):
        assert text not in english


def test_a_suspect_question_says_why(course: Course, records: Records) -> None:
    """Good students miss it: the page says so, in words and with the interval."""
    for number, student in enumerate(students()):
        verdicts = list(one(number).verdicts)
        verdicts[1] = replace(verdicts[1], score=number / 3, outcomes=())
        verdicts[0] = replace(verdicts[0], score=3.0 * (number < 6), outcomes=())
        records.record(report(student, verdicts=tuple(verdicts)), submitted_at=None)
    said = words(page(course))
    assert "Quem vai bem no resto da lista vai pior aqui (r = −0,87)." in said
    assert "O quarto dos estudantes que vai melhor no resto ganha aqui 0% em média; o que vai pior, 100%." in said


def test_page_loads_nothing_and_runs_its_own_script_only(course: Course, records: Records) -> None:
    """One file; a policy that forbids all but the script with this digest; no handler in an attribute."""
    write_class(course, records)
    text = page(course)
    document = Document(re.sub(r"(<script>).*?(</script>)", r"\1\2", text, flags=re.DOTALL))
    (script,) = re.findall(r"<script>(.*?)</script>", text, flags=re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    (policy,) = [a["content"] for _, a in document.elements if a.get("http-equiv") == "Content-Security-Policy"]
    assert policy is not None
    assert policy.startswith(
        f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; base-uri 'none'"
    )
    assert not {tag for tag, _ in document.elements} & {"link", "img", "iframe", "object", "embed", "base", "form"}
    assert not re.search(r"https?:|url\(|@import|\ssrc=", text)
    for _, attributes in document.elements:
        assert not [name for name in attributes if name.startswith("on")]
        assert (attributes.get("href") or "#").startswith("#")
    ids = [a["id"] for _, a in document.elements if "id" in a]
    assert len(ids) == len(set(ids))
    for _, attributes in document.elements:
        for name in ("aria-labelledby", "href"):
            if attributes.get(name):
                assert str(attributes[name]).lstrip("#") in ids
    assert document.open == []


def test_tables_can_be_read_without_a_script(course: Course, records: Records) -> None:
    """Captions, and heads with a scope, in every table."""
    write_class(course, records)
    document = Document(page(course))
    tags = [tag for tag, _ in document.elements]
    assert tags.count("caption") == tags.count("table") >= 5
    scopes = [attributes.get("scope") for tag, attributes in document.elements if tag == "th"]
    assert set(scopes) == {"col", "row"}


def every_text(given: NotebookReport, text: str) -> NotebookReport:
    """With a text wherever the grader or a student may put one."""
    verdicts = tuple(
        replace(
            verdict, reason=text,
            outcomes=tuple(replace(o, title=text, expected=text, actual=text) for o in verdict.outcomes),
        )
        for verdict in given.verdicts
    )  # fmt: skip
    return replace(given, verdicts=verdicts)


@pytest.mark.parametrize("attack", ATTACKS)
def test_strings_of_students_are_text(course: Course, records: Records, attack: str) -> None:
    """Whatever is in a name, a value or a message, no element or attribute comes of it."""

    def written(text: str) -> Document:
        for number, student in enumerate(students()):
            records.enrol([Student(student, text, text)])
            records.record(every_text(one(number), text), submitted_at=None)
        failed = replace(one(0).verdicts[0], score=None, needs_review=True, reason=text)
        broken = report("b", verdicts=(failed, *one(0).verdicts[1:]), status="failed", error=text)
        records.record(broken, submitted_at=None)
        html = page(course)
        assert not set("\u202e\u2066") & set(html)
        return Document(re.sub(r"<script>\n?\"use strict.*?</script>", "", html, flags=re.DOTALL))

    harmless, hostile = written("inofensivo"), written(attack)
    assert [tag for tag, _ in harmless.elements] == [tag for tag, _ in hostile.elements]
    assert [set(a) for _, a in harmless.elements] == [set(a) for _, a in hostile.elements]
    assert "51457" not in hostile.text


def test_hidden_tests_stay_hidden_and_examples_have_no_name(course: Course, records: Records) -> None:
    """Not even where a message carried a hidden line; and beside what somebody answered stands nobody's name."""
    hidden = f"{CANARY} = 0.8517 and {CANARY} = 0.8517\n{CANARY} = 0.8517\nassert labels == '{LABEL}'"
    for number, student in enumerate(students()):
        records.enrol([Student(student, "Nome", "Visível")])
        records.record(every_text(one(number), hidden), submitted_at=None)
    text = page(course)
    for secret in (CANARY, LABEL, "BEGIN HIDDEN", "Uma resposta modelo"):
        assert secret not in text
    failing = text[text.index('id="failing"') : text.index('id="questions"')]
    assert "[…]" in failing
    assert "Visível" not in failing
    assert not any(student in failing for student in students())


def test_few_students_are_not_compared(course: Course, records: Records) -> None:
    """Names and counts; no histogram, no example."""
    for number in range(9):
        records.record(one(number), submitted_at=None)
    text = page(course)
    assert 'class="hist' not in text
    assert "duas" not in text
    # Where nothing is shown, the page says why; not that there is nothing.
    assert text.count("Só há números a partir de 10 estudantes.") == 5
    assert "Relógio, 0 a" not in text
    assert "s08" in text


@pytest.mark.parametrize("number", [0, 1])
def test_a_class_of_nobody_or_one(course: Course, records: Records, number: int) -> None:
    """A page all the same."""
    for place in range(number):
        records.record(one(place), submitted_at=None)
    assert f"Estudantes {number}" in words(page(course))


def test_the_command_writes_one_file(course: Course, records: Records, gradebook: Command) -> None:  # noqa: F811
    """A table and the path; as JSON the figures, without NaN, for whoever wants to compute further."""
    write_class(course, records)
    status, out, _ = gradebook("report", "lista", "--course", str(course.root), "--lang", "en")
    path = course.root / "reports" / "lista.html"
    assert status == 0
    assert out.strip().splitlines()[-1] == str(path)
    assert "Aguardam leitura" in out
    assert '<html lang="en">' in path.read_text()
    other = course.root / "elsewhere" / "page.html"
    status, out, _ = gradebook("report", "lista", "--course", str(course.root), "--json", "--to", str(other))
    found = json.loads(out, parse_constant=pytest.fail)
    assert status == 0
    assert other.is_file()
    assert found["summary"]["late"] == 1
    assert found["questions"][0]["item"]["difficulty"] == 0.5
    status, _, err = gradebook("report", "lista99", "--course", str(course.root))
    assert (status, "No assignment" in err) == (2, True)


def test_a_file_that_cannot_be_written(course: Course, tmp_path: Path) -> None:
    """Says which, and why."""
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot be written"):
        write_report("", course.load(), course=course.root, to=tmp_path / "file" / "page.html")


def test_a_large_class_has_columns_instead_of_points(course: Course, records: Records) -> None:
    """A strip of hundreds is drawn as counts; what lies far out is drawn at the edge."""
    from gradebook.report.plots import strip
    from gradebook.report.values import Threshold

    def drawn(values: list[float]) -> str:
        found = Threshold("ex01", "c", "t", "mse", 0.5, False, len(values), 1, 0, tuple(sorted(values)))
        return str(strip(found, lambda value: f"{value:.2f}", "label"))

    few, many = (
        drawn([0.4 + place / 1000 for place in range(50)] + [90.0]),
        drawn([0.4 + n / 9999 for n in range(999)]),
    )
    assert few.count("<circle") == 51
    assert few.count('class="point out"') == 1
    assert "90.00" in few
    assert many.count("<circle") == 0
    counts = [int(count) for count in re.findall(r": (\d+) estudante", many)]
    assert sum(counts) == 999
