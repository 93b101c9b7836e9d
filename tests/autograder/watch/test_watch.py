"""The queue from end to end: a real exchange, as nbgrader's `submit` leaves it, the command line, the database."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from courses import RIGHT, TinyCourse, answered
from nbgrader.utils import notebook_hash

from autograder.grade import Options
from autograder.watch.log import Log
from autograder.watch.rounds import Round, Watch
from gradebook.records import Records

pytestmark = [pytest.mark.sandbox, pytest.mark.slow, pytest.mark.usefixtures("zygote")]

WRONG = {**RIGHT, "square": "square = []"}
SECRET = "s" * 64


class Class:
    """A course with an exchange."""

    def __init__(self, root: Path, settings: str = "") -> None:
        self.course = TinyCourse(
            root / "course", settings=f"[limits]\ncell_cpu = 10\nnotebook_cpu = 30\n{settings}"
        )
        self.root = self.course.root
        self.exchange = root / "exchange"
        self.inbound = self.exchange / "tp555" / "inbound"
        self.inbound.mkdir(parents=True)
        self.db = f"sqlite:///{self.root / 'gradebook.db'}"
        with (self.root / "nbgrader_config.py").open("a") as config:
            config.write(
                "c.CourseDirectory.course_id = 'tp555'\n"
                f"c.Exchange.root = {str(self.exchange)!r}\n"
                # All folders are this account's; who owns what has tests of its own.
                "c.ExchangeCollect.check_owner = False\n"
            )
        self._handed_in = 0

    def hand_in(self, student: str, answers: dict[str, str] = RIGHT) -> Path:
        """As nbgrader's `submit` does; each one a second after the one before."""
        self._handed_in += 1
        when = datetime.now(UTC) + timedelta(seconds=self._handed_in)
        stamp = when.strftime("%Y-%m-%d %H:%M:%S.%f UTC")
        folder = self.inbound / f"{student}+lista+{stamp}+{self._handed_in:012}"
        folder.mkdir()
        text = json.dumps(answered(self.course.released["tiny"], answers))
        for name, content in [("tiny.ipynb", text), ("timestamp.txt", stamp), ("submission_secret.txt", SECRET)]:
            (folder / name).write_text(content)
        return folder

    def round(self, quiet: float = 0.1, now: datetime | None = None) -> Round:
        """What `watch --once` does, in this process."""
        clock = {} if now is None else {"now": lambda: now}
        return Watch(self.root, "lista", self.db, Options(jobs=2), Log(as_json=True), quiet=quiet, **clock).once()

    def scores(self) -> dict[str, float]:
        """As recorded."""
        with Records(self.db) as records:
            return {g.report.student: g.report.score for g in records.reports("lista")}

    def turns(self, student: str) -> list[tuple[bool, bool]]:
        """Whether each was over the cap, and is done; oldest first."""
        with Records(self.db) as records:
            mine = sorted(
                (t for t in records.turns("lista") if t.student == student), key=lambda t: t.submitted_at
            )
            return [(t.over, t.done) for t in mine]

    def released(self) -> str | None:
        """The page of a notebook, found as the student's client does."""
        name = notebook_hash(secret=SECRET, notebook_id="tiny")
        path = self.exchange / "tp555" / "feedback" / f"{name}.html"
        return path.read_text() if path.exists() else None

    def command(self, *arguments: str) -> list[str]:
        """The command line, for a process of its own."""
        script = "from autograder.cli import main; main()"
        return [sys.executable, "-c", script, "watch", "lista", "--course", str(self.root), *arguments]

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run it to its end; nothing of a virtual environment is active."""
        environment = {**os.environ, "COLUMNS": "120", "PATH": "/usr/bin:/bin"}
        return subprocess.run(
            self.command(*arguments), capture_output=True, text=True, env=environment, timeout=250, check=False
        )


@pytest.fixture
def tp555(tmp_path: Path) -> Class:
    return Class(tmp_path)


def collected(tp555: Class, student: str) -> bool:
    """Whether the newest is there, whoever may have been graded."""
    newest = max(path.name.split("+")[2] for path in tp555.inbound.glob(f"{student}+*"))
    return (tp555.root / "submitted" / student / "lista" / "timestamp.txt").read_text() == newest


def test_a_class_by_the_command_line(tp555: Class) -> None:
    """Two hand in and are graded; nothing new, nothing said; a broken one delays nobody."""
    tp555.hand_in("ana")
    tp555.hand_in("bia", WRONG)
    (tp555.inbound / "caio+lista+yesterday+x").mkdir()
    (tp555.hand_in("davi") / "tiny.ipynb").write_text("{")
    first = tp555.run("--once", "--json")
    assert first.returncode == 0, first.stderr
    rows = {row["student"]: row for row in map(json.loads, first.stdout.splitlines())}
    assert {name: (row["score"], row["max_score"]) for name, row in rows.items()} == {
        "ana": (5, 6), "bia": (2, 6), "davi": (0, 6),
    }  # fmt: skip
    assert rows["ana"].keys() == {
        "time", "student", "assignment", "submitted_at", "score", "max_score", "needs_review", "over_the_cap",
        "feedback", "notebooks",
    }  # fmt: skip
    assert rows["ana"]["notebooks"] == {"tiny": 5}
    assert "Not collected: caio+lista+yesterday+x" in first.stderr
    assert tp555.scores() == {"ana": 5, "bia": 2, "davi": 0}
    second = tp555.run("--once")
    assert (second.returncode, second.stderr) == (0, "")
    (line,) = second.stdout.splitlines()
    assert "Not collected: caio" in line
    assert tp555.released() is None


def test_the_cap_holds_over_restarts_and_what_is_over_it_is_kept(tp555: Class) -> None:
    """Each round is a new process's; the fourth is collected and waits, the fifth takes its place tomorrow."""
    for answers in (WRONG, RIGHT, WRONG):
        tp555.hand_in("ana", answers)
        assert tp555.round().graded == 1
    assert tp555.scores() == {"ana": 2}
    tp555.hand_in("ana", {})
    tp555.hand_in("bia")
    assert tp555.round().graded == 1
    assert (tp555.scores(), collected(tp555, "ana")) == ({"ana": 2, "bia": 5}, True)
    tp555.hand_in("ana", RIGHT)
    assert tp555.round().graded == 0
    assert (tp555.scores()["ana"], collected(tp555, "ana"), tp555.turns("ana")) == (2, True, [(False, True)] * 3)
    assert tp555.round(now=datetime.now(UTC) + timedelta(days=1)).graded == 1
    assert (tp555.scores()["ana"], tp555.turns("ana")) == (5, [(False, True)] * 4)


