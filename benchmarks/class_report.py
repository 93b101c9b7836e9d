"""How long the class report takes of a large class.

    python benchmarks/class_report.py --students 10000

A gradebook of list #12 with that many students (invented; of each notebook at most so many checks), and the
command ``gradebook report`` as a teacher starts it, in a process of its own; then its parts, in this one. Wall and
CPU times, medians. Nothing else should run meanwhile. The last line is the same as JSON.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from invented_class import invent

import gradebook
from autograder.assignment import load
from autograder.terminal import err, out, table
from gradebook.policies.settings import Policy
from gradebook.records.bulk import nothing_collected, read_class
from gradebook.records.database import Database
from gradebook.report.statistics import report_of
from gradebook.report.write import read_report, render

ROOT = Path(__file__).resolve().parent.parent
LIST = "lista12"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--students", type=int, default=10_000)
    parser.add_argument("--checks", type=int, default=12, help="a notebook, at most")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--course", type=Path, help="an invented course of an earlier run, instead of a new one")
    parser.add_argument("--keep", type=Path, help="write the course there, and leave it")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="class-report-") as folder:
        course = options.course or options.keep or Path(folder)
        if options.course is None:
            course.mkdir(parents=True, exist_ok=True)
            for part in ("assignments", "nbgrader_config.py"):
                (course / part).symlink_to(ROOT / part)
            began = time.monotonic()
            invent(course, load(course, LIST), options.students, checks=options.checks)
            err.print(f"{options.students} students invented in {time.monotonic() - began:.0f} s", highlight=False)
        found = _measured(course, options.runs)
    rows = [(name, f"{one['wall']:.2f} s", f"{one['cpu']:.2f} s") for name, one in found["times"].items()]
    rows.append(("the page", f"{found['page_bytes'] / 1e6:.1f} MB", ""))
    heads = (("part", "left"), ("wall", "right"), ("CPU", "right"))
    out.print(table(f"class report, {found['students']} students of {LIST}", heads, rows))
    sys.stdout.write(json.dumps(found) + "\n")


def _measured(course: Path, runs: int) -> dict[str, Any]:
    source, url = load(course, LIST), f"sqlite:///{course / 'gradebook.db'}"
    times: dict[str, list[tuple[float, float]]] = {}

    def timed(name: str, work: Callable[[], Any]) -> Any:
        wall, cpu = time.monotonic(), time.process_time()
        result = work()
        times.setdefault(name, []).append((time.monotonic() - wall, time.process_time() - cpu))
        return result

    def read() -> Any:
        with closing(Database(url)) as database, nothing_collected():
            return database.read(lambda session: read_class(session, LIST))

    command = [sys.executable, "-c", "from gradebook.cli import main; main()", "report", LIST, "--course", course]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    for _ in range(runs):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        wall = time.monotonic()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment)
        wall, after = time.monotonic() - wall, resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        times.setdefault("gradebook report (whole command)", []).append((wall, cpu))
    for _ in range(runs):
        tables = timed("read the class", read)
        report = timed(
            "read the class and readers, statistics", lambda: read_report(source, course=course, url=url)
        )
        timed(
            "statistics",
            lambda tables=tables, report=report: report_of(
                tables, source, report.review, policy=Policy(), made_at=report.made_at
            ),
        )
        page = timed("render", lambda report=report: render(report, source))
        sizes = len(tables.notebooks), len(tables.cells), len(tables.outcomes)
        del tables
        timed("gradebook.load", lambda: gradebook.load(LIST, course=course))
        timed("gradebook.outcomes", lambda: gradebook.outcomes(LIST, course=course))
    return {
        "students": report.summary.students,
        "notebooks": sizes[0],
        "cells": sizes[1],
        "checks": sizes[2],
        "cpus": os.cpu_count(),
        "runs": runs,
        "page_bytes": len(page.encode()),
        "times": {
            name: {
                "wall": statistics.median(wall for wall, _ in all_of),
                "cpu": statistics.median(cpu for _, cpu in all_of),
                "walls": [round(wall, 3) for wall, _ in all_of],
            }
            for name, all_of in times.items()
        },
    }


if __name__ == "__main__":
    main()
