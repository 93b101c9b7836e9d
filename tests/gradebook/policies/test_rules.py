"""What may be relied on of every rule: bounded, idempotent, monotone; and figures worked out by hand."""

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.errors import UsageError
from gradebook.policies.rules import (
    apply,
    choose,
    drop_lowest,
    extend,
    give_bonus,
    penalise,
    share,
    totals,
    weigh,
)
from gradebook.policies.settings import Late, Policy

DUE = datetime(2026, 11, 20, 23, 59, tzinfo=UTC)
STUDENTS, NOTEBOOKS = ("ana", "bruno", "caio"), ("n1", "n2", "n3", "n4")
DAY = timedelta(days=1)


def table(*rows: tuple[str, str, float | None, float], most: float = 10.0) -> pd.DataFrame:
    """Submissions: student, notebook, hours after the due time (``None``: never handed in), points."""
    return pd.DataFrame(
        {
            "student": [row[0] for row in rows],
            "notebook": [row[1] for row in rows],
            "submitted_at": pd.to_datetime(
                [None if row[2] is None else DUE + timedelta(hours=row[2]) for row in rows], utc=True
            ),
            "due": pd.to_datetime([DUE] * len(rows), utc=True),
            "raw": [row[3] for row in rows],
            "max_score": most,
        }
    )


@st.composite
def classes(draw: Any) -> pd.DataFrame:
    """A class: each student has one to three submissions of each notebook, or a row without a time."""
    rows: list[tuple[str, str, float | None, float]] = []
    for student in STUDENTS:
        for notebook in NOTEBOOKS:
            hours = draw(st.lists(st.integers(-100, 200), max_size=3, unique=True))
            rows += [(student, notebook, h, draw(st.integers(0, 20)) / 2) for h in hours]
            if not hours:
                rows.append((student, notebook, None, 0.0))
    return table(*rows)


lates = st.builds(
    Late,
    lose=st.integers(0, 4).map(lambda n: n / 4),
    every=st.sampled_from(["1d", "12h", "1h"]),
    grace=st.sampled_from(["15min", "2h", "1d"]),
    most=st.integers(0, 4).map(lambda n: n / 4),
    none_after=st.sampled_from([None, "2d"]),
)
policies = st.builds(
    Policy,
    submission=st.sampled_from(["last", "best"]),
    late=st.none() | lates,
    drop_lowest=st.integers(0, 2),
    weights=st.dictionaries(st.sampled_from(NOTEBOOKS), st.sampled_from([0.5, 2.0, 9.0])),
    bonus=st.sampled_from([(), ("n4",)]),
    extensions=st.dictionaries(st.sampled_from(STUDENTS), st.sampled_from(["2d", "3h"])),
    groups=st.sampled_from([{}, {"dupla": ("ana", "bruno")}]),
    scale=st.sampled_from([None, 10.0, 100.0]),
)


def by_student(frame: pd.DataFrame, policy: Policy) -> "pd.Series[float]":
    return totals(apply(frame, policy), policy.scale).set_index("student")["total"]


@settings(max_examples=40, deadline=None)
@given(classes(), policies)
def test_a_grade_is_between_nothing_and_everything(frame: pd.DataFrame, policy: Policy) -> None:
    found = apply(frame, policy)
    assert len(found) == len(STUDENTS) * len(NOTEBOOKS)
    assert found["score"].between(0, found["raw"]).all()
    grades = totals(found, policy.scale)
    assert sorted(grades["student"]) == sorted(STUDENTS)
    assert (grades["total"] >= 0).all()
    if not policy.bonus:
        assert (grades["total"] <= grades["max_total"] + 1e-9).all()


@settings(max_examples=40, deadline=None)
@given(classes(), policies)
def test_a_rule_used_twice_is_used_once(frame: pd.DataFrame, policy: Policy) -> None:
    rules = [
        partial(extend, extensions=policy.extensions), partial(penalise, rule=policy.late),
        partial(choose, which=policy.submission), partial(share, groups=policy.groups, which=policy.submission),
        partial(weigh, weights=policy.weights), partial(give_bonus, notebooks=policy.bonus),
        partial(drop_lowest, number=policy.drop_lowest),
    ]  # fmt: skip
    for rule in rules:
        given_to = frame.copy()
        once = rule(frame)
        pd.testing.assert_frame_equal(frame, given_to)  # a rule changes nothing that it is given
        twice = rule(once)
        keys = ["student", "notebook", "submitted_at"]
        pd.testing.assert_frame_equal(
            once.sort_values(keys).reset_index(drop=True), twice.sort_values(keys).reset_index(drop=True)
        )
        frame = once