def test_names_and_times_of_folders_give_no_further_turn(tp555: Class) -> None:
    """Years in the future, each a new folder, each changed content."""
    for year in range(2090, 2095):
        folder = tp555.hand_in("ana", {**RIGHT, "essay": f"{year}"})
        folder.rename(tp555.inbound / f"ana+lista+{year}-01-01 00:00:00.000000 UTC+x")
        tp555.round()
    assert len(tp555.turns("ana")) == 3


def test_unchanged_work_runs_nothing(tp555: Class) -> None:
    """It takes a turn, and only its time is new."""
    tp555.hand_in("ana")
    tp555.round()
    shown = tp555.root / "autograded" / "ana" / "lista" / "tiny.ipynb"
    before = shown.stat().st_mtime_ns
    tp555.hand_in("ana")
    assert tp555.round().graded == 1
    assert shown.stat().st_mtime_ns == before


def test_after_the_deadline_all_is_graded_and_what_is_over_the_cap_gets_no_feedback(tmp_path: Path) -> None:
    due = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    tp555 = Class(tmp_path, "[watch]\ngraded_a_day = 1\nfeedback = true\n")
    settings = tp555.root / "assignments" / "lista.toml"
    settings.write_text(f"due = {due}\n{settings.read_text()}")
    tp555.hand_in("ana", WRONG)
    tp555.round()
    first = tp555.released()
    assert first is not None
    assert "dobro de outro número" in first
    tp555.hand_in("ana", RIGHT)
    assert tp555.round().graded == 0
    settings.write_text(settings.read_text().replace(due, "2026-01-01T00:00:00Z"))
    assert tp555.round().graded == 1
    assert (tp555.scores(), tp555.turns("ana")) == ({"ana": 5}, [(False, True), (True, True)])
    assert tp555.released() == first


def test_feedback_that_cannot_be_released_is_tried_again_and_delays_nobody(tmp_path: Path) -> None:
    """Bia's submission has lost its secret between collecting and releasing."""
    tp555 = Class(tmp_path, "[watch]\nfeedback = true\n")
    tp555.hand_in("ana")
    tp555.hand_in("bia")
    page = tp555.root / "feedback" / "bia" / "lista" / "tiny.html"
    page.mkdir(parents=True)  # where the page should go
    assert tp555.round().graded == 2
    assert (tp555.turns("ana"), tp555.turns("bia")) == ([(False, True)], [(False, False)])
    assert tp555.released() is not None
    page.rmdir()
    tp555.round()
    assert tp555.turns("bia") == [(False, True)]
    assert page.is_file()


