"""Calibration: which answers run, that a stopped one goes on, and what the report says. Nothing is trained."""

import doctest
import json
import math
import tempfile
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from autograder import calibrate as module
from autograder.assignment import load
from autograder.calibrate import REFERENCE, Run, calibrate, reseeded, variants
from autograder.calibration_report import summarise, write_report
from autograder.exemplar import bank
from autograder.outcome import CellVerdict, Measure, NotebookReport, Outcome
from autograder.tolerance import Scores, failures_at_most, threshold_for

ROOT = Path(__file__).parents[2]
NOTEBOOK = "02_regressor_sequencial"


def run(variant: str, seed: int, value: float | None, kind: str = "right") -> Run:
    measures = {} if value is None else {("mse-test", "MSE"): Measure("mse", value, 0.55, rises=False)}
    return Run(NOTEBOOK, variant, kind, seed, measures, f"{variant}-{seed}")


def test_examples():
    assert doctest.testmod(module).failed == 0


def test_seeds_are_set_where_a_notebook_sets_them_and_nowhere_else():
    source = "tf.random.set_seed(1)\nrng = np.random.default_rng(42)\nfit(X, epochs=42)\nsampler(seed = 3)"
    assert reseeded(source, 5) == (
        "tf.random.set_seed(5)\nrng = np.random.default_rng(5)\nfit(X, epochs=42)\nsampler(seed=5)"
    )


def test_the_answers_are_the_reference_two_styles_and_the_weak():
    """Weak are rejected exemplars that lose points where a threshold decides, and no others."""
    template = load(ROOT, "lista12").notebook(NOTEBOOK)
    chosen = variants(template, bank(ROOT / "exemplars" / "lista12"))
    assert next(v.name for v in chosen if v.kind == "right") == REFERENCE
    assert len([v for v in chosen if v.kind == "right"]) == 3
    weak = {v.name for v in chosen if v.kind == "weak"}
    assert {"divergiu", "prever_sem_escala"} <= weak
    assert "salvou_antes" not in weak


def test_a_run_goes_through_json():
    made = run("reference", 3, 0.4)
    assert Run.from_json(json.loads(json.dumps(made.to_json()))) == made


@pytest.fixture
def fake(monkeypatch, tmp_path):
    """A grader that scores without training; counts what it was asked."""
    asked = []

    async def grade_all(course, items, *, jobs):
        for item in items:
            asked.append(item.submission.student)
            measure = Measure("mse", 0.4, 0.55, rises=False)
            verdict = CellVerdict("mse-test", 2, 2, outcomes=(Outcome("MSE", True, 1.0, measure=measure),))
            report = NotebookReport(item.submission.student, "lista12", item.template.name, "graded", (verdict,))
            yield item, SimpleNamespace(report=report)

    monkeypatch.setattr(module, "grade_all", grade_all)
    monkeypatch.setattr(module.Zygote, "connect", lambda *a, **k: None)
    monkeypatch.setattr(module.doctor, "require", lambda **k: ())
    monkeypatch.setattr(module.Course, "view", lambda self: Path(tempfile.mkdtemp(dir=tmp_path)))
    return asked


def test_what_has_run_is_not_run_again(fake, tmp_path):
    """Stopped in the middle, a calibration goes on where it was; more seeds cost only the new ones."""
    store = tmp_path / "results.jsonl"
    first = calibrate(ROOT, "lista12", seeds=2, notebooks=[NOTEBOOK], results=store)
    count = len(fake)
    assert count == len(first) > 6
    calibrate(ROOT, "lista12", seeds=2, notebooks=[NOTEBOOK], results=store)
    assert len(fake) == count
    store.write_text(store.read_text()[:-20])  # the last line, cut off
    calibrate(ROOT, "lista12", seeds=2, notebooks=[NOTEBOOK], results=store)
    assert len(fake) == count + 1
    more = calibrate(ROOT, "lista12", seeds=3, notebooks=[NOTEBOOK], results=store)
    assert len(fake) == count + 1 + count // 2
    assert len(more) == count * 3 // 2


def test_a_weak_answer_that_meets_no_threshold_is_run_once(fake, tmp_path, monkeypatch):
    """It crashes before its cell, say: more seeds would tell nothing. Right answers run all the same."""
    monkeypatch.setattr(module, "_measures", lambda report: ())
    found = calibrate(ROOT, "lista12", seeds=3, notebooks=[NOTEBOOK], results=tmp_path / "r.jsonl")
    assert {r.seed for r in found if r.kind == "weak"} == {0}
    assert {r.seed for r in found if r.kind == "right"} == {0, 1, 2}


