"""How long the feedback of a class takes, and how heavy its pages are.

    make demo && python benchmarks/feedback.py --students 200

Each student hands in every notebook; the reports are those that the demo class was graded with, dealt in turn,
with all that they draw. Wall times of the whole command, medians; the last line is one JSON object.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from autograder.assignment import load
from autograder.outcome import NotebookReport
from autograder.terminal import out, table
from gradebook.records import Records

ROOT = Path(__file__).resolve().parent.parent
LIST = "lista12"
WHEN = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--students", type=int, default=200)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--demo", type=Path, default=ROOT / "demo-class", help="A class that was graded.")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="feedback-") as folder:
        course = Path(folder)
        recorded = _class(course, options.students, options.demo)
        seconds = []
        for _ in range(options.runs):
            began = time.monotonic()
            command = [sys.executable, "-c", "from gradebook.cli import main; main()", "feedback", LIST, "--json"]
            subprocess.run([*command, "--course", str(course)], check=True, stdout=subprocess.DEVNULL)
            seconds.append(time.monotonic() - began)
        sizes = [path.stat().st_size for path in (course / "feedback").rglob("*.html")]
    rows = [
        ("the whole command", f"{statistics.median(seconds):.1f} s ({min(seconds):.1f}–{max(seconds):.1f})"),
        ("a page", f"{1000 * statistics.median(seconds) / len(sizes):.1f} ms"),
        ("the median page, the largest", f"{statistics.median(sizes) / 1e3:.0f} kB, {max(sizes) / 1e3:.0f} kB"),
    ]
    title = f"feedback, {options.students} students, {recorded} notebooks, {len(sizes)} pages"
    out.print(table(title, (("", "left"), ("", "right")), rows))
    sys.stdout.write(
        json.dumps({"feedback_s": statistics.median(seconds), "pages": len(sizes), "largest_kb": max(sizes) / 1e3})
        + "\n"
    )


def _class(course: Path, students: int, demo: Path) -> int:
    """Build the class; how many notebooks were handed in."""
    for part in ("assignments", "nbgrader_config.py"):
        (course / part).symlink_to(ROOT / part)
    with Records(f"sqlite:///{demo / 'gradebook.db'}") as records:
        graded = [one.report for one in records.reports(LIST) if one.report.status == "graded"]
    dealt: dict[str, list[NotebookReport]] = {}
    for report in graded:
        dealt.setdefault(report.notebook, []).append(report)
    with Records(f"sqlite:///{course / 'gradebook.db'}") as records:
        records.sync(load(course, LIST))
        for number in range(students):
            for reports in dealt.values():
                report = replace(reports[number % len(reports)], student=f"student{number:03}")
                records.record(report, submitted_at=WHEN)
    return students * len(dealt)


if __name__ == "__main__":
    main()
