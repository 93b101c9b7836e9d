"""What processes use, against processes of which it is known."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from autograder.sandbox import cgroup, proc

#: Holds 50 MiB and has used half a CPU second; its child shares most of that memory.
_BUSY = (
    "import os, time\nheld = bytearray(b'1') * (50 << 20)\n"
    "while time.process_time() < 0.5: pass\n"
    "if os.fork() == 0:\n    del held\n    time.sleep(600)\n"
    "print('ready', flush=True)\ntime.sleep(600)\n"
)


@contextmanager
def busy() -> Iterator[int]:
    """Its pid, when it holds and has used what it will."""
    with subprocess.Popen(
        [sys.executable, "-c", _BUSY], stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            yield process.pid
        finally:
            os.killpg(process.pid, signal.SIGKILL)


def test_memory_cpu_time_and_descendants_of_a_process() -> None:
    with busy() as pid:
        found = proc.tree(pid)
        assert found[0] == pid
        assert len(found) == 2
        assert 50 * 2**20 < proc.resident(pid) < 80 * 2**20
        # What it shares with its child counts half for each.
        assert proc.proportional(pid) < proc.resident(pid)
        assert 0.45 <= proc.cpu(pid) < 2  # Linux counts in hundredths


def test_a_process_that_is_gone_uses_nothing() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    pid = process.pid
    assert (proc.tree(pid), proc.cpu(pid), proc.resident(pid), proc.proportional(pid)) == ([], 0, 0, 0)


def test_a_name_with_brackets_and_blanks_does_not_hide_cpu_time() -> None:
    """Linux puts a process's name, which it chooses, before the numbers."""
    script = "import time\nopen('/proc/self/comm', 'w').write(') R 0 0 (')\nprint(flush=True)\n"
    script += "while time.process_time() < 0.3: pass\nprint(flush=True)\ntime.sleep(600)"
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            process.stdout.readline()
            process.stdout.readline()
            assert ") R 0 0 (" in Path(f"/proc/{process.pid}/comm").read_text()
            assert 0.25 <= proc.cpu(process.pid) < 2
        finally:
            process.kill()


def test_a_group_names_its_processes() -> None:
    if not cgroup.places():  # asked here, since it forks and makes groups
        pytest.skip("no control groups can be made here")
    group = cgroup.Group.create(memory=2**30, processes=100)
    try:
        assert group.pids() == []
        with subprocess.Popen([sys.executable, "-c", "import time\ntime.sleep(600)"]) as process:
            group.add(process.pid)
            assert group.pids() == [process.pid]
            process.kill()
            process.wait()
        deadline = time.monotonic() + 5
        while group.pids() and time.monotonic() < deadline:
            time.sleep(0.01)
        assert group.pids() == []
    finally:
        group.remove()


def test_without_a_group_nobody_is_named() -> None:
    assert cgroup.Group((), "none").pids() is None
