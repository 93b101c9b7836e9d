"""Landlock, seccomp and control groups by themselves: what they deny, and that they fail closed."""

import os
import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.sandbox import cgroup, confine, landlock, linux, seccomp
from autograder.sandbox.cgroup import Group, Place
from autograder.sandbox.landlock import Access, Rule
from autograder.sandbox.spec import SandboxSpec


def in_a_fork(action: Callable[[], object]) -> str:
    """What became of ``action`` in a process of its own: its result, or the name of its error."""
    read_end, write_end = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            linux.set_no_new_privileges()
            said = repr(action())
        except BaseException as error:
            said = f"{type(error).__name__}: {error}"
        os.write(write_end, said.encode())
        os._exit(0)
    os.close(write_end)
    with os.fdopen(read_end) as pipe:
        said = pipe.read()
    os.waitpid(pid, 0)
    return said


needs_landlock = pytest.mark.skipif(landlock.abi() < 1, reason="this Linux has no Landlock")


@needs_landlock
def test_landlock_allows_what_its_rules_say_and_no_more(tmp_path: Path) -> None:
    for name in ("own", "shown", "hidden"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "f").write_text("1")

    def attempt() -> list[str]:
        rules = [Rule(str(tmp_path / "own"), Access.OWN), Rule(str(tmp_path / "shown"), Access.READ)]
        landlock.restrict([*rules, Rule(str(tmp_path / "no-such"), Access.OWN)], tcp=False)
        found = []
        for name in ("own", "shown", "hidden"):
            for mode in ("r", "a"):
                try:
                    (tmp_path / name / "f").open(mode).close()
                    found.append(f"{name} {mode}")
                except PermissionError:
                    continue
        return found

    assert in_a_fork(attempt) == "['own r', 'own a', 'shown r']"


@pytest.mark.skipif(landlock.abi() < 4, reason="this Linux's Landlock knows no TCP")
@pytest.mark.parametrize("tcp", [True, False])
def test_landlock_denies_tcp_where_there_is_no_network_namespace(tcp: bool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname(), timeout=2).close()  # it works here, with all it imports

        def attempt() -> bool:
            landlock.restrict([], tcp=tcp)
            socket.create_connection(server.getsockname(), timeout=2)
            return True

        assert in_a_fork(attempt) == ("True" if tcp else "PermissionError: [Errno 13] Permission denied")


@needs_landlock
@pytest.mark.parametrize("version", [1, 2, 3, 4, 5, 6])
def test_an_older_landlock_holds_files_all_the_same(monkeypatch: pytest.MonkeyPatch, version: int) -> None:
    """Each version is asked for no more than it knows, and what it cannot deny is said."""
    if version > landlock.abi():
        pytest.skip("newer than this Linux's")
    monkeypatch.setattr(landlock, "abi", lambda: version)

    def attempt() -> None:
        landlock.restrict([Rule("/usr", Access.RUN)], tcp=False)
        Path("/etc/passwd").read_text()

    assert in_a_fork(attempt).startswith("PermissionError")
    assert len(landlock.missing(version)) == sum(since > version for since in (2, 3, 4, 5, 6))


def test_without_landlock_nothing_is_restricted_silently(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landlock, "abi", lambda: 0)
    with pytest.raises(OSError, match="not offered"):
        landlock.restrict([], tcp=False)


def spec_of(folder: Path, *, weak: bool) -> SandboxSpec:
    return SandboxSpec(
        connection={}, sockets=str(folder / "s"), inbox=str(folder / "i"), work=None, binds=(), env={}, cpu=1,
        wall=1, memory=1, disk=1, processes=1, open_files=1, weak=weak,
    )  # fmt: skip


@pytest.mark.parametrize("weak", [True, False])
def test_a_kernel_without_a_filter_does_not_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, weak: bool
) -> None:
    """Where libseccomp is missing, and wherever Landlock is missing and has to hold alone."""
    spec = spec_of(tmp_path, weak=weak)
    monkeypatch.setattr(seccomp, "problem", lambda: seccomp.MISSING_LIBRARY)
    assert "libseccomp is not installed" in in_a_fork(lambda: confine.confine(spec, run=(), read=(), holes=()))
    monkeypatch.undo()
    monkeypatch.setattr(landlock, "abi", lambda: 0)
    said = in_a_fork(lambda: confine.confine(spec, run=(), read=(), holes=()))
    assert said == ("OSError: [Errno 38] landlock: not offered by this Linux" if weak else "None")


def test_memory_that_no_process_maps_is_denied_unless_a_group_counts_it() -> None:
    def attempt(counted: bool) -> object:
        seccomp.apply(seccomp.Strictness(weak=False, counted=counted))
        return os.memfd_create("x") > 0

    assert in_a_fork(lambda: attempt(True)) == "True"
    assert in_a_fork(lambda: attempt(False)).startswith("PermissionError")


