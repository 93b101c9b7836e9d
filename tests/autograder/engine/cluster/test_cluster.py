"""A class on a real cluster: the scores of here, evidence that can be judged again, nothing left behind."""

import asyncio
import fcntl
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from clusters import SLOW, Cluster, Seen, graded_on, kill, wait_until
from courses import RIGHT, TinyCourse, code, solution, test

from autograder.engine import Course, Graded, grade_all, items_of
from autograder.engine.again import judge_again
from autograder.engine.cluster import grade_on_cluster
from autograder.engine.cluster import run as run_module
from autograder.outcome import NotebookReport
from autograder.sandbox.client import Zygote
from autograder.submission import find

# Several processes start, each with some seconds of imports.
pytestmark = [pytest.mark.sandbox, pytest.mark.slow, pytest.mark.timeout(900)]


def graded_here(course: TinyCourse) -> dict[str, Graded]:
    async def run() -> dict[str, Graded]:
        items = items_of(find(course.root, "lista"), course.assignment.notebooks)
        done = grade_all(Course.open(course.root, course.assignment), items, jobs=2)
        return {item.submission.student: result async for item, result in done}

    return asyncio.run(run())


def what_counts(report: NotebookReport) -> NotebookReport:
    """A report without what differs from run to run: times and memory."""
    sandbox = {name: value for name, value in report.sandbox.items() if name not in ("seconds", "memory")}
    return replace(report, seconds=0.0, cpu_seconds=0.0, sandbox=sandbox)


def mixed_class(folder: Path) -> TinyCourse:
    """Right, wrong, crashing, renamed, unreadable, nothing, and with files beside the notebook."""
    course = TinyCourse(folder)
    course.submit("ana")
    course.submit("bia", {**RIGHT, "double": "def double(x):\n    return 4"})
    course.submit("caio", {**RIGHT, "square": "import os\nos._exit(3)"})
    course.submit("davi", {**RIGHT, "square": "square = [int(n) for n in open('mine.csv').read().split()]"})
    (course.folder("davi") / "mine.csv").write_text(" ".join(str(n * n) for n in range(10)))
    (course.folder("davi") / "model.h5").write_bytes(b"planted")
    (course.folder("davi") / "link.txt").symlink_to("/etc/passwd")
    course.submit("eva").rename(course.folder("eva") / "meu trabalho.ipynb")
    (course.folder("fabio") / "tiny.ipynb").write_text("{")
    course.folder("gil")
    return course


def test_scores_reports_and_evidence_are_those_of_this_machine(cluster: Cluster, tmp_path: Path) -> None:
    course = mixed_class(tmp_path / "c")
    here = graded_here(course)
    evidence = course.root / "evidence"
    evidence.rename(tmp_path / "evidence-of-here")
    seen = Seen()
    there = graded_on(cluster, course, seen)
    assert sorted(student for student, _ in there) == sorted(here)  # each once
    for student, graded in there:
        assert what_counts(graded.report) == what_counts(here[student].report)
        assert graded.answers == here[student].answers
        assert (graded.notebook is None) == (here[student].notebook is None)
    assert {worker for _, worker in seen.began_on} == {"ana-lia", "beto"}
    assert seen.cells.count("ana") == 5
    assert not seen.anew

    async def again() -> dict[str, int]:
        opened, found = Course.open(course.root, course.assignment), {}
        last = {student: graded.report for student, graded in there}
        for item in items_of(find(course.root, "lista"), course.assignment.notebooks):
            student = item.submission.student
            result = await judge_again(opened, item.submission, item.template, last[student])
            assert result.report.score == last[student].score
            found[student] = result.judged
        return found

    # Nothing has to be judged: what was judged there is known here.
    assert set(asyncio.run(again()).values()) == {0}
    assert sorted(p.name for p in (evidence / "lista").iterdir()) == ["ana", "bia", "caio", "davi", "eva"]
    assert not list((course.root / ".cluster").iterdir())
    assert not cluster.quarters()
    assert not cluster.plugins()


