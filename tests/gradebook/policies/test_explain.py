"""What a student may rely on when a page says how points became a grade."""

import re
from datetime import UTC, timedelta
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.messages import using_language
from gradebook.policies.explain import Words, explain_notebook, explain_total
from gradebook.policies.rules import apply, totals
from gradebook.policies.settings import Policy

DUE = pd.Timestamp("2026-11-20T12:00:00Z")
WORDS = Words("en", UTC)


def frame(*rows: tuple[str, float, float], late: timedelta = timedelta(0)) -> pd.DataFrame:
    """Notebooks of ana: name, points, points to be had; all handed in this late."""
    table = pd.DataFrame(rows, columns=["notebook", "raw", "max_score"]).assign(
        student="ana", submitted_at=DUE + late, due=DUE, pending=0.0, status="graded", attempts=1
    )
    times = ["submitted_at", "due"]
    table[times] = table[times].apply(pd.to_datetime, utc=True)
    return table


def lines_of(table: pd.DataFrame, policy: Policy) -> tuple[list[tuple[str, ...]], tuple[str, ...]]:
    """The lines of each notebook, and those of the grade."""
    done = apply(table, policy)
    rows = list(done.itertuples(index=False))
    total = totals(done, policy.scale)["total"][0]
    with using_language("en"):
        return [explain_notebook(row, policy, WORDS) for row in rows], explain_total(rows, total, policy, WORDS)


def test_a_late_notebook_by_hand() -> None:
    """8 points, 26 h late, a tenth for each begun day: two tenths of 8 are 1.6."""
    policy = Policy.model_validate({"late": {"lose": 0.1, "every": "1d", "grace": "15min"}})
    (lines,), whole = lines_of(frame(("a", 8, 10), late=timedelta(hours=26)), policy)
    assert lines == (
        "Handed in 1 d 2 h late.",
        "Begun periods of 1 d: 2 × 10% = 20%.",
        "8 − 8 × 20% = 6.4",
    )
    assert whole == ("Points: 6.4 of 10.",)


@pytest.mark.parametrize(
    ("late", "rule", "expected"),
    [
        (timedelta(minutes=10), {"lose": 1, "grace": "1h"}, "Handed in 10 min late. Up to 1 h cost nothing."),
        (timedelta(minutes=10), None, "Handed in 10 min late. It costs nothing."),
        (timedelta(days=9), {"lose": 0.1, "most": 0.5}, "Begun periods of 1 d: 9 × 10% = 90%; at most 50%."),
        (timedelta(days=9), {"lose": 0.1, "none_after": "7d"}, "Handed in 9 d late. After 7 d nothing counts."),
    ],
)  # fmt: skip
def test_what_lateness_cost_is_said(late: timedelta, rule: Any, expected: str) -> None:
    """A grace, no rule at all, a limit, and the end of all patience."""
    (lines,), _ = lines_of(frame(("a", 8, 10), late=late), Policy.model_validate({"late": rule}))
    assert expected in lines


def test_extension_group_weight_bonus_and_dropped_are_said() -> None:
    """Each rule that touched a notebook has its line; the grade is a sum that can be checked."""
    policy = Policy.model_validate(
        {"extensions": {"ana": "2d"}, "weights": {"b": 2}, "bonus": ["c"], "drop_lowest": 1, "scale": 10,
         "groups": {"dupla": ["ana", "bia"]}}
    )  # fmt: skip
    table = frame(("a", 4, 10), ("b", 9, 10), ("c", 5, 10)).assign(student="bia")
    everybody = pd.concat(
        [table, frame(("a", 0, 10), ("b", 0, 10), ("c", 0, 10)).assign(student="ana", submitted_at=pd.NaT)]
    )
    everybody["submitted_at"] = pd.to_datetime(everybody["submitted_at"], utc=True)
    done = apply(everybody, policy)
    rows = [row for row in done.itertuples(index=False) if row.student == "ana"]
    total = totals(done, 10).set_index("student")["total"]["ana"]
    with using_language("en"):
        told = {row.notebook: " ".join(explain_notebook(row, policy, WORDS)) for row in rows}
        whole = explain_total(rows, total, policy, WORDS)
    assert "Handed in by bia, of your group." in told["a"]
    assert "Left out of the grade" in told["a"]
    assert "Weight in the grade: 2." in told["b"]
    assert "Extra points" in told["c"]
    # b alone counts: 9 × 2 of 10 × 2; on top 5 of what a and b are worth, 10 + 20.
    assert whole == (
        "Points: 9 × 2 = 18 of 20.", "Extra points: 5.", "18 ÷ 20 × 10 + 5 ÷ 30 × 10 = 10.67",
    )  # fmt: skip


