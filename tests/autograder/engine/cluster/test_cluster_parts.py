"""What needs no cluster: parcels, objects, addresses, fitness."""

import asyncio
import errno
import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from courses import TinyCourse
from hypothesis import given
from hypothesis import strategies as st

from autograder.engine import Course, Item, items_of
from autograder.engine.cluster import parcel
from autograder.engine.cluster import storage as storage_module
from autograder.engine.cluster.address import refuse_open_workers, scheduler_address
from autograder.engine.cluster.fitness import differences, fingerprint, missing_layers, refusal
from autograder.engine.cluster.handover import Quarters, pack_course
from autograder.engine.cluster.result import settle, write_result
from autograder.engine.cluster.run import Run
from autograder.engine.cluster.storage import Storage, Stored, digest_of
from autograder.engine.cluster.worker import CourseOnWorker, grade_item
from autograder.engine.grading import Graded, left_aside
from autograder.engine.observer import Silent
from autograder.engine.places import Places, Plan
from autograder.errors import GraderError, SubmissionError, UsageError
from autograder.evidence.bundle import Bundle, Record
from autograder.notebook import MAX_BYTES, read
from autograder.outcome import CellVerdict, NotebookReport
from autograder.sandbox.files import copy_regular_files
from autograder.submission import find

LEAVE = ("*.h5", ".*", "*.ipynb", "timestamp.txt")


def odd_folder(folder: Path) -> Path:
    """A folder with everything that a student may hand in."""
    folder.mkdir()
    (folder / "tiny.ipynb").write_text('{"cells": []}')
    (folder / "deep").mkdir()
    (folder / "deep" / "data.csv").write_bytes(b"1,2\n" * 1000)
    (folder / "deep" / "inner.ipynb").write_text("not looked at")
    (folder / "model.h5").write_bytes(b"planted")
    (folder / "link").symlink_to("/etc/passwd")
    os.mkfifo(folder / "pipe")
    (folder / "ação.txt").write_text("sim")
    (folder / os.fsdecode(b"bad-\xff")).write_text("no text")
    (folder / ".hidden").mkdir()
    (folder / ".hidden" / "x").write_text("x")
    (folder / "timestamp.txt").write_text("2026-01-01 00:00:00 UTC")
    return folder


def test_what_a_run_finds_and_what_is_said_of_the_rest_is_the_same_elsewhere(tmp_path: Path) -> None:
    here = odd_folder(tmp_path / "here")
    there = tmp_path / "there"
    there.mkdir()
    packed = parcel.pack(here, leave=LEAVE)
    assert b"planted" not in packed
    assert b"passwd" not in packed
    parcel.unpack(packed, there)
    copies = []
    for place in (here, there):
        (tmp_path / f"stage-{place.name}").mkdir()
        copies.append(copy_regular_files(place, tmp_path / f"stage-{place.name}", max_bytes=10**6, leave=LEAVE))
    assert copies[0] == copies[1]
    assert {reason for _, reason in copies[1].left} == {"link", "special", "pattern", "name"}
    for name in copies[0].files:
        assert (tmp_path / "stage-here" / name).read_bytes() == (tmp_path / "stage-there" / name).read_bytes()
    assert (there / "tiny.ipynb").read_text() == (here / "tiny.ipynb").read_text()


def test_a_file_too_large_to_be_taken_costs_neither_way_nor_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parcel, "MAX_STAGED", 1000)
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.mkdir()
    (here / "large.csv").write_bytes(b"x" * 5000)
    (here / "small.csv").write_bytes(b"x" * 500)
    packed = parcel.pack(here, leave=LEAVE)
    assert len(packed) < 1000
    parcel.unpack(packed, there)
    assert (there / "large.csv").stat().st_size == 5000
    assert (there / "large.csv").stat().st_blocks == 0
    assert (there / "small.csv").read_bytes() == b"x" * 500


