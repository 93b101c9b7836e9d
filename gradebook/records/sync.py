"""Bringing an assignment in the database up to its source notebooks, whatever was graded already.

nbgrader refuses to change the cells of an assignment that has submissions. Here the cells are added,
changed and removed one by one: existing submissions get empty grades for what is new, and what people wrote
about a removed cell moves to the archive table, from where it returns if the cell does.
"""

from datetime import UTC, datetime
from typing import Any

from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    GradeCell,
    Notebook,
    SolutionCell,
    SourceCell,
    SubmittedAssignment,
    SubmittedNotebook,
    TaskCell,
)
from sqlalchemy import and_, delete, insert, select
from sqlalchemy.orm import Session

from gradebook.records.source import SourceNotebook, SourceRow
from gradebook.records.tables import ARCHIVE
from gradebook.records.triggers import name_cause

__all__ = ["add_submission", "sync"]


def sync(
    session: Session,
    name: str,
    notebooks: tuple[SourceNotebook, ...],
    *,
    due: datetime | None,
    course_id: str,
) -> None:
    """Make the database's assignment ``name`` consist of ``notebooks``.

    Args:
        session: A writing session.
        name: The assignment.
        notebooks: What nbgrader keeps of its notebooks.
        due: When it is due, naive and in UTC; ``None`` leaves what the database has.
        course_id: nbgrader's course.
    """
    name_cause(session, "autograder", "sources changed")
    assignment = session.scalars(select(Assignment).where(Assignment.name == name)).one_or_none()
    if assignment is None:
        assignment = Assignment(name=name, course_id=course_id)
        session.add(assignment)
    if due is not None:
        assignment.duedate = due
    session.flush()
    wanted = {source.name for source in notebooks}
    for notebook in list(assignment.notebooks):
        if notebook.name not in wanted:
            _remove_notebook(session, assignment, notebook)
    session.flush()
    session.expire_all()
    for source in notebooks:
        _sync_notebook(session, assignment, source)


def add_submission(session: Session, assignment: Any, student: Any) -> Any:
    """A submission with an empty grade for each graded cell, and a comment for each that takes one."""
    submission = SubmittedAssignment(assignment=assignment, student=student)
    session.add(submission)
    for notebook in assignment.notebooks:
        submitted = SubmittedNotebook(notebook=notebook, assignment=submission)
        session.add(submitted)
        for cell in notebook._base_cells:
            _add_rows(session, submitted, cell)
    session.flush()
    return submission


def _sync_notebook(session: Session, assignment: Any, source: SourceNotebook) -> None:
    notebook = session.scalars(
        select(Notebook).where(Notebook.assignment_id == assignment.id, Notebook.name == source.name)
    ).one_or_none()
    if notebook is None:
        notebook = Notebook(name=source.name, assignment=assignment)
        session.add(notebook)
        session.flush()
        for submission in assignment.submissions:
            session.add(SubmittedNotebook(notebook=notebook, assignment=submission))
    notebook.kernelspec = source.kernelspec
    session.flush()
    _sync_cells(session, assignment, notebook, source)
    _sync_sources(session, notebook, source)


def _kinds(row: SourceRow) -> list[type[Any]]:
    """The tables of nbgrader in which a cell stands, besides its source."""
    kinds = ((row.grade, GradeCell), (row.solution, SolutionCell), (row.task, TaskCell))
    return [kind for applies, kind in kinds if applies]


def _sync_cells(session: Session, assignment: Any, notebook: Any, source: SourceNotebook) -> None:
    wanted = {(row.name, kind.__name__): (row, kind) for row in source.rows for kind in _kinds(row)}
    existing = {(cell.name, cell.type): cell for cell in notebook._base_cells}
    for key, cell in existing.items():
        if key not in wanted:
            _remove_cell(session, assignment, notebook, cell)
    added = []
    for key, (row, kind) in wanted.items():
        cell = existing.get(key)
        if cell is None:
            cell = kind(name=row.name, notebook_id=notebook.id)
            added.append(cell)
            session.add(cell)
        if kind is not SolutionCell:
            cell.max_score, cell.cell_type = row.points, row.cell_type
    session.flush()
    for submitted in notebook.submissions:
        for cell in added:
            _add_rows(session, submitted, cell)
    session.flush()
    session.expire_all()
    for submitted in notebook.submissions:
        _restore(session, assignment, notebook, submitted)