@pytest.mark.parametrize(("number", "status"), [(signal.SIGKILL, -signal.SIGKILL), (signal.SIGTERM, 130)])
def test_a_grading_that_was_ended_goes_on_and_is_counted_once(tp555: Class, number: int, status: int) -> None:
    slow = {**RIGHT, "double": f"import time\ntime.sleep(16)\n{RIGHT['double']}"}
    tp555.hand_in("ana", slow)
    process = subprocess.Popen(tp555.command("--once"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until(lambda: (tp555.root / "gradebook.db").exists() and began(tp555) == 1)
        time.sleep(3)
        process.send_signal(number)
        assert process.wait(60) == status
    finally:
        process.kill()
        process.wait()
    assert tp555.turns("ana") == [(False, False)]
    with Records(tp555.db) as records:
        assert records.graded_times("lista") == {}
    assert tp555.round().graded == 1
    assert (tp555.turns("ana"), tp555.scores()) == ([(False, True)], {"ana": 5})


def began(tp555: Class) -> int:
    with sqlite3.connect(f"file:{tp555.root}/gradebook.db?mode=ro", uri=True) as database:
        found = database.execute("SELECT name FROM sqlite_master WHERE name = 'autograder_watch'").fetchall()
        return int(database.execute("SELECT count(*) FROM autograder_watch").fetchone()[0]) if found else 0


def until(what: Any, seconds: float = 120) -> None:
    began = time.monotonic()
    while not what():
        assert time.monotonic() - began < seconds
        time.sleep(0.1)


@pytest.fixture
def watching(tp555: Class) -> Iterator["subprocess.Popen[str]"]:
    """The command as a service runs it."""
    process = subprocess.Popen(
        tp555.command("--interval", "1"), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_a_service_grades_what_comes_and_ends_cleanly(tp555: Class, watching: "subprocess.Popen[str]") -> None:
    """It waits for an exchange that is not there yet, refuses a second one beside it, and is silent when idle."""
    assert watching.stdout is not None
    assert "3 graded a student and day, no feedback by itself." in watching.stdout.readline()
    away = tp555.exchange.rename(tp555.exchange.with_name("away"))
    assert "inbound cannot be read: No such file or directory. Waiting for it." in watching.stdout.readline()
    second = tp555.run("--once")
    assert second.returncode == 2
    assert f"lista is watched already by “autograder watch” (process {watching.pid} on" in second.stderr
    away.rename(tp555.exchange)
    assert watching.stdout.readline().endswith("The exchange is there.\n")
    tp555.hand_in("ana")
    until(lambda: (tp555.root / "gradebook.db").exists() and tp555.turns("ana") == [(False, True)])
    time.sleep(3)
    watching.send_signal(signal.SIGTERM)
    left = [line for line in watching.stdout.read().splitlines() if not line.startswith("Importing")]
    assert watching.wait(30) == 0
    assert left[0] == "1/1 ana/tiny: 5"
    assert [line.split(" ", 2)[2] for line in left[1:]] == [
        "ana: 5 of 6",
        "Stopped. What had been graded is recorded; the rest has its turn when this runs again.",
    ]


def test_a_round_leaves_the_field_to_who_is_grading(tp555: Class, capsys: pytest.CaptureFixture[str]) -> None:
    tp555.hand_in("ana")
    script = (
        "import sys, time; from pathlib import Path; from autograder.lock import hold\n"
        "with hold(Path(sys.argv[1]), 'lista', 'grading', 'autograder grade'):\n"
        "    print('held', flush=True); time.sleep(600)"
    )
    other = subprocess.Popen([sys.executable, "-c", script, str(tp555.root)], stdout=subprocess.PIPE, text=True)
    try:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        watch = Watch(tp555.root, "lista", tp555.db, Options(jobs=2), Log(as_json=True), quiet=0.1)
        with Records(tp555.db) as records:
            assert watch.round(records) == Round()
    finally:
        other.kill()
        other.wait()
    assert "lista is being graded by “autograder grade”" in capsys.readouterr().err
    assert not (tp555.root / "submitted").exists()


def test_without_an_exchange_one_round_is_an_error(tp555: Class) -> None:
    tp555.inbound.rmdir()
    done = tp555.run("--once")
    assert done.returncode == 2
    assert "inbound cannot be read: No such file or directory." in " ".join(done.stderr.split())