@pytest.mark.parametrize("make", [
    lambda path: path.symlink_to("/etc/passwd"),
    lambda path: path.mkdir(),
    lambda path: os.mkfifo(path),
    lambda path: path.write_bytes(b"{" * 100),
    lambda path: (path.touch(), os.truncate(path, MAX_BYTES + 1)),
])  # fmt: skip
def test_a_notebook_that_cannot_be_read_is_refused_in_the_same_words(
    tmp_path: Path, make: Callable[[Path], object]
) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.mkdir()
    make(here / "tiny.ipynb")
    parcel.unpack(parcel.pack(here, leave=LEAVE), there)
    said = []
    for place in (here, there):
        with pytest.raises(SubmissionError) as refusal:
            read(place / "tiny.ipynb")
        said.append(str(refusal.value))
    assert said[0] == said[1]


@pytest.mark.parametrize("name", ["../x", "/etc/x", "a/../../x", "", "a//b", "a\0b", "."])
def test_a_parcel_cannot_write_outside(tmp_path: Path, name: str) -> None:
    head = json.dumps([["a", "folder", 0], [name, "file", 1]]).encode()
    (tmp_path / "in").mkdir()
    with pytest.raises(ValueError, match="no entry"):
        parcel.unpack(len(head).to_bytes(8, "big") + head + b"x", tmp_path / "in")
    assert not (tmp_path / "x").exists()


def test_a_parcel_follows_no_link_that_it_brings(tmp_path: Path) -> None:
    head = json.dumps([["a", "link", 0], ["a", "file", 1]]).encode()
    with pytest.raises(FileExistsError):
        parcel.unpack(len(head).to_bytes(8, "big") + head + b"x", tmp_path)


