"""A whole class at once, as tables: what ``Records.reports`` says, read for speed.

Rows come as plain tuples and are joined by numbers in memory: a class of 10,000 with ten notebooks has a million
grades, and as objects of nbgrader they would take minutes and all memory.
"""

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from nbgrader.api import (
    BaseCell,
    Grade,
    GradeCell,
    Notebook,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
    TaskCell,
)
from numpy.typing import NDArray
from sqlalchemy import Integer, cast, select
from sqlalchemy.orm import Session

from gradebook.records.order import by_bytes
from gradebook.records.parsed import Parsed, Parser
from gradebook.records.tables import REPORT
from gradebook.records.values import extended, plausible
from gradebook.records.writer import find_assignment

__all__ = ["ClassTables", "nothing_collected", "read_class"]

# As tables, not as classes: rows of classes go through the mapper one by one.
_CELL, _GRADE, _NOTEBOOK, _STUDENT, _HANDED, _PART = (
    kind.__table__ for kind in (BaseCell, Grade, Notebook, Student, SubmittedAssignment, SubmittedNotebook)
)
#: Reports, and grades, that are in memory as Python's objects at a time.
_REPORTS, _GRADES = 4_000, 50_000
#: Texts and booleans that may be missing.
_GRADES_KINDS = pa.schema(
    [
        ("notebook_id", pa.string()), ("cell_id", pa.string()), ("auto_score", pa.float64()),
        ("manual_score", pa.float64()), ("extra_credit", pa.float64()), ("needs_manual_grade", pa.int8()),
    ]
)  # fmt: skip
_KINDS = {pa.string(): pd.StringDtype(), pa.bool_(): pd.BooleanDtype()}


@dataclass(frozen=True)
class ClassTables:
    """What the gradebook says of a list. Texts that repeat are categories.

    Args:
        people: A row a student on the roster: ``student``, ``first_name``, ``last_name``, ``email``.
        notebooks: A row a recorded notebook: ``student``, ``notebook``, ``submitted_at``, ``due`` (the student's
            extension included), ``recorded_at`` (UTC) and ``answers`` (digests by cell, as JSON); of the report
            ``status``, ``error``, ``seconds`` and ``cpu_seconds``.
        cells: A row a graded cell of those: ``place`` (the row of ``notebooks``), ``cell``, ``max_score``,
            ``auto_score``, ``manual_score``, ``extra_credit``, ``score`` (what counts; missing while nobody has
            decided) and ``waits``; of the report ``needs_review``, ``manual`` and ``reason``, missing where it
            does not know the cell.
        outcomes: A row a check of those cells: ``place``, ``cell``, ``number`` (within its cell, from 1),
            ``title``, ``passed``, ``credit``, ``weight``, ``error``, ``metric``, ``value``, ``threshold``,
            ``rises``, ``expected``, ``actual``.
    """

    people: pd.DataFrame
    notebooks: pd.DataFrame
    cells: pd.DataFrame
    outcomes: pd.DataFrame


def read_class(session: Session, assignment: str) -> ClassTables:
    """All that is recorded of a list.

    Notebooks and cells that were taken out of the list are left out, as their points are.

    Raises:
        UsageError: The gradebook has no such assignment.
        GraderError: A recorded report cannot be read.
    """
    row = find_assignment(session, assignment)
    submissions, places = _submissions(session, row), {}
    known: list[tuple[str, str, datetime, str]] = []
    with nothing_collected(), Parser() as parser:
        parts = _parts(session, row.id)
        for rows in _reports(session, assignment):
            batch = []
            for student, notebook, recorded, answers, text in rows:
                part = parts.get((student, notebook))
                if part is not None:
                    places[part] = len(known)
                    known.append((student, notebook, recorded, answers))
                    batch.append((f"{student}: {assignment}/{notebook}", text))
            parser.add(batch)
        cells = _cells(session, row.id, places)
        parsed = parser.result()
        notebooks = _notebooks(known, submissions, parsed)
        cells, outcomes = _with_verdicts(cells, parsed)
    return ClassTables(_people(session), notebooks, cells, outcomes)


