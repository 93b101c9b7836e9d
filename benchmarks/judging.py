"""What judging costs, and what it saves: the numbers of the change log.

    make bench ARGS=…                       everything, a quarter of an hour
    python benchmarks/judging.py --only regrade

Submissions are exemplars of list #12 (right answers, in the styles of the bank). Times are wall times of one
run, medians with their range; nothing else should run meanwhile.
"""

import argparse
import asyncio
import json
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import nbformat

from autograder.assignment import load
from autograder.engine import Course, Item, grade_all
from autograder.engine.seats import JudgeSettings, _Seat
from autograder.exemplar import Exemplar, bank, submission
from autograder.grade import Options, grade
from autograder.notebook import write
from autograder.outcome import NotebookReport
from autograder.regrade import regrade
from autograder.sandbox.client import Zygote
from autograder.submission import Submission
from autograder.terminal import err, out, table
from gradebook.records import Records

ROOT = Path(__file__).resolve().parent.parent
T = TypeVar("T")
LIST = "lista12"
_STARTS = 20
_TRAINED = 5
#: Epochs that make exercise 01 train for 20 s or more on one core.
_EPOCHS = 40


def build(root: Path, exemplars: list[Exemplar], *, epochs: int | None = None) -> None:
    """A course with list #12, in which each exemplar is a student's submission."""
    for part in ("assignments", "release"):
        shutil.copytree(ROOT / part / LIST, root / part / LIST)
    shutil.copy(ROOT / "assignments" / f"{LIST}.toml", root / "assignments")
    shutil.copy(ROOT / ".holdout-key", root)
    shutil.copy(ROOT / "nbgrader_config.py", root)
    assignment = load(root, LIST)
    for exemplar in exemplars:
        released = nbformat.read(root / "release" / LIST / f"{exemplar.notebook}.ipynb", as_version=4)
        filled = submission(exemplar, assignment.notebook(exemplar.notebook).notebook, released)
        if epochs is not None:
            for cell in filled.cells:
                cell.source = re.sub(r"epochs=\d+", f"epochs={epochs}", cell.source)
        write(filled, root / "submitted" / key_of(exemplar) / LIST / f"{exemplar.notebook}.ipynb")


def key_of(exemplar: Exemplar) -> str:
    """A student's name."""
    return f"{exemplar.notebook[:2]}-{exemplar.name}"


def accepted() -> list[Exemplar]:
    """The right answers of the bank."""
    return [exemplar for exemplar in bank(ROOT / "exemplars" / LIST) if exemplar.verdict == "accepted"]


def run(root: Path, exemplars: list[Exemplar], *, judged: bool, jobs: int) -> dict[str, NotebookReport]:
    """Grade in this process; the reports by student."""
    assignment = load(root, LIST)
    opened = Course.open(root, assignment, jobs=jobs)
    course = Course(**{**vars(opened), "judged": judged})
    items = [
        Item(Submission(key_of(e), root / "submitted" / key_of(e) / LIST, None), assignment.notebook(e.notebook))
        for e in exemplars
    ]

    async def all_of_them() -> dict[str, NotebookReport]:
        return {i.submission.student: g.report async for i, g in grade_all(course, items, jobs=jobs)}

    return asyncio.run(all_of_them())


def overhead(root: Path) -> list[tuple[str, str]]:
    """Seconds that evidence and judging add to a notebook, one at a time."""
    reports = run(root, accepted(), judged=True, jobs=1)
    rows = []
    for name, what in (("evidence", "evidence, a notebook"), ("judge", "judging, a notebook")):
        rows.append((what, spread([report.sandbox["seconds"][name] for report in reports.values()], "s")))
    rows.append(("notebooks", str(len(reports))))
    return rows


def starts() -> list[tuple[str, str]]:
    """Seconds from asking for a judge to being connected to one."""

    async def one() -> float:
        with tempfile.TemporaryDirectory() as empty:
            began = time.monotonic()
            seat = await _Seat.open("judge", JudgeSettings("pt_BR"), inbox=Path(empty))
            taken = time.monotonic() - began
            seat.close()
            await asyncio.sleep(0.3)
            return taken

    async def several() -> list[float]:
        return [await one() for _ in range(_STARTS)]

    return [("start of a judge", spread([1000 * s for s in asyncio.run(several())], "ms"))]


