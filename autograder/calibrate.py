"""Run right and weak answers with many seeds, and see how far their scores are from the thresholds.

For each notebook the reference solution and two accepted exemplars are trained with seeds 0 to K - 1, and so are
the weak answers: rejected exemplars that must lose points in a cell with a threshold. A seed stands for a whole
course: it is set wherever the notebook sets one (``set_random_seed(42)``, ``random_state=42``), and it draws the
held-out rows anew.

Every run is written down as a line of JSON when it ends, under a digest of all that it depends on; what is there
is not run again. ``calibration_report`` makes tables and plots of it.
"""

import asyncio
import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any, Literal

from nbformat import NotebookNode

from autograder.assignment import Assignment, Template, load
from autograder.data.key import KEY_FILE
from autograder.engine import Course, Item, grade_all
from autograder.evidence.names import bindings
from autograder.exemplar import Exemplar, bank, submission
from autograder.notebook import nbgrader_metadata, write
from autograder.outcome import Measure, NotebookReport
from autograder.sandbox import doctor
from autograder.sandbox.client import Zygote
from autograder.submission import Submission
from autograder.terminal import Meter, err, progress

__all__ = ["REFERENCE", "Run", "Variant", "calibrate", "reseeded", "variants"]

#: The name of the variant that answers nothing differently.
REFERENCE = "reference"
_STYLES = 2
_SEEDS = (
    re.compile(r"\b(set_random_seed|set_seed|default_rng|RandomState|random\.seed)\(\s*\d+\s*\)"),
    re.compile(r"\b(random_state|seed)\s*=\s*\d+"),
)
_LIBRARIES = ("keras", "numpy", "scikit-learn")


@dataclass(frozen=True)
class Variant:
    """One answer that is run with many seeds.

    Args:
        exemplar: The answer.
        kind: Whether it is right, or must miss a threshold.
    """

    exemplar: Exemplar
    kind: Literal["right", "weak"]

    @property
    def name(self) -> str:
        """As the report calls it."""
        return self.exemplar.name


@dataclass(frozen=True)
class Run:
    """What one run scored.

    Args:
        notebook: The notebook.
        variant: Name of the answer.
        kind: ``right`` or ``weak``.
        seed: The seed.
        measures: The numbers that thresholds decided on, by cell id and title.
        key: The digest of all that the run depends on.
    """

    notebook: str
    variant: str
    kind: str
    seed: int
    measures: Mapping[tuple[str, str], Measure]
    key: str

    def to_json(self) -> dict[str, Any]:
        """As a line of the results."""
        measures = [{"cell": cell, "title": title, **m.__dict__} for (cell, title), m in self.measures.items()]
        return {**{k: v for k, v in self.__dict__.items() if k != "measures"}, "measures": measures}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Run":
        """Read what ``to_json`` wrote."""
        measures = {}
        for found in data["measures"]:
            place = found.pop("cell"), found.pop("title")
            measures[place] = Measure.from_json(found)
        return cls(data["notebook"], data["variant"], data["kind"], data["seed"], measures, data["key"])


def calibrate(
    root: Path, name: str, *, seeds: int, notebooks: Sequence[str] = (), jobs: int = 1, results: Path | None = None
) -> list[Run]:
    """Run what is not in the results yet; all that the assignment's notebooks have scored.

    Args:
        root: The course, with its release and its exemplars.
        name: The assignment.
        seeds: Runs an answer.
        notebooks: Which notebooks; none for all.
        jobs: Runs at once.
        results: The file of results; ``None`` for ``calibration/<name>.jsonl`` in the course.

    Raises:
        UsageError: The host or the course is not ready.
    """
    assignment = load(root, name)
    doctor.require(allow_weak=False)
    store = results or root / "calibration" / f"{name}.jsonl"
    chosen = [assignment.notebook(n) for n in notebooks] or list(assignment.notebooks)
    known = {run.key: run for run in _read(store)}
    exemplars = bank(root / "exemplars" / name)
    planned = [
        (template, variant, seed)
        for template in chosen
        if any(c.is_test and _decides(c.source) for c in template.cells)
        for variant in variants(template, exemplars)
        for seed in range(seeds)
    ]
    released = Course.open(root, assignment).released
    keys = [_key(template, variant, seed, released[template.name]) for template, variant, seed in planned]
    todo = [(key, *plan) for key, plan in zip(keys, planned, strict=True) if key not in known]
    if todo:
        for role in ("kernel", "judge"):
            Zygote.connect(role, progress=lambda text: err.print(text, highlight=False))
        with progress(f"Training {len(todo)} answers", len(todo)) as meter:
            for seed in sorted({plan[-1] for plan in todo}):
                silent = _silent(known.values())
                batch = [(k, t, v) for k, t, v, s in todo if s == seed and (t.name, v.name) not in silent]
                meter.advance(sum(s == seed for *_, s in todo) - len(batch))
                for run in asyncio.run(_run_seed(root, assignment, seed, batch, jobs, meter, store)):
                    known[run.key] = run
    return [known[key] for key in keys if key in known]


def _silent(runs: Iterable[Run]) -> set[tuple[str, str]]:
    """Weak answers, by notebook and name, that meet no threshold at all: one run tells as much as twenty."""
    return {(run.notebook, run.variant) for run in runs if run.kind == "weak" and not run.measures}


