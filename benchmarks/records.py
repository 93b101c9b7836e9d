"""Recording into a large gradebook, and the statistics of its class.

    python benchmarks/records.py --students 10000

A gradebook of list #12 with that many invented students is made. Then reports of some of them are recorded again,
one by one, as a regrade does, each in a transaction of its own; and the class is read and its statistics computed,
as the class report does. The last line is JSON. Nothing else should run meanwhile.
"""

import argparse
import json
import random
import statistics
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from invented_class import invent

from autograder.assignment import load
from autograder.terminal import err
from gradebook.records import Records
from gradebook.report.write import read_report

ROOT = Path(__file__).resolve().parent.parent
LIST = "lista12"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--students", type=int, default=10_000)
    parser.add_argument("--notebooks", type=int, default=400, help="notebooks that are recorded again")
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="records-") as folder:
        course = Path(folder)
        for part in ("assignments", "nbgrader_config.py"):
            (course / part).symlink_to(ROOT / part)
        source, url = load(course, LIST), f"sqlite:///{course / 'gradebook.db'}"
        invent(course, source, options.students, checks=12)
        err.print(f"{options.students} students invented", highlight=False)
        times = []
        with Records(url) as records:
            students = random.Random(1).sample(records.students(), min(options.students, options.notebooks))  # noqa: S311
            found = [graded for who in students for graded in records.reports(LIST, student=who)[:1]]
            for graded in found:
                began = time.monotonic()
                records.record(graded.report, submitted_at=datetime.now(UTC), answers=graded.answers)
                times.append(1000 * (time.monotonic() - began))
        statistics_s = []
        for _ in range(options.runs):
            began = time.monotonic()
            read_report(source, course=course, url=url)
            statistics_s.append(time.monotonic() - began)
    result = {
        "records_students": options.students,
        "record_ms": round(statistics.median(times), 2),
        "record_ms_slowest": round(max(times), 1),
        "statistics_s": round(statistics.median(statistics_s), 2),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
