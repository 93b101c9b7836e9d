"""The bank of exemplars, graded as students' submissions are: every score is the one declared.

The reference solution of each notebook is graded with them, and must get every point; so is the notebook as it was
handed out, and must get none.
"""

import ast
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.assignment import Assignment, Template
from autograder.audit.answers import Answer, Bench
from autograder.audit.fates import Fate, Store
from autograder.audit.rules import FILE, Minimum, load_rules
from autograder.errors import UsageError
from autograder.exemplar import Exemplar, bank
from autograder.notebook import grade_id_of, nbgrader_metadata
from autograder.terminal import Meter

__all__ = [
    "CELL_CPU", "REFERENCE", "UNANSWERED", "BankResult", "Graded", "answer_of", "audit_bank", "deviations",
    "endless", "grade_bank", "lacking", "sample", "short", "unanswered",
]  # fmt: skip

#: CPU seconds a cell, in place of the list's own limit, which an endless loop uses up. No cell of a reference
#: takes more than 30.
CELL_CPU = 45.0
#: The name of the answer that is the reference itself.
REFERENCE = "reference"
#: The name of the answer that answers nothing.
UNANSWERED = "unanswered"
_STYLE = "estilo_da_aula"


@dataclass(frozen=True)
class Graded:
    """An exemplar and its fate.

    Args:
        exemplar: What was graded.
        fate: What became of it.
        points: Full marks of each automatically graded cell.
        deviations: How it differs from what is declared; empty when it does not.
    """

    exemplar: Exemplar
    fate: Fate
    points: dict[str, float]
    deviations: tuple[str, ...]

    @property
    def lost(self) -> dict[str, float]:
        """Points that it declares to lose, by cell."""
        expected = self.exemplar.expected(self.points)
        return {cell: full - expected[cell] for cell, full in self.points.items() if expected[cell] < full}


@dataclass(frozen=True)
class BankResult:
    """What the audit of the bank found.

    Args:
        assignment: Its name.
        notebooks: The notebooks, in order.
        graded: Every exemplar, by notebook, verdict and name.
        lacking: What the bank has too little of; empty when only a part was audited.
    """

    assignment: str
    notebooks: tuple[str, ...]
    graded: tuple[Graded, ...]
    lacking: tuple[str, ...]

    @property
    def good(self) -> bool:
        """Whether all is as declared, and the minimum is there."""
        return not self.lacking and not any(g.deviations for g in self.graded)


def short(exemplar: Exemplar) -> str:
    """Its name for people: ``03-rejected-nome``; the reference is ``03-reference``."""
    if exemplar.name == REFERENCE:
        return f"{exemplar.notebook[:2]}-{REFERENCE}"
    return f"{exemplar.notebook[:2]}-{exemplar.verdict}-{exemplar.name}"


def audit_bank(
    root: Path,
    name: str,
    *,
    notebooks: Sequence[str] = (),
    patterns: Sequence[str] = (),
    jobs: int = 1,
    store: Store | None = None,
) -> BankResult:
    """Grade the bank of an assignment.

    Args:
        root: The course.
        name: The assignment.
        notebooks: Which notebooks, by name or how it begins; none for all.
        patterns: Only exemplars with one of these in ``03-rejected-nome``; none for all.
        jobs: Notebooks at once.
        store: The cache of fates.

    Raises:
        UsageError: Course, bank or host is not ready.
    """
    with tempfile.TemporaryDirectory(prefix="audit-") as folder:
        bench = Bench(root, name, notebooks, Path(folder))
        templates = bench.assignment.notebooks
        there = {t.name for t in templates}
        everything = bank(root / "exemplars" / name)
        stray = {e.notebook for e in everything} - {p.stem for p in (root / "assignments" / name).glob("*.ipynb")}
        if stray:
            raise UsageError(f"exemplars/{name} has exemplars of no notebook: {', '.join(sorted(stray))}.")
        chosen = [Exemplar(REFERENCE, t.name, "accepted", "Solução de referência") for t in templates]
        chosen += [unanswered(bench, t) for t in templates]
        chosen += [e for e in everything if e.notebook in there]
        if patterns:
            chosen = [e for e in chosen if any(p in short(e) for p in patterns)]
        if not chosen:
            raise UsageError(
                f"No exemplar is called {' or '.join(patterns)}.", "A part of 03-rejected-name is it."
            )
        minimum = {n: load_rules(root / "exemplars" / name / n / FILE).minimum for n in there}
        graded = grade_bank(bench, chosen, store or Store(), jobs=jobs, on_graded=_tell)
    whole = not (notebooks or patterns)
    return BankResult(
        name, tuple(t.name for t in templates), tuple(graded), lacking(chosen, minimum) if whole else ()
    )