def test_what_was_not_handed_in_is_not_late() -> None:
    """The time is that of the student's other notebooks."""
    policy = Policy.model_validate({"late": {"lose": 0.1}})
    (lines,), _ = lines_of(frame(("a", 0, 10), late=timedelta(hours=5)).assign(status="missing"), policy)
    assert lines == ()


def test_extra_points_that_nobody_has_are_not_talked_of() -> None:
    """A sum says what adds something."""
    policy = Policy.model_validate({"bonus": ["c"], "scale": 10})
    _, whole = lines_of(frame(("a", 4, 10), ("b", 0, 10), ("c", 0, 10)), policy)
    assert whole == ("Points: 4 of 20.", "4 ÷ 20 × 10 = 2")


def test_a_mate_s_extension_is_not_told() -> None:
    """Who handed in is named; that they had more time is between them and the teacher."""
    policy = Policy.model_validate({"extensions": {"bia": "2d"}, "groups": {"dupla": ["ana", "bia"]}})
    table = frame(("a", 8, 10)).assign(student="bia")
    both = pd.concat([table, frame(("a", 0, 10)).assign(student="ana", status="missing", submitted_at=pd.NaT)])
    both["submitted_at"] = pd.to_datetime(both["submitted_at"], utc=True)
    done = apply(both, policy)
    told = {}
    with using_language("en"):
        for row in done.itertuples(index=False):
            told[row.student] = " ".join(explain_notebook(row, policy, WORDS))
    assert "extension" in told["bia"]
    assert told["ana"] == "Handed in by bia, of your group."


def test_an_extension_moves_the_due_time() -> None:
    """The line says from when to when."""
    policy = Policy.model_validate({"extensions": {"ana": "2d"}})
    (lines,), _ = lines_of(frame(("a", 8, 10), late=timedelta(hours=1)), policy)
    assert lines == ("Due 11/20/26 12:00 + 2 d of extension = 11/22/26 12:00.",)


policies = st.fixed_dictionaries(
    {},
    optional={
        "scale": st.integers(1, 100),
        "drop_lowest": st.integers(0, 1),
        "bonus": st.just(["c"]),
        "weights": st.fixed_dictionaries({}, optional={"a": st.integers(1, 3), "b": st.integers(1, 3)}),
        "late": st.fixed_dictionaries({"lose": st.sampled_from([0.0, 0.1, 1.0])}, optional={"most": st.just(0.5)}),
    },
)  # fmt: skip


@given(policies, st.lists(st.integers(0, 10), min_size=3, max_size=3), st.integers(0, 200))
def test_what_is_said_adds_up(settings: dict[str, Any], points: list[int], hours: int) -> None:
    """Whoever works out a line with × ÷ + − on paper gets what stands behind its =, within the rounding."""
    rows = tuple(zip("abc", points, (10, 10, 10), strict=True))
    per_notebook, whole = lines_of(frame(*rows, late=timedelta(hours=hours)), Policy.model_validate(settings))  # type: ignore[arg-type]
    checked = 0
    for line in [text for lines in per_notebook for text in lines] + list(whole):
        if "=" in line and re.fullmatch(r"[\d.,%×÷+− =]+", line):
            left, right = line.split(" = ")
            python = (
                left.replace(",", "").replace("×", "*").replace("÷", "/").replace("−", "-").replace("%", "/100")
            )
            assert eval(python) == pytest.approx(float(right.replace(",", "")), abs=0.06 * 11)
            checked += 1
    if "scale" in settings and any(points):
        assert checked


def test_a_weight_is_said_with_all_its_digits() -> None:
    """Rounded to two, 6 × 0.12 would be 0.75."""
    policy = Policy.model_validate({"weights": {"a": 0.125}})
    (lines,), whole = lines_of(frame(("a", 6, 10)), policy)
    assert "Weight in the grade: 0.125." in lines
    assert whole == ("Points: 6 × 0.125 = 0.75 of 1.25.",)


def test_who_has_all_points_is_not_told_of_a_higher_grade() -> None:
    """Whichever notebook is left out then: the grade is the same."""
    told, _ = lines_of(frame(("a", 10, 10), ("b", 10, 10)), Policy.model_validate({"drop_lowest": 1}))
    (line,) = [line for lines in told for line in lines]
    assert line == "Left out of the grade: without it your grade is highest."
