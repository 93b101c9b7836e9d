# ruff: noqa: E501  (lines of student code, and tables of cases: a case a row)
"""Strict scoring: what a test cell left behind decides, and nothing else; doubt goes to a person."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat import NotebookNode
from nbformat.v4 import output_from_msg

from autograder.assignment import TemplateCell
from autograder.judge import CellEvidence, judge_cell
from autograder.judge.scoring import CLAIM, OUTCOME
from autograder.messages import using_language
from autograder.outcome import CellVerdict, Outcome

CHECKS = "check.equal(a, 1)\ncheck.equal(b, 2)"


def cell(source: str = "assert x", points: float = 2.0) -> TemplateCell:
    return TemplateCell(
        "t", "code", source, points, grade=True, solution=False, locked=True, task=False, metadata={}
    )


def out(kind: str, **content: Any) -> NotebookNode:
    content.setdefault("metadata", {})
    if kind == "execute_result":
        content.setdefault("execution_count", 1)
    return output_from_msg({"header": {"msg_type": kind}, "content": content})


def value(text: Any) -> NotebookNode:
    return out("execute_result", data={"text/plain": text})


def outcome(passed: bool = True, **fields: Any) -> NotebookNode:
    data = {"title": "t", "passed": passed, "credit": 1.0 if passed else 0.0, **fields}
    return out("display_data", data={OUTCOME: data, "text/plain": "x"})


def error(name: str = "AssertionError", message: str = "", traceback: Sequence[str] = ()) -> NotebookNode:
    return out("error", ename=name, evalue=message, traceback=list(traceback))


def no_claims(_: Mapping[str, Any]) -> Outcome:
    raise ValueError("no claims here")


def judged(
    *outputs: NotebookNode, source: str = "assert x", status: str = "ok", points: float = 2.0, **fields: Any
) -> CellVerdict:
    with using_language("en"):
        return judge_cell(cell(source, points), CellEvidence(outputs, status, **fields), no_claims)


# --- cells without checks: all, nothing, or the last value


def test_a_cell_that_ends_well_earns_its_points() -> None:
    assert judged().score == 2


def test_stderr_is_no_failure() -> None:
    """TensorFlow and Keras warn all the time."""
    assert judged(out("stream", name="stderr", text="WARNING:absl: …")).score == 2


def test_an_exception_costs_the_points() -> None:
    verdict = judged(error("NameError", "name 'x' is not defined"), status="error", raised="NameError")
    assert (verdict.score, verdict.needs_review) == (0, False)
    assert verdict.reason == "The cell ended with NameError: name 'x' is not defined."


def test_an_error_on_display_is_one_even_without_a_reply_that_says_so() -> None:
    assert judged(error("ValueError", "x")).score == 0


def test_a_reply_that_says_error_is_one_even_without_an_error_on_display() -> None:
    """Output can be hooked away."""
    assert judged(status="error", raised="AssertionError").score == 0


def test_the_traceback_stays_inside() -> None:
    """It quotes the hidden test."""
    verdict = judged(error("AssertionError", "", ["assert secret == 42"]), status="error", raised="AssertionError")
    assert "secret" not in str(verdict)


def test_control_characters_of_an_exception_do_not_reach_a_terminal() -> None:
    verdict = judged(error("E", "\x1b[2J\n" + "x" * 999), status="error", raised="E")
    assert verdict.reason is not None
    assert verdict.reason.isprintable()
    assert len(verdict.reason) < 400


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ("0", 0),
        ("1", 1),
        ("0.5", 0.5),
        ("2", 2),
        ("2.0", 2),
        ("1e-1", 0.1),
        ("np.float64(0.5)", 0.5),
        ("np.int64(2)", 2),
    ],
)
def test_a_finite_number_in_range_is_a_partial_score(text: str, score: float) -> None:
    verdict = judged(value(text))
    assert verdict.score == pytest.approx(score)
    assert not verdict.needs_review


@pytest.mark.parametrize(
    "text",
    ["nan", "inf", "-inf", "-1", "-0.001", "2.0001", "300", "True", "False", "None", "[1]", "[]", "'1'", "np.True_",
     "np.float64(nan)", "np.float64(inf)", "np.float64(-1.0)", "array(1.)", "<object>", "", "1 2", "1" * 500, "1_0",
     ["1", "2"]],
)  # fmt: skip
def test_any_other_last_value_needs_a_person(text: Any) -> None:
    """nbgrader gives full marks for most of these."""
    verdict = judged(value(text))
    assert verdict.score is None
    assert verdict.needs_review
    assert verdict.reason is not None
    assert verdict.reason.isprintable()


def test_only_the_last_value_counts() -> None:
    assert judged(value("0"), value("1")).score == 1


def test_a_value_without_text_needs_a_person() -> None:
    assert judged(out("execute_result", data={"image/png": "x"})).needs_review


@pytest.mark.parametrize(
    ("status", "limit", "says"),
    [
        ("limit", "cpu", "more CPU time"),
        ("limit", "wall", "took longer"),
        ("dead", "notebook-cpu", "notebook used more CPU"),
        ("dead", "memory", "more memory"),
        ("dead", "processes", "more processes"),
        ("dead", None, "kernel ended in this cell"),
        ("skipped", None, "ended before this cell"),
    ],
)
def test_limits_and_dead_kernels_cost_the_points_and_say_so(status: str, limit: str | None, says: str) -> None:
    verdict = judged(status=status, limit=limit)
    assert (verdict.score, verdict.needs_review) == (0, False)
    assert says in str(verdict.reason)


# --- cells with checks


def test_checks_share_the_points() -> None:
    verdict = judged(outcome(), outcome(False), source=CHECKS)
    assert verdict.score == 1
    assert [o.passed for o in verdict.outcomes] == [True, False]


def test_a_check_gives_its_own_partial_credit_and_weight() -> None:
    verdict = judged(outcome(False, credit=0.5, weight=3), outcome(weight=1), source=CHECKS)
    assert verdict.score == pytest.approx(2 * 2.5 / 4)


def test_thirds_add_up() -> None:
    source = "\n".join(["check.that(x, 'x')"] * 3)
    assert judged(outcome(), outcome(), outcome(), source=source).score == 2


def test_check_failed_only_sums_up() -> None:
    """The message that makes stock nbgrader see a failed cell costs nothing more."""
    verdict = judged(outcome(), outcome(False), error("CheckFailed", "1 check(s)"), source=CHECKS)
    assert verdict.score == 1
    assert verdict.reason is None


def test_check_failed_without_any_outcome_is_an_exception() -> None:
    assert judged(error("CheckFailed", "forged"), source="assert x").score == 0


def test_an_exception_after_some_checks_leaves_what_they_earned() -> None:
    verdict = judged(outcome(), error("KeyError", "'a'"), source=CHECKS, status="error", raised="KeyError")
    assert verdict.score == 1
    assert "KeyError" in str(verdict.reason)


def test_an_exception_never_leaves_full_marks() -> None:
    """Something was still to come, or there would have been nothing to raise."""
    verdict = judged(outcome(), outcome(), error("KeyError"), source=CHECKS, status="error", raised="KeyError")
    assert verdict.score == pytest.approx(2 * 2 / 3)


def test_a_limit_after_some_checks_leaves_what_they_earned() -> None:
    assert judged(outcome(), source=CHECKS, status="limit", limit="cpu").score == 1


@pytest.mark.parametrize(
    "source",
    [
        "for m in ms:\n    check.that(m, 'm')",
        "[check.that(m, 'm') for m in ms]",
        "def f():\n    check.that(1, 'm')\nf()",
        "if x:\n    check.that(x, 'm')",
        "x and check.that(x, 'm')",
        "try:\n    check.that(x, 'm')\nexcept ValueError:\n    check.that(False, 'm')",
        "check.that(x, 'm', weight=w)",
        "%%time\ncheck.that(x, 'm')",
    ],
)
def test_where_checks_cannot_be_counted(source: str) -> None:
    """Those that reported share the points if the cell ended well; if it did not, none can be trusted to be all."""
    assert judged(outcome(), outcome(), source=source).score == 2
    assert judged(outcome(), outcome(False), source=source).score == 1
    assert judged(outcome(), source=source, status="error", raised="E").score == 0


def test_a_check_that_did_not_report_counts_as_failed() -> None:
    """A student's function, called by a later check, may clear the output of the earlier ones."""
    assert judged(outcome(), source=CHECKS).score == 1


