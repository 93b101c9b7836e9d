"""How a grade came about, line by line, with the numbers that were used."""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Any

import pandas as pd
from babel.dates import format_date, format_time
from babel.numbers import format_decimal

from autograder.messages import tr
from gradebook.policies.settings import Policy
from gradebook.text import duration

__all__ = ["Words", "explain_notebook", "explain_total"]


class Words:
    """Numbers and times as the reader writes them.

    Args:
        locale: Such as ``pt_BR``.
        zone: Of times; this machine's if ``None``.
    """

    def __init__(self, locale: str, zone: tzinfo | None) -> None:
        self._locale, self._zone = locale, zone

    def points(self, value: float) -> str:
        """With at most two decimals."""
        return str(format_decimal(round(value, 2), format="0.##", locale=self._locale))

    def weight(self, value: float) -> str:
        """With so many decimals that a sum comes out."""
        return str(format_decimal(value, format="0.####", locale=self._locale))

    def percent(self, share: float) -> str:
        """Of one."""
        return f"{format_decimal(round(100 * share, 2), format='0.##', locale=self._locale)}%"

    def time(self, moment: datetime) -> str:
        """Day and minute."""
        local = moment.astimezone(self._zone)
        day = format_date(local.date(), "short", locale=self._locale)
        return f"{day} {format_time(local.timetz(), 'HH:mm', tzinfo=local.tzinfo, locale=self._locale)}"

    @staticmethod
    def duration(time: timedelta) -> str:
        """Days, hours and minutes; a begun minute counts."""
        return duration(math.ceil(time.total_seconds() / 60))


def explain_notebook(row: Any, policy: Policy, words: Words) -> tuple[str, ...]:
    """What the rules made of a notebook's points; nothing where they changed nothing.

    Args:
        row: Of ``Grades.notebooks``, as ``itertuples`` gives it.
        policy: The rules.
        words: How numbers are written.
    """
    lines: list[str] = []
    if row.by != row.student and row.status != "missing":
        lines.append(tr("Handed in by {name}, of your group.", name=row.by))
    # Why a mate had more time is the mate's own affair.
    if row.extension and not pd.isna(row.due) and row.by == row.student:
        lines.append(
            tr(
                "Due {due} + {more} of extension = {until}.",
                due=words.time(row.due),
                more=words.duration(row.extension),
                until=words.time(row.due + row.extension),
            )
        )
    if policy.submission == "best" and row.attempts > 1 and not pd.isna(row.submitted_at):
        lines.append(
            tr(
                "Counts: the submission of {time}, the best of {count}.",
                time=words.time(row.submitted_at),
                count=row.attempts,
            )
        )
    if row.status != "missing":
        lines += _lateness(row, policy, words)
    if row.bonus:
        lines.append(tr("Extra points: they are added, and nobody has to have them."))
    elif row.dropped:
        lines.append(tr("Left out of the grade: without it your grade is highest."))
    if row.weight != 1:
        lines.append(tr("Weight in the grade: {weight}.", weight=words.weight(row.weight)))
    return tuple(lines)


def _lateness(row: Any, policy: Policy, words: Words) -> list[str]:
    if pd.isna(row.submitted_at) or pd.isna(row.due):
        return []
    late = row.submitted_at - row.due - row.extension
    if late <= timedelta(0):
        return []
    told = tr("Handed in {late} late.", late=words.duration(late))
    rule = policy.late
    if rule is None:
        return [told + " " + tr("It costs nothing.")]
    if not row.late:
        return [told + " " + tr("Up to {grace} cost nothing.", grace=words.duration(rule.grace))]
    if rule.none_after is not None and row.late > rule.none_after:
        return [
            told + " " + tr("After {time} nothing counts.", time=words.duration(rule.none_after)),
            f"{words.points(row.raw)} − {words.points(row.penalty)} = {words.points(row.score)}",
        ]
    periods = math.ceil(row.late.total_seconds() / rule.every.total_seconds())
    lost = periods * rule.lose
    share = min(lost, rule.most)
    text = tr(
        "Begun periods of {every}: {count} × {lose} = {lost}",
        count=periods,
        every=words.duration(rule.every),
        lose=words.percent(rule.lose),
        lost=words.percent(lost),
    )
    text += "; " + tr("at most {most}", most=words.percent(rule.most)) + "." if share < lost else "."
    sums = (
        f"{words.points(row.raw)} − {words.points(row.raw)} × {words.percent(share)} = {words.points(row.score)}"
    )
    return [told, text, sums]


def explain_total(rows: Sequence[Any], total: float, policy: Policy, words: Words) -> tuple[str, ...]:
    """How the points of the notebooks became a grade.

    Args:
        rows: The student's rows of ``Grades.notebooks``.
        total: The grade.
        policy: The rules.
        words: How numbers are written.
    """
    asked = [row for row in rows if not row.bonus]
    counted = [row for row in asked if not row.dropped]
    extra = [row for row in rows if row.bonus and row.score]
    points, most, all_points = (
        _weighted(counted, "score"), _weighted(counted, "max_score"), _weighted(asked, "max_score")
    )  # fmt: skip
    sums = _sum(counted, words)
    lines = [tr("Points: {sum} of {most}.", sum=sums, most=words.points(most))]
    if policy.scale is None and not extra and len(counted) == len(asked):
        return tuple(lines)
    full = words.points(all_points if policy.scale is None else policy.scale)
    text = f"{words.points(points)} ÷ {words.points(most)} × {full}"
    if extra:
        lines.append(tr("Extra points: {sum}.", sum=_sum(extra, words)))
        text += f" + {words.points(_weighted(extra, 'score'))} ÷ {words.points(all_points)} × {full}"
    lines.append(f"{text} = {words.points(total)}")
    return tuple(lines)


def _weighted(rows: Sequence[Any], column: str) -> float:
    return float(sum(getattr(row, column) * row.weight for row in rows))


def _sum(rows: Sequence[Any], words: Words) -> str:
    """The scores as a sum; those that add nothing are left out."""
    parts = []
    for row in rows:
        number = words.points(row.score)
        if row.score:
            parts.append(number if row.weight == 1 else f"{number} × {words.weight(row.weight)}")
    whole = " + ".join(parts) or "0"
    return whole if len(parts) < 2 and "×" not in whole else f"{whole} = {words.points(_weighted(rows, 'score'))}"
