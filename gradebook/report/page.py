"""What the page of a class report shows, decided before any HTML: plain values for the template."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from autograder.assignment import Assignment
from autograder.messages import tr
from gradebook.privacy import FEWEST
from gradebook.report import plots
from gradebook.report.cards import MOST, Failing, Suspect, easy, failing, suspects
from gradebook.report.items import Item
from gradebook.report.values import Check, ClassReport, Question, Threshold
from gradebook.report.words import Words

__all__ = ["Page", "page_of"]

#: A row of a table: its cells as they are read, pictures included.
Row = Mapping[str, str | Markup | float | None]
_NOTHING = Markup("")


@dataclass(frozen=True)
class Fact:
    """A number of the head, what it counts, and whether it asks for something."""

    label: str
    value: int
    note: str = ""
    kind: str = ""


@dataclass(frozen=True)
class Page:
    """The whole page."""

    language: str
    title: str
    made: str
    enough: bool
    known: bool
    few: str
    facts: tuple[Fact, ...]
    findings: tuple[tuple[str, str], ...]
    histogram: Markup
    points: str
    median: str
    notebooks: tuple[Row, ...]
    cpu_axis: str
    wall_axis: str
    suspects: tuple[Suspect, ...]
    more_suspects: int
    easy: tuple[str, ...]
    failing: tuple[Failing, ...]
    questions: tuple[Row, ...]
    checks: tuple[Row, ...]
    margins: tuple[Row, ...]
    pupils: tuple[tuple[str, ...], ...]
    readers: tuple[Row, ...]
    agreements: tuple[Row, ...]
    undealt: int
    failures: tuple[tuple[str, str, str, str], ...]


def page_of(report: ClassReport, assignment: Assignment, *, language: str) -> Page:
    """What the page of ``report`` shows. Speak ``language`` around this call."""
    return _Builder(report, Words(assignment, language)).page(language)


class _Builder:
    def __init__(self, report: ClassReport, words: Words) -> None:
        self._report, self._words = report, words
        # Digits of a student's ``bins``: the list, the notebooks, the questions.
        places = [(one.name, "") for one in report.notebooks]
        places += [(question.notebook, question.cell) for question in report.questions]
        self._digit = {place: number for number, place in enumerate(places, start=1)}

    def page(self, language: str) -> Page:
        report, words = self._report, self._words
        doubtful, bad = suspects(report, words), failing(report, words)
        return Page(
            language=language.replace("_", "-"),
            title=words.title(report.title),
            made=words.time(report.made_at),
            enough=report.shares.students >= FEWEST,
            known=any(question.item.difficulty is not None for question in report.questions),
            few=tr("Figures are shown of {count} students at least.", count=FEWEST),
            facts=self._facts(),
            findings=tuple(self._findings(doubtful, bad)),
            histogram=plots.histogram(report.bins, label=tr("The whole list"), at=0, tall=True),
            points=words.number(report.points),
            median=words.percent(report.shares.median),
            notebooks=tuple(map(self._notebook, range(len(report.notebooks)))),
            cpu_axis=words.seconds(self._most("cpu") or None).strip("–"),
            wall_axis=words.seconds(self._most("wall") or None).strip("–"),
            suspects=doubtful[:MOST],
            more_suspects=max(0, len(doubtful) - MOST),
            easy=easy(report, words),
            failing=bad,
            questions=tuple(map(self._question, report.questions)),
            checks=tuple(map(self._check, report.checks)),
            margins=tuple(self._margin(found) for found in report.thresholds if found.values),
            pupils=self._pupils(),
            readers=self._readers(),
            agreements=self._agreements(),
            undealt=report.review.undealt,
            failures=tuple(
                (
                    words.name(one.student),
                    words.short(one.notebook),
                    words.title(one.question) if one.question else tr("the whole notebook"),
                    words.text(one.notebook, one.reason) or "–",
                )
                for one in report.failures
            ),
        )

    def _facts(self) -> tuple[Fact, ...]:
        s = self._report.summary
        ungraded = tr("{count} not graded yet", count=s.ungraded) if s.ungraded else ""
        readers = tr("answers of {count} students", count=s.waiting_students) if s.waiting else tr("answers")
        return (
            Fact(tr("Students"), s.students),
            Fact(tr("Handed in something"), s.handed_in, self._part(s.handed_in, s.students)),
            Fact(tr("Graded"), s.graded, ungraded),
            Fact(tr("Complete"), s.complete, tr("all notebooks")),
            Fact(tr("Late"), s.late, "", "part" if s.late else ""),
            Fact(tr("Missing"), s.missing, tr("nothing handed in"), "bad" if s.missing else ""),
            Fact(tr("Wait for readers"), s.waiting, readers, "part" if s.waiting else ""),
            Fact(tr("Grader failed"), s.failures, tr("need a person"), "bad" if s.failures else ""),
        )

    def _findings(self, doubtful: Sequence[Suspect], bad: Sequence[Failing]) -> list[tuple[str, str]]:
        """The few sentences to read first, and where they lead."""
        report, words, found = self._report, self._words, []
        known = [question for question in report.questions if question.item.difficulty is not None]
        hardest = sorted(known, key=lambda question: question.item.difficulty or 0.0)[:3]
        if hardest:
            said = "; ".join(
                f"{words.short(q.notebook)} · {words.title(q.title)} ({words.percent(q.item.difficulty)})"
                for q in hardest
            )
            found.append(("questions", tr("Hardest questions, by mean share of the points: {list}.", list=said)))
        if bad:
            first = bad[0]
            found.append(
                ("failing", tr("Fails most: {title} ({figures}).", title=first.title, figures=first.figures))
            )
        if doubtful:
            sure = sum(card.sure for card in doubtful)
            said = tr(
                "Suspect questions, to be read again: {count}; chance may explain them all.", count=len(doubtful)
            )
            if sure:
                said = tr(
                    "Suspect questions, to be read again: {count}; chance does not explain {sure} of them.",
                    count=len(doubtful), sure=sure,
                )  # fmt: skip
            found.append(("suspects", said))
        near = sum(one.near or 0 for one in report.thresholds)
        if near:
            found.append(("margins", tr("Runs that missed a threshold by less than 2%: {count}.", count=near)))
        if report.failures:
            found.append(("failures", tr("Places where the grader failed: {count}.", count=len(report.failures))))
        return found

    def _notebook(self, place: int) -> Row:
        words, one, students = self._words, self._report.notebooks[place], self._report.summary.students
        title = words.title(one.title)
        handed = tr("{count} of {all} handed it in", count=one.handed_in, all=students)
        return {
            "place": words.short(one.name),
            "title": title,
            "handed": str(one.handed_in),
            "part": self._part(one.handed_in, students),
            "bar": plots.meter(one.handed_in / students if students else 0.0, handed),
            "refused": tr("{count} refused", count=one.refused) if one.refused else "",
            "median": words.percent(one.shares.median),
            "histogram": plots.histogram(
                one.bins, label=f"{words.short(one.name)} · {title}", at=self._digit[one.name, ""]
            ),
            "stack": _NOTHING if one.full is None else plots.stack(one.full, one.partial or 0, one.none or 0),
            "cpu": words.seconds(one.cpu.median),
            "cpu_seconds": one.cpu.median,
            "cpu_box": plots.box(one.cpu, self._most("cpu"), words.spread(one.cpu)),
            "wall": words.seconds(one.wall.median),
            "wall_seconds": one.wall.median,
            "wall_box": plots.box(one.wall, self._most("wall"), words.spread(one.wall)),
        }

    def _question(self, question: Question) -> Row:
        words, item = self._words, question.item
        place, title = words.short(question.notebook), words.title(question.title)
        at = self._digit[question.notebook, question.cell]
        return {
            "place": place,
            "title": title,
            "manual": tr("read by people") if question.manual else "",
            "points": words.number(question.points),
            "students": str(item.students),
            "mean": words.percent(item.difficulty),
            "stack": _NOTHING if item.full is None else plots.stack(item.full, item.partial or 0, item.none or 0),
            "histogram": plots.histogram(item.bins, label=f"{place} · {title}", at=at),
            **self._told(item),
        }

    def _check(self, check: Check) -> Row:
        words, item = self._words, check.item
        return {
            "place": words.short(check.notebook),
            "title": words.text(check.notebook, check.title, limit=200) or "",
            "question": words.title(check.question),
            "students": str(item.students),
            "passed": words.percent(None if item.full is None else item.full / item.students),
            "mean": words.percent(item.difficulty),
            "broken": tr("broke {count} times", count=check.broken) if check.broken else "",
            **self._told(item),
        }

    def _told(self, item: Item) -> Row:
        """Discrimination as a number and a picture, and whether the item is suspect."""
        words = self._words
        return {
            "r": words.signed(item.discrimination),
            "compass": plots.compass(item, words.interval(item)),
            "doubt": words.flag(item),
        }

    def _margin(self, found: Threshold) -> Row:
        words = self._words
        title = words.text(found.notebook, found.title, limit=200) or ""
        passed = tr("{passed} of {count} passed", passed=found.passed, count=found.students)
        near = tr("missed by less than 2%: {near}", near=found.near) if found.near else ""
        return {
            "place": f"{words.short(found.notebook)} · {words.text('', found.metric, limit=40)}",
            "title": title,
            "picture": plots.strip(found, words.measure, f"{title}: {'; '.join(filter(None, (passed, near)))}"),
            "passed": passed,
            "near": near,
        }

    def _pupils(self) -> tuple[tuple[str, ...], ...]:
        words, every, found = self._words, len(self._report.notebooks), []
        for one in self._report.pupils:
            late = one.late.total_seconds() if one.late else 0.0
            missing = " ".join(map(words.short, one.missing)) if len(one.missing) < every else tr("everything")
            found.append(
                (
                    one.bins, words.name(one.student), words.name(one.name),
                    words.number(one.score), words.percent(one.share), str(one.handed_in), missing,
                    words.duration(late) if late else "", f"{late:.0f}" if late else "",
                )
            )  # fmt: skip
        return tuple(found)

    def _readers(self) -> tuple[Row, ...]:
        words = self._words
        titles = {(question.notebook, question.cell): question.title for question in self._report.questions}
        found = []
        for row in self._report.review.progress:
            part = row.done / row.tasks if row.tasks else 1.0
            done = tr("{done} of {count}", done=row.done, count=row.tasks)
            title = words.title(titles.get((row.notebook, row.cell), row.cell))
            found.append(
                {
                    "reader": words.name(row.reviewer),
                    "question": f"{words.short(row.notebook)} · {title}",
                    "done": done,
                    "part": f"{part:.4f}",
                    "bar": plots.meter(part, done),
                }
            )
        return tuple(found)

    def _agreements(self) -> tuple[Row, ...]:
        """By criterion; figures of ``FEWEST`` pairs at least."""
        words = self._words
        return tuple(
            {
                "place": words.short(notebook),
                "criterion": words.title(title),
                "pairs": str(found.pairs),
                "same": words.percent(found.same if found.pairs >= FEWEST else None),
                "kappa": words.signed(found.kappa if found.pairs >= FEWEST else None),
            }
            for (notebook, _, title), found in self._report.review.agreement.items()
        )

    def _most(self, which: str) -> float:
        """The end of the axis of times."""
        return max((getattr(one, which).most or 0.0 for one in self._report.notebooks), default=0.0)

    def _part(self, number: int, whole: int) -> str:
        return self._words.percent(number / whole) if whole >= FEWEST else ""
