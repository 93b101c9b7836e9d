"""Do the hidden tests notice a broken reference? Every mutant must lose points, or be declared a right answer."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.markup import escape

from autograder.assignment import Template
from autograder.audit.answers import Answer, Bench
from autograder.audit.bank import REFERENCE
from autograder.audit.fates import Fate, Store
from autograder.audit.mutate import Mutant, mutants_of
from autograder.audit.rules import FILE, Rules, Survivor, load_rules
from autograder.exemplar import Exemplar
from autograder.terminal import Meter

__all__ = ["SHARE", "MutantResult", "NotebookMutants", "audit_mutants"]

#: Share of a notebook's mutants that may be declared right answers.
SHARE = 0.05


@dataclass(frozen=True)
class MutantResult:
    """A mutant and its fate.

    Args:
        mutant: The change.
        fate: What became of it.
        lived: Whether it has full marks in every automatic cell.
        declared: Whether it may.
    """

    mutant: Mutant
    fate: Fate
    lived: bool
    declared: Survivor | None


@dataclass(frozen=True)
class NotebookMutants:
    """What the mutants of one notebook show.

    Args:
        notebook: Its name.
        results: Every mutant, in the order of the text.
        reference: What the reference itself loses; with that, the mutants show nothing.
        stale: Declared survivors that no mutant is like.
        whole: Whether all mutants are here: only then can too many be declared.
    """

    notebook: str
    results: tuple[MutantResult, ...]
    reference: tuple[str, ...]
    stale: tuple[Survivor, ...]
    whole: bool = True

    @property
    def problems(self) -> tuple[str, ...]:
        """All that must be mended, a line each."""
        lines = [f"the reference loses points: {line}" for line in self.reference]
        for r in self.results:
            where = f"{r.mutant.cell}: {r.mutant.change}"
            if r.fate.needs_review:
                lines.append(f"the grader failed: {where}: {'; '.join(r.fate.said)}")
            elif r.lived and r.declared is None:
                lines.append(f"lives: {where}")
            elif r.declared is not None and not r.lived:
                lines.append(f"declared to live, but dies: {where}")
        lines += [f"declared, but not made any more: {s.cell}: {s.change}" for s in self.stale]
        declared = sum(r.declared is not None for r in self.results)
        if self.whole and declared > SHARE * len(self.results):
            lines.append(f"{declared} of {len(self.results)} are declared; at most {SHARE:.0%} may be")
        return tuple(lines)


def audit_mutants(
    root: Path,
    name: str,
    *,
    notebooks: Sequence[str] = (),
    patterns: Sequence[str] = (),
    jobs: int = 1,
    store: Store | None = None,
) -> list[NotebookMutants]:
    """Grade the mutants of an assignment's reference solutions.

    Args:
        root: The course.
        name: The assignment.
        notebooks: Which notebooks, by name or how it begins; none for all.
        patterns: Only mutants with one of these in ``cell: change``; none for all.
        jobs: Notebooks at once.
        store: The cache of fates.

    Raises:
        UsageError: Course or host is not ready, or a file of rules is malformed.
    """
    store = store or Store()
    with tempfile.TemporaryDirectory(prefix="audit-") as folder:
        bench = Bench(root, name, notebooks, Path(folder))
        exemplars = root / "exemplars" / name
        rules = {t.name: load_rules(exemplars / t.name / FILE) for t in bench.assignment.notebooks}
        return [_audit(bench, t, rules[t.name], patterns, jobs, store) for t in bench.assignment.notebooks]


def _audit(
    bench: Bench, template: Template, rules: Rules, patterns: Sequence[str], jobs: int, store: Store
) -> NotebookMutants:
    points = {c.grade_id: c.points for c in template.cells if c.is_test}
    mutants = mutants_of(template)
    known = {s.key: s for s in rules.survivor}
    stale = tuple(s for key, s in known.items() if key not in {(m.cell, m.change) for m in mutants})
    if patterns:
        mutants = [m for m in mutants if any(p in f"{m.cell}: {m.change}" for p in patterns)]
    reference = Answer(Exemplar(REFERENCE, template.name, "accepted", ""), REFERENCE, rules.cell_cpu)
    text = f"{template.name}: {len(mutants)} mutants"
    fate = bench.grade([reference], store=store, text=f"{template.name}: the reference")[template.name, REFERENCE]
    lost = tuple(
        f"{cell}: {fate.scores.get(cell)} of {full:g}"
        for cell, full in points.items()
        if not _full(fate, {cell: full})
    )
    if lost:
        return NotebookMutants(template.name, (), (*lost, *fate.said), stale)

    def told(answer: Answer, fate: Fate, meter: Meter) -> None:
        mark = "?    " if fate.needs_review else "LIVES" if _full(fate, points) else "dies "
        meter.line(escape(f"{mark} {answer.exemplar.title}"))

    answers = [_answer(mutant, rules.cell_cpu) for mutant in mutants]
    fates = bench.grade(answers, store=store, jobs=jobs, until_lost=True, text=text, on_fate=told)

    def result(mutant: Mutant) -> MutantResult:
        fate = fates[mutant.notebook, mutant.name]
        return MutantResult(mutant, fate, _full(fate, points), known.get((mutant.cell, mutant.change)))

    return NotebookMutants(template.name, tuple(map(result, mutants)), (), () if patterns else stale, not patterns)


def _answer(mutant: Mutant, cell_cpu: float) -> Answer:
    title, cells = f"{mutant.cell}: {mutant.change}", {mutant.cell: mutant.source}
    return Answer(Exemplar(mutant.name, mutant.notebook, "rejected", title, cells=cells), mutant.name, cell_cpu)


def _full(fate: Fate, points: dict[str, float]) -> bool:
    """Whether there are full marks in each of the cells."""
    return all((fate.scores.get(cell) or 0.0) >= full - 1e-9 for cell, full in points.items())
