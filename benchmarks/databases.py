"""SQLite beside PostgreSQL: recording a notebook, and reading a class; both in one run, in turns.

``python benchmarks/databases.py [--students 1000] [--records 200]`` starts a server of its own (Debian's package
``postgresql``), with its usual safety: each record is on the disk when it is recorded.
"""

import argparse
import gc
import statistics
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from autograder.assignment import load
from autograder.outcome import NotebookReport, Outcome
from gradebook.records import Records
from gradebook.records.bulk import nothing_collected, read_class
from gradebook.records.database import Database
from gradebook.records.snapshot import copy_database
from gradebook.records.transfer import replacing

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "benchmarks"), str(ROOT / "tests"), str(ROOT / "tests" / "gradebook")]
from invented_class import invent  # noqa: E402
from postgresql_server import Server, running_server  # noqa: E402
from sample_course import Course, nbgrader_cell, report  # noqa: E402

TIME = datetime(2026, 11, 20, 11, tzinfo=UTC)
LIST = "lista12"


def eight_cells(course: Course) -> NotebookReport:
    """The sample course with eight graded cells; what the grader found, each check in two outcomes."""

    def edit(notebook: object) -> None:
        for number in range(4):
            cell = nbgrader_cell("code", f"more{number}", "assert 1", grade=True, locked=True, points=1)
            notebook.cells.append(cell)  # type: ignore[attr-defined]

    course.write(edit=edit)
    found = report()
    outcomes = (Outcome("Uma verificação", True, 1.0), Outcome("Outra", False, 0.0, expected="1", actual="2"))
    more = tuple(replace(found.verdicts[0], grade_id=f"more{n}", max_score=1.0, score=0.5) for n in range(4))
    verdicts = tuple(replace(verdict, outcomes=outcomes) for verdict in (*found.verdicts, *more))
    return replace(found, verdicts=verdicts)


def record(urls: dict[str, str], course: Course, count: int) -> dict[str, float]:
    """Median seconds of a record of a student who is new, by database, in turns."""
    found = eight_cells(course)
    seconds: dict[str, list[float]] = {name: [] for name in urls}
    opened = {name: Records(url) for name, url in urls.items()}
    for records in opened.values():
        records.sync(course.load())
    for number in range(count):
        for name, records in opened.items():
            start = time.perf_counter()
            records.record(replace(found, student=f"s{number:04}"), submitted_at=TIME)
            seconds[name].append(time.perf_counter() - start)
    for name, records in opened.items():
        assert len(records.graded_students("lista")) == count, name
        records.close()
    return {name: statistics.median(found) for name, found in seconds.items()}


def read(urls: dict[str, str], rounds: int) -> dict[str, float]:
    """Shortest seconds of reading a whole class, by database, in turns."""
    best: dict[str, float] = {}
    for _ in range(rounds):
        for name, url in urls.items():
            with closing(Database(url)) as database, nothing_collected():
                start = time.perf_counter()
                tables = database.read(lambda session: read_class(session, LIST))
                seconds = time.perf_counter() - start
            assert len(tables.people) > 0
            best[name] = min(seconds, best.get(name, seconds))
            gc.collect()
    return best


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--students", type=int, default=1000)
    parser.add_argument("--records", type=int, default=200)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, running_server(settings={"fsync": "on"}) as server:
        root = Path(folder)
        with server.database() as one, server.database() as two:
            run(root, server, (one, two), arguments)


def run(root: Path, server: Server, names: tuple[str, str], arguments: argparse.Namespace) -> None:
    """Measure on two databases of a server, and beside them in a folder."""
    course = Course(root)
    urls = {"SQLite": course.db_url, "PostgreSQL": server.url(names[0])}
    for name, seconds in record(urls, course, arguments.records).items():
        print(f"record a notebook of eight cells, {name}: {seconds * 1000:.1f} ms (median of {arguments.records})")
    big = root / "big"
    big.mkdir()
    invent(big, load(ROOT, LIST), arguments.students)
    urls = {"SQLite": f"sqlite:///{big / 'gradebook.db'}", "PostgreSQL": server.url(names[1])}
    copy_database(urls["SQLite"], root / "copy.db")
    start = time.perf_counter()
    with replacing(urls["PostgreSQL"], root / "copy.db", aside=root / "aside.db") as commit:
        commit()
    print(f"move a class of {arguments.students} to the server: {time.perf_counter() - start:.1f} s")
    for name, seconds in read(urls, 3).items():
        print(f"read a class of {arguments.students}, {name}: {seconds:.2f} s (shortest of 3)")


if __name__ == "__main__":
    main()