def test_a_worker_that_is_killed_costs_nobody_a_point(cluster: Cluster, tmp_path: Path) -> None:
    """Its notebook runs elsewhere, and is recorded once; the others do not notice."""
    course = TinyCourse(tmp_path / "c")
    course.submit("ana", {**RIGHT, "square": SLOW + RIGHT["square"]})
    course.submit("bia")
    course.submit("caio")
    pids = cluster.pids()
    killed: list[str] = []

    def on_begin(item: object, worker: str) -> None:
        if not killed and seen.began_on[-1][0] == "ana":
            killed.append(worker)
            kill(pids[worker])

    seen = Seen(on_begin)
    there = graded_on(cluster, course, seen)
    assert sorted((student, graded.report.score) for student, graded in there) == [
        ("ana", 5), ("bia", 5), ("caio", 5),
    ]  # fmt: skip
    assert next(worker for student, worker in seen.began_on if student == "ana") == killed[0]
    assert ("ana", f"worker {killed[0]} was lost") in seen.anew
    wait_until(lambda: len(cluster.pids()) == 2)  # its nanny has started another
    assert not [folder for folder in cluster.quarters() if (folder / "assignments").exists() and in_use(folder)]


def in_use(folder: Path) -> bool:
    """Whether a process holds the lock of a course's folder. One that is being removed is nobody's."""
    try:
        with (folder / ".lock").open("r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        return False
    return False


def test_a_large_folder_goes_through_the_storage(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_module, "_INLINE", 1000)
    course = TinyCourse(tmp_path / "c")
    course.submit("ana", {**RIGHT, "square": "square = [n * n for n in range(len(open('a.csv').read()) // 10)]"})
    (course.folder("ana") / "a.csv").write_text("x" * 100)
    [(_, graded)] = graded_on(cluster, course, storage=str(tmp_path / "shared"))
    assert graded.report.score == 5
    assert not list((tmp_path / "shared").iterdir())


def test_results_that_arrive_damaged_are_asked_for_again(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bad disk or a half-written object costs time, not points; and one that stays bad needs a person."""
    course = TinyCourse(tmp_path / "c")
    course.submit("ana")
    fetch = run_module.Storage.get
    broken = [2]

    def get(self: run_module.Storage, stored: run_module.Stored, path: Path) -> None:
        if broken[0]:
            broken[0] -= 1
            stored = replace(stored, digest="0" * 64)
        fetch(self, stored, path)

    monkeypatch.setattr(run_module.Storage, "get", get)
    seen = Seen()
    [(_, graded)] = graded_on(cluster, course, seen)
    assert graded.report.score == 5
    assert len(seen.anew) == 2
    assert "not what was stored" in seen.anew[0][1]
    broken[0] = 100
    [(_, graded)] = graded_on(cluster, course, seen)
    assert graded.report.status == "failed"
    assert graded.report.needs_review
    assert all(v.score is None for v in graded.report.verdicts)


def test_student_code_on_a_worker_sees_neither_the_course_nor_the_workers_folders(
    cluster: Cluster, tmp_path: Path
) -> None:
    """The course's folder on the worker has hidden tests and the key of the holdout."""
    host, port = cluster.address.removeprefix("tcp://").split(":")
    look = (
        "import os, socket, sys\nfound = []\n"
        f"try:\n    reached = str(socket.create_connection(({host!r}, {port}), timeout=5))\n"
        "except OSError as error:\n    reached = type(error).__name__\n"
        f"for top in ({str(cluster.folder)!r}, {str(tmp_path)!r}, '/tmp'):\n"
        "    for folder, _, files in os.walk(top):\n"
        "        found += [os.path.join(folder, name) for name in files]\n"
        # The environment may be read, wherever it is.
        "found = [name for name in found if not name.startswith(sys.prefix + os.sep)]\n"
        "secret = [name for name in found if 'holdout' in name or 'assignments' in name or 'dask' in name]\n"
        "where = os.path.exists"
    )
    cells = [
        solution("secret = []", "look"),
        test(
            "from autograder import check\ncheck.equal(secret, [], title='nada')\n"
            f"check.equal(where({str(cluster.temporary)!r}), False, title='nem a pasta')\n"
            "check.equal(reached, 'ConnectionRefusedError', title='nem o agendador')",
            "look-test",
            2,
        ),
        code("", "end"),
    ]
    course = TinyCourse(tmp_path / "c", cells={"tiny": cells})
    course.submit("ana", {"look": look})
    [(_, graded)] = graded_on(cluster, course)
    verdict = graded.report.verdicts[0]
    assert [(o.title, o.passed) for o in verdict.outcomes] == [
        ("nada", True), ("nem a pasta", True), ("nem o agendador", True),
    ]  # fmt: skip


def test_the_folder_of_a_course_is_private_while_it_is_there(cluster: Cluster, tmp_path: Path) -> None:
    course = TinyCourse(tmp_path / "c")
    course.submit("ana", {**RIGHT, "square": SLOW + RIGHT["square"]})
    modes: list[int] = []
    seen = Seen(lambda item, worker: modes.extend(f.stat().st_mode & 0o777 for f in cluster.quarters()))
    graded_on(cluster, course, seen)
    assert modes
    assert set(modes) == {0o700}


@pytest.mark.parametrize(("how", "status"), [(signal.SIGKILL, -9), (signal.SIGINT, 130)])
def test_when_the_client_is_ended_the_workers_stop_and_forget(
    cluster: Cluster, zygote: Zygote, tmp_path: Path, how: signal.Signals, status: int
) -> None:
    wait_until(lambda: not kernels(zygote), 30)
    course = TinyCourse(tmp_path / "c", settings="[limits]\ncell_cpu = 60\n")
    course.submit("ana", {**RIGHT, "square": "import time\ntime.sleep(600)"})
    program = Path(sys.executable).with_name("autograder")
    client = subprocess.Popen(
        [program, "grade", "lista", "--course", course.root, "--engine", cluster.engine],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        wait_until(lambda: kernels(zygote) and cluster.quarters())
        client.send_signal(how)
        assert client.wait(60) == status
    finally:
        client.kill()
        client.wait()
    wait_until(lambda: not kernels(zygote), 30)
    wait_until(lambda: not [f for f in cluster.quarters() if in_use(f)] and not cluster.plugins(), 30)
    course.submit("ana")
    [(_, graded)] = graded_on(cluster, course)  # the workers are as good as before
    assert graded.report.score == 5


def kernels(zygote: Zygote) -> list[int]:
    """Processes that the kernels' zygote has forked."""
    answer = zygote.ping()
    assert answer is not None
    children = Path(f"/proc/{answer['pid']}/task/{answer['pid']}/children").read_text()
    return [int(pid) for pid in children.split()]


def test_leaving_early_ends_what_runs(cluster: Cluster, zygote: Zygote, tmp_path: Path) -> None:
    """As Ctrl-C does."""
    course = TinyCourse(tmp_path / "c", settings="[limits]\ncell_cpu = 60\n")
    course.submit("ana")
    course.submit("bia", {**RIGHT, "double": "import time\ntime.sleep(600)"})

    async def first() -> str:
        items = items_of(find(course.root, "lista"), course.assignment.notebooks)
        begun = asyncio.Event()
        seen = Seen(lambda item, worker: begun.set() if item.submission.student == "bia" else None)
        results = grade_on_cluster(
            Course.open(course.root, course.assignment), items, address=cluster.engine, storage="", observer=seen
        )
        item, _ = await anext(results)
        await begun.wait()
        await results.aclose()  # type: ignore[attr-defined]
        return item.submission.student

    assert asyncio.run(asyncio.wait_for(first(), 90)) == "ana"
    wait_until(lambda: not kernels(zygote), 10)
    assert not cluster.plugins()
    assert not [folder for folder in cluster.quarters() if in_use(folder)]


def test_the_command_grades_on_a_cluster_and_regrades_here(cluster: Cluster, tmp_path: Path) -> None:
    course = TinyCourse(tmp_path / "c")
    course.submit("ana")
    program = str(Path(sys.executable).with_name("autograder"))
    common = ["--course", str(course.root), "--json"]
    first = subprocess.run(
        [program, "grade", "lista", "--engine", cluster.engine, *common], capture_output=True, text=True
    )
    assert first.returncode == 0, first.stderr
    again = subprocess.run([program, "regrade", "lista", *common], capture_output=True, text=True)
    assert again.returncode == 0, again.stderr
    assert "has to run again" not in again.stderr
    assert again.stdout == first.stdout
    assert (course.root / "autograded" / "ana" / "lista" / "tiny.ipynb").exists()
    assert oct(os.stat(course.root / "evidence").st_mode & 0o777) == "0o700"
