"""Grades as files that other programs load: CSV, XLSX, JSON, and those that Moodle and Canvas import.

A spreadsheet takes a text that begins with ``=`` for a formula. Names come from students, and comments quote them,
so in CSV such a text gets an apostrophe before it; XLSX says of each text that it is one.
"""

import csv
import io
import json
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import xlsxwriter

from autograder.errors import UsageError
from gradebook.frames import Grades

__all__ = ["FORMATS", "as_canvas", "as_csv", "as_json", "as_moodle", "as_xlsx", "harmless", "write_export"]

#: Also as East Asian keyboards write them: some spreadsheets take these for the same.
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.lstrip(" \u00a0\ufeff").startswith(_DANGEROUS) else text


def as_csv(found: Grades) -> bytes:
    """A line a student: login, names, address, points of each notebook, total. UTF-8, marked for spreadsheets."""
    table = found.wide()
    return _csv(list(table.columns), table.itertuples(index=False, name=None), mark=True)


def as_json(found: Grades) -> bytes:
    """The list, its policy, and each student: of each notebook the steps from points to score, and comments."""
    totals = {row.student: row for row in found.totals.itertuples(index=False)}
    students = []
    comments: dict[tuple[str, str], list[dict[str, str]]] = {}
    for one in found.comments.itertuples(index=False):
        said = {"cell": str(one.cell), "question": str(one.question), "comment": str(one.comment)}
        comments.setdefault((str(one.student), str(one.notebook)), []).append(said)
    for login, rows in found.notebooks.groupby("student", sort=True):
        person = found.students.get(str(login))
        students.append(
            {
                "id": str(login),
                "first_name": person.first_name if person else None,
                "last_name": person.last_name if person else None,
                "email": person.email if person else None,
                "total": _number(totals[login].total),
                "max_total": _number(totals[login].max_total),
                "notebooks": [
                    {**_notebook(row), "comments": comments.get((str(login), str(row.notebook)), [])}
                    for row in rows.sort_values("notebook").itertuples(index=False)
                ],
            }
        )
    whole = {
        "assignment": found.assignment.name,
        "title": found.assignment.settings.title,
        "policy": found.policy.model_dump(mode="json"),
        "students": students,
    }
    return (json.dumps(whole, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()


def _notebook(row: Any) -> dict[str, Any]:
    return {
        "notebook": row.notebook,
        "status": row.status,
        "by": row.by,
        "submitted_at": _time(row.submitted_at),
        "attempts": int(row.attempts),
        "due": _time(row.due),
        "late_seconds": row.late.total_seconds(),
        "raw": _number(row.raw),
        "penalty": _number(row.penalty),
        "score": _number(row.score),
        "max_score": _number(row.max_score),
        "pending": _number(row.pending),
        "weight": _number(row.weight),
        "bonus": bool(row.bonus),
        "dropped": bool(row.dropped),
    }


def as_xlsx(found: Grades) -> bytes:
    """A workbook: grades, how each came about, and comments."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(
        file,
        {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False},
    )
    head = book.add_format({"bold": True, "bottom": 1})
    detail = found.notebooks.sort_values(["student", "notebook"])[
        ["student", "notebook", "status", "by", "submitted_at", "attempts", "due", "late", "raw", "penalty",
         "score", "max_score", "pending", "weight", "bonus", "dropped"]
    ]  # fmt: skip
    detail = detail.assign(late=detail["late"].dt.total_seconds() / 3600).rename(columns={"late": "late_hours"})
    sheets = ((found.assignment.name[:31], found.wide()), ("notebooks", detail), ("comments", found.comments))
    for name, table in sheets:
        sheet = book.add_worksheet(name)
        sheet.write_row(0, 0, list(table.columns), head)
        for number, row in enumerate(table.itertuples(index=False, name=None), start=1):
            for column, value in enumerate(row):
                _write(sheet, number, column, value)
        sheet.freeze_panes(1, 1)
        sheet.autofilter(0, 0, max(len(table), 1), len(table.columns) - 1)
        sheet.autofit()
    book.close()
    return file.getvalue()


def _write(sheet: Any, row: int, column: int, value: Any) -> None:
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, (int, float)):
        if math.isfinite(value):
            sheet.write_number(row, column, value)
    elif isinstance(value, pd.Timestamp):
        sheet.write_string(row, column, value.isoformat())
    elif isinstance(value, str):
        sheet.write_string(row, column, value[:32_767])


def as_moodle(found: Grades) -> bytes:
    """For *Grades → Import → CSV file*: map ``username`` to the user, the last column to the grade item."""
    table = found.wide()
    heads = [
        "username",
        "firstname",
        "lastname",
        "email",
        found.assignment.settings.title or found.assignment.name,
    ]
    rows = table[["student", "first_name", "last_name", "email", "total"]].itertuples(index=False, name=None)
    return _csv(heads, rows)


def as_canvas(found: Grades) -> bytes:
    """For *Grades → Import*: students are known by ``SIS Login ID``, the assignment by its name."""
    table = found.wide()
    most = float(table["max_total"].max()) if len(table) else 0.0
    heads = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", found.assignment.name]
    rows = [
        (f"{row.last_name}, {row.first_name}".strip(", "), "", row.student, row.student, "", row.total)
        for row in table.itertuples(index=False)
    ]
    return _csv(heads, [("    Points Possible", "", "", "", "", most), *rows])


def _csv(heads: Sequence[str], rows: Any, *, mark: bool = False) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([harmless(head) for head in heads])
    writer.writerows([_field(value) for value in row] for row in rows)
    return (b"\xef\xbb\xbf" if mark else b"") + text.getvalue().encode()


def _field(value: Any) -> Any:
    if isinstance(value, str):
        return harmless(value)
    return _number(value) if isinstance(value, float) else value


def _number(value: Any) -> float | int | None:
    """As people write it: 8, 7.25; nothing for what is no number."""
    if pd.isna(value) or not math.isfinite(value):
        return None
    rounded = round(float(value), 6)
    return int(rounded) if rounded == int(rounded) else rounded


def _time(value: Any) -> str | None:
    return None if pd.isna(value) else value.isoformat()


#: What ``gradebook export --format`` knows.
FORMATS: Mapping[str, tuple[str, Callable[[Grades], bytes]]] = {
    "csv": ("csv", as_csv),
    "xlsx": ("xlsx", as_xlsx),
    "json": ("json", as_json),
    "moodle": ("moodle.csv", as_moodle),
    "canvas": ("canvas.csv", as_canvas),
}


def write_export(found: Grades, kind: str, course: Path, to: Path | None) -> Path:
    """Write the grades of a list to a file; which.

    Args:
        found: The grades.
        kind: A name in ``FORMATS``.
        course: Root of the course.
        to: Where; ``exports/<list>.<ending>`` of the course if ``None``.

    Raises:
        UsageError: The file cannot be written.
    """
    ending, convert = FORMATS[kind]
    path = to or course / "exports" / f"{found.assignment.name}.{ending}"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(convert(found))
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}.") from error
    return path
