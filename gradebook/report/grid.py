"""A class as a grid of numbers: a row a student, a column a graded cell."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from autograder.assignment import Assignment
from gradebook.headings import cell_titles, notebook_title
from gradebook.records.bulk import ClassTables

__all__ = ["Column", "Grid"]

Numbers = NDArray[np.float64]
Places = NDArray[np.int64]


@dataclass(frozen=True)
class Column:
    """A graded cell.

    Args:
        place: Which notebook of the list, from 0.
        notebook, cell: Names.
        title: The heading above it.
        points: To be had.
        manual: People mark it.
    """

    place: int
    notebook: str
    cell: str
    title: str
    points: float
    manual: bool


class Grid:
    """What each student earned in each graded cell.

    Args:
        tables: What the gradebook says.
        assignment: The list; its order is that of the columns. A cell that only the gradebook has comes last.
    """

    def __init__(self, tables: ClassTables, assignment: Assignment) -> None:
        self.tables = tables
        self.notebooks = {template.name: place for place, template in enumerate(assignment.notebooks)}
        self.titles = {template.name: notebook_title(template) for template in assignment.notebooks}
        self.students = tables.people["student"].tolist()
        rows, cells = tables.notebooks, tables.cells
        #: The student and notebook of each recorded notebook; -1 for a notebook that the list has no more.
        self.student = _codes(rows["student"], {name: place for place, name in enumerate(self.students)})
        self.notebook = _codes(rows["notebook"], self.notebooks)
        self.columns = tuple(_columns(tables, assignment, self.notebooks))
        #: The column of each graded cell of the tables; -1 as above.
        self.column = self.columns_of(cells)
        shape = len(self.students), len(self.columns)
        self.score, self.most = np.full(shape, np.nan), np.full(shape, np.nan)
        ours = self.column >= 0
        at = self.student[cells["place"].to_numpy()[ours]], self.column[ours]
        self.score[at] = cells["score"].to_numpy()[ours]
        self.most[at] = cells["max_score"].to_numpy()[ours]
        self.most[np.isnan(self.score)] = np.nan

    def columns_of(self, rows: pd.DataFrame) -> Places:
        """The column of each row that has a ``place`` and a ``cell``."""
        names = list(rows["cell"].cat.categories)
        found = np.full((len(self.notebooks) + 1, len(names) + 1), -1)
        where = {name: place for place, name in enumerate(names)}
        for number, column in enumerate(self.columns):
            if column.cell in where:
                found[column.place, where[column.cell]] = number
        columns: Places = found[self.notebook[rows["place"].to_numpy()], rows["cell"].cat.codes.to_numpy()]
        return columns

    def with_status(self, *status: str) -> NDArray[np.bool_]:
        """Of each student and notebook, whether it is recorded with one of these states."""
        found = np.zeros((len(self.students), len(self.notebooks)), bool)
        rows = (self.notebook >= 0) & self.tables.notebooks["status"].isin(status).to_numpy()
        found[self.student[rows], self.notebook[rows]] = True
        return found

    @cached_property
    def ran(self) -> NDArray[np.bool_]:
        """Of each student and notebook, whether it ran: what the statistics of its questions are of."""
        return self.with_status("graded")

    @cached_property
    def handed_in(self) -> NDArray[np.bool_]:
        """Of each student and notebook, whether it was handed in."""
        return self.with_status("graded", "refused", "failed")

    @cached_property
    def earned(self) -> Numbers:
        """Points of each student so far."""
        points: Numbers = np.nansum(self.score, axis=1)
        return points

    @cached_property
    def decided(self) -> Numbers:
        """Points that are decided, of each student."""
        points: Numbers = np.nansum(self.most, axis=1)
        return points

    def share(self, number: int) -> Numbers:
        """The share of a column's points of each student; NaN where the notebook did not run or nobody decided."""
        most = self.most[:, number]
        there = self.ran[:, self.columns[number].place] & (most > 0)
        return np.where(there, np.clip(_ratio(self.score[:, number], most), 0.0, 1.0), np.nan)

    def rest(self, number: int) -> Numbers:
        """The share of all decided points but a column's, of each student; NaN where there are none."""
        own, most = np.nan_to_num(self.score[:, number]), np.nan_to_num(self.most[:, number])
        return _ratio(self.earned - own, self.decided - most)

    def notebook_share(self, place: int) -> Numbers:
        """The share of a notebook's decided points of each student; NaN where it did not run."""
        own = [number for number, column in enumerate(self.columns) if column.place == place]
        found = _ratio(np.nansum(self.score[:, own], axis=1), np.nansum(self.most[:, own], axis=1))
        return np.where(self.ran[:, place], found, np.nan)

    def list_share(self) -> Numbers:
        """The share of the list's decided points of each student; NaN of who handed in nothing."""
        return np.where(self.handed_in.any(axis=1), _ratio(self.earned, self.decided), np.nan)


def _ratio(part: Numbers, whole: Numbers) -> Numbers:
    found: Numbers = np.divide(part, whole, out=np.full(len(whole), np.nan), where=whole > 1e-9)
    return found


def _codes(values: "pd.Series[Any]", places: Mapping[str, int]) -> Places:
    lookup = np.array([*(places.get(name, -1) for name in values.cat.categories), -1], dtype=np.int64)
    found: Places = lookup[values.cat.codes.to_numpy()]
    return found


def _columns(tables: ClassTables, assignment: Assignment, places: Mapping[str, int]) -> list[Column]:
    found = []
    for template in assignment.notebooks:
        titles = cell_titles(template)
        found += [
            Column(
                places[template.name],
                template.name,
                cell.grade_id,
                titles[cell.grade_id],
                cell.points,
                cell.manual,
            )
            for cell in template.cells
            if cell.graded
        ]
    known = {(column.notebook, column.cell) for column in found}
    # Each kind of cell once, not each of a million.
    kinds = tables.cells[["cell", "max_score"]].assign(
        notebook=tables.notebooks["notebook"].array.take(tables.cells["place"].to_numpy())
    )
    kinds = kinds.drop_duplicates(["notebook", "cell"])
    extra = [
        Column(places[notebook], notebook, cell, cell, float(points), False)
        for notebook, cell, points in zip(kinds["notebook"], kinds["cell"], kinds["max_score"], strict=True)
        if notebook in places and (notebook, cell) not in known
    ]
    return found + sorted(extra, key=lambda column: (column.place, column.cell))
