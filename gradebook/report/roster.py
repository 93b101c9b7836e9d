"""Who handed in what and when, and where the grader failed."""

from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gradebook.policies.rules import extend, penalise
from gradebook.policies.settings import Policy
from gradebook.report.grid import Grid
from gradebook.report.items import bin_of
from gradebook.report.values import Failure, Pupil, Summary

__all__ = ["covered", "failures_of", "lateness", "pupils_of", "summary_of"]


def lateness(grid: Grid, policy: Policy) -> "pd.Series[pd.Timedelta]":
    """How late each student of the roster is, extensions and grace taken off; zero for who is in time.

    A submission is one: all its notebooks came at the same time.
    """
    rows = grid.tables.notebooks.drop_duplicates("student").astype({"student": object}).set_index("student")
    frame = rows[["submitted_at", "due"]].reindex(grid.students).rename_axis("student").reset_index()
    frame = penalise(extend(frame.assign(raw=0.0), policy.extensions), policy.late)
    late: pd.Series[pd.Timedelta] = frame["late"].where(pd.Series(grid.handed_in.any(axis=1)), pd.Timedelta(0))
    return late


def covered(grid: Grid, groups: Mapping[str, Collection[str]]) -> NDArray[np.bool_]:
    """Of each student and notebook, whether they, or somebody of their group, handed it in."""
    found = grid.handed_in.copy()
    place = {student: number for number, student in enumerate(grid.students)}
    for members in groups.values():
        rows = [place[student] for student in members if student in place]
        found[rows] = grid.handed_in[rows].any(axis=0)
    return found


def pupils_of(grid: Grid, policy: Policy) -> tuple[Pupil, ...]:
    """Everybody on the roster; who handed in nothing first, then who is late, latest first, then by login."""
    there, late, names = covered(grid, policy.groups), lateness(grid, policy), list(grid.notebooks)
    share, bins = grid.list_share(), _bins(grid)
    people = grid.tables.people
    called = (people["first_name"].fillna("") + " " + people["last_name"].fillna("")).str.strip()
    pupils = [
        Pupil(
            student, name, int(own.sum()), tuple(names[n] for n in np.flatnonzero(~own)),
            more.to_pytimedelta() if more > pd.Timedelta(0) else None, float(points),
            None if np.isnan(part) else float(part), code,
        )
        for student, name, own, more, points, part, code in zip(
            grid.students, called, there, late, grid.earned, share, bins, strict=True
        )
    ]  # fmt: skip
    return tuple(
        sorted(pupils, key=lambda p: (p.handed_in > 0, -(p.late.total_seconds() if p.late else 0), p.student))
    )


def _bins(grid: Grid) -> list[str]:
    """A digit a share: of the list, of each notebook, of each question."""
    shares = [grid.list_share()]
    shares += [grid.notebook_share(place) for place in grid.notebooks.values()]
    shares += [grid.share(number) for number in range(len(grid.columns))]
    signs = np.full((len(grid.students), len(shares)), ord("-"), np.uint8)
    for place, share in enumerate(shares):
        known = ~np.isnan(share)
        signs[known, place] = ord("0") + bin_of(np.clip(share[known], 0, 1))
    return [bytes(row).decode() for row in signs]


def failures_of(grid: Grid) -> tuple[Failure, ...]:
    """Where the grader failed, and nobody has decided since: a notebook as a whole, or one of its cells."""
    rows, cells = grid.tables.notebooks, grid.tables.cells
    names = list(grid.notebooks)
    undecided = cells["needs_review"].fillna(False).astype(bool) & cells["score"].isna() & (grid.column >= 0)
    found = []
    open_places = set(cells["place"][undecided])
    failed = {
        place
        for place in np.flatnonzero(rows["status"].eq("failed").to_numpy() & (grid.notebook >= 0))
        if place in open_places
    }
    for place in failed:
        why = rows["error"].iloc[place]
        found.append(
            Failure(
                grid.students[grid.student[place]], names[grid.notebook[place]], None, "" if pd.isna(why) else why
            )
        )
    for row in np.flatnonzero(undecided):
        place, why = cells["place"].iloc[row], cells["reason"].iloc[row]
        if place not in failed:
            column = grid.columns[grid.column[row]]
            found.append(
                Failure(
                    grid.students[grid.student[place]], column.notebook, column.title, "" if pd.isna(why) else why
                )
            )
    return tuple(sorted(found, key=lambda one: (one.student, one.notebook, one.question or "")))


def summary_of(
    grid: Grid, pupils: Collection[Pupil], failures: Collection[Failure], collected: Collection[str]
) -> Summary:
    """The class in numbers.

    Args:
        grid: The class.
        pupils: Everybody.
        failures: Where the grader failed.
        collected: Who has a folder of submissions, graded or not.
    """
    cells = grid.tables.cells
    reads = (
        cells["waits"]
        & ~cells["needs_review"].fillna(False).astype(bool)
        & (grid.column >= 0)
        & grid.tables.notebooks["status"].ne("missing").to_numpy()[cells["place"].to_numpy()]
    )
    known = {grid.students[place] for place in np.flatnonzero(grid.handed_in.any(axis=1))}
    recorded = set(grid.tables.notebooks["student"])
    ungraded = set(collected) - recorded
    return Summary(
        students=len(grid.students),
        handed_in=len(known | ungraded),
        ungraded=len(ungraded),
        graded=int(grid.with_status("graded", "refused").any(axis=1).sum()),
        complete=sum(not pupil.missing for pupil in pupils),
        missing=sum(not pupil.handed_in and pupil.student not in ungraded for pupil in pupils),
        late=sum(pupil.late is not None for pupil in pupils),
        waiting=int(reads.sum()),
        waiting_students=len(set(grid.student[cells["place"].to_numpy()[reads]])),
        failures=len(failures),
        failing_students=len({failure.student for failure in failures}),
    )