@contextmanager
def nothing_collected() -> Iterator[None]:
    """No search for cycles inside: among millions of tuples it takes longer than to read them, and finds none."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _people(session: Session) -> pd.DataFrame:
    rows = session.execute(
        select(_STUDENT.c.id, _STUDENT.c.first_name, _STUDENT.c.last_name, _STUDENT.c.email).order_by(
            by_bytes(_STUDENT.c.id)
        )
    )
    return pd.DataFrame(
        list(map(tuple, rows)), columns=["student", "first_name", "last_name", "email"], dtype="string"
    )


def _submissions(session: Session, assignment: Any) -> pd.DataFrame:
    """When each student handed in, and when it was due, by student."""
    query = select(_HANDED.c.student_id, _HANDED.c.timestamp, _HANDED.c.extension).where(
        _HANDED.c.assignment_id == assignment.id
    )
    rows = [
        (student, plausible(at), plausible(extended(assignment.duedate, more)))
        for student, at, more in session.execute(query)
    ]
    frame = pd.DataFrame(rows, columns=["student", "submitted_at", "due"])
    for name in ("submitted_at", "due"):
        frame[name] = pd.to_datetime(frame[name], utc=True).astype("datetime64[us, UTC]")
    return frame.set_index("student")


def _parts(session: Session, assignment: str) -> dict[tuple[str, str], str]:
    """nbgrader's id of each submitted notebook, by student and notebook."""
    query = (
        select(_HANDED.c.student_id, _NOTEBOOK.c.name, _PART.c.id)
        .select_from(_PART)
        .join(_HANDED, _HANDED.c.id == _PART.c.assignment_id)
        .join(_NOTEBOOK, _NOTEBOOK.c.id == _PART.c.notebook_id)
        .where(_HANDED.c.assignment_id == assignment)
    )
    return {(student, notebook): identity for student, notebook, identity in session.execute(query)}


def _reports(session: Session, assignment: str) -> Iterator[Sequence[Any]]:
    query = (
        select(REPORT.c.student, REPORT.c.notebook, REPORT.c.recorded_at, REPORT.c.answers, REPORT.c.report)
        .where(REPORT.c.assignment == assignment)
        .order_by(by_bytes(REPORT.c.student), by_bytes(REPORT.c.notebook))
    )
    return session.execute(query, execution_options={"yield_per": _REPORTS}).partitions()


def _notebooks(
    known: Sequence[tuple[str, str, datetime, str]], submissions: pd.DataFrame, parsed: Parsed
) -> pd.DataFrame:
    students, names, recorded, answers = zip(*known, strict=True) if known else ((), (), (), ())
    frame = pd.DataFrame({"student": pd.Categorical(students), "notebook": pd.Categorical(names)})
    by_code = submissions.reindex(frame["student"].cat.categories)
    for name in ("submitted_at", "due"):
        frame[name] = by_code[name].array.take(frame["student"].cat.codes.to_numpy())
    frame["recorded_at"] = pd.Series(np.array(recorded, dtype="datetime64[us]")).dt.tz_localize("UTC")
    frame["answers"] = pd.Series(answers, dtype="string")
    return frame.join(parsed.reports.to_pandas(types_mapper=_KINDS.get))


def _cells(session: Session, assignment: str, places: Mapping[str, int]) -> pd.DataFrame:
    """The grades of the notebooks at those places."""
    names = _names(session, assignment)
    query = (
        select(
            _GRADE.c.notebook_id, _GRADE.c.cell_id, _GRADE.c.auto_score, _GRADE.c.manual_score,
            # A number on both: what is no mapped column comes as the driver has it.
            _GRADE.c.extra_credit, cast(_GRADE.c.needs_manual_grade, Integer),
        )
        .select_from(_HANDED)
        .join(_PART, _PART.c.assignment_id == _HANDED.c.id)
        .join(_GRADE, _GRADE.c.notebook_id == _PART.c.id)
        .where(_HANDED.c.assignment_id == assignment)
    )  # fmt: skip
    grades = _fetched(session, query, _GRADES_KINDS)
    place = pc.index_in(grades["notebook_id"], pa.array(list(places), pa.string()))
    number = pc.index_in(grades["cell_id"], pa.array([identity for identity, _, _ in names], pa.string()))
    grades = grades.append_column("place", place).append_column("number", number)
    grades = grades.filter(pc.and_(place.is_valid(), number.is_valid())).drop_columns(["notebook_id", "cell_id"])
    frame = grades.to_pandas()
    categories = pd.Index(sorted({name for _, name, _ in names}), dtype=object)
    codes = categories.get_indexer(pd.Index([name for _, name, _ in names], dtype=object))
    points = np.array([points for _, _, points in names], dtype=float)
    number = frame.pop("number").to_numpy(int)
    base = frame["manual_score"].where(frame["manual_score"].notna(), frame["auto_score"])
    return pd.DataFrame(
        {
            "place": frame["place"].astype("int64"),
            "cell": pd.Categorical.from_codes(codes[number], categories),
            "max_score": points[number],
            "auto_score": frame["auto_score"],
            "manual_score": frame["manual_score"],
            "extra_credit": frame["extra_credit"],
            "score": base + frame["extra_credit"].fillna(0.0),
            "waits": frame["needs_manual_grade"].astype(bool),
        }
    )


