"""What may be relied on when a teacher runs ``gradebook similarity``."""

import json
import os
import re
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from sample_course import Course, nbgrader_cell, notebook, report
from similar_class import SOURCES, disguised

from autograder.outcome import Curve
from gradebook.cli import main
from gradebook.records import Records, Student
from gradebook.similarity import page as page_module
from gradebook.similarity.answers import MAX_TEXT, given_of, read_answers
from gradebook.similarity.page import render
from gradebook.similarity.survey import survey

HONEST = {
    "davi": "\n".join(f"a.m{i}(b, c={i}, d=[e.n{i}])" for i in range(20)),
    "eva": "\n".join(f"f{i} = g.p{i}[{i}] - h.q{i}" for i in range(30)),
}


class Teacher:
    """Submissions of a course, and the command."""

    def __init__(
        self, course: Course, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self.course, self._monkeypatch, self._capsys = course, monkeypatch, capsys
        self.page = course.root / "reports" / "lista-similarity.html"

    def folder(self, student: str) -> Path:
        """The submission of a student."""
        folder = self.course.root / "submitted" / student / "lista"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def submit(self, student: str, answer: str, *added: str, name: str = "ex01") -> None:
        """Hand in the sample notebook with an answer and cells of one's own."""
        handed_in = notebook()
        for cell in handed_in.cells:
            if cell.metadata.get("nbgrader", {}).get("grade_id") == "model":
                cell.source = answer
        handed_in.cells.extend(new_code_cell(source) for source in added)
        nbformat.write(handed_in, self.folder(student) / f"{name}.ipynb")

    def run(self, *arguments: str) -> tuple[int, str, str]:
        """Exit status, standard output and standard error."""
        root = ["--course", str(self.course.root)]
        self._monkeypatch.setattr(sys, "argv", ["gradebook", "similarity", "lista", *root, *arguments])
        with pytest.raises(SystemExit) as caught:
            main()
        out, err = self._capsys.readouterr()
        return int(caught.value.code or 0), out, err

    def found(self, *arguments: str) -> Any:
        """What ``--json`` prints."""
        status, out, err = self.run("--json", *arguments)
        assert (status, err) == (0, "")
        return json.loads(out)


@pytest.fixture
def teacher(course: Course, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Teacher:
    """A class in which ana's and bia's code is the same but for names, and davi's and eva's is their own."""
    monkeypatch.setenv("COLUMNS", "80")
    teacher = Teacher(course, monkeypatch, capsys)
    teacher.submit("ana", *SOURCES)
    teacher.submit("bia", *(disguised(source) for source in SOURCES))
    for student, source in HONEST.items():
        teacher.submit(student, source)
    return teacher


def test_alike_code_is_listed_and_other_code_is_not(teacher: Teacher) -> None:
    """A table of 80 columns, no word of guilt, and the path of a page that shows both sides and loads nothing."""
    status, out, _ = teacher.run("--lang", "en")
    *table, path = out.strip().splitlines()
    assert status == 0
    assert max(map(len, table)) <= 80
    assert "ana, bia" in out
    assert "davi" not in out
    assert "not a verdict" in out
    page = Path(path).read_text()
    assert Path(path) == teacher.page
    assert "not a verdict" in page
    assert "melhor_epoca" in page
    assert "outro_acope_rohlem" in page
    assert "default-src 'none'; style-src 'unsafe-inline'" in page
    assert not re.search(r"<script|<a |<link|<img|https?://|plagi|cheat", page, re.IGNORECASE)


def test_the_page_speaks_portuguese(teacher: Teacher) -> None:
    """The assignment's own language, down to the last sentence of the page."""
    teacher.run()
    page = teacher.page.read_text()
    assert '<html lang="pt-BR">' in page
    assert "Algo a olhar, não um veredito" in page
    assert not re.search(
        r"\b(the|with|students|notebook and)\b",
        re.sub(r"<style>.*?</style>|<pre.*?</pre>", "", page, flags=re.DOTALL),
    )


def test_pairs_as_json(teacher: Teacher) -> None:
    """Pairs with their likeness both ways; the page is written as well."""
    found = teacher.found("--to", str(teacher.course.root / "x" / "page.html"))
    (pair,) = found["pairs"]
    assert (pair["notebook"], pair["students"]) == ("ex01", ["ana", "bia"])
    assert pair["likeness"] == max(pair["contained"]) > 0.95
    assert (pair["notebooks"], pair["files"], pair["models"]) == (1, [], [])
    assert found["compared"] == {"ex01": 4}
    assert Path(found["path"]).is_file()
    assert not teacher.page.exists()


def test_the_threshold_can_be_chosen(teacher: Teacher) -> None:
    """``--at-least``; what is no part is refused."""
    teacher.submit("caio", SOURCES[0], "\n".join(f"u.r{i}({i}) // v.s{i}" for i in range(20)))
    assert [pair["students"] for pair in teacher.found("--at-least", "0.9")["pairs"]] == [["ana", "bia"]]
    assert len(teacher.found("--at-least", "0.3")["pairs"]) == 3
    for wrong in ("0", "1.5", "nan"):
        assert teacher.run("--at-least", wrong)[0] == 2


def test_many_alike_students_are_one_entry(teacher: Teacher) -> None:
    """Ten students who are alike are one entry of the page and one row of the table."""
    for number in range(8):
        teacher.submit(f"s{number}", *SOURCES)
    found = teacher.found()
    assert len(found["pairs"]) == 45
    assert {pair["cluster"] for pair in found["pairs"]} == {0}
    page = teacher.page.read_text()
    assert page.count("<article") == 1
    assert page.count("<summary><bdi>") == 9


def test_who_hands_in_together_is_not_reported(teacher: Teacher) -> None:
    """Groups of policies.toml: neither their code, nor their files."""
    for student in ("ana", "bia"):
        (teacher.folder(student) / "modelo.h5").write_bytes(b"h" * 500)
    assert len(teacher.found()["files"]) == 1
    (teacher.course.root / "policies.toml").write_text('[lista]\ngroups = { dupla = ["ana", "bia"] }\n')
    found = teacher.found()
    assert (found["pairs"], found["files"]) == ([], [])


def test_equal_files_are_said_in_words(teacher: Teacher) -> None:
    """Beside the pair, and of students whose code is not alike."""
    for student in ("ana", "bia", "davi"):
        (teacher.folder(student) / "modelo.h5").write_bytes(b"h" * 1500)
    for number, student in enumerate(("ana", "eva")):
        name = f"events.out.tfevents.1764354000.lab.42.{number}.v2"
        (teacher.folder(student) / name).write_bytes(bytes([number]) * 500)
    out = teacher.run()[1]
    assert "código, arquivo" in out
    assert re.search(r"ana, eva +execução", out)
    page = teacher.page.read_text()
    assert page.count("o mesmo arquivo, byte a byte: modelo.h5 (1,5 kB, SHA-256 ") == 2
    assert "ana, bia e davi: o mesmo arquivo" in page


def test_equal_curves_are_a_remark(teacher: Teacher, records: Records) -> None:
    """Beside an alike pair with the caveat; alone only where few of those who trained share them."""
    mine, shared = (0.9, 0.5, 0.41), (0.8, 0.7, 0.61)
    for student, values in (("ana", mine), ("bia", mine), ("davi", shared), ("eva", shared)):
        records.record(report(student, curves=(Curve("loss", values),)), submitted_at=None)
    found = teacher.found()
    assert [same["kind"] for same in found["pairs"][0]["models"]] == ["curves"]
    assert [remark["students"] for remark in found["remarks"]] == [["davi", "eva"]]
    assert teacher.page.read_text().count("Com a semente do notebook") == 2
    for number in range(3):  # five of eight: the exercise leads there
        records.record(report(f"s{number}", curves=(Curve("loss", shared),)), submitted_at=None)
    assert teacher.found()["remarks"] == []


def test_a_page_shows_what_students_wrote_as_text(teacher: Teacher) -> None:
    """Markup, ends of tags and characters that turn text around do nothing; floods are cut."""
    evil = HONEST["eva"] + '\nx = "</script><img src=x onerror=alert(1)></pre>\u202e"\n' + "# \u202ey\n" * 30_000
    for student in ("eva", "<b>x"):
        teacher.submit(student, evil, *SOURCES)
    teacher.run()
    page = teacher.page.read_text()
    assert "&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;&lt;/pre&gt;⟨U+202E⟩" in page
    assert "&lt;b&gt;x" in page
    assert not re.search(r"<img|<script|<b>|\u202e", page)
    assert len(page) < 120_000


def test_a_long_page_shows_only_the_first(teacher: Teacher, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of very many pairs the first are shown with both sides; the page says how many are not."""
    monkeypatch.setattr(page_module, "_MAX_SIDES", 0)
    teacher.run()
    page = teacher.page.read_text()
    assert "Pares que não são mostrados aqui: 1." in page
    assert "melhor_epoca" not in page


def test_a_thousand_cells_are_not_a_thousand_rows(teacher: Teacher) -> None:
    """Two who hand in the same thousand cells make no page of a megabyte: what is not shown is a number."""
    for student in ("mil_a", "mil_b"):
        teacher.submit(student, HONEST["davi"], *(str(number % 10) for number in range(1000)))
    assert teacher.run()[0] == 0
    text = teacher.page.read_text()
    assert text.count("<h4>") < 250
    assert "… (mais 901 caracteres)" in text


def test_a_folder_that_cannot_be_read_stops_nobody(teacher: Teacher, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is said whose it is."""
    teacher.submit("ana", HONEST["davi"])
    closed = teacher.folder("bruno")
    read = os.scandir

    def scandir(path: Any) -> Any:
        if Path(path) == closed:
            raise PermissionError(13, "Permission denied")
        return read(path)

    monkeypatch.setattr(os, "scandir", scandir)
    status, out, _ = teacher.run("--json")
    assert status == 0
    assert json.loads(out)["left_out"] == {"ex01": ["bruno"]}


def test_students_are_called_by_their_names(teacher: Teacher) -> None:
    """With the login, where the gradebook knows a name; by the login elsewhere."""
    found = survey(teacher.course.root, teacher.course.load(), [])
    people = {"ana": Student("ana", "Ana", "Lima")}
    page = render(found, people, language="en")
    assert "Ana Lima (ana)" in page
    assert "<bdi>bia</bdi>" in page
    assert "The answers are the same, but for names and layout." in page


def test_renamed_notebooks_are_found_and_broken_ones_said(teacher: Teacher) -> None:
    """A copy under another name is compared; who handed in a link or no notebook at all is named."""
    teacher.submit("caio", *SOURCES, name="ex01 (cópia)")
    (teacher.folder("fabio") / "ex01.ipynb").write_text("{")
    (teacher.folder("gil") / "ex01.ipynb").symlink_to(teacher.folder("ana") / "ex01.ipynb")
    nbformat.write(new_notebook(), teacher.folder("hugo") / "ex01.ipynb")
    found = teacher.found()
    assert {tuple(pair["students"]) for pair in found["pairs"]} >= {("ana", "caio"), ("bia", "caio")}
    assert found["left_out"] == {"ex01": ["fabio", "gil"]}
    assert found["compared"] == {"ex01": 6}


def test_locked_and_given_cells_are_not_the_students(teacher: Teacher) -> None:
    """Everybody has the tests and the imports: they are not compared, also if somebody edits a test."""
    source = "\n".join(SOURCES)
    given = nbgrader_cell("code", "test_model", source, grade=True, locked=True, points=3)

    def give(changed: Any) -> None:
        changed.cells.append(new_code_cell(SOURCES[0]))

    teacher.course.write(edit=give)
    for student in ("ana", "bia"):
        handed_in = new_notebook(cells=[given, new_code_cell(SOURCES[0])])
        nbformat.write(handed_in, teacher.folder(student) / "ex01.ipynb")
    assert teacher.found()["pairs"] == []


def test_only_the_students_own_text_is_read(teacher: Teacher) -> None:
    """Cells as they were given are left out, and of a flood only the beginning is taken, which is said."""

    def give(changed: Any) -> None:
        changed.cells.append(new_code_cell("import keras"))

    source = teacher.course.write(edit=give)
    given = given_of(teacher.course.root, source, source.notebook("ex01"))
    teacher.submit("ana", "model = 2", "import keras", "x = 1\n" * 50_000)
    folders = {"ana": teacher.folder("ana")}
    (answer,), unreadable = read_answers(folders, source, source.notebook("ex01"), given)
    assert [cell.grade_id for cell in answer.cells] == ["model", None]
    assert [cell.source[:9] for cell in answer.cells] == ["model = 2", "x = 1\nx ="]
    assert sum(len(cell.source) for cell in answer.cells) == MAX_TEXT
    assert (answer.cut, unreadable) == (True, [])


def test_one_notebook_and_mistakes(teacher: Teacher) -> None:
    """``--notebook`` writes a page of its own; mistakes end with status 2 and a message."""
    teacher.course.write("ex02")
    found = teacher.found("--notebook", "ex01")
    assert found["compared"] == {"ex01": 4}
    assert Path(found["path"]).name == "lista-ex01-similarity.html"
    assert not teacher.page.exists()
    for arguments, message in (
        (["--notebook", "ex99"], "no notebook 'ex99'"),
        (["--to", "/proc/nowhere/x.html"], "cannot be written"),
        (["--db", "nonsense"], "not the URL"),
    ):
        status, out, err = teacher.run(*arguments)
        assert (status, out) == (2, "")
        assert message in " ".join(err.split())


def test_a_class_that_handed_in_nothing(
    course: Course, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is said, with what to do."""
    status, _, err = Teacher(course, monkeypatch, capsys).run()
    assert status == 2
    assert "nbgrader collect" in " ".join(err.split())


def test_pairs_of_several_notebooks_are_counted(teacher: Teacher) -> None:
    """Two students who are alike in two notebooks are listed with both."""
    teacher.course.write("ex02")
    for student in ("ana", "bia"):
        teacher.submit(student, *SOURCES, name="ex02")
    assert [pair["notebooks"] for pair in teacher.found()["pairs"]] == [2, 2]
    assert "Pares que aparecem em vários notebooks" in teacher.page.read_text()
