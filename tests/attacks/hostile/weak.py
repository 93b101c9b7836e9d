"""Builds without a defence: what the attacks succeed against.

``stock`` is nbgrader's own way: hidden tests are run in the student's kernel and scored by what nbgrader makes of
their outputs. (The kernel is a sandboxed one all the same: what is weak here is the scoring.) ``bare`` runs the
hostile cells as stock nbgrader would, in a process of the same user, beside a planted gradebook.
"""

import asyncio
import copy
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from courses import answered, cell_of, released, source_notebook
from nbformat import NotebookNode
from nbgrader.utils import determine_grade

from autograder.assignment import Limits
from autograder.engine.evidence import evidence_of
from autograder.judge import judge_cell
from autograder.sandbox.run import RunReport, run_notebook
from hostile.attack import Attack, Weak
from hostile.course import CANARIES, CELLS, FULL, RIGHT, Lab

__all__ = ["LOOSE", "bare", "by_outputs", "executed", "in_kernel", "stock", "tests_in_kernel", "untouched"]

LOOSE = Limits(cell_cpu=20, notebook_cpu=60, wall_factor=2, memory=3000, disk=256, processes=200, output=16)


def tests_in_kernel(attack: Attack) -> NotebookNode:
    """The notebook as stock nbgrader runs it: the student's cells, and every test with its hidden part."""
    template = source_notebook(CELLS)
    notebook = answered(template, {**RIGHT, **attack.answers})
    if attack.edit is not None:
        attack.edit(notebook)
        for cell in notebook.cells:  # nbgrader puts back what is locked, where it finds it
            known = cell.metadata.get("nbgrader", {})
            if known.get("locked"):
                cell.source = next(
                    (c.source for c in template.cells if c.metadata.get("nbgrader", {}).get("grade_id") ==
                     known.get("grade_id")), cell.source)  # fmt: skip
    return notebook


def executed(notebook: NotebookNode, attack: Attack, limits: Limits = LOOSE) -> tuple[NotebookNode, RunReport]:
    """Run a notebook with nothing judged."""
    notebook = copy.deepcopy(notebook)
    with tempfile.TemporaryDirectory() as work:
        for name, content in attack.files.items():
            (Path(work) / name).parent.mkdir(parents=True, exist_ok=True)
            (Path(work) / name).write_bytes(content)
        return notebook, asyncio.run(run_notebook(notebook, work=Path(work), limits=limits))


def stock(*gains: str) -> Weak:
    """Stock nbgrader gives the points of these test cells."""

    def succeeds(attack: Attack, lab: Lab) -> bool:
        notebook, run = executed(tests_in_kernel(attack), attack)
        cells = [cell_of(notebook, name) for name in gains]
        # nbgrader adds an error to the outputs where the kernel's reply tells of one.
        ended_well = all(run.cells[notebook.cells.index(cell)].status == "ok" for cell in cells)
        return ended_well and [determine_grade(cell)[0] for cell in cells] == [FULL[name] for name in gains]

    return succeeds


def by_outputs(*gains: str) -> Weak:
    """A grader that looks at the outputs alone gives the points of these test cells: no error, no failure."""

    def succeeds(attack: Attack, lab: Lab) -> bool:
        notebook, _ = executed(tests_in_kernel(attack), attack)
        return all(determine_grade(cell_of(notebook, name))[0] == FULL[name] for name in gains)

    return succeeds


def in_kernel(gain: str) -> Weak:
    """Our own scoring gives points where the checks run in the student's kernel."""

    def succeeds(attack: Attack, lab: Lab) -> bool:
        notebook, run = executed(tests_in_kernel(attack), attack)
        position = notebook.cells.index(cell_of(notebook, gain))
        cell = lab.course.assignment.notebook("tiny").by_id[gain]
        evidence = evidence_of(notebook.cells[position], run.cells[position])
        return bool((judge_cell(cell, evidence, lambda claim: None).score or 0) > 0)  # type: ignore[arg-type,return-value]

    return succeeds


_PRELUDE = """
import sys, types
class _Shell:
    def __getattr__(self, name):
        return lambda *a, **k: None
def get_ipython():
    return _Shell()
"""


def bare(
    leaks: str | None = None,
    *,
    leaves: Callable[[Path, subprocess.CompletedProcess[str]], bool] | None = None,
    env: Mapping[str, str] | None = None,
    timeout: float = 20,
) -> Weak:
    """The hostile cells as a plain process of this user, in the folder of the submission.

    Args:
        leaks: The canary that then comes out.
        leaves: Whether it then left something, told from its home and how it ended.
    """

    def succeeds(attack: Attack, lab: Lab) -> bool:
        source = _PRELUDE + "\n".join(attack.answers.values())
        with tempfile.TemporaryDirectory() as home:
            given = {**os.environ, "HOME": home, "TMPDIR": home, "COURSE": str(lab.course.root), **(env or {})}
            done = subprocess.run(
                [sys.executable, "-c", source], cwd=lab.course.folder(attack.name), env=given, timeout=timeout,
                capture_output=True, text=True, errors="replace", check=False,
            )  # fmt: skip
            if leaks is not None:
                return CANARIES[leaks] in done.stdout
            assert leaves is not None
            return leaves(Path(home), done)

    return succeeds


def untouched(attack: Attack) -> NotebookNode:
    """What the student handed in, as it is."""
    notebook = answered(released(source_notebook(CELLS)), {**RIGHT, **attack.answers})
    if attack.edit is not None:
        attack.edit(notebook)
    return notebook