@needs_landlock
def test_rules_go_around_what_is_not_for_students(tmp_path: Path) -> None:
    """Without mounts the exchange and the data sets with their labels are left out by rules."""
    for name in ("bin/a", "share/datasets/labels", "share/doc/b"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("1")
    (tmp_path / "share" / "link").symlink_to(tmp_path / "share" / "datasets")
    parts = set(confine._around(str(tmp_path), (str(tmp_path / "share" / "datasets"),)))
    assert parts == {str(tmp_path / "bin"), str(tmp_path / "share" / "doc")}


MOUNTINFO = """\
24 30 0:22 / /sys/fs/cgroup ro - tmpfs tmpfs ro
25 24 0:23 /docker/a /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
26 24 0:24 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct
27 24 0:25 / {v2} rw - cgroup2 cgroup2 rw
"""
OWN = "4:memory:/docker/a/b\n3:cpu,cpuacct:/x\n0::/user.slice/app.slice/job.scope\n"


def test_groups_are_made_below_our_own_and_in_version_2_where_they_control_something(tmp_path: Path) -> None:
    folder = tmp_path / "user.slice" / "app.slice" / "job.scope"
    folder.mkdir(parents=True)
    (folder / "cgroup.subtree_control").write_text("\n")
    (folder.parent / "cgroup.subtree_control").write_text("memory pids\n")
    (tmp_path / "cgroup.subtree_control").write_text("cpu memory pids\n")
    found = cgroup._candidates(cgroup._mounts(MOUNTINFO.format(v2=tmp_path)), cgroup._own(OWN))
    assert [(p.controller, p.version, p.parent) for p in found] == [
        ("memory", 1, "/sys/fs/cgroup/memory/b"),
        ("cpu", 1, "/sys/fs/cgroup/cpu,cpuacct/x"),
        ("cpuacct", 1, "/sys/fs/cgroup/cpu,cpuacct/x"),
        ("memory", 2, str(folder.parent)),
        ("pids", 2, str(folder.parent)),
    ]


def test_a_group_of_version_2_is_limited_and_read(tmp_path: Path) -> None:
    """On ordinary files: what is written where, and what is made of what Linux writes."""
    group = Group((Place("memory", 2, str(tmp_path)), Place("pids", 2, str(tmp_path))), "g")
    group._make(1000, 20)
    group.add(7)
    folder = tmp_path / "g"
    written = {file.name: file.read_text() for file in folder.iterdir()}
    assert written == {
        "memory.max": "1000", "memory.oom.group": "1", "memory.swap.max": "0", "pids.max": "20",
        "cgroup.procs": "7",
    }  # fmt: skip
    (folder / "cpu.stat").write_text("usage_usec 2500000\nuser_usec 1\n")
    (folder / "memory.events").write_text("low 0\nmax 3\noom 1\noom_kill 0\n")
    assert group.cpu() == 2.5
    assert not group.out_of_memory()
    (folder / "memory.events").write_text("low 0\noom 1\noom_kill 1\n")
    assert group.out_of_memory()


def test_without_groups_nothing_is_made_and_nothing_is_known() -> None:
    group = Group((), "g")
    group._make(1, 1)
    group.add(os.getpid())
    group.remove()
    assert (group.cpu(), group.out_of_memory()) == (None, False)


def test_only_groups_of_keepers_that_are_gone_are_swept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process id that was used again does not keep a stale group; a foreign folder is left alone."""
    mine = cgroup._identity(os.getpid())
    names = [f"autograder-{mine}", f"autograder-{os.getpid()}-1", "autograder-4194303-5", "other-4194303-5"]
    for name in names:
        (tmp_path / name).mkdir()
    monkeypatch.setattr(cgroup, "places", lambda: (Place("memory", 1, str(tmp_path)),))
    cgroup.sweep()
    assert sorted(p.name for p in tmp_path.iterdir()) == [names[0], names[3]]


@pytest.mark.skipif(not cgroup.counts_memory(), reason="this user may not make control groups")
def test_a_real_group_counts_and_goes_away() -> None:
    group = Group.create(memory=2**30, processes=3)
    pid = os.fork()
    if pid == 0:
        group.add(os.getpid())
        deadline = time.process_time() + 0.3
        while time.process_time() < deadline:
            pass
        forks = 0
        try:
            while forks < 9 and os.fork():
                forks += 1
            time.sleep(0.5)
        except BlockingIOError:
            os._exit(forks)
        finally:
            os._exit(99)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 2  # with itself, three
    used = group.cpu()
    assert used is not None
    assert 0.25 < used < 2
    group.remove()
    assert [folder for folder in group._all() if folder.exists()] == []
