"""A course whose gradebook is on a PostgreSQL server: graded, graded by hand in nbgrader, judged again."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from courses import RIGHT, TinyCourse, cell_of, source_notebook, tiny
from nbgrader.api import Gradebook
from postgresql_server import CANARY

pytestmark = [pytest.mark.sandbox, pytest.mark.usefixtures("zygote")]


def run(program: str, course: TinyCourse, *arguments: str) -> subprocess.CompletedProcess[str]:
    script = f"from {program}.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-c", script, *arguments, "--course", str(course.root)],
        capture_output=True, text=True, timeout=200, check=False, env={**os.environ, "COLUMNS": "120"},
    )  # fmt: skip


def test_a_manual_score_survives_a_regrade_and_the_history_says_who(tmp_path: Path, postgresql_url: str) -> None:
    """By ``--db``, and without it by what ``nbgrader_config.py`` says: never another database."""
    course = TinyCourse(tmp_path / "course")
    course.submit("ana")
    course.submit("bia", {**RIGHT, "square": "square = []"})
    done = run("autograder", course, "grade", "lista", "--db", postgresql_url, "--json")
    assert done.returncode == 0, done.stderr
    assert {row["student"]: row["score"] for row in json.loads(done.stdout)} == {"ana": 5, "bia": 2}
    with Gradebook(postgresql_url) as stock:
        for cell, score in (("essay", 0.75), ("square-test", 1.5)):
            grade = stock.find_grade(cell, "tiny", "lista", "bia")
            grade.manual_score, grade.needs_manual_grade = score, False
        stock.db.commit()
    with (course.root / "nbgrader_config.py").open("a") as file:
        file.write("import os\nc.CourseDirectory.db_url = os.environ['COURSE_DB']\n")
    os.environ["COURSE_DB"] = postgresql_url
    try:
        cells = tiny()
        source = source_notebook(cells)
        cell_of(source, "double-test").source += "\ncheck.equal(double(2), 5, title='um teste que ninguém passa')"
        course._write(source, course.root / "assignments" / "lista" / "tiny.ipynb")
        again = run("autograder", course, "regrade", "lista", "--json")
        assert again.returncode == 0, again.stderr
        log = run("gradebook", course, "log", "--json")
        pages = run("gradebook", course, "feedback", "lista", "--json")
    finally:
        del os.environ["COURSE_DB"]
    assert pages.returncode == 0, pages.stderr
    assert not (course.root / "gradebook.db").exists()
    with Gradebook(postgresql_url) as stock:
        found = {
            (student, cell): stock.find_grade(cell, "tiny", "lista", student).score
            for student in ("ana", "bia")
            for cell in ("double-test", "square-test", "essay")
        }
    two_thirds = pytest.approx(4 / 3)
    assert found == {
        ("ana", "double-test"): two_thirds, ("ana", "square-test"): 3.0, ("ana", "essay"): 0.0,
        ("bia", "double-test"): two_thirds, ("bia", "square-test"): 1.5, ("bia", "essay"): 0.75,
    }  # fmt: skip
    said = [(e["student"], e["actor"], e["why"], e["before"], e["after"]) for e in json.loads(log.stdout)]
    lost = pytest.approx(5 - 2 / 3), pytest.approx(4.25 - 2 / 3)
    assert sorted(said[:2]) == [
        ("ana", "autograder", "grading", 0.0, 5.0), ("bia", "autograder", "grading", 0.0, 2.0),
    ]  # fmt: skip
    assert said[2] == ("bia", "nbgrader", "by hand", 2.0, 4.25)
    assert sorted(said[3:]) == [
        ("ana", "autograder", "regrade", 5.0, lost[0]), ("bia", "autograder", "regrade", 4.25, lost[1]),
    ]  # fmt: skip
    assert CANARY not in done.stderr + again.stderr + again.stdout + log.stdout + pages.stdout
