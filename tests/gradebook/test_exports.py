"""Grades as tables and files, worked out by hand for a small class."""

import csv
import io
import json
import subprocess
import sys
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pandas as pd
import pytest
from nbgrader.api import Gradebook
from nbgrader.apps import ExportApp
from nbgrader.coursedir import CourseDirectory
from sample_course import Course, report
from traitlets.config import Config

import gradebook
from autograder.errors import UsageError
from gradebook import nbgrader_export
from gradebook.cli import main
from gradebook.exports.formats import FORMATS, harmless
from gradebook.frames import COLUMNS
from gradebook.records import Records, Student

pytestmark = pytest.mark.both_databases

DUE = datetime(2026, 11, 20, 12, tzinfo=UTC)
EVIL = '=HYPERLINK("http://x","y")'


@pytest.fixture
def graded(course: Course, records: Records) -> Course:
    """Ana in time, Bruno 26 hours late and not read, Caio without a submission; Bruno has an odd name."""
    records.enrol(
        [
            Student("ana", "Ana", "Souza", "ana@example.edu"),
            Student("bruno", EVIL, "Lima"),
            Student("caio", "Caio"),
        ]
    )
    records.record(report("ana"), submitted_at=DUE - timedelta(hours=1))
    records.record(report("bruno"), submitted_at=DUE + timedelta(hours=26))
    return course


def table(course: Course) -> dict[str, dict[str, Any]]:
    wide = gradebook.grades("lista", course=course.root, db=course.db_url).wide()
    return {row["student"]: row for row in wide.to_dict("records")}


def test_a_table_of_all_graded_cells(graded: Course) -> None:
    frame = gradebook.load("lista", course=graded.root, db=graded.db_url)
    assert {name: str(kind) for name, kind in frame.dtypes.items()} == COLUMNS
    assert len(frame) == 2 * 4
    ana = frame[frame["student"] == "ana"].set_index("cell")
    assert ana["score"].tolist()[:2] == [3.0, 2.0]
    assert ana["score"].isna().tolist() == [False, False, True, True]
    assert ana["waits"].tolist() == [False, False, True, True]


def test_everybody_has_a_grade(graded: Course) -> None:
    found = table(graded)
    assert [(n, r["total"], r["max_total"], r["pending"]) for n, r in sorted(found.items())] == [
        ("ana", 5.0, 10.0, 3.0), ("bruno", 5.0, 10.0, 3.0), ("caio", 0.0, 10.0, 0.0),
    ]  # fmt: skip


def test_the_course_s_policy_counts(graded: Course) -> None:
    """26 hours late: two begun days at 10 % of 5 points; with another day, one; scaled to 100."""
    policies = graded.root / "policies.toml"
    policies.write_text("[default]\nscale = 100\nlate = { lose = 0.1 }\n")
    assert (table(graded)["ana"]["total"], table(graded)["bruno"]["total"]) == (50.0, 40.0)
    policies.write_text('[lista]\nscale = 100\nlate = { lose = 0.1 }\nextensions = { bruno = "1d" }\n')
    assert table(graded)["bruno"]["total"] == 45.0
    policies.write_text('[lista]\nextensions = { bruna = "1d" }\n')
    with pytest.raises(UsageError, match="nobody is enrolled as bruna"):
        table(graded)


def export(course: Course, kind: str) -> bytes:
    return FORMATS[kind][1](gradebook.grades("lista", course=course.root, db=course.db_url))


def test_csv_comes_back(graded: Course) -> None:
    wide = gradebook.grades("lista", course=graded.root, db=graded.db_url).wide()
    back = pd.read_csv(io.BytesIO(export(graded, "csv")), keep_default_na=False)
    assert list(back.columns) == list(wide.columns)
    assert back["total"].tolist() == wide["total"].tolist()
    assert back["last_name"].tolist() == wide["last_name"].tolist()
    assert back["first_name"].tolist() == [harmless(name) for name in wide["first_name"]]


@pytest.mark.parametrize("kind", ["csv", "moodle", "canvas"])
def test_no_text_is_a_formula(graded: Course, kind: str) -> None:
    text = export(graded, kind).decode("utf-8-sig")
    assert EVIL.replace('"', '""') in text
    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    assert not [cell for cell in cells if cell.lstrip().startswith(("=", "+", "@", "\t", "\r"))]