def grade_bank(
    bench: Bench,
    chosen: Iterable[Exemplar],
    store: Store,
    *,
    jobs: int = 1,
    judged: bool = True,
    on_graded: Callable[[Graded, Meter], None] | None = None,
) -> list[Graded]:
    """Grade exemplars; in the order of their names."""
    by_key = {(e.notebook, answer_of(e).name): e for e in chosen}
    points = {t.name: {c.grade_id: c.points for c in t.cells if c.is_test} for t in bench.assignment.notebooks}

    def made(exemplar: Exemplar, fate: Fate) -> Graded:
        full = points[exemplar.notebook]
        return Graded(exemplar, fate, full, deviations(exemplar, fate, full))

    def told(answer: Answer, fate: Fate, meter: Meter) -> None:
        if on_graded is not None:
            on_graded(made(answer.exemplar, fate), meter)

    # What uses up its limit first: the rest then shares the machine with it.
    answers = [answer_of(e) for e in sorted(by_key.values(), key=lambda e: not endless(e))]
    text = f"Grading {len(answers)} exemplars"
    fates = bench.grade(answers, store=store, jobs=jobs, judged=judged, text=text, on_fate=told)
    return [made(exemplar, fates[key]) for key, exemplar in sorted(by_key.items(), key=lambda kv: short(kv[1]))]


def unanswered(bench: Bench, template: Template) -> Exemplar:
    """A notebook as it was handed out: it must get no point."""
    handed_out = bench.released[template.name].cells
    cells = {
        identity: cell.source
        for cell in handed_out
        if nbgrader_metadata(cell).get("solution") and (identity := grade_id_of(cell)) is not None
    }
    nothing = {cell.grade_id: 0.0 for cell in template.cells if cell.is_test}
    return Exemplar(UNANSWERED, template.name, "rejected", "Nada respondido", nothing, cells)


def answer_of(exemplar: Exemplar) -> Answer:
    """As the bench takes it."""
    return Answer(exemplar, f"{exemplar.verdict}-{exemplar.name}", CELL_CPU)


def deviations(exemplar: Exemplar, fate: Fate, points: dict[str, float]) -> tuple[str, ...]:
    """A line for each cell whose score is not the declared one, with what its checks said."""
    lines = []
    for cell, want in exemplar.expected(points).items():
        got = fate.scores.get(cell)
        if got is None or abs(got - want) > 1e-6:
            lines.append(f"{cell}: {'no score' if got is None else f'{got:g}'}, declared {want:g}")
            lines += [
                f"  {o.title}: expected {o.expected}, was {o.actual} {o.error or ''}".rstrip()
                for where, o in fate.failed
                if where == cell
            ]
    if fate.needs_review:
        lines.append("needs review: the grader failed")
    if lines:
        lines += [f"  {said}" for said in fate.said]
    return tuple(lines)


def lacking(exemplars: Iterable[Exemplar], minimum: Mapping[str, Minimum]) -> tuple[str, ...]:
    """What each notebook has fewer of than it must; what needs no writing does not count."""
    there: list[tuple[str, str]] = [
        (e.notebook, e.verdict) for e in exemplars if e.name not in (REFERENCE, UNANSWERED)
    ]
    return tuple(
        f"{notebook}: {there.count((notebook, verdict))} {verdict}, at least {least} must be"
        for notebook, wanted in sorted(minimum.items())
        for verdict, least in wanted
        if there.count((notebook, verdict)) < least
    )


def sample(exemplars: Iterable[Exemplar], assignment: Assignment) -> list[Exemplar]:
    """A part of the bank that is quick to grade: of each notebook a right answer and another.

    The right one is in the lectures' style where there is such. The others are wrong, break or cheat, in turn;
    none has an endless loop.
    """
    found: list[Exemplar] = []
    everything = list(exemplars)
    for number, template in enumerate(assignment.notebooks):
        ours = [e for e in everything if e.notebook == template.name and not endless(e)]
        right = [e for e in ours if e.verdict == "accepted"]
        others = [e for e in ours if e.verdict != "accepted"]
        turn = ("rejected", "crashing", "hostile")[number % 3]
        groups = [
            [e for e in right if e.name == _STYLE] or right,
            [e for e in others if e.verdict == turn] or others,
        ]
        found += [group[number % len(group)] for group in groups if group]
    return found


def endless(exemplar: Exemplar) -> bool:
    """Whether it seems to hold a loop without an end: then it takes as long as it may."""
    texts = [*exemplar.cells.values(), *(cell.source for cell in exemplar.extra)]
    return any(_loops(text) for text in texts)


def _loops(text: str) -> bool:
    try:
        nodes = list(ast.walk(ast.parse(text)))
    except SyntaxError:
        return False
    return any(
        (isinstance(node, ast.While) and isinstance(node.test, ast.Constant) and bool(node.test.value))
        or (isinstance(node, ast.For) and "count(" in ast.unparse(node.iter))
        for node in nodes
    )


def _tell(graded: Graded, meter: Meter) -> None:
    mark = "NOT" if graded.deviations else "ok "
    meter.line(f"{mark} {short(graded.exemplar):50} {graded.fate.cpu_seconds:6.1f} s CPU")
    for line in graded.deviations:
        meter.line(f"      {line}")
