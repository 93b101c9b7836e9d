"""Grades as tables: a row a check, a row a graded cell, a row a notebook, a row a student."""

import copy
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

import pandas as pd
from sqlalchemy.orm import Session

from autograder.assignment import Assignment, Template
from autograder.assignment import load as load_assignment
from autograder.errors import UsageError
from gradebook.attempts import with_attempts
from gradebook.headings import cell_titles
from gradebook.policies.rules import apply, totals
from gradebook.policies.settings import FILE, Policy, read_policy
from gradebook.records import Attempt, Graded, Student
from gradebook.records.attempts import read_attempts
from gradebook.records.bulk import ClassTables, read_class
from gradebook.records.database import Database
from gradebook.records.location import database_url
from gradebook.records.reader import read_comments, read_graded

__all__ = ["CHECK_COLUMNS", "COLUMNS", "Grades", "by_notebook", "cells", "grades", "load", "outcomes"]

#: A row a graded cell of ``load``, with the kinds of its columns; ``docs/data.md`` says what each means.
COLUMNS = {
    "student": "string", "first_name": "string", "last_name": "string", "email": "string", "assignment": "string",
    "notebook": "string", "cell": "string", "question": "string", "auto_score": "float64",
    "manual_score": "float64", "extra_credit": "float64", "score": "float64", "max_score": "float64",
    "waits": "bool", "comment": "string", "status": "string", "submitted_at": "datetime64[us, UTC]",
    "due": "datetime64[us, UTC]", "recorded_at": "datetime64[us, UTC]",
}  # fmt: skip


#: A row a check of ``outcomes``; ``docs/data.md`` says what each means.
CHECK_COLUMNS = (
    "student", "assignment", "notebook", "cell", "question", "number", "title", "passed", "credit", "weight",
    "error", "metric", "value", "threshold", "rises", "margin", "expected", "actual",
)  # fmt: skip


def load(assignment: str, *, course: str | Path = ".", db: str | None = None) -> pd.DataFrame:
    """What the gradebook says of a list: a row a graded cell.

    Args:
        assignment: The list, such as ``lista12``.
        course: Root of the course.
        db: URL of the gradebook; what ``nbgrader_config.py`` says, or ``gradebook.db``, if not given.

    Raises:
        UsageError: There is no such list or gradebook.
    """
    source = load_assignment(Path(course), assignment)
    with closing(Database(database_url(Path(course), db))) as database:
        return database.read(
            lambda session: cells(read_class(session, assignment), read_comments(session, assignment), source)
        )


def outcomes(assignment: str, *, course: str | Path = ".", db: str | None = None) -> pd.DataFrame:
    """What each check of a list found: a row a check.

    Args:
        assignment: The list, such as ``lista12``.
        course: Root of the course.
        db: URL of the gradebook; what ``nbgrader_config.py`` says, or ``gradebook.db``, if not given.

    Raises:
        UsageError: There is no such list or gradebook.
    """
    source = load_assignment(Path(course), assignment)
    with closing(Database(database_url(Path(course), db))) as database:
        tables = database.read(lambda session: read_class(session, assignment))
    found = tables.outcomes
    rows = tables.notebooks[["student", "notebook"]].take(found["place"].to_numpy()).reset_index(drop=True)
    above = found["value"] - found["threshold"]
    named = found.assign(
        student=rows["student"],
        notebook=rows["notebook"],
        assignment=pd.Categorical([assignment]).repeat(len(found)),
        question=_questions(rows["notebook"], found["cell"], source),
        margin=above.where(found["rises"].fillna(True).astype(bool), -above),
    )
    return named[list(CHECK_COLUMNS)]