@given(st.data())
def test_a_parcel_that_was_cut_is_not_unpacked(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    here = tmp_path_factory.mktemp("here")
    (here / "a.csv").write_bytes(b"x" * 100)
    packed = parcel.pack(here, leave=LEAVE)
    cut = packed[: data.draw(st.integers(8, len(packed) - 1))]
    with pytest.raises(ValueError):
        parcel.unpack(cut, tmp_path_factory.mktemp("there"))


def stored(storage: Storage, tmp_path: Path, content: bytes = b"results") -> Stored:
    (tmp_path / "object").write_bytes(content)
    return storage.put(tmp_path / "object")


def test_an_object_comes_back_as_it_was_stored(tmp_path: Path) -> None:
    """From a folder, and from a store that is none."""
    for base in (str(tmp_path / "shared"), "memory://shared"):
        stored_and_back(Storage.of_a_run(base), tmp_path)
    assert not list((tmp_path / "shared").iterdir())


def stored_and_back(storage: Storage, tmp_path: Path) -> None:
    there = Storage(storage.url)  # as a worker opens it
    kept = stored(there, tmp_path)
    storage.get(kept, tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == b"results"
    storage.remove(kept.name)
    with pytest.raises(GraderError, match="cannot be read"):
        storage.get(kept, tmp_path / "back")
    storage.close()


def test_half_an_object_is_never_read(tmp_path: Path) -> None:
    storage = Storage.of_a_run(str(tmp_path / "shared"))
    kept = stored(storage, tmp_path)
    path = next(Path(storage.url).glob("*.tar"))
    with pytest.raises(GraderError, match="cannot be read"):
        storage.get(replace(kept, name="f" * 32 + ".tar"), tmp_path / "back")
    path.write_bytes(b"resu")
    with pytest.raises(GraderError, match="4 bytes, and 7 were stored"):
        storage.get(kept, tmp_path / "back")
    path.write_bytes(b"RESULTS")
    with pytest.raises(GraderError, match="not what was stored"):
        storage.get(kept, tmp_path / "back")


def test_a_writer_that_is_ended_leaves_no_object(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what was written whole is moved to its name."""
    storage = Storage.of_a_run(str(tmp_path / "shared"))

    def mv(*_: object) -> None:
        raise OSError("gone")

    monkeypatch.setattr(storage._fs, "mv", mv)
    with pytest.raises(GraderError, match="cannot be written"):
        stored(storage, tmp_path)
    assert [path.suffix for path in Path(storage.url).iterdir()] == [".partial"]


def test_results_that_are_too_large_are_not_stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    storage = Storage.of_a_run(str(tmp_path / "shared"))
    kept = stored(storage, tmp_path)
    monkeypatch.setattr(storage_module, "MAX_OBJECT", 5)
    with pytest.raises(GraderError, match="at most"):
        stored(storage, tmp_path)
    with pytest.raises(GraderError):
        storage.get(kept, tmp_path / "back")


def test_what_a_run_left_long_ago_is_removed(tmp_path: Path) -> None:
    base = tmp_path / "shared"
    for name in ("run-1000000000-aa", "run-99999999999-bb", "run-x", "mine"):
        (base / name).mkdir(parents=True)
    Storage.of_a_run(str(base)).close()
    assert sorted(path.name for path in base.iterdir()) == ["mine", "run-99999999999-bb", "run-x"]


def test_a_runs_folder_is_private(tmp_path: Path) -> None:
    storage = Storage.of_a_run(str(tmp_path / "shared"))
    assert Path(storage.url).stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("url", ["nothing://x", "/proc/no/such"])
def test_storage_that_cannot_be_used_is_said_before_anything_runs(url: str) -> None:
    with pytest.raises(UsageError, match="storage"):
        Storage.of_a_run(url)


def one_item(tmp_path: Path) -> tuple[Course, Item]:
    course = TinyCourse(tmp_path / "c")
    course.submit("ana")
    [item] = items_of(find(course.root, "lista"), course.assignment.notebooks)
    return Course.open(course.root, course.assignment), item


def a_result(course: Course, item: Item, folder: Path) -> Path:
    """An object as a worker writes it."""
    folder.mkdir()
    bundle = Bundle.new(folder / "evidence")
    bundle.records["double-test"] = Record(document=bundle.keep(b"values"))
    bundle.settle(folder / "bundle")
    verdict = CellVerdict("double-test", 2, 2)
    report = NotebookReport(item.submission.student, "lista", item.template.name, "graded", (verdict,))
    write_result(
        Graded(report, course.released["tiny"], {"essay": "d1"}), folder / "bundle", folder / "result.tar"
    )
    return folder / "result.tar"


def test_results_are_settled_in_the_course(tmp_path: Path) -> None:
    course, item = one_item(tmp_path)
    graded = settle(course, item, a_result(course, item, tmp_path / "w"))
    assert graded.report.score == 2
    assert graded.answers == {"essay": "d1"}
    assert graded.notebook == course.released["tiny"]
    bundle = Bundle.read(course.evidence("ana", "tiny"))
    assert bundle is not None
    document = bundle.records["double-test"].document
    assert document is not None
    assert bundle.content(document) == b"values"
    assert [path.name for path in (course.root / "evidence").iterdir()] == ["lista"]


Change = Callable[[tarfile.TarInfo, bytes], tuple[str, bytes] | None]


def changed(source: Path, target: Path, change: Change) -> Path:
    """A copy of an object with other members."""
    with tarfile.open(source) as old, tarfile.open(target, "w") as new:
        for member in old:
            file = old.extractfile(member)
            assert file is not None
            if (made := change(member, file.read())) is not None:
                info = tarfile.TarInfo(made[0])
                info.size = len(made[1])
                new.addfile(info, io.BytesIO(made[1]))
    return target


@pytest.mark.parametrize("change", [
    lambda m, c: (m.name, c + b"x" if "blobs" in m.name else c),
    lambda m, c: (m.name.replace("evidence/blobs/", "evidence/blobs/../../../"), c),
    lambda m, c: None if m.name == "outcome.json" else (m.name, c),
    lambda m, c: (m.name, c.replace(b'"ana"', b'"bia"')),
    lambda m, c: (m.name, c.replace(b'"version": 2', b'"version": 1') if "manifest" in m.name else c),
    lambda m, c: (m.name, b"[]" if m.name == "outcome.json" else c),
    lambda m, c: (m.name, b'{"records": 1, "version": 2}' if "manifest" in m.name else c),
    lambda m, c: ("extra.txt" if m.name == "notebook.ipynb" else m.name, c),
])  # fmt: skip
def test_what_is_no_result_of_this_item_changes_nothing(tmp_path: Path, change: Change) -> None:
    course, item = one_item(tmp_path)
    good = a_result(course, item, tmp_path / "w")
    bad = changed(good, tmp_path / "bad.tar", change)
    with pytest.raises(GraderError, match="cannot be read"):
        settle(course, item, bad)
    content = good.read_bytes()
    bad.write_bytes(content[: len(content) // 3])
    with pytest.raises(GraderError, match="cannot be read"):
        settle(course, item, bad)
    assert not list((course.root / "evidence").iterdir())


def test_a_worker_opens_the_course_it_was_given(tmp_path: Path) -> None:
    course, _ = one_item(tmp_path)
    (course.root / "assignments" / "lista" / "given.csv").write_text("1")
    (course.root / "assignments" / "lista" / "link").symlink_to("/etc/passwd")
    quarters = Quarters()
    try:
        opened = quarters.open_course(pack_course(course), "lista", weakened=(), threads=3)
        assert opened.threads == 3
        assert opened.assignment.settings == course.assignment.settings
        assert opened.released == course.released
        assert (opened.assignment.path / "given.csv").read_text() == "1"
        assert not (opened.assignment.path / "link").exists()
        assert quarters.folder.stat().st_mode & 0o777 == 0o700
        files = [path for path in quarters.folder.rglob("*") if path.is_file()]
        assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    finally:
        quarters.close()
    assert not quarters.folder.exists()


def test_what_a_killed_worker_left_is_removed_by_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    text = "from autograder.engine.cluster.handover import Quarters; import os; Quarters(); os._exit(9)"
    subprocess.run([sys.executable, "-c", text], env={**os.environ, "TMPDIR": str(tmp_path)}, check=False)
    [left] = tmp_path.iterdir()
    first, second = Quarters(), Quarters()  # two workers of one machine leave each other alone
    assert not left.exists()
    assert first.folder.exists()
    first.close()
    second.close()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("engine", "tls", "plain", "expected"), [
    ("dask://127.0.0.1:8786", False, False, "tcp://127.0.0.1:8786"),
    ("dask://localhost:8786", False, False, "tcp://localhost:8786"),
    ("dask://[::1]:8786", False, False, "tcp://[::1]:8786"),
    ("dask://192.0.2.7:8786", True, False, "tls://192.0.2.7:8786"),
    ("dask://192.0.2.7:8786", False, True, "tcp://192.0.2.7:8786"),
])  # fmt: skip
def test_a_cluster_is_reached_by_tls_or_on_this_machine(
    engine: str, tls: bool, plain: bool, expected: str
) -> None:
    assert scheduler_address(engine, tls=tls, allow_plain=plain) == expected


@pytest.mark.parametrize(("engine", "why"), [
    ("dask://192.0.2.7:8786", "not encrypted"),
    ("dask://no-such-host.invalid:8786", "not encrypted"),
    ("dask://127.0.0.1", "no engine"),
    ("dask://:8786", "no engine"),
    ("dask://a:b", "no engine"),
    ("dask://127.0.0.1:8786/x", "no engine"),
    ("slurm", "no engine"),
    ("", "no engine"),
])  # fmt: skip
def test_other_addresses_are_refused(engine: str, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        scheduler_address(engine, tls=False, allow_plain=False)


def test_a_worker_elsewhere_without_tls_is_refused() -> None:
    here, elsewhere, closed = "tcp://127.0.0.1:1", "tcp://192.0.2.7:1", "tls://192.0.2.7:1"
    refuse_open_workers([here, closed], allow_plain=False)
    refuse_open_workers([elsewhere], allow_plain=True)
    with pytest.raises(UsageError, match=r"192\.0\.2\.7"):
        refuse_open_workers([here, elsewhere], allow_plain=False)


def test_differences_are_named() -> None:
    mine = fingerprint()
    assert differences(mine, mine) == []
    assert mine["tensorflow"] != "none"
    assert differences(mine, {**mine, "keras": "2.0"}) == [f"keras 2.0 there, {mine['keras']} here"]
    assert differences({"a": "1"}, {"b": "2"}) == ["a none there, 1 here", "b 2 there, none here"]


def test_a_workers_sandbox_is_tried_as_the_doctor_does() -> None:
    from autograder.sandbox import doctor

    assert missing_layers(allow_weak=False) == doctor.require(allow_weak=False)


def test_dask_is_not_imported_unless_asked_for() -> None:
    text = "import sys, autograder.cli; print([m for m in ('dask', 'distributed', 'fsspec') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_set_aside_names_are_those_of_the_local_engine(tmp_path: Path) -> None:
    course, _ = one_item(tmp_path)
    assert {"*.ipynb", "timestamp.txt", "*.h5"} <= set(left_aside(course.assignment.settings))
    assert asyncio.iscoroutinefunction(grade_item)  # so Dask runs it in the worker's loop
    assert len(digest_of(course.assignment.path / "tiny.ipynb")) == 64


def on_worker(folder: Path) -> CourseOnWorker:
    """A worker's plugin that has a course and one place, without a worker."""
    course = TinyCourse(folder / "c")
    plugin = CourseOnWorker.__new__(CourseOnWorker)
    plugin._over = False
    plugin._tasks = set()
    plugin._course = Course.open(course.root, course.assignment)
    plugin._places = Places(Plan("here", 1, 1))
    plugin._quarters = SimpleNamespace(folder=folder / "quarters")  # type: ignore[assignment]
    plugin._say = lambda what, item: None  # type: ignore[method-assign]
    plugin._seats = asyncio.Semaphore(1)
    plugin.ready = lambda: asyncio.sleep(0)  # type: ignore[assignment,method-assign]
    return plugin


ITEM = {"id": "0", "student": "ana", "notebook": "tiny", "submitted_at": None}


def test_a_worker_whose_disk_is_full_gets_no_more_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else it would be idle always, and fail the whole class."""
    plugin = on_worker(tmp_path)

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "mkdir", full)
    monkeypatch.setattr(tempfile, "mkdtemp", full)
    answer = asyncio.run(plugin.grade(ITEM, b""))
    assert answer["status"] == "refused"
    assert "disk is full" in answer["why"]
    assert plugin._places is not None
    assert plugin._places.taken == 0
    assert "Make room" in refusal({"tcp://a": answer["why"]})[1]


def test_what_waited_for_a_place_does_not_begin_when_the_run_is_over(tmp_path: Path) -> None:
    plugin = on_worker(tmp_path)
    plugin._over = True
    assert asyncio.run(plugin.grade(ITEM, b"")) == {"status": "failed", "why": "the run is over"}


class SlowScheduler:
    """A client of Dask whose scheduler has one worker, and then does not answer; or it breaks."""

    status = "running"

    def __init__(self, error: Exception) -> None:
        self.asked = 0
        self._error = error

    async def nthreads(self) -> dict[str, int]:
        """Once as Dask's."""
        self.asked += 1
        if self.asked > 1:
            raise self._error
        return {"tcp://a": 1}


def watched(error: Exception, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A run that has looked at its workers some times."""
    monkeypatch.setattr("autograder.engine.cluster.run._WATCH", 0.01)
    client = SlowScheduler(error)

    async def work() -> Run:
        run = Run(client, None, None, Silent(), name="r", resources={})  # type: ignore[arg-type]
        task = asyncio.create_task(run._watch())
        while client.asked < 3 and not task.done():
            await asyncio.sleep(0.01)
        task.cancel()
        return run

    return asyncio.run(work())


def test_a_scheduler_that_is_busy_has_lost_no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    run = watched(TimeoutError(), monkeypatch)
    assert run._alive == {"tcp://a"}
    assert run._ended.empty()


def test_what_breaks_while_workers_are_watched_ends_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    run = watched(ZeroDivisionError(), monkeypatch)
    assert isinstance(run._ended.get_nowait(), ZeroDivisionError)