@pytest.mark.parametrize(
    "text", ["=1", "+1", "-1", "@x", "\t=1", " =1", "\u00a0=1", "\uff1d1", "\uff0b1", "\uff0d1", "\uff20x"]
)
def test_what_a_spreadsheet_would_compute_is_text(text: str) -> None:
    assert harmless(text) == f"'{text}"
    assert harmless("Ana-Maria = 1") == "Ana-Maria = 1"


def sheets_of(data: bytes) -> dict[str, list[list[str | float | None]]]:
    """The rows of each sheet of a workbook, read as ECMA-376 says; a formula is an error."""
    names = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        texts = [
            "".join(part.text or "" for part in item.iterfind(".//m:t", names))
            for item in ElementTree.fromstring(book.read("xl/sharedStrings.xml")).iterfind("m:si", names)
        ]
        titles = [
            sheet.attrib["name"]
            for sheet in ElementTree.fromstring(book.read("xl/workbook.xml")).iterfind(".//m:sheet", names)
        ]
        found = {}
        for number, title in enumerate(titles, start=1):
            root = ElementTree.fromstring(book.read(f"xl/worksheets/sheet{number}.xml"))
            assert root.find(".//m:f", names) is None
            rows: list[list[str | float | None]] = []
            for row in root.iterfind(".//m:row", names):
                cells: dict[int, str | float | None] = {}
                for cell in row.iterfind("m:c", names):
                    column = 0
                    for letter in cell.attrib["r"].rstrip("0123456789"):
                        column = 26 * column + ord(letter) - ord("A") + 1
                    value = cell.findtext("m:v", None, names)
                    kind = cell.attrib.get("t")
                    if value is not None:
                        cells[column] = texts[int(value)] if kind == "s" else float(value)
                rows.append([cells.get(column) for column in range(1, max(cells, default=0) + 1)])
            found[title] = rows
    return found


def test_a_workbook_comes_back(graded: Course) -> None:
    """Texts as texts, numbers as numbers, no formula."""
    found = gradebook.grades("lista", course=graded.root, db=graded.db_url)
    sheets = sheets_of(export(graded, "xlsx"))
    assert list(sheets) == ["lista", "notebooks", "comments"]
    heads, *rows = sheets["lista"]
    wide = found.wide()
    assert heads == list(wide.columns)
    assert rows == [list(row) for row in wide.itertuples(index=False, name=None)]
    heads, *rows = sheets["notebooks"]
    assert [dict(zip(heads, row, strict=False))["late_hours"] for row in rows] == [0, 26, 0]


def test_comments_are_exported_and_no_formula(graded: Course) -> None:
    """In the workbook and in JSON, of whom they are for."""
    with Gradebook(graded.db_url) as stock:
        stock.find_comment("essay", "ex01", "lista", "bruno").manual_comment = EVIL
        stock.db.commit()
    heads, row = sheets_of(export(graded, "xlsx"))["comments"]
    assert dict(zip(heads, row, strict=True)) == {
        "student": "bruno", "notebook": "ex01", "cell": "essay", "question": "3. Discussão (1)", "comment": EVIL,
    }  # fmt: skip
    found = {one["id"]: one["notebooks"][0]["comments"] for one in json.loads(export(graded, "json"))["students"]}
    assert found == {
        "ana": [], "caio": [], "bruno": [{"cell": "essay", "question": "3. Discussão (1)", "comment": EVIL}],
    }  # fmt: skip


def test_a_student_gets_nothing_of_the_others(graded: Course) -> None:
    """Not even in the policy, which names who has more time, and who is in a group."""
    (graded.root / "policies.toml").write_text(
        '[lista]\nextensions = { ana = "1d", bruno = "2d" }\ngroups = { g = ["ana", "caio"] }\n'
    )
    whole = gradebook.grades("lista", course=graded.root, db=graded.db_url)
    for kind, (_, convert) in FORMATS.items():
        data = convert(whole.of("ana"))
        text = str(sheets_of(data)) if kind == "xlsx" else data.decode()
        assert "ana" in text
        assert not any(other in text for other in ("bruno", "caio", "Caio", "Lima"))
    (only,) = json.loads(FORMATS["json"][1](whole.of("ana")))["students"]
    assert only["total"] == table(graded)["ana"]["total"]
    with pytest.raises(UsageError, match="Nobody is enrolled as 'dora'"):
        whole.of("dora")


