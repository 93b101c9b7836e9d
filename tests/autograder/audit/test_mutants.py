"""The verdict over mutants: undeclared, dead, stale, too many; and the file that declares."""

import pytest

from autograder.audit.fates import Fate
from autograder.audit.mutants import MutantResult, NotebookMutants, audit_mutants
from autograder.audit.mutate import Mutant
from autograder.audit.report import mutants_section
from autograder.audit.rules import Survivor, load_rules
from autograder.errors import UsageError

REASON = "A right answer, since the question leaves it free."


def result(number=0, *, lived=False, declared=False, review=False):
    mutant = Mutant("01_a", "cell", "statement", f"drop {number}", "pass")
    survivor = Survivor(cell="cell", change=mutant.change, reason=REASON) if declared else None
    return MutantResult(mutant, Fate({"t": 1.0 if lived else 0.0}, needs_review=review), lived, survivor)


def notebook(*results, reference=(), stale=(), whole=True):
    return NotebookMutants("01_a", results, reference, stale, whole)


DECLARED = Survivor(cell="cell", change="drop 0", reason=REASON)
DEAD = [result(n) for n in range(1, 20)]


def test_all_is_well_when_every_survivor_is_declared():
    assert notebook(result(lived=True, declared=True), *DEAD).problems == ()


@pytest.mark.parametrize(
    ("found", "says"),
    [
        (notebook(result(lived=True), *DEAD), "lives: cell: drop 0"),
        (notebook(result(declared=True), *DEAD), "declared to live, but dies: cell: drop 0"),
        (notebook(result(review=True), *DEAD), "the grader failed: cell: drop 0"),
        (
            notebook(*DEAD, stale=(result(declared=True).declared,)),
            "declared, but not made any more: cell: drop 0",
        ),
        (notebook(*DEAD, reference=("t: 0.0 of 1",)), "the reference loses points: t: 0.0 of 1"),
        (notebook(result(lived=True, declared=True), *DEAD[1:]), "1 of 19 are declared; at most 5% may be"),
    ],
)
def test_what_must_be_mended_is_said(found, says):
    assert [line for line in found.problems if line.startswith(says)] == list(found.problems)
    assert len(found.problems) == 1


def test_of_some_mutants_alone_any_may_be_declared():
    assert notebook(result(lived=True, declared=True), whole=False).problems == ()


def test_survivors_are_read(tmp_path):
    path = tmp_path / "audit.toml"
    assert load_rules(path).survivor == ()
    path.write_text(
        f'cell_cpu = 40\nminimum.accepted = 3\n[[survivor]]\ncell = "a"\nchange = "drop →"\nreason = "{REASON}"\n'
    )
    found = load_rules(path)
    assert (found.cell_cpu, found.survivor[0].key) == (40, ("a", "drop →"))
    assert dict(found.minimum) == {"accepted": 3, "rejected": 10, "crashing": 2}


@pytest.mark.parametrize(
    "text",
    [
        "[[survivor", '[[survivor]]\ncell = "a"\nchange = "b"\n',
        '[[survivor]]\ncell = "a"\nchange = "b"\nreason = "short"\n',
        f'[[survivor]]\ncell = "a"\nchange = "b"\nreason = "{REASON}"\n' * 2,
    ],
)  # fmt: skip
def test_a_malformed_file_is_refused(tmp_path, text):
    (tmp_path / "audit.toml").write_text(text)
    with pytest.raises(UsageError, match=r"audit\.toml"):
        load_rules(tmp_path / "audit.toml")


def test_the_page_has_the_matrix_and_the_reasons():
    page = mutants_section([notebook(result(lived=True, declared=True), *DEAD)])
    assert "| statement | 19/20 |" in page
    assert f"| 01 | cell | `drop 0` | {REASON} |" in page


@pytest.fixture
def bench(monkeypatch, tmp_path):
    """The scaffold's mutants, graded by a stand-in that lets live what it is told."""
    from autograder.assignment import load
    from autograder.audit import mutants
    from autograder.new import scaffold

    scaffold(tmp_path, "lista", "01_exercise")
    living: set[str] = set()
    asked: list[str] = []

    class Bench:
        def __init__(self, root, name, notebooks, folder):
            self.assignment = load(root, name)

        def grade(self, answers, *, store, jobs=1, until_lost=False, text="", on_fate=None):
            (template,) = self.assignment.notebooks
            points = {c.grade_id: c.points for c in template.cells if c.is_test}
            lives = {a.name: a.exemplar.title in {"", *living} for a in answers}
            asked.extend(a.exemplar.title for a in answers)
            return {
                ("01_exercise", a.name): Fate({k: v if lives[a.name] else 0.0 for k, v in points.items()})
                for a in answers
            }

    monkeypatch.setattr(mutants, "Bench", Bench)
    return tmp_path, living, asked


def test_an_audit_of_mutants_from_end_to_end(bench):
    root, living, asked = bench
    declared = "model: drop layers.Dense(32, activation='relu')"
    living.add(declared)
    (found,) = audit_mutants(root, "lista")
    assert found.problems == ()
    assert asked[0] == ""  # the reference comes first
    assert [f"{r.mutant.cell}: {r.mutant.change}" for r in found.results if r.lived] == [declared]
    living.clear()
    living.add("training: model.fit: epochs=20 → epochs=1")
    (found,) = audit_mutants(root, "lista")
    assert sorted(line.partition(":")[0] for line in found.problems) == ["declared to live, but dies", "lives"]


def test_a_part_of_the_mutants(bench):
    root, _, asked = bench
    (found,) = audit_mutants(root, "lista", patterns=["training:"])
    assert found.problems == ()
    assert {r.mutant.cell for r in found.results} == {"training"}
    assert len(asked) == len(found.results) + 1