@settings(max_examples=40, deadline=None)
@given(classes(), policies, st.data())
def test_more_points_never_make_a_lower_grade(frame: pd.DataFrame, policy: Policy, data: Any) -> None:
    better = frame.copy()
    row = data.draw(st.integers(0, len(frame) - 1))
    better.loc[row, "raw"] = data.draw(st.integers(int(2 * frame.loc[row, "raw"]), 20)) / 2
    assert (by_student(better, policy) >= by_student(frame, policy) - 1e-9).all()


@settings(max_examples=40, deadline=None)
@given(classes(), policies, st.sampled_from(STUDENTS))
def test_more_time_never_makes_a_lower_grade(frame: pd.DataFrame, policy: Policy, student: str) -> None:
    longer = policy.model_copy(update={"extensions": {**policy.extensions, student: 9 * DAY}})
    assert (by_student(frame, longer) >= by_student(frame, policy) - 1e-9).all()


def test_lateness_by_hand() -> None:
    """26 hours late, 10 % a begun day, a quarter of an hour of grace: two days, 20 % of 8."""
    rule = Late(lose=0.1, every="1d", grace="15min", most=0.5)  # type: ignore[arg-type]
    frame = extend(
        table(("ana", "n1", 26, 8), ("bruno", "n1", 0.2, 8), ("caio", "n1", 24 * 9, 8), ("dora", "n1", 49, 8)),
        {"dora": 2 * DAY},
    )
    found = penalise(frame, rule).set_index("student")
    assert found["score"].round(9).to_dict() == {"ana": 6.4, "bruno": 8.0, "caio": 4.0, "dora": 7.2}
    assert found["late"].to_dict() == {
        "ana": pd.Timedelta(hours=26), "bruno": pd.Timedelta(0), "caio": pd.Timedelta(days=9),
        "dora": pd.Timedelta(hours=1),
    }  # fmt: skip
    refused = penalise(frame, rule.model_copy(update={"none_after": 3 * DAY})).set_index("student")
    assert refused.loc["caio", "score"] == 0


def test_the_last_or_the_best_counts() -> None:
    frame = penalise(extend(table(("ana", "n1", -5, 9), ("ana", "n1", -1, 6)), {}), None)
    assert choose(frame, "last")["score"].tolist() == [6]
    assert choose(frame, "best")["score"].tolist() == [9]


def test_a_group_hands_in_once() -> None:
    frame = table(("ana", "n1", -5, 9), ("bruno", "n1", None, 0), ("caio", "n1", -1, 3))
    found = apply(frame, Policy(groups={"dupla": ("ana", "bruno")})).set_index("student")
    assert found["score"].to_dict() == {"ana": 9, "bruno": 9, "caio": 3}
    assert found.loc["bruno", "by"] == "ana"


def test_leaving_out_the_lowest_share_would_punish_who_does_better() -> None:
    """Of weights 9, 1 and 1: leaving out 0.6 instead of 0.65 would leave 0.685 of what was 0.8."""
    policy = Policy(drop_lowest=1, weights={"n1": 9}, scale=10)
    worse = table(("ana", "n1", 0, 5.0), ("ana", "n2", 0, 6.0), ("ana", "n3", 0, 10.0))
    better = table(("ana", "n1", 0, 6.5), ("ana", "n2", 0, 6.0), ("ana", "n3", 0, 10.0))
    assert by_student(worse, policy)["ana"] == pytest.approx(8.0)
    assert by_student(better, policy)["ana"] == pytest.approx(8.0)


def test_bonus_points_are_added_and_not_asked_for() -> None:
    frame = table(("ana", "n1", 0, 8.0), ("ana", "n2", 0, 4.0))
    found = totals(apply(frame, Policy(bonus=("n2",), scale=10)), 10)
    assert found.loc[0, ["total", "max_total"]].tolist() == [pytest.approx(12.0), 10.0]


def test_too_many_ways_are_refused() -> None:
    rows = [("ana", f"n{n:02}", 0.0, 1.0) for n in range(30)]
    with pytest.raises(UsageError, match="too many ways"):
        apply(table(*rows), Policy(drop_lowest=15))
