"""Clusters that are not fit, and clusters that end: what is said, and what stays."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import dask
import pytest
from clusters import SLOW, Cluster, Seen, graded_on, kill, wait_until
from courses import RIGHT, TinyCourse
from distributed import Security

from autograder.engine import Course, items_of
from autograder.engine.cluster import grade_on_cluster
from autograder.errors import GraderError, UsageError
from autograder.submission import find

# Several processes start, each with some seconds of imports.
pytestmark = [pytest.mark.sandbox, pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture
def bare(warm: None, tmp_path: Path) -> Iterator[Cluster]:
    """A scheduler without workers yet."""
    (tmp_path / "cluster").mkdir()
    with Cluster(tmp_path / "cluster") as running:
        yield running


def one_student(folder: Path, answers: dict[str, str] | None = None) -> TinyCourse:
    course = TinyCourse(folder)
    course.submit("ana", answers)
    return course


def test_a_worker_with_other_versions_is_refused_by_name_before_it_gets_the_course(
    bare: Cluster, tmp_path: Path
) -> None:
    (tmp_path / "older.py").write_text(
        "from autograder.engine.cluster import fitness\n"
        "fitness._MINE = {**fitness._MINE, 'keras': '2.15.0', 'python': '3.10.1'}\n"
    )
    bare.start("new")
    bare.start("old", options=["--preload", str(tmp_path / "older.py")])
    course = one_student(tmp_path / "c")
    with pytest.raises(UsageError) as refusal:
        graded_on(bare, course)
    assert "worker tcp://127.0.0.1" in refusal.value.what
    assert "keras 2.15.0 there" in refusal.value.what
    assert "python 3.10.1 there" in refusal.value.what
    assert not (course.root / "evidence").exists()
    assert not bare.quarters()


def test_a_worker_without_data_or_with_little_memory_is_refused(bare: Cluster, tmp_path: Path) -> None:
    bare.start("no-data", env={"AUTOGRADER_CACHE": str(tmp_path / "nothing")})
    bare.start("small", options=["--resources", "memory=1e9"])
    course = one_student(tmp_path / "c")
    with pytest.raises(UsageError) as refusal:
        graded_on(bare, course)
    assert "autograder data" in refusal.value.what
    assert "it declares {'memory': 1000000000.0}" in refusal.value.what
    wait_until(lambda: not bare.plugins())
    assert not bare.quarters()


def test_an_unfit_worker_that_joins_later_gets_no_work_and_is_named(bare: Cluster, tmp_path: Path) -> None:
    """The others go on; its items go to them."""
    (tmp_path / "older.py").write_text(
        "from autograder.engine.cluster import fitness\nfitness._MINE = {**fitness._MINE, 'keras': '2.15.0'}\n"
    )
    bare.start("first")
    course = TinyCourse(tmp_path / "c")
    for student in ("ana", "bia", "caio", "davi", "eva"):
        course.submit(student)
    joined: list[str] = []

    def on_begin(item: object, worker: str) -> None:
        if not joined:
            joined.append(worker)
            bare.start("late", options=["--preload", str(tmp_path / "older.py")])

    seen = Seen(on_begin)
    there = graded_on(bare, course, seen)
    assert sorted((student, graded.report.score) for student, graded in there) == [
        (student, 5) for student in ("ana", "bia", "caio", "davi", "eva")
    ]
    assert {worker for _, worker in seen.began_on} == {"first"}
    assert any("keras 2.15.0 there" in why for _, why in seen.anew)


def test_declared_memory_and_gpus_bound_what_runs_at_once(bare: Cluster, tmp_path: Path) -> None:
    bare.start("one", options=["--nthreads", "3", "--resources", "memory=13e9 GPU=1"])
    course = TinyCourse(tmp_path / "c")
    for student in ("ana", "bia"):
        course.submit(student, {**RIGHT, "square": SLOW + RIGHT["square"]})
    began: list[float] = []
    there = graded_on(bare, course, Seen(lambda item, worker: began.append(time.monotonic())))
    assert [graded.report.score for _, graded in there] == [5, 5]
    assert began[1] - began[0] > 6  # the first one sleeps so long


def test_a_notebook_that_takes_worker_after_worker_along_needs_a_person(warm: None, tmp_path: Path) -> None:
    """Dask bounds how many; it is no zero, and the others are graded."""
    (tmp_path / "cluster").mkdir()
    bounded = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1"}
    course = one_student(tmp_path / "c", {**RIGHT, "square": "import time\ntime.sleep(60)"})
    course.submit("zoe")
    with Cluster(tmp_path / "cluster", env=bounded) as running:
        running.start("a", "b", "c", options=["--no-nanny"])
        pids = running.pids()
        seen = Seen(lambda item, worker: kill(pids[worker]) if item.submission.student == "ana" else None)
        there = dict(graded_on(running, course, seen))
        assert len(running.pids()) == 1
    assert there["ana"].report.status == "failed"
    assert there["ana"].report.needs_review
    assert all(verdict.score is None for verdict in there["ana"].report.verdicts)
    assert "2 workers were lost" in str(there["ana"].report.error)
    assert there["zoe"].report.score == 5


def test_when_the_scheduler_dies_that_is_said_and_what_was_recorded_stays(bare: Cluster, tmp_path: Path) -> None:
    # At once: in which order they get there is nobody's promise.
    bare.start("one", options=["--nthreads", "2"])
    course = one_student(tmp_path / "c")
    course.submit("bia", {**RIGHT, "square": "import time\ntime.sleep(600)"})
    got: list[str] = []

    async def run() -> None:
        items = items_of(find(course.root, "lista"), course.assignment.notebooks)
        begun = asyncio.Event()
        seen = Seen(lambda item, worker: begun.set() if item.submission.student == "bia" else None)
        async for item, _ in grade_on_cluster(
            Course.open(course.root, course.assignment), items, address=bare.engine, storage="", observer=seen
        ):
            got.append(item.submission.student)
            await begun.wait()
            kill(bare.scheduler.pid)

    with pytest.raises(GraderError, match="scheduler was lost"):
        asyncio.run(asyncio.wait_for(run(), 400))
    assert got == ["ana"]
    assert (course.root / "evidence" / "lista" / "ana").exists()
    wait_until(lambda: not bare.quarters(), 60)  # the worker has ended, and with it all that ran


def test_no_scheduler_and_no_worker_are_said(
    bare: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from autograder.engine.cluster import client

    monkeypatch.setattr(client, "_CONNECT", 1.0)
    monkeypatch.setattr(client, "_FIRST_WORKER", 1.0)
    course = one_student(tmp_path / "c")
    with pytest.raises(UsageError, match="no workers"):
        graded_on(bare, course)
    kill(bare.scheduler.pid)
    bare.scheduler.wait()
    with pytest.raises(UsageError, match="No Dask scheduler answers"):
        graded_on(bare, course)


def test_with_tls_all_parts_show_certificates(warm: None, tmp_path: Path) -> None:
    """And without one nobody is let in."""
    made = Security.temporary()
    (tmp_path / "ca.pem").write_text(made.tls_ca_file)
    (tmp_path / "cert.pem").write_text(made.tls_client_key + made.tls_client_cert)
    authority, certificate = str(tmp_path / "ca.pem"), str(tmp_path / "cert.pem")
    configured = {"distributed.comm.tls.ca-file": authority, "distributed.comm.tls.client.cert": certificate}
    (tmp_path / "cluster").mkdir()
    course = one_student(tmp_path / "c")
    with dask.config.set(configured):
        options = ["--tls-ca-file", authority, "--tls-cert", certificate]
        with Cluster(tmp_path / "cluster", options=["--protocol", "tls", *options]) as running:
            running.start("one", options=options)
            assert running.address.startswith("tls://")
            [(_, graded)] = graded_on(running, course)
            assert graded.report.score == 5
            program = Path(sys.executable).with_name("autograder")
            refused = subprocess.run(
                [program, "grade", "lista", "--course", course.root, "--engine", running.engine],
                capture_output=True,
                text=True,
                check=False,
            )
            assert refused.returncode == 2
            assert "No Dask scheduler answers" in refused.stderr
