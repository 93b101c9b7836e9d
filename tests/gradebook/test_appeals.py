"""What may be relied on about appeals."""

import json
from datetime import UTC, datetime

import pytest
from sample_course import Course, report
from test_gradebook_cli import Command, gradebook

from autograder.errors import UsageError
from gradebook.records import Appeal, Records

pytestmark = pytest.mark.both_databases

__all__ = ["gradebook"]  # a fixture

TIME = datetime(2026, 11, 20, 11, tzinfo=UTC)


@pytest.fixture(autouse=True)
def graded(records: Records) -> None:
    """Ana and Bia are graded."""
    for student in ("ana", "bia"):
        records.record(report(student), submitted_at=TIME)


def test_an_appeal_is_open_until_it_is_answered(records: Records) -> None:
    """Everything that was said is kept, with who and when."""
    before = datetime.now(UTC)
    filed = records.file_appeal("lista", "ana", "ex01", "  Por quê?\nNão vejo. ", cell="test_fit")
    assert records.appeals("lista") == (filed,)
    assert filed == Appeal(1, "ana", "lista", "ex01", "test_fit", "Por quê?\nNão vejo.", "ana", filed.filed_at)
    assert filed.open
    answered = records.answer_appeal(1, "Veja a célula.", by="teresa", outcome="denied")
    assert records.appeals("lista", "ana") == (answered,)
    assert (answered.outcome, answered.answer, answered.answered_by) == ("denied", "Veja a célula.", "teresa")
    assert not answered.open
    assert answered.answered_at is not None
    assert before <= filed.filed_at <= answered.answered_at <= datetime.now(UTC)


def test_what_a_terminal_cannot_say_is_filed_all_the_same(records: Records) -> None:
    """Bytes that are no UTF-8 come from a command line as halves of characters, which no database takes."""
    assert records.file_appeal("lista", "ana", "ex01", "Por qu\udcea?", by="t\udcff").text == "Por qu??"


def test_points_stay_as_they_are(records: Records) -> None:
    """Who grants an appeal changes them elsewhere; the history shows that change."""
    before, changes = records.reports("lista"), records.history()
    filed = records.file_appeal("lista", "ana", "ex01", "Por quê?", by="teresa")
    records.answer_appeal(filed.id, "Tem razão.", by="teresa", outcome="granted")
    assert (records.reports("lista"), records.history()) == (before, changes)


def test_appeals_are_those_of_whom_is_asked_for(course: Course, records: Records) -> None:
    """In the order in which they were filed; a number is never given twice."""
    for student in ("bia", "ana", "bia"):
        records.file_appeal("lista", student, "ex01", "Por quê?")
    assert [(a.id, a.student) for a in records.appeals("lista")] == [(1, "bia"), (2, "ana"), (3, "bia")]
    assert [a.id for a in records.appeals("lista", "bia")] == [1, 3]
    assert [a.id for a in records.appeals(student="ana")] == [2]
    assert records.appeals("outra") == ()
    course.execute("DELETE FROM autograder_appeal WHERE id = 3")
    assert records.file_appeal("lista", "bia", "ex01", "Por quê?").id == 4


def test_bad_input_is_refused_and_nothing_written(records: Records) -> None:
    long = "x" * 10_001
    for arguments, cell, by, message in (
        (("lista99", "ana", "ex01", "?"), None, None, "no assignment 'lista99'"),
        (("lista", "ninguem", "ex01", "?"), None, None, "Nobody is enrolled as 'ninguem'"),
        (("lista", "ana", "ex99", "?"), None, None, "no notebook 'ex99'"),
        (("lista", "ana", "ex01", "?"), "nada", None, "no cell 'nada'"),
        (("lista", "ana", "ex01", " \n"), None, None, "A text has from 1"),
        (("lista", "ana", "ex01", long), None, None, "not 10,001"),
        (("lista", "ana", "ex01", "?"), None, " ", "A name has from 1"),
    ):
        with pytest.raises(UsageError, match=message):
            records.file_appeal(*arguments, cell=cell, by=by)
    assert records.appeals() == ()
    filed = records.file_appeal("lista", "ana", "ex01", "?")
    for number, text, message in ((filed.id + 1, "Sim.", "no appeal 2"), (filed.id, "", "A text has from 1")):
        with pytest.raises(UsageError, match=message):
            records.answer_appeal(number, text, by="teresa", outcome="noted")
    assert records.appeals() == (filed,)
    records.answer_appeal(filed.id, "Sim.", by="teresa", outcome="noted")
    with pytest.raises(UsageError, match="teresa has answered appeal 1"):
        records.answer_appeal(filed.id, "Não.", by="tiago", outcome="denied")
    assert records.appeals()[0].answer == "Sim."


def test_the_commands(course: Course, gradebook: Command) -> None:
    """File, list, answer; the cell is called by its heading, and what somebody wrote is text."""
    root = ("--course", str(course.root))
    text = "[bold]Por quê?\x1b[2J"
    filed = gradebook("appeal", "file", "lista", "ana", "ex01", "--cell", "test_fit", "--text", text, *root)
    assert filed == (0, "O recurso 1 está registrado.\n", "")
    gradebook("appeal", "file", "lista", "bia", "ex01", "--text", "Tudo.", "--by", "Teresa", *root)
    _, out, _ = gradebook("appeal", "list", "lista", *root)
    words = " ".join(out.split())
    assert "ana ex01: 2. O treinamento aberto [bold]Por quê?" in words
    assert "bia ex01 aberto Teresa: Tudo." in words
    assert "\x1b" not in out
    assert max(map(len, out.splitlines())) <= 80
    said = gradebook("appeal", "answer", "1", "--text", "Sim.", "--by", "Tiago", "--outcome", "granted", *root)
    assert said == (0, "O recurso 1 está respondido: deferido.\n", "")
    rows = json.loads(gradebook("appeal", "list", "lista", "--json", *root)[1])
    assert [(r["id"], r["outcome"], r["answered_by"]) for r in rows] == [(1, "granted", "Tiago"), (2, None, None)]
    rows = json.loads(gradebook("appeal", "list", "lista", "--open", "--json", *root)[1])
    assert [r["id"] for r in rows] == [2]
    status, out, err = gradebook("appeal", "list", "lista99", *root)
    assert (status, out) == (2, "")
    assert "no assignment 'lista99'" in err