def test_declared_weights_count_for_checks_that_did_not_report() -> None:
    source = "check.equal(a, 1, weight=3)\ncheck.equal(b, 2)"
    assert judged(outcome(weight=1), source=source).score == pytest.approx(2 * 1 / 4)


def test_collecting_is_no_check() -> None:
    source = "with check.collecting() as found:\n    pass\ncheck.that(found, 'x')"
    assert judged(outcome(), source=source).score == 2


def test_no_report_at_all_needs_a_person() -> None:
    verdict = judged(source=CHECKS)
    assert verdict.score is None
    assert verdict.needs_review


def test_a_broken_check_needs_a_person() -> None:
    verdict = judged(outcome(), outcome(False, error="TypeError: ours"), source=CHECKS)
    assert verdict.score is None
    assert verdict.needs_review
    assert "TypeError: ours" in str(verdict.reason)


@pytest.mark.parametrize(
    "payload",
    [
        None, 3, "x", [], {}, {"title": "t"}, {"title": 1, "passed": True, "credit": 1.0},
        {"title": "t", "passed": 1, "credit": 1.0}, {"title": "t", "passed": True, "credit": True},
        {"title": "t", "passed": True, "credit": 2.0}, {"title": "t", "passed": True, "credit": -1},
        {"title": "t", "passed": True, "credit": math.nan}, {"title": "t", "passed": True, "credit": "1"},
        {"title": "t", "passed": False, "credit": 10**400}, {"title": "t", "passed": True, "credit": 0.5},
        {"title": "t", "passed": True, "credit": 1.0, "weight": 0},
        {"title": "t", "passed": True, "credit": 1.0, "weight": math.inf},
        {"title": "t", "passed": True, "credit": 1.0, "weight": None},
        {"title": "t", "passed": True, "credit": 1.0, "weight": 1e308},
        {"title": "t", "passed": True, "credit": 1.0, "hint": 3},
        {"title": "t", "passed": True, "credit": 1.0, "extra": 3},
    ],
)  # fmt: skip
def test_a_malformed_outcome_needs_a_person(payload: Any) -> None:
    verdict = judged(out("display_data", data={OUTCOME: payload}), outcome(), source=CHECKS)
    assert verdict.score is None
    assert verdict.needs_review


