"""What may be relied on when the command ``gradebook`` is used."""

import json
import sys
from pathlib import Path

import pytest
from sample_course import Course, report

from gradebook.cli import main
from gradebook.records import Records

Run = tuple[int, str, str]


class Command:
    """Runs ``gradebook`` in this process."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch, self._capsys = monkeypatch, capsys

    def __call__(self, *arguments: str) -> Run:
        """Exit status, standard output and standard error."""
        self._monkeypatch.setattr(sys, "argv", ["gradebook", *arguments])
        with pytest.raises(SystemExit) as caught:
            main()
        out, err = self._capsys.readouterr()
        return int(caught.value.code or 0), out, err


@pytest.fixture
def gradebook(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """The command, on a terminal of 80 columns."""
    monkeypatch.setenv("COLUMNS", "80")
    return Command(monkeypatch, capsys)


def test_feedback_ends_with_a_table(course: Course, records: Records, gradebook: Command) -> None:
    """Long names fold; nothing is wider than 80 columns but the path to open."""
    records.record(report("um-nome-de-usuario-muito-comprido@universidade.exemplo.br"), submitted_at=None)
    records.record(report("[red]ana"), submitted_at=None)
    status, out, _ = gradebook("feedback", "lista", "--course", str(course.root))
    *table, path = out.strip().splitlines()
    assert status == 0
    assert max(len(line) for line in table) <= 80
    assert "[red]ana" in out
    assert "5/10" in out
    assert Path(path).is_file()


def test_feedback_as_json(course: Course, records: Records, gradebook: Command) -> None:
    """One object a page, for one student if asked, from the gradebook that is named."""
    records.record(report("ana"), submitted_at=None)
    records.record(report("bia"), submitted_at=None)
    status, out, _ = gradebook(
        "feedback", "lista", "--course", str(course.root), "--db", course.db_url, "--student", "bia", "--json"
    )
    (row,) = json.loads(out)
    assert status == 0
    assert row == {
        "student": "bia",
        "notebook": "ex01",
        "score": 5.0,
        "max_score": 10.0,
        "pending": 3.0,
        "needs_review": False,
        "late_seconds": None,
        "path": str(course.root / "feedback" / "bia" / "lista" / "ex01.html"),
    }


def test_language_can_be_chosen(course: Course, records: Records, gradebook: Command) -> None:
    """``--lang en`` writes English pages."""
    records.record(report(), submitted_at=None)
    assert gradebook("feedback", "lista", "--course", str(course.root), "--lang", "en")[0] == 0
    assert '<html lang="en">' in (course.root / "feedback/ana/lista/ex01.html").read_text()


def test_mistakes_are_explained_without_a_traceback(
    course: Course, records: Records, gradebook: Command, tmp_path: Path
) -> None:
    """Exit status 2, one message, nothing on standard output."""
    records.record(report(), submitted_at=None)
    root = ["--course", str(course.root)]
    empty = tmp_path / "empty"
    (empty / "assignments" / "lista").mkdir(parents=True)
    source = course.root / "assignments" / "lista" / "ex01.ipynb"
    (empty / "assignments" / "lista" / "ex01.ipynb").write_bytes(source.read_bytes())
    for arguments, message in (
        (["feedback", "lista99", *root], "No assignment 'lista99'"),
        (["feedback", "lista", *root, "--student", "ninguem"], "Nothing of 'ninguem' is recorded"),
        (["feedback", "lista", "--course", str(empty)], "no gradebook at"),
        (["feedback", "lista", *root, "--db", "nonsense"], "not the URL"),
        (["feedback", "lista", *root, "--lang", "xx"], "--lang"),
    ):
        status, out, err = gradebook(*arguments)
        assert status == 2
        assert message in " ".join(err.split())
        assert "Traceback" not in err
        assert out == ""
