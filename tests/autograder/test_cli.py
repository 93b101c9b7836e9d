"""The command line ``autograder grade`` on a tiny course: table, JSON, exit statuses, messages."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from courses import RIGHT, TinyCourse, code, solution, test

from autograder.sandbox.client import Zygote
from gradebook.records import Records

pytestmark = [pytest.mark.sandbox, pytest.mark.usefixtures("zygote")]

OTHER = [solution("answer = 42", "answer"), test("assert answer == 42", "answer-test", 4), code("", "end")]


@pytest.fixture
def course(tmp_path: Path) -> TinyCourse:
    """Two exercises; ana did both, bia one of them wrong."""
    from courses import tiny

    made = TinyCourse(tmp_path / "course", cells={"tiny": tiny(), "zeta": OTHER})
    made.submit("ana")
    made.submit("ana", {"answer": "answer = 42"}, name="zeta")
    made.submit("bia", {**RIGHT, "square": "square = []"})
    return made


def command(course: TinyCourse, *arguments: str) -> list[str]:
    return [
        sys.executable,
        "-c",
        "from autograder.cli import main; main()",
        *arguments,
        "--course",
        str(course.root),
    ]


def autograder(course: TinyCourse, *arguments: str) -> subprocess.CompletedProcess[str]:
    # Nothing of a virtual environment: it need not be activated.
    environment = {**os.environ, "COLUMNS": "120", "PATH": "/usr/bin:/bin"}
    return subprocess.run(
        command(course, *arguments), capture_output=True, text=True, env=environment, timeout=200, check=False
    )


def recorded(course: TinyCourse) -> dict[tuple[str, str], float]:
    with Records(f"sqlite:///{course.root}/gradebook.db") as records:
        return {(g.report.student, g.report.notebook): g.report.score for g in records.reports("lista")}


def test_a_command_starts_without_compiling_a_grammar() -> None:
    """jsonschema would, for addresses in any script: a second of every command's start."""
    script = "import sys, autograder.cli, gradebook.cli; print('jsonschema' in sys.modules, 'lark' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=200, check=True)
    assert done.stdout == "True False\n"


def test_a_class_is_graded_recorded_and_shown(course: TinyCourse) -> None:
    """And again: the same scores, one row each."""
    first = autograder(course, "grade", "lista", "--json", "--jobs", "2")
    assert first.returncode == 0, first.stderr
    rows = json.loads(first.stdout)
    assert all(
        list(row) == ["student", "notebook", "score", "max_score", "needs_review", "error", "seconds"]
        for row in rows
    )
    found = {
        (row["student"], row["notebook"]): (row["score"], row["max_score"], row["needs_review"]) for row in rows
    }
    assert found == {
        ("ana", "tiny"): (5, 6, False),
        ("ana", "zeta"): (4, 4, False),
        ("bia", "tiny"): (2, 6, False),
        ("bia", "zeta"): (0, 4, False),
    }
    (missing,) = (row["error"] for row in rows if row["notebook"] == "zeta" and row["student"] == "bia")
    assert missing == "zeta.ipynb não foi entregue."
    assert recorded(course) == {key: score for key, (score, _, _) in found.items()}
    assert (course.root / "autograded" / "ana" / "lista" / "tiny.ipynb").exists()

    second = autograder(course, "grade", "lista")
    assert second.returncode == 0, second.stderr
    assert "ana" in second.stdout
    assert "5+" in second.stdout
    assert "1 point" in second.stdout or "2 points wait for a TA" in second.stdout
    assert recorded(course) == {key: score for key, (score, _, _) in found.items()}


