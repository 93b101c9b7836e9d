"""The cards of a class report: suspect questions, and checks that fail."""

from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup

from autograder.messages import tr
from gradebook.report import plots
from gradebook.report.items import Doubt, chance, doubts
from gradebook.report.values import Check, ClassReport, Question
from gradebook.report.words import Words

__all__ = ["MOST", "Failing", "Suspect", "easy", "failing", "suspects"]

#: How many cards a section has; the tables have all.
MOST = 12
#: Reasons for a card, the weightier, the earlier. What nearly everybody can do does no harm.
_ORDER: tuple[Doubt, ...] = ("negative", "upside_down", "nobody", "flat")


@dataclass(frozen=True)
class Suspect:
    """A suspect question.

    Args:
        place: Of which notebook.
        title: The question's heading.
        figures: Of the question.
        sure: Whether chance does not explain it.
        lines: Why the question is suspect.
        checks: Its checks that are, and why each.
    """

    place: str
    title: str
    figures: str
    sure: bool
    lines: tuple[str, ...]
    checks: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class Failing:
    """A check that fails often.

    Args:
        place: Notebook and question.
        title: What is checked.
        figures: How often it fails.
        meter: The same as a picture.
        expected: What is expected, where that is the same for all.
        examples: How often, what was there, and what was expected where that differs.
        reasons: What ended the cell early most often, and how often.
    """

    place: str
    title: str
    figures: str
    meter: Markup
    expected: str | None
    examples: tuple[tuple[int, str | None, str | None], ...]
    reasons: tuple[tuple[int, str], ...]


def suspects(report: ClassReport, words: Words) -> tuple[Suspect, ...]:
    """Questions with a reason to read them again; first those that chance does not explain."""
    checks: dict[tuple[str, str], list[Check]] = {}
    for check in report.checks:
        if set(doubts(check.item)) & set(_ORDER):
            checks.setdefault((check.notebook, check.cell), []).append(check)
    found = []
    for question in report.questions:
        below = checks.get((question.notebook, question.cell), [])
        if below or set(doubts(question.item)) & set(_ORDER):
            found.append((_weight(question, below), _suspect(question, below, words)))
    return tuple(card for _, card in sorted(found, key=lambda pair: pair[0]))


def _weight(question: Question, below: list[Check]) -> tuple[bool, int, float]:
    """By which suspects are sorted: the worst of question and checks."""
    return min(
        (chance(item), _ORDER.index(doubt), item.discrimination or 0.0)
        for item in (question.item, *(check.item for check in below))
        for doubt in doubts(item)
        if doubt in _ORDER
    )


def _suspect(question: Question, below: list[Check], words: Words) -> Suspect:
    return Suspect(
        words.short(question.notebook),
        words.title(question.title),
        words.figures(question.item),
        not _weight(question, below)[0],
        tuple(words.because(doubt, question.item) for doubt in doubts(question.item) if doubt in _ORDER),
        tuple(
            (
                words.text(check.notebook, check.title, limit=200) or "",
                tuple(words.because(doubt, check.item) for doubt in doubts(check.item) if doubt in _ORDER),
            )
            for check in below
        ),
    )


def easy(report: ClassReport, words: Words) -> tuple[str, ...]:
    """Checks that nearly everybody passes."""
    return tuple(
        f"{words.short(check.notebook)} · {words.text(check.notebook, check.title, limit=200)} "
        f"({words.percent(check.item.difficulty)})"
        for check in report.checks
        if doubts(check.item) == ("everybody",)
    )


def failing(report: ClassReport, words: Words) -> tuple[Failing, ...]:
    """The checks that the largest part of the students does not pass, and how."""
    known = [check for check in report.checks if check.item.full is not None and check.failed]
    known.sort(key=lambda check: (-check.failed / check.item.students, -check.item.students, check.title))
    questions = {(question.notebook, question.cell): question for question in report.questions}
    return tuple(_failing(check, questions, words) for check in known[:MOST])


def _failing(check: Check, questions: Mapping[tuple[str, str], Question], words: Words) -> Failing:
    part = check.failed / check.item.students
    figures = tr("{part} of {count} students do not pass", part=words.percent(part), count=check.item.students)
    expected = {example.expected for example in check.examples}
    same = expected.pop() if len(expected) == 1 else None
    question = questions.get((check.notebook, check.cell))

    def said(text: str | None) -> str | None:
        return words.text(check.notebook, text, limit=300)

    return Failing(
        f"{words.short(check.notebook)} · {words.title(check.question)}",
        words.text(check.notebook, check.title, limit=200) or "",
        figures,
        plots.meter(part, figures),
        said(same),
        tuple(
            (one.count, said(one.actual), said(one.expected) if same is None else None) for one in check.examples
        ),
        tuple((one.count, said(one.actual) or "–") for one in (question.reasons[:1] if question else ())),
    )
