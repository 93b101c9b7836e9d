"""Changes that were made together, as one event."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from gradebook.records import Change, Scores

__all__ = ["Event", "events"]

#: Formgrader saves one cell after the other; what one person does within this time is one event.
_TOGETHER = timedelta(seconds=1)


@dataclass(frozen=True)
class Event:
    """What somebody changed in one notebook of a student at one time.

    Args:
        changes: The cells', in the order in which they were made; at least one.
    """

    changes: tuple[Change, ...]

    @property
    def first(self) -> Change:
        """Its first change, which names whose it is, when, and who made it."""
        return self.changes[0]

    @property
    def at(self) -> datetime:
        """When it began."""
        return self.first.at

    @property
    def before(self) -> float:
        """Points of the notebook before."""
        return self.first.total - self.first.gain

    @property
    def after(self) -> float:
        """Points of the notebook after."""
        return self.changes[-1].total

    def to_json(self) -> dict[str, Any]:
        """The same for programs."""
        first = self.first
        return {
            "kind": "scores",
            "at": first.at.isoformat(timespec="milliseconds"),
            "student": first.student,
            "assignment": first.assignment,
            "notebook": first.notebook,
            "actor": first.actor,
            "why": first.why,
            "before": self.before,
            "after": self.after,
            "cells": [{"cell": c.cell, "old": _scores(c.old), "new": _scores(c.new)} for c in self.changes],
        }


def events(changes: Iterable[Change]) -> list[Event]:
    """Group changes of one notebook, actor, reason and moment; in the order of their first change."""
    groups: dict[int, list[Change]] = {}
    open_ones: dict[tuple[str, str, str], int] = {}
    for change in changes:
        whose = change.student, change.assignment, change.notebook
        last = groups.get(open_ones.get(whose, -1))
        if last is None or not _together(last, change):
            open_ones[whose] = change.id
            groups[change.id] = [change]
        else:
            last.append(change)
    return [Event(tuple(group)) for group in groups.values()]


def _together(group: Sequence[Change], change: Change) -> bool:
    last = group[-1]
    return (
        (last.actor, last.why) == (change.actor, change.why)
        and change.at - last.at <= _TOGETHER
        # A cell that changes twice is two events, however fast.
        and all(change.cell != other.cell for other in group)
    )


def _scores(scores: Scores) -> dict[str, float | None]:
    return {**vars(scores), "points": scores.points}
