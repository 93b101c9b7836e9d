"""What may be relied on when a term's personal data are removed: canaries planted everywhere are gone."""

import json
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from nbgrader.api import Gradebook
from sample_course import Course, report
from sqlalchemy import create_engine
from test_gradebook_cli import Command, gradebook

from autograder.assignment import load
from autograder.outcome import CellVerdict
from autograder.receipt import RECEIPTS, Receipt
from gradebook.purge.statistics import statistics
from gradebook.records import Records, Student
from gradebook.records.snapshot import compact
from gradebook.records.tables import OURS

pytestmark = pytest.mark.both_databases

__all__ = ["gradebook"]  # a fixture

TIME = datetime(2026, 11, 20, 11, tzinfo=UTC)
LOGIN, NAME, ANSWER = "canarylogin", "Canaria Nomeada", "canary answer text"
CANARIES = tuple(text.encode() for text in (LOGIN, *NAME.split(), ANSWER))


def plant(course: Course, login: str, assignment: str = "lista") -> None:
    """Something of a student in every table of ours and every folder."""
    for folder in (f"submitted/{login}/{assignment}", f"autograded/{login}/{assignment}",
                   f"feedback/{login}/{assignment}", f"evidence/{assignment}/{login}/ex01"):  # fmt: skip
        (course.root / folder).mkdir(parents=True)
        (course.root / folder / f"{login}.txt").write_text(f"{NAME} {ANSWER}")
    (course.root / f"submitted/{login}/.{assignment}.partial").mkdir()  # collecting was interrupted
    (course.root / f"submitted/{login}/.{assignment}.partial/ex01.ipynb").write_text(ANSWER)
    for folder in ("exports", "reports"):
        (course.root / folder).mkdir(exist_ok=True)
        (course.root / folder / f"{assignment}.csv").write_text(login)
    with (course.root / RECEIPTS).open("a") as file:
        file.write(Receipt("tp555", assignment, login, str(TIME), {f"{login}.txt": "0" * 64}).to_json() + "\n")
    invented: dict[type, Any] = {str: ANSWER, datetime: TIME.replace(tzinfo=None), float: 1.0, bool: True}
    given = {"student": login, "assignment": assignment, "status": "graded", "outcome": "noted"}
    engine = create_engine(course.db_url)
    with engine.begin() as connection:
        for table in OURS.sorted_tables:
            if "student" in table.c and table.name not in ("autograder_report", "autograder_history"):
                values = {c.name: given.get(c.name, invented.get(c.type.python_type)) for c in table.c}
                values.pop("id", None)
                connection.execute(table.insert(), values)
    engine.dispose()


@pytest.fixture
def planted(course: Course, records: Records) -> Course:
    """A student who handed in twice, was graded by hand, and commented upon."""
    records.enrol([Student(LOGIN, "Canaria", "Nomeada", f"{LOGIN}@example.edu")])
    for hour in (0, 1):
        records.record(report(LOGIN, notices=(ANSWER,)), submitted_at=TIME + timedelta(hours=hour))
    plant(course, LOGIN)
    with Gradebook(course.db_url) as stock:
        stock.find_grade("test_fit", "ex01", "lista", LOGIN).manual_score = 3.0
        stock.find_comment("essay", "ex01", "lista", LOGIN).manual_comment = ANSWER
        stock.db.commit()
    return course


def files_with(root: Path, *needles: bytes) -> list[str]:
    """The files below ``root`` whose bytes or whose path hold one of the needles."""
    return sorted(
        path.relative_to(root).as_posix()
        for path in root.rglob("*")
        if any(n in str(path.relative_to(root)).encode() for n in needles)
        or (path.is_file() and any(n in path.read_bytes() for n in needles))
    )


def test_after_a_purge_no_file_of_the_course_holds_a_student(planted: Course, gradebook: Command) -> None:
    """Neither login nor name nor answer, not in the bytes of the database either; the sources stay."""
    assert len(files_with(planted.root, *CANARIES)) > 10
    status, out, _ = gradebook("purge", "lista", "--yes", "--course", str(planted.root))
    assert status == 0
    assert "2 files of submitted/" in out
    assert "1 rows of student" in out
    assert "1 lines of receipts.jsonl" in out
    assert files_with(planted.root, *CANARIES) == []
    with Records(planted.db_url) as records:
        assert (records.students(), records.history(), records.attempts("lista")) == ((), [], [])
        records.sync(planted.load())
        records.record(report("novo"), submitted_at=TIME)
        assert len(records.reports("lista")) == 1


