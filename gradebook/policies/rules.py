"""Each rule of a policy as a function from a table to a table.

A row is a submission of a notebook. A rule reads the columns that the records gave and writes columns of its own,
so that using it twice is using it once, and more points never make a lower grade.

===============  ==========================================================================================
column           meaning
===============  ==========================================================================================
``student``      whose
``notebook``     of which notebook
``submitted_at`` when it was handed in (UTC), or not known
``due``          when it was due, nbgrader's own extension included (UTC), or not known
``raw``          points that grader and readers gave
``max_score``    points to be had
``extension``    more time (``extend``)
``by``           who handed it in (``share``)
``late``         how late, grace aside; zero when in time or not known (``penalise``)
``penalty``      points lost by it (``penalise``)
``score``        points that are left (``penalise``)
``weight``       (``weigh``)
``bonus``        whether its points are only added (``give_bonus``)
``dropped``      whether it is left out of the total (``drop_lowest``)
===============  ==========================================================================================
"""

import math
from collections.abc import Collection, Mapping
from datetime import timedelta
from itertools import combinations
from typing import Literal

import numpy as np
import pandas as pd

from autograder.errors import UsageError
from gradebook.policies.settings import Late, Policy

__all__ = ["apply", "choose", "drop_lowest", "extend", "give_bonus", "penalise", "share", "totals", "weigh"]

_ZERO = pd.Timedelta(0)
#: Ways to leave notebooks out that are tried for each student.
_MOST_WAYS = 20_000


def apply(frame: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """All rules of a policy, in their order; a row a student and notebook.

    Args:
        frame: A row a submission, with the columns ``student``, ``notebook``, ``submitted_at``, ``due``, ``raw``
            and ``max_score``.
        policy: The rules.
    """
    found = extend(frame, policy.extensions)
    found = penalise(found, policy.late)
    found = choose(found, policy.submission)
    found = share(found, policy.groups, policy.submission)
    found = weigh(found, policy.weights)
    found = give_bonus(found, policy.bonus)
    return drop_lowest(found, policy.drop_lowest)


def extend(frame: pd.DataFrame, extensions: Mapping[str, timedelta]) -> pd.DataFrame:
    """More time for some students."""
    more = frame["student"].map({student: pd.Timedelta(time) for student, time in extensions.items()})
    return frame.assign(extension=pd.to_timedelta(more).fillna(_ZERO))


def penalise(frame: pd.DataFrame, rule: Late | None) -> pd.DataFrame:
    """Take off what lateness costs; a time that is not known costs nothing."""
    late = (frame["submitted_at"] - frame["due"] - frame["extension"]).fillna(_ZERO)
    late = late.where(late > _ZERO, _ZERO)
    if rule is None:
        return frame.assign(late=late, penalty=0.0, score=frame["raw"])
    counted = late.where(late > pd.Timedelta(rule.grace), _ZERO)
    periods = (counted.dt.total_seconds() / rule.every.total_seconds()).map(math.ceil)
    lost = (periods * rule.lose).clip(upper=rule.most)
    if rule.none_after is not None:
        lost = lost.mask(counted > pd.Timedelta(rule.none_after), 1.0)
    penalty = frame["raw"] * lost
    return frame.assign(late=counted, penalty=penalty, score=frame["raw"] - penalty)


def choose(frame: pd.DataFrame, which: Literal["last", "best"]) -> pd.DataFrame:
    """One submission a student and notebook: the last, or of those with most points, penalties off, the last."""
    order = ["submitted_at"] if which == "last" else ["score", "submitted_at"]
    ordered = frame.sort_values(order, kind="stable", na_position="first")
    return ordered.drop_duplicates(["student", "notebook"], keep="last").sort_index()


def share(
    frame: pd.DataFrame, groups: Mapping[str, Collection[str]], which: Literal["last", "best"] = "last"
) -> pd.DataFrame:
    """What one member of a group handed in is everybody's of that group.

    Lateness was counted with the time of who handed it in.
    """
    frame = frame if "by" in frame else frame.assign(by=frame["student"])
    group = frame["student"].map({student: name for name, members in groups.items() for student in members})
    own = frame[group.isna()]
    parts = [own]
    for name, members in groups.items():
        theirs = frame[group == name]
        # Who missed a notebook has a row without a time: it never counts before one that has.
        one = choose(theirs.assign(student=name), which)
        parts += [one.assign(student=member) for member in members]
    return pd.concat(parts, ignore_index=True)


def weigh(frame: pd.DataFrame, weights: Mapping[str, float]) -> pd.DataFrame:
    """How much each notebook counts."""
    return frame.assign(weight=frame["notebook"].map(weights).astype(float).fillna(1.0))


def give_bonus(frame: pd.DataFrame, notebooks: Collection[str]) -> pd.DataFrame:
    """Notebooks that nobody has to solve."""
    return frame.assign(bonus=frame["notebook"].isin(list(notebooks)))


def drop_lowest(frame: pd.DataFrame, number: int) -> pd.DataFrame:
    """Leave out the notebooks without which a student's total is highest.

    Leaving out those with the lowest share would, with weights, sometimes punish who does better.

    Raises:
        UsageError: There are too many ways to try.
    """
    if number == 0:
        return frame.assign(dropped=False)
    counted = frame[~frame["bonus"]]
    points, most = _wide(counted, "score"), _wide(counted, "max_score")
    columns = range(len(points.columns))
    if math.comb(len(columns), number) > _MOST_WAYS:
        raise UsageError(f"drop_lowest = {number} of {len(columns)} notebooks: there are too many ways to try.")
    ways = list(combinations(columns, len(columns) - number))
    got, there = points.to_numpy(), most.to_numpy()
    share_kept = np.column_stack(
        [got[:, way].sum(axis=1) / np.maximum(there[:, way].sum(axis=1), 1e-12) for way in ways]
    )
    kept = np.zeros(got.shape, dtype=bool)
    for row, way in enumerate(share_kept.argmax(axis=1)):
        kept[row, ways[way]] = True
    places = (
        points.index.get_indexer(pd.Index(frame["student"])),
        points.columns.get_indexer(pd.Index(frame["notebook"])),
    )
    return frame.assign(dropped=~kept[places] & ~frame["bonus"].to_numpy())


def _wide(frame: pd.DataFrame, column: str) -> pd.DataFrame:
    """Weighted points: a row a student, a column a notebook; 0 where there is nothing."""
    table = frame.assign(_value=frame[column] * frame["weight"])
    return table.pivot(index="student", columns="notebook", values="_value").fillna(0.0).astype(float)


def totals(frame: pd.DataFrame, scale: float | None) -> pd.DataFrame:
    """A row a student: ``total`` of ``max_total``, which is everybody's, whatever was left out of whose total.

    Args:
        frame: With the columns of all rules.
        scale: What full points are called; ``None`` for the weighted sum of points.
    """
    asked = ~frame["bonus"]
    counted = asked & ~frame["dropped"]

    def sums(column: str, rows: "pd.Series[bool]") -> "pd.Series[float]":
        """Weighted, of the rows, by student."""
        return (frame[column] * frame["weight"]).where(rows, 0.0).groupby(frame["student"]).sum()

    most, full = sums("max_score", counted), sums("max_score", asked)
    share_got = (sums("score", counted) / most).where(most > 0, 0.0)
    extra = (sums("score", ~asked) / full).where(full > 0, 0.0)
    if scale is not None:
        full = full * 0 + scale
    found = pd.DataFrame({"total": (share_got + extra) * full, "max_total": full})
    return found.rename_axis("student").reset_index()