def test_only_some_are_graded(course: TinyCourse) -> None:
    done = autograder(course, "grade", "lista", "--json", "--student", "ana", "--notebook", "zeta")
    assert [(row["student"], row["notebook"]) for row in json.loads(done.stdout)] == [("ana", "zeta")]
    assert recorded(course) == {("ana", "zeta"): 4}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("lista", "--student", "zé"), "No submission and no student called 'zé'"),
        (("lista", "--notebook", "tinny"), "lista has no notebook 'tinny'"),
        (("list12",), "No assignment 'list12'"),
        (("lista", "--jobs", "0"), "--jobs"),
        (("lista", "--db", "nonsense"), "is not the URL of a database"),
    ],
)
def test_a_mistake_of_the_operator_is_told_and_nothing_is_recorded(
    course: TinyCourse, arguments: tuple[str, ...], says: str
) -> None:
    done = autograder(course, "grade", *arguments)
    assert done.returncode == 2
    assert says in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_nothing_was_submitted(tmp_path: Path) -> None:
    done = autograder(TinyCourse(tmp_path / "c"), "grade", "lista")
    assert done.returncode == 2
    assert "Nothing to grade" in done.stderr


def test_no_release_was_made(course: TinyCourse) -> None:
    (course.root / "release" / "lista" / "tiny.ipynb").unlink()
    done = autograder(course, "grade", "lista")
    assert done.returncode == 2
    assert "autograder release lista" in " ".join(done.stderr.split())


def test_the_status_tells_when_the_grader_failed(tmp_path: Path) -> None:
    """A test that is wrong: its last value is no score."""
    made = TinyCourse(tmp_path / "c", cells={"zeta": [OTHER[0], test("float('nan')", "answer-test", 4)]})
    made.submit("ana", {"answer": "answer = 42"}, name="zeta")
    done = autograder(made, "grade", "lista", "--json")
    (row,) = json.loads(done.stdout)
    assert (done.returncode, row["needs_review"], row["score"]) == (1, True, 0)
    assert "answer-test" in row["error"]


def test_an_interrupted_run_has_recorded_what_it_had_graded(course: TinyCourse) -> None:
    course.submit("caio", {**RIGHT, "double": "import time\ntime.sleep(600)"})
    process = subprocess.Popen(
        command(course, "grade", "lista", "--jobs", "1", "--notebook", "tiny"),
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        # A shell's background job, which this test run may be, has Ctrl-C ignored, and its children inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip
    assert process.stderr is not None
    for line in process.stderr:  # a line for each that is graded
        if line.startswith("2/3"):
            break
    time.sleep(2)  # the third is asleep by now
    process.send_signal(signal.SIGINT)
    errors = process.stderr.read()
    process.wait(30)
    assert process.returncode == 130
    assert "run the same command again" in errors
    assert recorded(course) == {("ana", "tiny"): 5, ("bia", "tiny"): 2}


def test_doctor_and_release_answer(course: TinyCourse) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from autograder.cli import main; main()", "doctor", "--json"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    report: dict[str, Any] = json.loads(done.stdout)
    assert {layer["name"] for layer in report["layers"]} >= {"mount namespace", "network namespace", "rlimits"}
    made = autograder(course, "release", "lista")
    assert made.returncode == 0, made.stderr
    assert "tiny (6 points)" in " ".join(made.stdout.split())


def test_the_commands_shared_one_zygote(course: TinyCourse, zygote: Zygote) -> None:
    assert len([p for p in zygote.path.parent.glob("z-*") if p.is_socket()]) == 1


def test_a_regrade_says_what_it_did(course: TinyCourse) -> None:
    """How many cells were judged, and which notebooks had to run again, and why."""
    assert "was never graded" in autograder(course, "regrade", "lista").stderr
    assert autograder(course, "grade", "lista").returncode == 0
    done = autograder(course, "regrade", "lista")
    assert done.returncode == 0, done.stderr
    assert "0 cells judged" in done.stderr
    assert "nothing trained" in done.stderr
    source = course.root / "assignments" / "lista" / "zeta.ipynb"
    source.write_text(source.read_text().replace("assert answer == 42", "assert answer in (41, 42)"))
    done = autograder(course, "regrade", "lista", "--json")
    assert done.returncode == 0, done.stderr
    scores = {(row["student"], row["notebook"]): row["score"] for row in json.loads(done.stdout)}
    assert scores[("ana", "zeta")] == 4
    assert scores[("bia", "tiny")] == 2
