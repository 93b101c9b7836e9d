"""What a run graded, as people read it: a table, a row a student, and as data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from textwrap import shorten
from typing import Any

from autograder.assignment import Assignment
from autograder.engine import Item
from autograder.messages import printable
from autograder.outcome import NotebookReport
from autograder.terminal import out, table
from gradebook.records import Graded as Recorded
from gradebook.records import Records

__all__ = ["Result"]

#: Notebooks beside which a table of 80 columns has room for a sentence.
_NARROW = 4
#: Students that are read one by one.
_FEW = 20


@dataclass(frozen=True)
class Result:
    """What a run graded, as the gradebook has it now: what TAs gave before counts."""

    assignment: Assignment
    graded: tuple[Recorded, ...]

    @classmethod
    def of(cls, assignment: Assignment, items: Sequence[Item], records: Records) -> "Result":
        """What the gradebook has of ``items``."""
        done = {(item.submission.student, item.template.name) for item in items}
        students = {student for student, _ in done}
        # One query a student, while that is less to read than a whole class.
        whose: list[str | None] = [None] if len(students) > _FEW else sorted(students)  # type: ignore[assignment]
        graded = [
            g
            for student in whose
            for g in records.reports(assignment.name, student=student)
            if (g.report.student, g.report.notebook) in done
        ]
        return cls(assignment, tuple(sorted(graded, key=lambda g: (g.report.student, g.report.notebook))))

    @property
    def needs_review(self) -> bool:
        """Whether the grader failed anywhere."""
        return any(g.report.needs_review for g in self.graded)

    def rows(self) -> list[dict[str, Any]]:
        """One object a submission and notebook, for ``--json``."""
        return [
            {
                "student": g.report.student,
                "notebook": g.report.notebook,
                "score": g.score,
                "max_score": g.max_score,
                "needs_review": g.report.needs_review,
                "error": _error(g.report),
                "seconds": g.report.seconds,
            }
            for g in self.graded
        ]

    def show(self) -> None:
        """Print a table: a row a student, a column a notebook."""
        names = [
            t.name for t in self.assignment.notebooks if any(g.report.notebook == t.name for g in self.graded)
        ]
        short = _short(names)
        by_key = {(g.report.student, g.report.notebook): g for g in self.graded}
        points = {n: self.assignment.notebook(n).max_score for n in names}
        # Many notebooks: the headings stay short, and what is to be said of a student stands below the table.
        dense = len(names) > _NARROW
        alike = dense and len(set(points.values())) == 1
        rows, notes = [], []
        for student in sorted({g.report.student for g in self.graded}):
            mine = [by_key[student, name] for name in names if (student, name) in by_key]
            cells = (_cell(by_key.get((student, name))) for name in names)
            rows.append((student, *cells, f"{sum(g.score for g in mine):g}"))
            notes.append(_notes(mine, short))
        columns = [
            ("student", "left"),
            *((short[n] if alike else f"{short[n]} /{points[n]:g}", "right") for n in names),
            ("total" if alike else f"total /{sum(points.values()):g}", "right"),
        ]
        title = self.assignment.settings.title or self.assignment.name
        if dense:
            each = f" ({points[names[0]]:g} points each)" if alike else ""
            out.print(table(title + each, columns, rows, dense=True))
            said = [(row[0], note) for row, note in zip(rows, notes, strict=True) if note]
            if said:
                out.print(table("", [("student", "left"), ("notes", "fold")], said))
        else:
            columns.append(("", "fold"))
            out.print(table(title, columns, [(*row, note) for row, note in zip(rows, notes, strict=True)]))
        waiting = sum(g.pending for g in self.graded)
        seconds = sum(g.report.cpu_seconds for g in self.graded)
        handed_in = sum(g.report.status != "missing" for g in self.graded)
        text = f"{handed_in} notebooks, {seconds:.0f} s of student CPU time."
        if waiting:
            text += f" + marks essays: {waiting:g} points wait for a TA."
        out.print(text, highlight=False)
        if self.needs_review:
            out.print("? marks notebooks where the grader failed; a person must look.", style="bold red")


def _notes(mine: Sequence[Recorded], short: Mapping[str, str]) -> str:
    late = max((g.late_seconds or 0.0 for g in mine if g.report.status != "missing"), default=0.0)
    notes = [f"late {_span(late)}"] if late else []
    if mine and all(g.report.status == "missing" for g in mine):
        return "; ".join([*notes, "nothing handed in"])
    for report in (g.report for g in mine):
        if report.status != "missing" and (why := _error(report) or _lost(report)):
            notes.append(f"{short[report.notebook]}: {shorten(why, 90, placeholder=' …')}")
    return "; ".join(notes)


def _cell(graded: Recorded | None) -> str:
    if graded is None:
        return ""
    if graded.report.status == "missing":
        return "–"
    mark = "?" if graded.report.needs_review else "+" if graded.pending else ""
    return f"{graded.score:g}{mark}"


def _short(names: Sequence[str]) -> dict[str, str]:
    """Headings that fit: the number before the first underscore, when that tells the notebooks apart."""
    heads = {name: name.partition("_")[0] for name in names}
    return heads if len(set(heads.values())) == len(names) else {name: name for name in names}


def _error(report: NotebookReport) -> str:
    if report.error:
        return printable(report.error, 300)
    broken = next((v for v in report.verdicts if v.needs_review), None)
    return printable(f"{broken.grade_id}: {broken.reason}", 300) if broken is not None else ""


def _lost(report: NotebookReport) -> str:
    """What cost points: the first check that failed, and how many more did."""
    failed = [o.title for v in report.verdicts for o in v.outcomes if not o.passed]
    failed += [
        f"{v.grade_id}: {v.reason}" for v in report.verdicts if v.reason and not v.outcomes and not v.manual
    ]
    if not failed:
        return ""
    return f"✗ {failed[0]}" + (f" (+{len(failed) - 1})" if len(failed) > 1 else "")


def _span(seconds: float) -> str:
    hours = seconds / 3600
    return f"{hours / 24:.1f} d" if hours >= 48 else f"{hours:.1f} h" if hours >= 1 else f"{seconds / 60:.0f} min"