def test_only_tests_that_decide_make_a_run_anew(fake, tmp_path, monkeypatch):
    """Another text, or a changed message elsewhere, costs no training; a changed threshold does."""
    template = load(ROOT, "lista12").notebook(NOTEBOOK)
    released = module.Course.open(ROOT, load(ROOT, "lista12")).released[NOTEBOOK]
    answer = variants(template, bank(ROOT / "exemplars" / "lista12"))[0]
    before = module._key(template, answer, 0, released)

    def changed(chosen):
        cells = tuple(
            replace(c, source=c.source + "\ncheck.equal(1, 1)") if c.is_test and chosen(c) else c
            for c in template.cells
        )
        return module._key(replace(template, cells=cells), answer, 0, released)

    assert changed(lambda c: not module._decides(c.source)) == before
    assert changed(lambda c: module._decides(c.source)) != before
    other_text = deepcopy(released)
    next(cell for cell in other_text.cells if cell.cell_type == "markdown").source += " Um aviso."
    assert module._key(template, answer, 0, other_text) == before


def test_notebooks_without_a_threshold_on_held_out_data_cost_nothing(fake, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_decides", lambda source: False)
    assert calibrate(ROOT, "lista12", seeds=2, results=tmp_path / "r.jsonl") == []


SAFE = [run("reference", s, 0.40 + 0.005 * (s % 4)) for s in range(20)]
CLOSE = [run("aula", s, 0.52 + 0.01 * (s % 4)) for s in range(20)]
WEAK = [run("sem_escala", s, v, "weak") for s, v in enumerate((0.9, 0.5, 1.2))]


def test_a_threshold_is_as_safe_as_its_worst_right_answer():
    """And one that is far off is proposed; weak answers do not count for that."""
    (good,) = summarise(SAFE + WEAK)
    assert good.safe
    assert good.worst_bound < 1e-6
    (bad,) = summarise(SAFE + CLOSE + WEAK)
    assert not bad.safe
    assert 0.55 < bad.proposed < 0.6
    assert [(g.variant, g.scores.failing(bad.value)) for g in bad.weak] == [("sem_escala", 2)]


def test_a_right_answer_without_a_score_makes_every_threshold_unsafe(tmp_path):
    """A run that crashed is a failure, not a missing number; no threshold mends it, so none is proposed."""
    (found,) = summarise([*SAFE, run("reference", 20, None)])
    assert not found.safe
    assert found.groups[0].lost == 1
    assert math.isnan(found.proposed)
    assert "no threshold is" in write_report([found], tmp_path, "lista12").read_text()


def test_the_report_says_what_was_found_and_is_the_same_each_time(tmp_path):
    thresholds = summarise(SAFE + CLOSE + WEAK)
    page = write_report(thresholds, tmp_path / "a", "lista12")
    text = page.read_text()
    assert "not safe" in text
    assert "| sem_escala | 3 | 0.8667 | 1 of 3 | 0.64 |" in text
    assert "<svg" in (tmp_path / "a" / f"{NOTEBOOK}.svg").read_text()
    again = write_report(thresholds, tmp_path / "b", "lista12")
    assert again.read_text() == text
    assert (tmp_path / "b" / f"{NOTEBOOK}.svg").read_bytes() == (tmp_path / "a" / f"{NOTEBOOK}.svg").read_bytes()


def test_thresholds_of_one_score_share_a_panel(tmp_path):
    (found,) = summarise(SAFE + WEAK)
    others = tuple(replace(group, variant=f"{group.variant}_2") for group in found.groups)
    thresholds = [found, replace(found, value=0.7), replace(found, groups=others)]
    write_report(thresholds, tmp_path, "lista12")
    svg = (tmp_path / f"{NOTEBOOK}.svg").read_text()
    assert ("axes_2" in svg, "axes_3" in svg) == (True, False)


def accuracy(variant: str, seed: int, value: float, kind: str = "right") -> Run:
    measures = {("accuracy-test", "Accuracy"): Measure("accuracy", value, 0.8, rises=True)}
    return Run(NOTEBOOK, variant, kind, seed, measures, f"{variant}-{seed}")


def test_an_accuracy_counts_by_its_log_odds():
    """Near 1 accuracies lean too much to be normal; their log-odds do not."""
    odds = tuple(3 + 0.7 * math.sin(2.4 * n) + 0.05 * n for n in range(20))
    runs = [accuracy("reference", n, 1 / (1 + math.exp(-z))) for n, z in enumerate(odds)]
    runs += [accuracy("sem_treino", n, 0.1 + 0.01 * n, "weak") for n in range(3)]
    (found,) = summarise(runs)
    right, weak = found.groups
    assert found.bound(right) == pytest.approx(failures_at_most(Scores(odds, rises=True), math.log(4)))
    assert found.proposed == pytest.approx(1 / (1 + math.exp(-threshold_for(Scores(odds, rises=True)))))
    assert 0.8 < found.proposed < min(right.scores.values)
    assert found.luck(weak) < 1e-3


def test_a_perfect_accuracy_has_log_odds_as_well():
    (found,) = summarise([accuracy("reference", n, 1.0 if n else 0.998) for n in range(5)])
    assert math.isfinite(found.proposed)
