"""The audit of the bank: what deviates, what is lacking, which part is a sample, and when a fate is known."""

from pathlib import Path

import pytest

from autograder.assignment import load
from autograder.audit import fates
from autograder.audit.bank import (
    REFERENCE,
    UNANSWERED,
    BankResult,
    Graded,
    deviations,
    endless,
    lacking,
    sample,
    short,
)
from autograder.audit.fates import Fate, Store, _installed, digest_of
from autograder.audit.report import bank_section, write_report
from autograder.audit.rules import Minimum
from autograder.exemplar import Exemplar, ExtraCell, bank
from autograder.outcome import Outcome

ROOT = Path(__file__).parents[3]
POINTS = {"a-test": 2.0, "b-test": 1.0}


def exemplar(name="ex", verdict="rejected", notebook="01_a", **more):
    return Exemplar(name, notebook, verdict, "Um título", **more)


def test_what_is_as_declared_does_not_deviate():
    assert deviations(exemplar(scores={"a-test": 0.5}), Fate({"a-test": 0.5, "b-test": 1.0}), POINTS) == ()


def test_a_deviation_names_cell_points_and_what_failed():
    failed = (("a-test", Outcome("Título", False, 0.0, expected="x", actual="y")),)
    lines = deviations(exemplar(), Fate({"a-test": 0.5, "b-test": None}, failed, ("said",)), POINTS)
    assert lines == (
        "a-test: 0.5, declared 2", "  Título: expected x, was y", "b-test: no score, declared 1", "  said",
    )  # fmt: skip


def test_a_review_deviates_although_every_score_is_there():
    fate = Fate({"a-test": 2.0, "b-test": 1.0}, needs_review=True)
    assert deviations(exemplar(), fate, POINTS) == ("needs review: the grader failed",)


def test_the_minimum_is_that_of_each_notebook_without_its_reference():
    enough = [exemplar(f"e{i}", verdict) for verdict, least in Minimum() for i in range(least)]
    assert lacking(enough, {"01_a": Minimum()}) == ()
    one_less = [*enough[1:], exemplar(REFERENCE, "accepted"), exemplar(UNANSWERED, "rejected")]
    assert lacking(one_less, {"01_a": Minimum()}) == ("01_a: 7 accepted, at least 8 must be",)
    one_less = [e for e in enough if e.name != "e0" or e.verdict != "rejected"]
    one_less += [exemplar(UNANSWERED, "rejected")]
    assert lacking(one_less, {"01_a": Minimum()}) == ("01_a: 9 rejected, at least 10 must be",)
    assert len(lacking(enough, {"01_a": Minimum(), "02_b": Minimum(crashing=0)})) == 2


@pytest.mark.parametrize(
    "text", ["while True:\n    pass", "def f():\n    while 1: g()", "for i in itertools.count(): pass"]
)
def test_a_loop_without_end_is_seen(text):
    assert endless(exemplar(cells={"a": text}))
    assert endless(exemplar(extra=(ExtraCell("a", text),)))


@pytest.mark.parametrize("text", ["while x:\n    x -= 1", "for i in range(3): pass", "sintaxe errada ("])
def test_other_cells_end(text):
    assert not endless(exemplar(cells={"a": text}))


def test_the_sample_has_two_of_each_notebook_and_the_lectures_style():
    assignment = load(ROOT, "lista12")
    others = set()
    chosen = sample(bank(ROOT / "exemplars" / "lista12"), assignment)
    assert chosen == sample(bank(ROOT / "exemplars" / "lista12"), assignment)
    for template in assignment.notebooks:
        ours = [e for e in chosen if e.notebook == template.name]
        assert [e.name for e in ours if e.verdict == "accepted"] == ["estilo_da_aula"]
        assert len(ours) == 2
        assert not any(endless(e) for e in ours)
        others |= {e.verdict for e in ours}
    assert others == {"accepted", "rejected", "crashing", "hostile"}


def test_a_fate_is_known_again_and_a_review_is_not(tmp_path):
    store, fate = Store(tmp_path), Fate({"a": 1.0}, (("a", Outcome("t", False, 0.0)),), ("x",), cpu_seconds=2.0)
    store.put("d", fate)
    store.put("e", Fate({"a": None}, needs_review=True))
    assert (store.get("d"), store.get("e")) == (fate, None)
    assert Store(tmp_path, fresh=True).get("d") is None
    (tmp_path / "d.json").write_text("{")
    assert store.get("d") is None


def test_a_digest_changes_with_all_that_a_fate_depends_on(monkeypatch):
    assignment = load(ROOT, "lista12")
    template = assignment.notebooks[0]
    base = (template.notebook, template, template.notebook, assignment, "view", True)
    known = digest_of(*base)
    assert digest_of(*base) == known
    other = assignment.notebooks[1]
    assert digest_of(other.notebook, *base[1:]) != known
    assert digest_of(base[0], other, *base[2:]) != known
    assert digest_of(*base[:4], "another view", True) != known
    assert digest_of(*base[:5], False) != known
    for name in ("code_digest", "_packages"):
        with monkeypatch.context() as patch:
            patch.setattr(fates, name, lambda *_: "other")
            assert digest_of(*base) != known


def test_the_page_is_the_same_however_long_it_took(tmp_path):
    pages = []
    for seconds in (1.0, 2.0):
        made = exemplar(scores={"a-test": 0.5})
        graded = Graded(made, Fate({"a-test": 0.5, "b-test": 1.0}, cpu_seconds=seconds), POINTS, ())
        write_report(tmp_path / "audit.md", [bank_section(BankResult("l", ("01_a",), (graded,), ()))], "l")
        pages.append((tmp_path / "audit.md").read_text())
    assert pages[0] == pages[1]
    assert "| 01 | rejected | `ex` | Um título | a-test −1.5 | as declared |" in pages[0]
    assert "| 01_a | 0/0 | 0/0 | 1/1 | 0/0 | 0/0 |" in pages[0]
    assert short(made) == "01-rejected-ex"


def test_a_developers_tools_are_no_part_of_a_fate():
    """What notebooks run with is, with what that needs: NumPy, and the gast of TensorFlow."""
    for_notebooks = {text.split()[0] for text in _installed("tp555-autograder", frozenset(("", "cpu")))}
    assert {"numpy", "keras", "nbgrader", "keras-tuner", "gast"} <= for_notebooks
    assert not {"pytest", "hypothesis", "ruff", "mypy"} & for_notebooks
    assert "pytest" in {text.split()[0] for text in _installed("tp555-autograder", frozenset(("dev",)))}
