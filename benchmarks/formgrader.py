"""How long formgrader's server takes for a page when a whole school has handed in.

    python benchmarks/formgrader.py --students 500

A gradebook with that many submissions of list #12 (scores drawn, folders with small files), formgrader's server
alone, as the hub starts it, and the time of each page with the requests that it makes. Wall times, medians.
"""

import argparse
import json
import os
import random
import secrets
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from autograder.assignment import Assignment, load
from autograder.outcome import CellVerdict, NotebookReport
from autograder.terminal import err, out, table
from gradebook.records import Records

ROOT = Path(__file__).resolve().parent.parent
LIST = "lista12"
WHEN = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--students", type=int, default=500)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="formgrader-") as folder:
        course = Path(folder)
        students = _class(course, options.students)
        port, token = _port(), secrets.token_hex(8)
        server = _server(course, port, token)
        try:
            rows = [
                (page, f"{statistics.median(times):.2f} s", f"{max(times):.2f} s")
                for page, times in _measured(f"http://127.0.0.1:{port}", token, students[0], options.runs)
            ]
        finally:
            server.terminate()
            server.wait()
    heads = (("page", "left"), ("median", "right"), ("slowest", "right"))
    out.print(table(f"formgrader, {options.students} submissions of {LIST}", heads, rows))


def _class(course: Path, number: int) -> list[str]:
    for part in ("assignments", "nbgrader_config.py"):
        (course / part).symlink_to(ROOT / part)
    assignment = load(ROOT, LIST)
    students = [f"aluno{n:04}" for n in range(number)]
    drawn = random.Random(0)  # noqa: S311
    began = time.monotonic()
    with Records(f"sqlite:///{course / 'gradebook.db'}") as records:
        records.sync(assignment)
        records.enrol(students)
        for student in students:
            for report in _reports(assignment, student, drawn):
                records.record(report, submitted_at=WHEN)
            for stage in ("submitted", "autograded"):
                place = course / stage / student / LIST
                place.mkdir(parents=True)
                (place / "timestamp.txt").write_text(WHEN.strftime("%Y-%m-%d %H:%M:%S UTC"))
                for template in assignment.notebooks:
                    (place / f"{template.name}.ipynb").write_text(
                        '{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
                    )
    err.print(f"{number} submissions recorded in {time.monotonic() - began:.0f} s", highlight=False)
    return students


def _reports(assignment: Assignment, student: str, drawn: random.Random) -> Iterator[NotebookReport]:
    for template in assignment.notebooks:
        verdicts = tuple(
            CellVerdict(
                cell.grade_id, cell.points, None if cell.manual else round(drawn.random() * cell.points, 2),
                manual=cell.manual,
            )
            for cell in template.cells
            if cell.grade
        )  # fmt: skip
        yield NotebookReport(student, assignment.name, template.name, "graded", verdicts)


def _port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _server(course: Path, port: int, token: str) -> "subprocess.Popen[bytes]":
    config = course / "config"
    config.mkdir()
    extensions = {
        "nbgrader.server_extensions.formgrader": False,
        "autograder.formgrader": True,
        "gradebook.review.server": True,
    }
    (config / "jupyter_server_config.json").write_text(
        json.dumps({"ServerApp": {"jpserver_extensions": extensions}})
    )
    (config / "nbgrader_config.py").write_text(
        f"c = get_config()\nc.CourseDirectory.root = {str(course)!r}\nc.CourseDirectory.course_id = 'tp555'\n"
    )
    scripts = Path(sys.executable).parent
    command = [
        scripts / "jupyter-server", "--no-browser", "--allow-root", f"--port={port}",
        f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={course}",
    ]  # fmt: skip
    environment = {**os.environ, "JUPYTER_CONFIG_PATH": str(config), "PATH": f"{scripts}:{os.environ['PATH']}"}
    log = (course / "server.log").open("w")
    server = subprocess.Popen(command, cwd=course, env=environment, stdout=log, stderr=subprocess.STDOUT)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            _get(f"http://127.0.0.1:{port}/api/status", token)
            return server
        except OSError:
            time.sleep(0.2)
    server.kill()
    raise SystemExit((course / "server.log").read_text()[-3000:])


def _get(url: str, token: str) -> bytes:
    request = urllib.request.Request(url, headers={"Authorization": f"token {token}"})  # noqa: S310
    with urllib.request.urlopen(request, timeout=300) as answer:  # noqa: S310
        content: bytes = answer.read()
        return content


def _measured(url: str, token: str, student: str, runs: int) -> Iterator[tuple[str, list[float]]]:
    api = f"{url}/formgrader/api"
    notebook = "02_regressor_sequencial"
    submissions = json.loads(_get(f"{api}/submitted_notebooks/{LIST}/{notebook}", token))
    pages = {
        "manage_assignments": ("manage_assignments", [f"{api}/assignments"]),
        f"manage_submissions/{LIST}": (f"manage_submissions/{LIST}", [f"{api}/submissions/{LIST}"]),
        "gradebook": ("gradebook", [f"{api}/assignments"]),
        f"gradebook/{LIST}": (f"gradebook/{LIST}", [f"{api}/notebooks/{LIST}"]),
        f"gradebook/{LIST}/{notebook}": (
            f"gradebook/{LIST}/{notebook}",
            [f"{api}/submitted_notebooks/{LIST}/{notebook}"],
        ),
        "manage_students": ("manage_students", [f"{api}/students"]),
        f"manage_students/{student}": (f"manage_students/{student}", [f"{api}/student_submissions/{student}"]),
        "one submission": (f"submissions/{submissions[0]['id']}", []),
        "review": (None, [f"{url}/review", f"{url}/review/api/queue", f"{url}/review/api/progress/{LIST}"]),
    }
    for name, (page, requests) in pages.items():
        times = []
        for _ in range(runs):
            began = time.monotonic()
            for address in ([f"{url}/formgrader/{page}"] if page else []) + requests:
                _get(address, token)
            times.append(time.monotonic() - began)
        yield name, times


if __name__ == "__main__":
    main()