def variants(template: Template, exemplars: Iterable[Exemplar]) -> list[Variant]:
    """The reference, the two accepted styles that differ from it in the most cells, and the weak answers."""
    ours = sorted((e for e in exemplars if e.notebook == template.name), key=lambda e: e.name)
    decided = {c.grade_id for c in template.cells if c.is_test and _decides(c.source)}
    reference = Exemplar(REFERENCE, template.name, "accepted", "")
    accepted = [e for e in ours if e.verdict == "accepted"]
    styles = sorted(accepted, key=lambda e: (-len(e.cells), e.name))[:_STYLES]
    weak = [e for e in ours if e.verdict == "rejected" and decided & set(e.scores)]
    return [Variant(e, "right") for e in (reference, *styles)] + [Variant(e, "weak") for e in weak]


def reseeded(source: str, seed: int) -> str:
    """A cell's text with ``seed`` wherever it sets one.

    Example:
        >>> reseeded("keras.utils.set_random_seed(42); split(X, random_state=42, test_size=42)", 7)
        'keras.utils.set_random_seed(7); split(X, random_state=7, test_size=42)'
    """
    source = _SEEDS[0].sub(lambda found: f"{found[1]}({seed})", source)
    return _SEEDS[1].sub(lambda found: f"{found[1]}={seed}", source)


def _decides(source: str) -> bool:
    return re.search(r"\bat_(least|most)\s*=", source) is not None and "holdout." in source


def _filled(template: Template, variant: Variant, seed: int, released: NotebookNode) -> NotebookNode:
    notebook = submission(variant.exemplar, template.notebook, released)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.source = reseeded(cell.source, seed)
    return notebook


def _key(template: Template, variant: Variant, seed: int, released: NotebookNode) -> str:
    """Of the answer, the tests, the seed and the libraries: what a score depends on."""
    filled = _filled(template, variant, seed, released)
    code = (cell for cell in filled.cells if cell.cell_type == "code")  # text trains nothing
    answer = [cell.source for cell in code if not nbgrader_metadata(cell).get("locked")]
    # A test that decides nothing by a threshold may change; only what it binds can reach other cells.
    tests = [
        bindings(cell.source) if cell.is_test and not _decides(cell.source) else cell.source
        for cell in template.cells
        if cell.locked
    ]
    versions = [metadata.version(library) for library in _LIBRARIES]
    text = json.dumps([template.name, variant.name, seed, answer, tests, versions])
    return hashlib.sha256(text.encode()).hexdigest()


async def _run_seed(
    root: Path,
    assignment: Assignment,
    seed: int,
    batch: list[tuple[str, Template, Variant]],
    jobs: int,
    meter: Meter,
    store: Path,
) -> list[Run]:
    """Run one seed's answers in a course of their own, whose holdout is drawn by the seed."""
    done = []
    with tempfile.TemporaryDirectory(prefix="calibrate-") as folder:
        course = _course(Path(folder), root, assignment, seed, jobs)
        items = {}
        for key, template, variant in batch:
            student = f"{variant.kind}-{variant.name}-{seed}"
            path = Path(folder) / "submitted" / student / assignment.name
            filled = _filled(template, variant, seed, course.released[template.name])
            write(filled, path / f"{template.name}.ipynb")
            items[student, template.name] = key, variant, Item(Submission(student, path, None), template)
        try:
            async for item, graded in grade_all(course, [item for _, _, item in items.values()], jobs=jobs):
                key, variant, _ = items[item.submission.student, item.template.name]
                run = Run(
                    item.template.name, variant.name, variant.kind, seed, dict(_measures(graded.report)), key
                )
                _append(store, run)
                done.append(run)
                meter.advance()
        finally:
            shutil.rmtree(course.view())
    return done


def _course(folder: Path, root: Path, assignment: Assignment, seed: int, jobs: int) -> Course:
    for part in ("assignments", "release"):
        shutil.copytree(root / part / assignment.name, folder / part / assignment.name)
    key = folder / KEY_FILE
    key.touch(mode=0o600)
    key.write_text(hashlib.sha256(f"calibration {seed}".encode()).hexdigest() + "\n")
    return Course.open(folder, assignment, jobs=jobs)


def _measures(report: NotebookReport) -> Iterator[tuple[tuple[str, str], Measure]]:
    for verdict in report.verdicts:
        for outcome in verdict.outcomes:
            if outcome.measure is not None:
                yield (verdict.grade_id, outcome.title), outcome.measure


def _append(store: Path, run: Run) -> None:
    store.parent.mkdir(parents=True, exist_ok=True)
    with store.open("a+b") as out:
        end = out.seek(0, os.SEEK_END)
        out.seek(max(0, end - 1))
        cut_off = end > 0 and out.read(1) != b"\n"
        line = json.dumps(run.to_json(), ensure_ascii=False) + "\n"
        out.write(("\n" if cut_off else "").encode() + line.encode())


def _read(store: Path) -> Iterator[Run]:
    """The results so far; a last line that was cut off when somebody stopped the command counts as not run."""
    if not store.exists():
        return
    for line in store.read_text(encoding="utf-8").splitlines():
        try:
            yield Run.from_json(json.loads(line))
        except (ValueError, KeyError, TypeError):
            err.print(f"{store}: a line that cannot be read is left out; that run is made again.", highlight=False)