def test_moodle_knows_the_student_by_login(graded: Course) -> None:
    rows = list(csv.DictReader(io.StringIO(export(graded, "moodle").decode())))
    wide = gradebook.grades("lista", course=graded.root, db=graded.db_url).wide()
    assert [row["email"] for row in rows] == wide["email"].tolist()
    assert [row["lastname"] for row in rows] == wide["last_name"].tolist()
    assert {row["username"]: list(row.values())[-1] for row in rows} == {"ana": "5", "bruno": "5", "caio": "0"}


def test_canvas_has_its_heads_and_points_possible(graded: Course) -> None:
    heads, possible, *rows = csv.reader(io.StringIO(export(graded, "canvas").decode()))
    assert heads[:5] == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
    assert (possible[0].strip(), possible[5]) == ("Points Possible", "10")
    assert {row[3]: row[5] for row in rows} == {"ana": "5", "bruno": "5", "caio": "0"}


def test_json_says_how_each_score_came_about(graded: Course) -> None:
    (graded.root / "policies.toml").write_text("[lista]\nlate = { lose = 0.1 }\n")
    found = json.loads(export(graded, "json"))
    (bruno,) = (student for student in found["students"] if student["id"] == "bruno")
    (notebook,) = bruno["notebooks"]
    assert (notebook["raw"], notebook["penalty"], notebook["score"]) == (5, 1, 4)
    assert notebook["late_seconds"] == 26 * 3600
    assert (bruno["first_name"], bruno["total"]) == (EVIL, 4)
    wide = gradebook.grades("lista", course=graded.root, db=graded.db_url).wide().set_index("student")
    assert {one["id"]: one["total"] for one in found["students"]} == wide["total"].to_dict()


@pytest.mark.parametrize("kind", FORMATS)
def test_the_command_writes_a_file(
    graded: Course, kind: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    target = tmp_path / "some" / "where"
    arguments = ["gradebook", "export", "lista", "--format", kind, "--to", str(target)]
    monkeypatch.setattr("sys.argv", [*arguments, "--course", str(graded.root), "--db", graded.db_url])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code in (0, None)
    said = capsys.readouterr()
    assert said.out.strip() == str(target)
    assert "2 students have answers that nobody has read" in " ".join(said.err.split())
    assert target.read_bytes() == export(graded, kind) or kind == "xlsx"


def test_one_student_s_file_is_called_by_them(
    graded: Course, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = ["gradebook", "export", "lista", "--format", "json", "--student", "ana"]
    monkeypatch.setattr("sys.argv", [*arguments, "--course", str(graded.root), "--db", graded.db_url])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code in (0, None)
    target = graded.root / "exports" / "lista-ana.json"
    assert capsys.readouterr().out.strip() == str(target)
    assert [one["id"] for one in json.loads(target.read_text())["students"]] == ["ana"]


def test_nbgraders_own_command_knows_the_exporter(graded: Course, tmp_path: Path) -> None:
    """As the documentation says it, in a process of its own."""
    target = tmp_path / "out.csv"
    subprocess.run(
        [Path(sys.executable).with_name("nbgrader"), "export", "--exporter=gradebook.nbgrader_export.Moodle",
         "--assignment", "['lista']", "--to", str(target), f"--CourseDirectory.db_url={graded.db_url}"],
        check=True, capture_output=True, cwd=graded.root,
    )  # fmt: skip
    assert target.read_bytes() == export(graded, "moodle")


@pytest.mark.parametrize("kind", ["Csv", "Json", "Moodle", "Canvas", "Xlsx"])
def test_nbgraders_command_writes_the_same(graded: Course, kind: str, tmp_path: Path) -> None:
    target = tmp_path / "out"
    app = ExportApp(
        config=Config(
            {
                "CourseDirectory": {"root": str(graded.root), "db_url": graded.db_url},
                "ExportPlugin": {"to": str(target), "assignment": ["lista"]},
            }
        )
    )
    app.coursedir = CourseDirectory(parent=app)
    app.plugin_class = getattr(nbgrader_export, kind)
    app.init_plugin()
    with Gradebook(graded.db_url) as open_one:
        app.plugin_inst.export(open_one)
        if kind != "Xlsx":  # says when it was written
            assert target.read_bytes() == export(graded, kind.lower())
        for wrong in ({"student": ["ana"]}, {"assignment": ["lista", "outra"]}):
            plugin = getattr(nbgrader_export, kind)(parent=app, **wrong)
            with pytest.raises(UsageError, match=r"whole class|One list"):
                plugin.export(open_one)
