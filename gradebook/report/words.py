"""Figures and findings in words, in the language that is spoken."""

import re
from collections.abc import Mapping
from datetime import datetime, tzinfo

from babel.numbers import get_decimal_symbol

from autograder.assignment import Assignment
from autograder.messages import tr
from gradebook.report.items import Doubt, Item, chance, doubts
from gradebook.report.values import Spread
from gradebook.text import Redactor, clean, duration, moment

__all__ = ["Words"]

_POINTS = re.compile(r"\s*\([^()]*\b(?:pontos?|points?)\)")


class Words:
    """Says figures.

    Args:
        assignment: The list; what its notebooks hide is taken out of every text.
        language: ``pt_BR`` or ``en``.
    """

    def __init__(self, assignment: Assignment, language: str) -> None:
        self._language = language
        self._symbol = get_decimal_symbol(language)
        self._redactors = {template.name: Redactor.of(template) for template in assignment.notebooks}
        due = assignment.settings.due
        self._zone: tzinfo | None = due.tzinfo if due is not None else None
        names = [template.name for template in assignment.notebooks]
        short = [name.partition("_")[0] for name in names]
        unique = len(set(short)) == len(short) and all(len(name) <= 4 for name in short)
        self._short: Mapping[str, str] = dict(zip(names, short if unique else names, strict=True))

    def short(self, notebook: str) -> str:
        """``01`` of ``01_classificador``, where all begin with something of their own."""
        return self._short.get(notebook, notebook)

    def text(self, notebook: str, text: str | None, *, limit: int = 600) -> str | None:
        """What a student or the grader wrote, without what could deceive, and without lines of hidden tests."""
        if not text:
            return None
        redact = self._redactors.get(notebook, Redactor())
        return redact(clean(text, limit=limit)).strip("\n") or None

    def name(self, name: str) -> str:
        """A person's."""
        return name if name.isascii() and name.isprintable() and len(name) <= 160 else clean(name, limit=160)

    def title(self, title: str) -> str:
        """A heading without its points, which have a column of their own."""
        return clean(_POINTS.sub("", title).strip() or title, limit=160)

    def number(self, value: float) -> str:
        """7, 7,5 or 7,25."""
        return self._decimal(f"{round(value, 2):.2f}".rstrip("0").rstrip("."))

    def measure(self, value: float) -> str:
        """Three digits that count."""
        return self._decimal(f"{float(value):.3g}")

    def signed(self, value: float | None) -> str:
        """A correlation."""
        return "–" if value is None else self._decimal(f"{value:.2f}")

    def percent(self, share: float | None) -> str:
        """A share."""
        return "–" if share is None else f"{100 * share:.0f}%"

    def seconds(self, value: float | None) -> str:
        """A time of a run."""
        if value is None:
            return "–"
        return self._decimal(f"{value:.0f} s" if value >= 10 else f"{value:.1f} s")

    def duration(self, seconds: float) -> str:
        """How late."""
        return duration(round(seconds / 60))

    def time(self, time: datetime) -> str:
        """Date and time by the clock of the due time; else by this machine's."""
        return moment(time, self._zone, locale=self._language)

    def spread(self, found: Spread) -> str:
        """The quartiles of times."""
        if found.median is None:
            return ""
        return tr(
            "from {least} to {most}; half of them between {first} and {third}, median {median}, nine of ten up to "
            "{ninth}",
            least=self.seconds(found.least), most=self.seconds(found.most), first=self.seconds(found.first),
            third=self.seconds(found.third), median=self.seconds(found.median), ninth=self.seconds(found.ninth),
        )  # fmt: skip

    def interval(self, item: Item) -> str:
        """A correlation with its interval."""
        return tr(
            "{r}, between {low} and {high} (95%)", r=self.signed(item.discrimination), low=self.signed(item.low),
            high=self.signed(item.high),
        )  # fmt: skip

    def figures(self, item: Item) -> str:
        """An item in a line."""
        return tr(
            "{count} students · {mean} on average · r = {r}", count=item.students,
            mean=self.percent(item.difficulty), r=self.signed(item.discrimination),
        )  # fmt: skip

    def flag(self, item: Item) -> str:
        """Why it is suspect, in two words each."""
        words = {
            "negative": tr("upside down"), "flat": tr("tells little"), "upside_down": tr("best do no better"),
            "nobody": tr("nearly nobody"), "everybody": tr("nearly everybody"),
        }  # fmt: skip
        return ", ".join(words[doubt] for doubt in doubts(item))

    def because(self, doubt: Doubt, item: Item) -> str:
        """Why it is suspect, in a sentence; with a warning where chance would do as well."""
        r = self.signed(item.discrimination)
        if doubt == "negative":
            said = tr("Students who do well in the rest of the list do worse here (r = {r}).", r=r)
        elif doubt == "flat":
            said = tr("Doing well in the rest of the list says next to nothing about this (r = {r}).", r=r)
        elif doubt == "upside_down":
            return tr(
                "The quarter of students who do best in the rest earns {upper} here on average; the quarter who "
                "do worst, {lower}.",
                upper=self.percent(item.upper),
                lower=self.percent(item.lower),
            )
        elif doubt == "nobody":
            return tr("Nearly nobody gets it right: {mean} on average.", mean=self.percent(item.difficulty))
        else:
            return tr("Nearly everybody gets it right: {mean} on average.", mean=self.percent(item.difficulty))
        if chance(item):
            said += " " + tr(
                "With {count} students this may be chance: between {low} and {high}.", count=item.students,
                low=self.signed(item.low), high=self.signed(item.high),
            )  # fmt: skip
        return said

    def _decimal(self, text: str) -> str:
        return text.replace("-", "−").replace(".", self._symbol)