def agreement(root: Path) -> list[tuple[str, str]]:
    """Right answers that the judge and the plain kernel score differently, held-out scores aside."""
    judged, plain = (run(root, accepted(), judged=flag, jobs=2) for flag in (True, False))
    held_out = {"accuracy-test", "mse-test"}
    differ = [
        f"{name}/{v.grade_id}"
        for name, report in judged.items()
        for v, w in zip(report.verdicts, plain[name].verdicts, strict=True)
        if v.grade_id not in held_out and v.score != w.score
    ]
    return [
        ("right answers that differ from the plain kernel", f"{len(differ)} of {len(judged)} {' '.join(differ)}")
    ]


def training(root: Path) -> list[tuple[str, str]]:
    """Grading and regrading, after one hidden test was changed, of submissions that train for 20 s or more."""
    chosen = [e for e in accepted() if e.notebook.startswith("01")][:_TRAINED]
    build(root, chosen, epochs=_EPOCHS)
    with Records(f"sqlite:///{root / 'gradebook.db'}") as records:
        options = Options(jobs=2, notebooks=("01_classificador_sequencial",))
        graded, seconds = timed(lambda: grade(root, LIST, records, options))
        cpu = statistics.median(
            g.report.cpu_seconds for g in graded.graded if g.report.student in map(key_of, chosen)
        )
        change_a_hidden_test(root)
        again, all_seconds = timed(lambda: regrade(root, LIST, records, options))
    if again.ran:
        raise SystemExit(f"ran again: {again.ran}")
    count = len(chosen)
    return [
        ("submissions, and CPU time of each", f"{count}, {cpu:.0f} s"),
        ("grading them", f"{seconds:.1f} s"),
        (
            "judging them again",
            f"{again.seconds:.2f} s ({again.judged} cells), {all_seconds:.2f} s with the gradebook",
        ),
        ("ratio", f"{seconds / again.seconds:.0f} ({seconds / all_seconds:.0f} with the gradebook)"),
    ]


def change_a_hidden_test(root: Path) -> None:
    """Ask for another number of epochs in the hidden test of exercise 01's training."""
    path = root / "assignments" / LIST / "01_classificador_sequencial.ipynb"
    text = path.read_text()
    changed = text.replace("epochs_at_least=3", "epochs_at_least=4")
    if changed == text:
        raise SystemExit("the hidden test that this benchmark changes is not there")
    path.write_text(changed)


def attacks() -> list[tuple[str, str]]:
    """Hostile submissions of the suite, and how many succeed."""
    command = [sys.executable, "-m", "pytest", "-q", "--no-header", "-p", "no:cacheprovider", "tests/attacks"]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout
    return [("attack suite", said.strip().splitlines()[-1])]


def spread(values: list[float], unit: str) -> str:
    """Median and range."""
    digits = 0 if unit == "ms" else 2
    return f"{statistics.median(values):.{digits}f} {unit} ({min(values):.{digits}f}–{max(values):.{digits}f})"


def timed(work: Callable[[], T]) -> tuple[T, float]:
    """What ``work`` returns, and how long it took."""
    began = time.monotonic()
    return work(), time.monotonic() - began


def main() -> None:
    """Measure and print."""
    parts = ("start", "overhead", "regrade", "agreement", "attacks")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=parts, action="append", help="only this part (repeatable)")
    parser.add_argument("--json", action="store_true", help="print JSON for machines")
    options = parser.parse_args()
    for role in ("kernel", "judge"):
        Zygote.connect(role, progress=lambda text: err.print(text))
    rows: list[tuple[str, str]] = []
    for part in options.only or parts:
        err.print(f"{part} …", highlight=False)
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            if part in ("overhead", "agreement"):
                build(root, accepted())
            measure: dict[str, Callable[[], list[tuple[str, str]]]] = {
                "start": starts,
                "overhead": lambda root=root: overhead(root),
                "regrade": lambda root=root: training(root),
                "agreement": lambda root=root: agreement(root),
                "attacks": attacks,
            }
            rows += measure[part]()
    if options.json:
        print(json.dumps(dict(rows), ensure_ascii=False, indent=2))
    else:
        out.print(table("Judging", (("", "left"), ("", "fold")), rows))


if __name__ == "__main__":
    main()
