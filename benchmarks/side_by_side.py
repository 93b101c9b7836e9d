"""Time `autograder grade` and stock `nbgrader autograde` on the same submissions, in turn.

Both grade the reference solution of exercise 01, handed in by one student and by several. The difference tells
what one more notebook costs; the rest is start-up. Run by ``make bench``; options: ``--rounds N --students N``.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import nbformat

from autograder.nbgrader_bridge import generate_release

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOK = "01_classificador_sequencial"
BIN = Path(sys.executable).parent


def build(course: Path, students: int) -> None:
    """A course with list #12 and the reference solution handed in by each student."""
    shutil.copytree(ROOT / "assignments", course / "assignments")
    shutil.copy(ROOT / "nbgrader_config.py", course)
    generate_release(course, "lista12")
    notebook = nbformat.read(course / "assignments" / "lista12" / f"{NOTEBOOK}.ipynb", as_version=4)
    for number in range(students):
        folder = course / "submitted" / f"student{number}" / "lista12"
        folder.mkdir(parents=True)
        nbformat.write(notebook, folder / f"{NOTEBOOK}.ipynb")


def run(command: Sequence[str], course: Path) -> float:
    """Wall time of a command, in seconds."""
    environment = {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}", "TF_CPP_MIN_LOG_LEVEL": "2"}
    began = time.monotonic()
    done = subprocess.run(command, cwd=course, env=environment, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr[-2000:]}")
    return time.monotonic() - began


def ours(course: Path, jobs: int) -> float:
    """`autograder grade`, with the zygote already running."""
    return run([str(BIN / "autograder"), "grade", "lista12", "--notebook", NOTEBOOK, "--jobs", str(jobs)], course)


def stock(course: Path) -> float:
    """`nbgrader autograde` without this project's preprocessors."""
    return run([str(BIN / "nbgrader"), "autograde", "lista12", "--notebook", NOTEBOOK, "--force"], course)


def make_stock(course: Path) -> None:
    """Take this project out of the course's configuration, and let nbgrader fill its database."""
    config = course / "nbgrader_config.py"
    lines = [line for line in config.read_text().splitlines() if "autograder" not in line or line.startswith("#")]
    config.write_text("\n".join(lines) + "\n")
    run([str(BIN / "nbgrader"), "generate_assignment", "lista12", "--force"], course)


def main() -> None:
    """Measure and print a table and JSON."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--students", type=int, default=4)
    chosen = options.parse_args()
    times: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        few, many = 1, chosen.students
        courses = {}
        for kind in ("ours", "stock"):
            for students in (few, many):
                course = Path(scratch) / f"{kind}{students}"
                build(course, students)
                courses[kind, students] = course
                if kind == "stock":
                    make_stock(course)
        ours(courses["ours", few], 1)  # starts the zygote, makes the public view
        for number in range(chosen.rounds):
            for students in (few, many):
                times.setdefault(f"autograder grade, {students}", []).append(ours(courses["ours", students], 1))
                times.setdefault(f"nbgrader autograde, {students}", []).append(stock(courses["stock", students]))
            times.setdefault(f"autograder grade -j2, {many}", []).append(ours(courses["ours", many], 2))
            print(f"round {number + 1} of {chosen.rounds}", file=sys.stderr)
    middle = {name: statistics.median(values) for name, values in times.items()}
    for name, values in times.items():
        print(f"{name + ' student(s)':<38} {middle[name]:7.1f} s  ({min(values):.1f}–{max(values):.1f})")
    for name in ("autograder grade", "nbgrader autograde"):
        one_more = (middle[f"{name}, {many}"] - middle[f"{name}, {few}"]) / (many - few)
        print(f"{name}: one more notebook costs {one_more:.1f} s")
    print(json.dumps(times))


if __name__ == "__main__":
    main()