def test_a_purge_of_a_list_leaves_the_others(planted: Course, records: Records, gradebook: Command) -> None:
    """Students who have something in another list stay, with all of it; who is only enrolled stays, too."""
    records.enrol(["enrolled"])
    other = planted.root / "assignments" / "outra"
    other.mkdir()
    (other / "ex01.ipynb").write_bytes((planted.root / "assignments/lista/ex01.ipynb").read_bytes())
    records.sync(load(planted.root, "outra"))
    records.record(report("both", assignment="outra"), submitted_at=TIME)
    records.record(report("both"), submitted_at=TIME)
    plant(planted, "both", "outra")
    records.file_appeal("outra", "both", "ex01", "Por quê?")
    before = records.reports("outra"), records.appeals("outra"), records.history(assignment="outra")
    files = [name for name in files_with(planted.root, b"both") if "outra" in name]
    assert gradebook("purge", "lista", "--yes", "--course", str(planted.root))[0] == 0
    assert files_with(planted.root, LOGIN.encode()) == []
    after = records.reports("outra"), records.appeals("outra"), records.history(assignment="outra")
    assert after == before
    assert records.students() == ("both", "enrolled")
    assert [name for name in files_with(planted.root, b"both") if "outra" in name] == files
    assert json.loads((planted.root / RECEIPTS).read_text())["student"] == "both"
    assert gradebook("purge", "--term", "--yes", "--course", str(planted.root))[0] == 0
    assert records.students() == ()
    assert files_with(planted.root, b"both", b"enrolled") == []


def test_reports_of_a_list_whose_name_begins_alike_stay(planted: Course, gradebook: Command) -> None:
    """``lista-extra`` is another list, be it graded or not; ``lista-ex01-similarity.html`` is of this one."""
    (planted.root / "assignments" / "lista-extra").mkdir()
    others = {f"reports/lista-extra{rest}" for rest in (".html", "-similarity.html")} | {"exports/lista-extra.csv"}
    for name in {*others, "reports/lista-similarity.html", "reports/lista-ex01-similarity.html"}:
        (planted.root / name).write_text("canaries of others")
    assert gradebook("purge", "lista", "--yes", "--course", str(planted.root))[0] == 0
    left = [path for folder in ("reports", "exports") for path in (planted.root / folder).iterdir()]
    assert {path.relative_to(planted.root).as_posix() for path in left} == others


