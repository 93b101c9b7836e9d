"""What a feedback page shows, decided before any HTML."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from autograder.assignment import Assignment, Template
from autograder.messages import tr
from autograder.outcome import CellVerdict, Outcome
from autograder.rubric import Rubric
from gradebook.feedback.drawings import draw
from gradebook.feedback.shared import Shared
from gradebook.feedback.summary import Summary, share_of
from gradebook.feedback.values import Appealed, Check, Level, Mark, Note, Page, Section
from gradebook.headings import cell_titles, notebook_title
from gradebook.policies.explain import Words, explain_notebook
from gradebook.records import CellGrade, Graded, Student
from gradebook.text import Redactor, clean, moment

__all__ = ["name_of", "page_of"]


def page_of(
    graded: Graded, assignment: Assignment, shared: Shared, summary: Summary | None, *, language: str
) -> Page:
    """What the page of ``graded`` shows. Speak ``language`` around this call.

    Args:
        graded: What was recorded of a notebook.
        assignment: Its source.
        shared: What is known of the whole list.
        summary: The student's whole list, if it is to stand on the page too.
        language: Such as ``pt_BR``.
    """
    template = assignment.notebook(graded.report.notebook)
    return _Builder(graded, assignment, template, shared, language).page(summary)


class _Builder:
    def __init__(
        self, graded: Graded, assignment: Assignment, template: Template, shared: Shared, language: str
    ) -> None:
        self._graded, self._assignment, self._template = graded, assignment, template
        self._shared, self._language = shared, language
        row = shared.rows.get((graded.student.id, graded.report.notebook))
        #: Whose submission it is: the student's, or that of a mate of their group.
        self._author = graded.student.id if row is None else str(row.by)
        self._redact = Redactor.of(template)
        # The clock by which the teacher set the due time; else this machine's.
        due = assignment.settings.due
        self._zone = due.tzinfo if due is not None else None
        self._words = Words(language, self._zone)
        bands = shared.bands.get(graded.report.notebook, {})
        self._drawn = draw(graded.report, bands, locale=language)

    def page(self, summary: Summary | None) -> Page:
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
            student=name_of(graded.student),
            submitted=self._time(graded.submitted_at),
            due=self._time(graded.due),
            late=self._late(),
            status=report.status,
            # The error of a failed run is the grader's, and none of the student's business.
            error=self._text(report.error, limit=2000) if report.status == "refused" else None,
            score=self._number(graded.score),
            max_score=self._number(graded.max_score),
            share=share_of(graded.score, graded.max_score),
            automatic=self._part([c for c in graded.cells if c.grade_id not in manual]),
            manual=self._part([c for c in graded.cells if c.grade_id in manual]),
            pending=self._number(graded.pending) if graded.pending else None,
            review=graded.needs_review,
            notices=tuple(self._redact(clean(notice, limit=500)) for notice in report.notices[:50]),
            lines=self._lines(),
            drawn=self._drawn,
            sections=sections,
            notes=tuple(
                Note(titles.get(cell, cell), clean(comment, limit=10_000))
                for cell, comment in graded.comments.items()
                if cell not in graded_ids
            ),
            appeals=self._appeals(titles),
            recorded=self._time(graded.recorded_at) or "",
            summary=summary,
        )

    def _appeals(self, titles: Mapping[str, str]) -> tuple[Appealed, ...]:
        found = self._shared.appeals.get((self._graded.student.id, self._graded.report.notebook), ())
        names = {"granted": tr("granted"), "denied": tr("denied"), "noted": tr("noted")}
        return tuple(
            Appealed(
                about=None if one.cell is None else clean(titles.get(one.cell, one.cell), limit=200),
                text=clean(one.text, limit=10_000),
                filed=self._time(one.filed_at) or "",
                outcome=None if one.outcome is None else names[one.outcome],
                answer=clean(one.answer, limit=10_000) if one.answer else None,
                answered=self._time(one.answered_at),
            )
            for one in found
        )

    def _late(self) -> str | None:
        """How late it came, the student's extension included; as the lines below count it."""
        more = self._shared.policy.extensions.get(self._author, timedelta(0))
        late = timedelta(seconds=self._graded.late_seconds or 0.0) - more
        return self._words.duration(late) if late > timedelta(0) else None

    def _lines(self) -> tuple[str, ...]:
        """What the rules made of the points."""
        row = self._shared.rows.get((self._graded.student.id, self._graded.report.notebook))
        return () if row is None else explain_notebook(row, self._shared.policy, self._words)

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
            share=share_of(cell.score or 0.0, cell.max_score),
            state="decided" if decided else "review" if review else "waits",
            manual=verdict is not None and verdict.manual,
            overruled=overruled,
            again=decided and cell.waits,
            extra=self._extra(cell),
            # Where the grader failed, the reason is the grader's own.
            reason=self._text(verdict.reason, limit=3000) if verdict and not verdict.needs_review else None,
            checks=tuple(self._check(outcome, cell.grade_id) for outcome in checks),
            levels=self._levels(cell),
            comment=clean(comment, limit=10_000) if comment else None,
        )

    def _extra(self, cell: CellGrade) -> str | None:
        """What a teacher gave on top, or took off, as arithmetic."""
        if not cell.extra_credit or cell.score is None:
            return None
        sign = "+" if cell.extra_credit > 0 else "−"
        before = self._number(cell.score - cell.extra_credit)
        return f"{before} {sign} {self._number(abs(cell.extra_credit))} = {self._number(cell.score)}"

    def _levels(self, cell: CellGrade) -> tuple[Level, ...]:
        """The levels that a reader chose, while the score is the one they add up to."""
        key = (self._author, self._graded.report.notebook, cell.grade_id)
        chosen = self._shared.levels.get(key)
        rubric: Rubric | None = self._assignment.settings.rubrics.get(key[1], {}).get(cell.grade_id)
        if chosen is None or rubric is None or len(chosen) != len(rubric.criteria):
            return ()
        pairs = [(c, c.levels[level]) for c, level in zip(rubric.criteria, chosen, strict=True)]
        if cell.manual_score is None or abs(sum(level.points for _, level in pairs) - cell.manual_score) > 1e-6:
            return ()
        return tuple(
            Level(
                clean(criterion.title, limit=200),
                clean(level.text, limit=500),
                self._number(level.points),
                self._number(max(one.points for one in criterion.levels)),
            )
            for criterion, level in pairs
        )

    def _check(self, outcome: Outcome, cell: str) -> Check:
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
            self._drawn.models.get((cell, outcome.title), ()) if told else (),
        )

    def _part(self, cells: list[CellGrade]) -> tuple[str, str] | None:
        if not cells:
            return None
        decided = [cell.score for cell in cells if cell.score is not None]
        return self._number(sum(decided)) if decided else "–", self._number(sum(cell.max_score for cell in cells))

    def _text(self, text: str | None, *, limit: int = 600) -> str | None:
        return self._redact(clean(text, limit=limit)).strip("\n") or None if text else None

    def _number(self, value: float) -> str:
        return self._words.points(value)

    def _time(self, time: datetime | None) -> str | None:
        return None if time is None else moment(time, self._zone, locale=self._language)


def name_of(student: Student) -> str:
    """How a page calls a student: the name, if there is one, and the login."""
    return clean(student.called, limit=160)