def cells(tables: ClassTables, comments: Mapping[tuple[str, str, str], str], source: Assignment) -> pd.DataFrame:
    """Graded cells as a table; columns as ``COLUMNS`` says.

    Args:
        tables: What the gradebook says.
        comments: What TAs wrote, by student, notebook and cell.
        source: The list.
    """
    found, rows = tables.cells, tables.notebooks.take(tables.cells["place"].to_numpy()).reset_index(drop=True)
    people = tables.people.set_index("student").reindex(rows["student"].cat.categories)
    code = rows["student"].cat.codes.to_numpy()
    frame = pd.DataFrame(
        {
            "student": rows["student"],
            **{name: people[name].array.take(code) for name in ("first_name", "last_name", "email")},
            "assignment": source.name,
            "notebook": rows["notebook"],
            "cell": found["cell"],
            "question": _questions(rows["notebook"], found["cell"], source),
            **{
                name: found[name]
                for name in ("auto_score", "manual_score", "extra_credit", "score", "max_score", "waits")
            },
            "comment": None,
            **{name: rows[name] for name in ("status", "submitted_at", "due", "recorded_at")},
        },
        columns=list(COLUMNS),
    ).astype(COLUMNS)
    if comments:
        keys = pd.MultiIndex.from_frame(frame[["student", "notebook", "cell"]])
        said = pd.Series(comments, dtype="string")
        frame["comment"] = said.reindex(keys).array
    return frame


def _questions(notebook: "pd.Series[str]", cell: "pd.Series[str]", source: Assignment) -> "pd.Categorical[str]":
    """The heading above each cell; its id where the list has no such cell (any more)."""
    titles = {template.name: cell_titles(template) for template in source.notebooks}
    names, ids = list(notebook.cat.categories), list(cell.cat.categories)
    pairs = [titles.get(name, {}).get(one, one) for name in names for one in ids]
    kinds = pd.Index(sorted(set(pairs)))
    codes = kinds.get_indexer(pd.Index(pairs))
    at = notebook.cat.codes.to_numpy().astype(int) * len(ids) + cell.cat.codes.to_numpy()
    return pd.Categorical.from_codes(codes[at] if len(at) else [], kinds)


def by_notebook(frame: pd.DataFrame, students: Sequence[str], source: Assignment) -> pd.DataFrame:
    """A row a student and notebook, also where nothing was handed in: what the rules of a policy read.

    Args:
        frame: From ``cells``.
        students: Everybody who is enrolled.
        source: The list.
    """
    grouped = frame.assign(pending=frame["max_score"].where(frame["waits"] & frame["score"].isna(), 0.0)).groupby(
        ["student", "notebook"], as_index=False
    )
    found = grouped.agg(
        raw=("score", "sum"), max_score=("max_score", "sum"), pending=("pending", "sum"),
        status=("status", "first"), submitted_at=("submitted_at", "first"), due=("due", "first"),
    )  # fmt: skip
    everybody = pd.DataFrame(
        [(student, template.name, _points(template)) for student in students for template in source.notebooks],
        columns=["student", "notebook", "points"],
    ).astype({"student": "string", "notebook": "string"})
    whole = everybody.merge(found, on=["student", "notebook"], how="left")
    return whole.assign(
        raw=whole["raw"].fillna(0.0).clip(lower=0.0),
        max_score=whole["max_score"].fillna(whole["points"]),
        pending=whole["pending"].fillna(0.0),
        status=whole["status"].fillna("missing"),
    ).drop(columns="points")


def _points(template: Template) -> float:
    return float(sum(cell.points for cell in template.cells if cell.graded))