def test_nothing_goes_unless_the_name_is_typed(
    planted: Course, gradebook: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What will go is shown before."""
    before = files_with(planted.root, *CANARIES)
    root = ("--course", str(planted.root))
    for typed in ("lista1", "yes", ""):
        monkeypatch.setattr("builtins.input", lambda _, typed=typed: typed)
        status, out, err = gradebook("purge", "lista", *root)
        assert status == 2
        assert "rows of grade" in out
        assert "nothing was removed" in err
    for arguments in (["purge"], ["purge", "lista", "--term"], ["purge", "lista99"], ["purge", "../lista"]):
        assert gradebook(*arguments, *root, "--yes")[0] == 2
    assert files_with(planted.root, *CANARIES) == before
    monkeypatch.setattr("builtins.input", lambda _: "lista")
    assert gradebook("purge", "lista", *root)[0] == 0
    assert files_with(planted.root, *CANARIES) == []


def test_no_link_is_followed(
    planted: Course, gradebook: Command, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Neither at a student's place, nor within what is removed."""
    outside = tmp_path_factory.mktemp("outside")
    (outside / "lista").mkdir()
    for path in (outside / "kept.txt", outside / "lista" / "kept.txt"):
        path.write_text("kept")
    (planted.root / "submitted" / "eve").symlink_to(outside)
    (planted.root / "feedback" / LOGIN / "lista" / "link").symlink_to(outside)
    (planted.root / "autograded" / "mal").mkdir()
    (planted.root / "autograded" / "mal" / "lista").symlink_to(outside)
    assert gradebook("purge", "lista", "--yes", "--course", str(planted.root))[0] == 0
    assert sorted(p.name for p in outside.rglob("*")) == ["kept.txt", "kept.txt", "lista"]
    assert [
        p.name for step in ("submitted", "autograded", "feedback") for p in (planted.root / step).iterdir()
    ] == []


def test_copies_are_named_or_removed(planted: Course, gradebook: Command) -> None:
    """Backups, what a restore moved aside, what nbgrader's upgrade kept; and logins in policies.toml are named."""
    root = ("--course", str(planted.root))
    archive = gradebook("backup", *root)[1].strip()
    gradebook("restore", archive, "--force", *root)
    (planted.root / "gradebook.db.2026-11-20").write_text(LOGIN)
    for killed in (".backup-x1", ".restore-x1"):
        (planted.root / killed).mkdir()
        (planted.root / killed / "gradebook.db").write_text(LOGIN)
    (planted.root / "policies.toml").write_text(f'[lista]\nextensions = {{ {LOGIN} = "2d" }}\n')
    _, out, _ = gradebook("purge", "lista", "--yes", *root)
    copies = (Path(archive).name, "replaced-", "gradebook.db.2026-11-20", ".backup-x1", ".restore-x1")
    for name in (*copies, f"policies.toml still names {LOGIN}"):
        assert name in out
    (planted.root / "policies.toml").unlink()
    _, out, _ = gradebook("purge", "lista", "--yes", "--copies", *root)
    assert "nothing: it was removed before" not in out
    assert files_with(planted.root, *CANARIES) == []
    assert list((planted.root / "backups").iterdir()) == []


@pytest.mark.sqlite
def test_a_reader_of_the_database_is_no_silent_leak(
    planted: Course, gradebook: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While somebody reads, the log of the database cannot be emptied: that is said, and a second run does it."""
    monkeypatch.setattr("gradebook.records.snapshot._PATIENCE", 0.1)
    reader = sqlite3.connect(planted.root / "gradebook.db", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM student").fetchone()
    status, _, err = gradebook("purge", "lista", "--yes", "--course", str(planted.root))
    assert status == 1
    assert "run the command again" in " ".join(err.split())
    reader.close()
    assert gradebook("purge", "lista", "--yes", "--course", str(planted.root))[0] == 0
    assert files_with(planted.root, *CANARIES) == []


def test_figures_about_nobody_can_be_kept(course: Course, records: Records, gradebook: Command) -> None:
    """Of ten students and more: count, mean, histogram, of each notebook and question."""
    model, fit, *rest = report().verdicts
    for number in range(12):
        graded = replace(fit, score=4.0 if number < 3 else 1.0)
        essay = CellVerdict("essay", 2.0, 0.0 if number < 9 else None, manual=True)
        records.record(report(f"pupil{number}", verdicts=(model, graded, essay, rest[1])), submitted_at=TIME)
    assert gradebook("purge", "lista", "--yes", "--keep-statistics", "--course", str(course.root))[0] == 0
    assert files_with(course.root, b"pupil") == []
    (notebook,) = json.loads((course.root / "statistics" / "lista.json").read_text())["notebooks"].values()
    assert (notebook["count"], notebook["mean"], notebook["max_score"]) == (12, 4.75, 10.0)
    assert notebook["histogram"] == [0, 0, 0, 0, 9, 0, 0, 3, 0, 0]
    assert notebook["questions"] == {
        "essay": {"count": 9},
        "test_fit": {"count": 12, "max_score": 4.0, "mean": 1.75, "histogram": [0, 0, 9, 0, 0, 0, 0, 0, 0, 3]},
        "test_model": {"count": 12, "max_score": 3.0, "mean": 3.0, "histogram": [0] * 9 + [12]},
    }
    # A second run finds nobody, and leaves the figures of the first.
    assert gradebook("purge", "lista", "--yes", "--keep-statistics", "--course", str(course.root))[0] == 0
    assert json.loads((course.root / "statistics" / "lista.json").read_text())["notebooks"] != {}


def test_of_few_students_nothing_but_their_number_is_said(records: Records) -> None:
    for number in range(9):
        records.record(report(f"s{number}"), submitted_at=TIME)
    figures = statistics("lista", records.reports("lista"))["notebooks"]["ex01"]
    assert figures == {"count": 9, "questions": {"test_fit": {"count": 9}, "test_model": {"count": 9}}}


@pytest.mark.sqlite
def test_what_was_deleted_is_not_left_in_the_file(course: Course, records: Records) -> None:
    """Also where SQLite does not overwrite what it deletes, as Debian's does by itself."""
    path = course.root / "gradebook.db"
    writer = sqlite3.connect(path)
    writer.execute("PRAGMA secure_delete = OFF")
    writer.executemany("INSERT INTO student (id) VALUES (?)", [(f"{LOGIN}-{n}",) for n in range(500)])
    writer.commit()
    writer.execute("DELETE FROM student")
    writer.commit()
    writer.close()
    assert files_with(course.root, LOGIN.encode()) != []
    compact(course.db_url)
    assert files_with(course.root, LOGIN.encode()) == []
    assert records.students() == ()
