"""What a feedback page shows, decided before any HTML: plain values for the template."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from babel.dates import format_date, format_time, get_timezone_gmt
from babel.numbers import format_decimal

from autograder.assignment import Assignment, Template
from autograder.messages import tr
from autograder.outcome import CellVerdict, Outcome
from gradebook.curves import Picture, pictures
from gradebook.headings import cell_titles, notebook_title
from gradebook.records import CellGrade, Graded
from gradebook.text import Redactor, clean

__all__ = ["Check", "Note", "Page", "Section", "page_of"]

Mark = Literal["passed", "partial", "failed", "broken"]


@dataclass(frozen=True)
class Check:
    """One outcome."""

    mark: Mark
    title: str
    credit: str | None
    expected: str | None
    actual: str | None
    hint: str | None


@dataclass(frozen=True)
class Section:
    """One graded cell."""

    title: str
    score: str | None
    max_score: str
    share: float
    state: Literal["decided", "waits", "review"]
    manual: bool
    overruled: str | None
    again: bool
    reason: str | None
    checks: tuple[Check, ...]
    comment: str | None


@dataclass(frozen=True)
class Note:
    """A TA's remark on a cell that is not graded itself."""

    title: str
    comment: str


@dataclass(frozen=True)
class Page:
    """A whole feedback page."""

    language: str
    assignment: str
    title: str
    student: str
    submitted: str | None
    due: str | None
    late: str | None
    status: str
    error: str | None
    score: str
    max_score: str
    share: float
    automatic: tuple[str, str] | None
    manual: tuple[str, str] | None
    pending: str | None
    review: bool
    notices: tuple[str, ...]
    pictures: tuple[Picture, ...]
    sections: tuple[Section, ...]
    notes: tuple[Note, ...]
    recorded: str


def page_of(graded: Graded, assignment: Assignment, *, language: str) -> Page:
    """What the page of ``graded`` shows. Speak ``language`` around this call."""
    template = assignment.notebook(graded.report.notebook)
    return _Builder(graded, assignment, template, language).page()


class _Builder:
    def __init__(self, graded: Graded, assignment: Assignment, template: Template, language: str) -> None:
        self._graded, self._assignment, self._template = graded, assignment, template
        self._language = language
        self._redact = Redactor.of(template)
        # The clock by which the teacher set the due time; else this machine's.
        due = assignment.settings.due
        self._zone = due.tzinfo if due is not None else None

    def page(self) -> Page:
        graded, report = self._graded, self._graded.report
        titles = cell_titles(self._template)
        verdicts = {verdict.grade_id: verdict for verdict in report.verdicts}
        sections = tuple(
            self._section(cell, verdicts.get(cell.grade_id), titles.get(cell.grade_id, cell.grade_id))
            for cell in graded.cells
        )
        graded_ids = {cell.grade_id for cell in graded.cells}
        manual = {v.grade_id for v in report.verdicts if v.manual}
        return Page(
            language=self._language.replace("_", "-"),
            assignment=clean(self._assignment.settings.title or self._assignment.name),
            title=clean(notebook_title(self._template), limit=200),
            student=self._name(),
            submitted=self._time(graded.submitted_at),
            due=self._time(graded.due),
            late=_duration(graded.late_seconds) if graded.late_seconds else None,
            status=report.status,
            # The error of a failed run is the grader's, and none of the student's business.
            error=self._text(report.error, limit=2000) if report.status == "refused" else None,
            score=self._number(graded.score),
            max_score=self._number(graded.max_score),
            share=_share(graded.score, graded.max_score),
            automatic=self._part([c for c in graded.cells if c.grade_id not in manual]),
            manual=self._part([c for c in graded.cells if c.grade_id in manual]),
            pending=self._number(graded.pending) if graded.pending else None,
            review=graded.needs_review,
            notices=tuple(self._redact(clean(notice, limit=500)) for notice in report.notices[:50]),
            pictures=tuple(pictures(report.curves, locale=self._language)),
            sections=sections,
            notes=tuple(
                Note(titles.get(cell, cell), clean(comment, limit=10_000))
                for cell, comment in graded.comments.items()
                if cell not in graded_ids
            ),
            recorded=self._time(graded.recorded_at) or "",
        )

    def _section(self, cell: CellGrade, verdict: CellVerdict | None, title: str) -> Section:
        decided = cell.score is not None
        review = not decided and (verdict is None or verdict.needs_review)
        comment = self._graded.comments.get(cell.grade_id)
        checks = verdict.outcomes[:200] if verdict is not None else ()
        overruled = (
            self._number(cell.auto_score)
            if cell.manual_score is not None
            and cell.auto_score is not None
            and cell.auto_score != cell.manual_score
            else None
        )
        return Section(
            title=clean(title, limit=200),
            score=self._number(cell.score) if cell.score is not None else None,
            max_score=self._number(cell.max_score),
            share=_share(cell.score or 0.0, cell.max_score),
            state="decided" if decided else "review" if review else "waits",
            manual=verdict is not None and verdict.manual,
            overruled=overruled,
            again=decided and cell.waits,
            # Where the grader failed, the reason is the grader's own.
            reason=self._text(verdict.reason, limit=3000) if verdict and not verdict.needs_review else None,
            checks=tuple(self._check(outcome) for outcome in checks),
            comment=clean(comment, limit=10_000) if comment else None,
        )

    def _check(self, outcome: Outcome) -> Check:
        mark: Mark = "failed"
        if outcome.error is not None:
            return Check("broken", clean(outcome.title, limit=300), None, None, None, None)
        if outcome.passed:
            mark = "passed"
        elif outcome.credit > 0:
            mark = "partial"
        told = not outcome.passed
        return Check(
            mark,
            clean(outcome.title, limit=300),
            f"{outcome.credit:.0%}" if mark == "partial" else None,
            self._text(outcome.expected) if told else None,
            self._text(outcome.actual) if told else None,
            clean(outcome.hint, limit=1000) if outcome.hint and told else None,
        )

    def _name(self) -> str:
        student = self._graded.student
        name = " ".join(part for part in (student.first_name, student.last_name) if part)
        return clean(f"{name} ({student.id})" if name else student.id, limit=160)

    def _part(self, cells: list[CellGrade]) -> tuple[str, str] | None:
        if not cells:
            return None
        decided = [cell.score for cell in cells if cell.score is not None]
        return self._number(sum(decided)) if decided else "–", self._number(sum(cell.max_score for cell in cells))

    def _text(self, text: str | None, *, limit: int = 600) -> str | None:
        return self._redact(clean(text, limit=limit)).strip("\n") or None if text else None

    def _number(self, value: float) -> str:
        return str(format_decimal(round(value, 2), format="0.##", locale=self._language))

    def _time(self, time: datetime | None) -> str | None:
        if time is None:
            return None
        local = time.astimezone(self._zone)
        return tr(
            "{date}, {time} ({zone})",
            date=format_date(local.date(), "long", locale=self._language),
            time=format_time(local.timetz(), "HH:mm", tzinfo=local.tzinfo, locale=self._language),
            zone=get_timezone_gmt(local, locale=self._language),
        )


def _share(score: float, max_score: float) -> float:
    """The filled part of a bar, in percent."""
    return round(100 * min(1.0, max(0.0, score / max_score)), 1) if max_score > 0 else 0.0


def _duration(seconds: float) -> str:
    minutes = max(1, round(seconds / 60))
    days, rest = divmod(minutes, 24 * 60)
    hours, minutes = divmod(rest, 60)
    parts = ((days, "d"), (hours, "h"), (minutes, "min"))
    return " ".join(f"{count} {unit}" for count, unit in parts if count)