class Grades:
    """The grades of a list, its policy used.

    Args:
        assignment: The list.
        policy: What was used.
        students: Names and addresses, by login.
        notebooks: A row a student and notebook, with the columns of all rules.
        totals: A row a student: ``total`` of ``max_total``.
        comments: A row a comment: ``student``, ``notebook``, ``cell``, ``question``, ``comment``.
    """

    def __init__(
        self,
        assignment: Assignment,
        policy: Policy,
        students: Mapping[str, Student],
        frame: pd.DataFrame,
        comments: Mapping[tuple[str, str, str], str],
    ) -> None:
        self.assignment, self.policy, self.students = assignment, policy, students
        self.notebooks = apply(frame, policy)
        self.totals = totals(self.notebooks, policy.scale)
        titles = {template.name: cell_titles(template) for template in assignment.notebooks}
        rows = [
            (who, name, cell, titles.get(name, {}).get(cell, cell), text)
            for (who, name, cell), text in sorted(comments.items())
        ]
        self.comments = pd.DataFrame(
            rows, columns=["student", "notebook", "cell", "question", "comment"], dtype="string"
        )

    def of(self, student: str) -> "Grades":
        """The same of one student, with nothing of the others: what they may ask for.

        Raises:
            UsageError: Nobody of that login is enrolled.
        """
        if student not in self.students:
            raise UsageError(f"Nobody is enrolled as {student!r}.")
        own = copy.copy(self)
        more = {name: time for name, time in self.policy.extensions.items() if name == student}
        own.policy = self.policy.model_copy(update={"extensions": more, "groups": {}})
        own.students = {student: self.students[student]}
        for name in ("notebooks", "totals", "comments"):
            table = getattr(self, name)
            setattr(own, name, table[table["student"] == student].reset_index(drop=True))
        return own

    def wide(self) -> pd.DataFrame:
        """A row a student, by last name: names, points of each notebook, total, what waits for a reader."""
        points = self.notebooks.pivot(index="student", columns="notebook", values="score")
        pending = self.notebooks.groupby("student")["pending"].sum()
        table = self.totals.set_index("student").join(points).assign(pending=pending).reset_index()
        people = [self.students.get(name, Student(name)) for name in table["student"]]
        for place, field in enumerate(("last_name", "first_name", "email"), start=1):
            table.insert(place, field, pd.Series([getattr(p, field) or "" for p in people], dtype="string"))
        names = [template.name for template in self.assignment.notebooks]
        table = table[["student", "last_name", "first_name", "email", *names, "total", "max_total", "pending"]]
        return table.sort_values(["last_name", "first_name", "student"], ignore_index=True)


def grades(assignment: str, *, course: str | Path = ".", db: str | None = None) -> Grades:
    """The grades of a list, after what the course's ``policies.toml`` says.

    Args:
        assignment: The list, such as ``lista12``.
        course: Root of the course.
        db: URL of the gradebook; what ``nbgrader_config.py`` says, or ``gradebook.db``, if not given.

    Raises:
        UsageError: There is no such list or gradebook, or the policy names somebody who is not enrolled.
    """
    course = Path(course)
    source = load_assignment(course, assignment)
    policy = read_policy(course, assignment, [template.name for template in source.notebooks])

    def read(
        session: Session,
    ) -> tuple[ClassTables, list[Attempt], list[Graded] | None, Mapping[tuple[str, str, str], str]]:
        earlier = read_attempts(session, assignment)
        # Read whole only where an earlier submission may count: it takes its time.
        whole = earlier and policy.submission == "best"
        graded = read_graded(session, assignment, student=None, notebook=None) if whole else None
        return read_class(session, assignment), earlier, graded, read_comments(session, assignment)

    with closing(Database(database_url(course, db))) as database:
        tables, earlier, graded, comments = database.read(read)
    people = {
        row[0]: Student(*row)
        for row in tables.people.astype(object).where(tables.people.notna(), None).itertuples(index=False)
    }
    named = {*policy.extensions, *(student for group in policy.groups.values() for student in group)}
    strange = sorted(named - people.keys())
    if strange:
        raise UsageError(
            f"{course / FILE}, of {assignment}: nobody is enrolled as {', '.join(strange)}.",
            "Correct the login, or enrol them: nbgrader db student add LOGIN",
        )
    frame = by_notebook(cells(tables, {}, source), sorted(people), source)
    return Grades(source, policy, people, with_attempts(frame, earlier, graded), comments)