def test_more_outcomes_than_a_cell_has_checks_need_a_person() -> None:
    assert judged(*[outcome()] * 201, source="for m in ms:\n    check.that(m, 'm')").needs_review


def test_outcomes_in_other_kinds_of_output_do_not_count() -> None:
    forged = out("execute_result", data={OUTCOME: {"title": "t", "passed": True, "credit": 1.0}})
    assert judged(forged, source=CHECKS).needs_review


def test_a_claim_is_settled_by_who_has_the_labels() -> None:
    claim = out("display_data", data={CLAIM: {"n": 1}})
    seen: list[Mapping[str, Any]] = []

    def settle(data: Mapping[str, Any]) -> Outcome:
        seen.append(data)
        return Outcome("accuracy", False, 0.25)

    verdict = judge_cell(cell("check.accuracy(f, h)"), CellEvidence([claim], "ok"), settle)
    assert verdict.score == pytest.approx(0.5)
    assert seen == [{"n": 1}]


@pytest.mark.parametrize("payload", [None, [], "x", 3])
def test_a_claim_that_is_none_needs_a_person(payload: Any) -> None:
    assert judged(out("display_data", data={CLAIM: payload}), source=CHECKS).needs_review


def test_a_claim_that_nobody_can_settle_needs_a_person() -> None:
    """Under stock nbgrader nobody has the labels."""
    assert judged(out("display_data", data={CLAIM: {}}), source=CHECKS).needs_review


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
    max_leaves=5,
)
OUTCOMES = st.fixed_dictionaries(
    {"title": st.text(max_size=4) | JSON, "passed": st.booleans() | JSON, "credit": st.floats(0, 1) | JSON},
    optional={"weight": st.floats(1e-3, 1e308) | JSON, "hint": JSON, "error": st.none() | JSON, "x": JSON},
)
OUTPUTS = st.lists(
    st.one_of(
        st.text(max_size=12).map(value),
        st.floats().map(repr).map(value),
        st.builds(lambda d: out("display_data", data={OUTCOME: d}), OUTCOMES),
        st.builds(lambda d: out("display_data", data={CLAIM: d}), JSON),
        st.builds(error, st.sampled_from(["CheckFailed", "E", ""]), st.text(max_size=5)),
        st.just(out("stream", name="stderr", text="w")),
    ),
    max_size=5,
)
SOURCES = st.sampled_from(
    ["assert x", CHECKS, "check.that(1, '', weight=1e308)", "for x in y:\n    check.that(x)", "%m"]
)
STATUS = st.sampled_from(["ok", "error", "limit", "dead", "skipped"])


@given(OUTPUTS, SOURCES, STATUS, st.floats(0, 100), st.none() | st.sampled_from(["cpu", "memory", "?"]))
def test_a_score_is_always_in_range_or_a_person_looks(
    outputs: list[NotebookNode], source: str, status: str, points: float, limit: str | None
) -> None:
    verdict = judged(*outputs, source=source, status=status, points=points, limit=limit)
    if verdict.score is None:
        assert verdict.needs_review
        assert verdict.reason
    else:
        assert 0 <= verdict.score <= points
    if status != "ok" and points > 0 and verdict.score is not None:
        assert verdict.score < points or not math.isclose(points, verdict.score, abs_tol=1e-6) or points < 1e-5


# --- checks that are called by another name, output that did not arrive, texts that do not fit


@pytest.mark.parametrize(
    "source",
    [
        "from autograder.check import that\nthat(False, 'x')",
        "import autograder.check as c\nc.that(False, 'x')",
        "verifica(model)",
    ],
)
def test_a_failed_check_costs_points_whatever_it_is_called(source: str) -> None:
    """An outcome that was reported counts, also where the text shows no `check.` call."""
    failed = judged(outcome(False), error("CheckFailed"), source=source)
    assert (failed.score, failed.needs_review) == (0.0, False)
    assert judged(outcome(True), outcome(False), error("CheckFailed"), source=source).score == 1.0


def test_lost_output_is_nobodys_failure() -> None:
    """Where the kernel's last word never came, a person looks."""
    verdict = judged(outcome(True), source=CHECKS, complete=False)
    assert (verdict.score, verdict.needs_review) == (None, True)


def test_texts_of_outcomes_are_made_fit_to_show() -> None:
    """A student's kernel may send escapes, half surrogates and floods."""
    verdict = judged(outcome(False, title="\x1b[2J\ud800" + "x" * 5000, hint="a\nb"), source="check.that(a)")
    (shown,) = verdict.outcomes
    assert shown.title.isprintable()
    assert len(shown.title) <= 600
    assert shown.hint == "a b"