def _fetched(session: Session, query: Any, kinds: pa.Schema) -> pa.Table:
    """The rows of a query as columns.

    They go by SQLAlchemy, which would make an object of each: the driver's tuples are enough here.
    """
    connection = session.connection()
    cursor = connection.connection.cursor()
    try:
        cursor.execute(str(query.compile(connection, compile_kwargs={"literal_binds": True})))
        parts = []
        while rows := cursor.fetchmany(_GRADES):
            columns = zip(*rows, strict=True)
            parts.append(
                pa.table(
                    [pa.array(column, field.type) for column, field in zip(columns, kinds, strict=True)], kinds
                )
            )
    finally:
        cursor.close()
    return pa.concat_tables(parts or [kinds.empty_table()]).combine_chunks()


def _names(session: Session, assignment: str) -> list[tuple[str, str, float]]:
    """Id, name and points of each graded cell."""
    found = []
    for table in (GradeCell.__table__, TaskCell.__table__):
        query = (
            select(_CELL.c.id, _CELL.c.name, table.c.max_score)
            .select_from(_CELL.join(table, table.c.id == _CELL.c.id))
            .join(_NOTEBOOK, _NOTEBOOK.c.id == _CELL.c.notebook_id)
            .where(_NOTEBOOK.c.assignment_id == assignment)
        )
        found += [(row[0], row[1], float(row[2])) for row in session.execute(query)]
    return found


def _with_verdicts(cells: pd.DataFrame, parsed: Parsed) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The cells with what the reports say of each, in the reports' order; and the checks of those cells."""
    verdicts = parsed.verdicts.to_pandas(types_mapper=_KINDS.get)
    names = cells["cell"].cat.categories.get_indexer(verdicts["grade_id"].cat.categories)
    code = np.append(names, -1)[verdicts["grade_id"].cat.codes]
    at = _rows(cells).get_indexer(pd.Index(_keys(verdicts["report"].to_numpy(), code)))
    there = at >= 0
    rank = np.full(len(cells), len(verdicts))
    rank[at[there]] = np.flatnonzero(there)
    order = np.lexsort((rank, cells["place"].to_numpy()))
    said = verdicts.drop(columns=["report", "grade_id"]).reindex(np.where(rank < len(verdicts), rank, -1)[order])
    cells = cells.iloc[order].reset_index(drop=True).join(said.reset_index(drop=True))
    moved = np.empty(len(cells) + 1, int)
    moved[order], moved[-1] = np.arange(len(cells)), -1
    outcomes = parsed.outcomes.to_pandas(types_mapper=_KINDS.get)
    row = moved[at][outcomes.pop("verdict").to_numpy()]
    outcomes = outcomes.assign(weight=outcomes["weight"].fillna(1.0), passed=outcomes["passed"].astype(bool))
    outcomes.insert(0, "place", cells["place"].to_numpy()[row] if len(cells) else row)
    outcomes.insert(1, "cell", cells["cell"].take(row).array if len(cells) else pd.Categorical([]))
    return cells, outcomes[row >= 0].reset_index(drop=True)


def _rows(cells: pd.DataFrame) -> "pd.Index[int]":
    """By ``_keys``, to look a cell's row up."""
    return pd.Index(_keys(cells["place"].to_numpy(), cells["cell"].cat.codes.to_numpy()))


def _keys(place: NDArray[Any], cell: NDArray[Any]) -> NDArray[np.int64]:
    """One number for a notebook's place and the code of a cell; -1 for a cell that nobody knows."""
    return np.where(cell < 0, -1, place.astype(np.int64) * (1 << 20) + cell)