def _sync_sources(session: Session, notebook: Any, source: SourceNotebook) -> None:
    fields = ("name", "cell_type", "locked", "source", "checksum")
    wanted = [{name: getattr(row, name) for name in fields} for row in source.rows]
    if [{name: getattr(cell, name) for name in fields} for cell in notebook.source_cells] == wanted:
        return
    # nbgrader finds a deleted cell's place by the order in which the database gives these rows, and PostgreSQL
    # gives a row that was changed last. So all are written anew.
    session.execute(delete(SourceCell).where(SourceCell.notebook_id == notebook.id))
    session.expire_all()
    for values in wanted:
        session.add(SourceCell(notebook_id=notebook.id, **values))
    session.flush()
    session.expire_all()


def _add_rows(session: Session, submitted: Any, cell: Any) -> None:
    if not isinstance(cell, SolutionCell):
        session.add(Grade(cell_id=cell.id, notebook=submitted))
    if not isinstance(cell, GradeCell):
        session.add(Comment(cell_id=cell.id, notebook=submitted))


def _remove_notebook(session: Session, assignment: Any, notebook: Any) -> None:
    for cell in list(notebook._base_cells):
        _remove_cell(session, assignment, notebook, cell)
    for entity in (SourceCell, SubmittedNotebook):
        session.execute(delete(entity).where(entity.notebook_id == notebook.id))
    session.execute(delete(Notebook).where(Notebook.id == notebook.id))
    session.expire_all()


def _remove_cell(session: Session, assignment: Any, notebook: Any, cell: Any) -> None:
    rows = session.execute(
        select(SubmittedAssignment.student_id, Grade.manual_score, Grade.extra_credit)
        .join(SubmittedNotebook, SubmittedNotebook.id == Grade.notebook_id)
        .join(SubmittedAssignment, SubmittedAssignment.id == SubmittedNotebook.assignment_id)
        .where(Grade.cell_id == cell.id, (Grade.manual_score != None) | (Grade.extra_credit != None))  # noqa: E711
    ).all()
    for student, score, extra in rows:
        content = {"manual_score": score, "extra_credit": extra}
        _archive(session, (student, assignment.name, notebook.name, cell.name), content)
    rows = session.execute(
        select(SubmittedAssignment.student_id, Comment.manual_comment)
        .join(SubmittedNotebook, SubmittedNotebook.id == Comment.notebook_id)
        .join(SubmittedAssignment, SubmittedAssignment.id == SubmittedNotebook.assignment_id)
        .where(Comment.cell_id == cell.id, Comment.manual_comment != None)  # noqa: E711
    ).all()
    for student, comment in rows:
        content = {"manual_comment": comment}
        _archive(session, (student, assignment.name, notebook.name, cell.name), content)
    identity, table = cell.id, type(cell).__table__
    for entity in (Grade, Comment):
        session.execute(delete(entity).where(entity.cell_id == identity))
    session.execute(delete(table).where(table.c.id == identity))
    session.execute(delete(BaseCell.__table__).where(BaseCell.__table__.c.id == identity))
    session.expunge(cell)


def _archive(session: Session, key: tuple[str, str, str, str], content: dict[str, Any]) -> None:
    values = dict(zip(("student", "assignment", "notebook", "cell"), key, strict=True))
    where = and_(*(ARCHIVE.c[column] == value for column, value in values.items()))
    old = session.execute(select(ARCHIVE).where(where)).mappings().one_or_none()
    session.execute(delete(ARCHIVE).where(where))
    now = datetime.now(UTC).replace(tzinfo=None)
    session.execute(insert(ARCHIVE).values({**(dict(old) if old else values), **content, "archived_at": now}))


def _restore(session: Session, assignment: Any, notebook: Any, submitted: Any) -> None:
    """Give back what is in the archive about cells that are there again."""
    where = and_(
        ARCHIVE.c.student == submitted.assignment.student_id,
        ARCHIVE.c.assignment == assignment.name,
        ARCHIVE.c.notebook == notebook.name,
    )
    for saved in session.execute(select(ARCHIVE).where(where)).mappings().all():
        grade = next((g for g in submitted.grades if g.cell.name == saved["cell"]), None)
        comment = next((c for c in submitted.comments if c.cell.name == saved["cell"]), None)
        rest = {key: saved[key] for key in ("manual_score", "extra_credit", "manual_comment")}
        if grade is not None:
            # A person looks again: the cell may have changed while it was away.
            if grade.manual_score is None:
                grade.manual_score, rest["manual_score"] = rest["manual_score"], None
            if grade.extra_credit is None:
                grade.extra_credit, rest["extra_credit"] = rest["extra_credit"], None
            grade.needs_manual_grade = True
        if comment is not None and comment.manual_comment is None:
            comment.manual_comment, rest["manual_comment"] = rest["manual_comment"], None
        here = and_(where, ARCHIVE.c.cell == saved["cell"])
        if all(value is None for value in rest.values()):
            session.execute(delete(ARCHIVE).where(here))
        else:
            session.execute(ARCHIVE.update().where(here).values(**rest))
    session.flush()
