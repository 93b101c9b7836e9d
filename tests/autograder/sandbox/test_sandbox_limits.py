# ruff: noqa: E501  (lines of student code, and tables of cases: a case a row)
"""Whatever student code does, the kernel ends, the rest is scored, and nothing is left behind."""

import asyncio
import json
import os
import signal
import socket
import time
from pathlib import Path

import psutil
import pytest
from runs import SMALL, Ran, ran, ran_async

from autograder.assignment import Limits
from autograder.sandbox import cgroup, run
from autograder.sandbox.client import Sandbox, Zygote

pytestmark = [pytest.mark.sandbox, pytest.mark.usefixtures("zygote")]

#: Where CPU time is what ends the code: on a busy machine the wall clock would be there first.
PATIENT = 30.0


def test_code_that_only_looks_like_an_end(tmp_path: Path) -> None:
    """Exits, questions and errors end a cell; the notebook goes on."""
    cells = ["import sys\nsys.exit()", "exit()", "quit()", "raise SystemExit(3)", "input('?')", "1 / 0",
             "raise KeyboardInterrupt", "import getpass; getpass.getpass()", "x = (", "%no_such_magic", "print('on')"]  # fmt: skip
    result = ran(tmp_path, cells)
    assert result.text(10) == "on\n"
    assert result.report.death is None
    assert [s for s in result.statuses if s not in ("ok", "error")] == []
    assert [result.statuses[i] for i in (3, 4, 5, 6, 8)] == ["error"] * 5


def test_an_endless_loop_costs_its_cell_only(tmp_path: Path) -> None:
    result = ran(
        tmp_path, ["while True: pass", "print('on')"], Limits(cell_cpu=1, notebook_cpu=10, wall_factor=PATIENT)
    )
    assert result.statuses == ["limit", "ok"]
    assert (result.report.cells[0].limit, result.report.death) == ("cpu", None)
    assert result.text(1) == "on\n"


STUBBORN = (
    "while True:\n    try:\n        n = 0\n        while True: n += 1\n    except BaseException: pass",
    "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass",
)


@pytest.mark.parametrize("stubborn", STUBBORN)
def test_a_loop_that_swallows_interrupts_takes_the_kernel_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stubborn: str
) -> None:
    monkeypatch.setattr(run, "_GRACE", 0.5)
    result = ran(
        tmp_path, ["print(1)", stubborn, "print(2)"], Limits(cell_cpu=1, notebook_cpu=30, wall_factor=PATIENT)
    )
    assert result.statuses == ["ok", "dead", "skipped"]
    assert result.report.cells[1].limit == "cpu"


SHORT = (
    "sum(range(200_000))",
    "!true",
    "import asyncio\nawait asyncio.sleep(0.01)",
    "import signal\nsignal.signal(signal.SIGINT, signal.SIG_DFL)",
)


@pytest.mark.parametrize("cell", SHORT)
def test_interrupts_at_the_end_of_a_cell_cost_neither_kernel_nor_reply(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cell: str
) -> None:
    """The limit may be reached when the last line has run; what the cells before it did is still there."""

    async def storm(self: run.SandboxClient, *_: object) -> None:
        began = time.monotonic()
        while time.monotonic() - began < 20:
            self.sandbox.interrupt()
            await self.sandbox.usage()  # its keeper has time to do it
        self.sandbox.kill()

    monkeypatch.setattr(run.SandboxClient, "watch", storm)
    result = ran(tmp_path, [cell] * 8)
    assert result.report.death is None
    assert set(result.statuses) <= {"ok", "error"}


def test_a_loop_in_another_process_counts_as_well(tmp_path: Path) -> None:
    cells = ["import subprocess, sys; subprocess.run([sys.executable, '-c', 'while True: pass'])", "print('on')"]
    result = ran(tmp_path, cells, Limits(cell_cpu=1, notebook_cpu=10, wall_factor=PATIENT))
    assert result.statuses[0] == "limit"


def test_sleeping_ends_at_the_wall_clock(tmp_path: Path) -> None:
    began = time.monotonic()
    result = ran(tmp_path, ["import time; time.sleep(600)", "print('on')"], Limits(cell_cpu=1, wall_factor=2))
    assert time.monotonic() - began < 20
    assert result.report.cells[0].limit == "wall"
    assert result.text(1) == "on\n"


def test_many_cells_share_the_notebooks_time(tmp_path: Path) -> None:
    spin = "import time\nt = time.process_time()\nwhile time.process_time() - t < 1: pass"
    result = ran(tmp_path, [spin] * 8, Limits(cell_cpu=10, notebook_cpu=3, wall_factor=PATIENT))
    assert result.report.death == "cpu"
    assert result.statuses[-1] == "skipped"
    assert "notebook-cpu" in {c.limit for c in result.report.cells.values()}


def test_a_memory_hog_is_ended(tmp_path: Path) -> None:
    """One process runs into its own limit and sees an error; many, each far below it, are ended together."""
    result = ran(tmp_path, ["x = bytearray(4 * 2**30)", "print('on')"])
    assert (result.report.cells[0].raised, result.text(1)) == ("MemoryError", "on\n")
    several = (
        "import os, time\nfor _ in range(6):\n    if os.fork() == 0:\n        x = b'x' * (300 * 2**20)\n"
        "        time.sleep(60)\ntime.sleep(60)"
    )
    patient = SMALL.model_copy(update={"cell_cpu": 30.0, "notebook_cpu": 60.0})
    result = ran(tmp_path, [several, "print('on')"], patient)
    assert result.report.death == "memory"
    assert result.statuses == ["dead", "skipped"]


def test_a_fork_bomb_is_ended(tmp_path: Path) -> None:
    bomb = "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass"
    limits = SMALL.model_copy(update={"processes": 64, "notebook_cpu": 4.0, "cell_cpu": 4.0})
    result = ran(tmp_path, [bomb, "print('on')"], limits)
    assert result.report.death is not None
    assert result.report.seconds < 30


@pytest.mark.parametrize(
    "crash",
    [
        "import os; os._exit(1)",
        "import os; os._exit(0)",
        "import os, signal; os.kill(1, signal.SIGKILL); os.kill(os.getpid(), signal.SIGSEGV); os.abort()",
        "import ctypes; ctypes.string_at(0)",
        "import ctypes; f = ctypes.CFUNCTYPE(None)(1); f()",
    ],
)
def test_a_crash_is_noticed_at_once(tmp_path: Path, crash: str) -> None:
    result = ran(tmp_path, ["print(1)", crash, "print(2)"])
    assert result.statuses == ["ok", "dead", "skipped"]
    assert result.report.death in ("exit", "signal")
    assert result.report.seconds < 12


def test_a_flood_of_output_is_cut(tmp_path: Path) -> None:
    limits = Limits(cell_cpu=3, notebook_cpu=20, output=1)
    result = ran(tmp_path, ["for n in range(300_000): print('x' * 100)", "print('on')"], limits)
    assert result.report.cells[0].truncated
    assert len(result.text(0)) < 1.2 * 2**20
    assert result.text(0).endswith("[…]\n")
    assert result.text(1) == "on\n"


def test_one_huge_message_is_cut(tmp_path: Path) -> None:
    limits = Limits(cell_cpu=5, notebook_cpu=20, output=1)
    result = ran(tmp_path, ["print('x' * 100_000_000)", "'y' * 50_000_000", "print('on')"], limits)
    assert all(len(result.text(n)) < 1.2 * 2**20 for n in (0, 1))
    assert result.text(2) == "on\n"


def test_a_flood_of_forged_reports_is_cut(tmp_path: Path) -> None:
    """What checks report is kept beyond the limit of output, but not without any limit."""
    flood = (
        "from IPython import get_ipython\nfor n in range(60):\n    get_ipython().display_pub.publish("
        "data={'application/vnd.autograder.x': 'z' * 2**20})"
    )
    result = ran(tmp_path, [flood, "print('on')"], Limits(cell_cpu=5, notebook_cpu=20, output=1))
    assert sum(len(str(output)) for output in result.notebook.cells[0].outputs) < 40 * 2**20
    assert result.text(1) == "on\n"


def test_a_full_disk_is_an_error_of_the_cell(tmp_path: Path) -> None:
    cells = [
        "with open('big', 'wb') as f:\n    for _ in range(1000): f.write(bytes(2**20))",
        "import os; os.remove('big') if os.path.exists('big') else None\n"
        "for n in range(100):\n    with open(f'/tmp/{n}', 'wb') as f: f.write(bytes(2**22))",
        "print('on')",
    ]
    result = ran(tmp_path, cells)
    assert [result.report.cells[n].raised for n in (0, 1)] == ["OSError", "OSError"]
    assert result.text(2) == "on\n"


def test_pip_without_a_network_gives_up_in_seconds(tmp_path: Path) -> None:
    result = ran(
        tmp_path, ["%pip install keras-tuner", "!pip install -q optuna", "print('on')"], Limits(cell_cpu=20)
    )
    assert result.report.seconds < 30
    assert result.text(2) == "on\n"


def named(title: str) -> list[int]:
    """Processes of the host that call themselves ``title``."""
    return [p.pid for p in psutil.process_iter(["cmdline"]) if title in " ".join(p.info["cmdline"] or ())]


BACKGROUND = (
    "import subprocess, sys\nsubprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)',"
    " {title!r}], start_new_session=True)\n"
    "import os\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n        import time; time.sleep(600)\n    os._exit(0)"
)


def test_what_was_left_in_the_background_dies_with_the_notebook(tmp_path: Path, zygote: Zygote) -> None:
    title = f"planted-{os.getpid()}"
    alive = "time.sleep(0.5); print(len([p for p in os.listdir('/proc') if p.isdigit()]) >= 3)"
    result = ran(tmp_path, [BACKGROUND.format(title=title), f"import os, time; {alive}"])
    assert result.text(1) == "True\n"
    deadline = time.monotonic() + 5
    while (left := named(title)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert left == []
    answer = zygote.ping()
    assert answer is not None
    forker = psutil.Process(answer["pid"])
    while (tree := forker.children(recursive=True)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert tree == []


def test_the_kernel_dies_when_its_client_goes_away(tmp_path: Path) -> None:
    """A cancelled run closes the connection; so does the end of a killed process."""
    title = f"orphan-{os.getpid()}"

    async def cancelled() -> None:
        task = asyncio.create_task(
            ran_async(tmp_path, [BACKGROUND.format(title=title), "import time; time.sleep(60)"])
        )
        while not named(title):
            await asyncio.sleep(0.1)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(asyncio.wait_for(cancelled(), 20))
    deadline = time.monotonic() + 5
    while (left := named(title)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert left == []


def test_the_kernel_dies_when_its_client_is_killed(tmp_path: Path) -> None:
    title = f"killed-{os.getpid()}"
    pid = os.fork()
    if pid == 0:
        try:
            ran(tmp_path, [BACKGROUND.format(title=title), "import time; time.sleep(60)"])
        finally:
            os._exit(1)
    deadline = time.monotonic() + 20
    while not named(title) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert named(title)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    deadline = time.monotonic() + 5
    while (left := named(title)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert left == []


def test_the_runtime_folder_is_cleaned_up(tmp_path: Path, zygote: Zygote) -> None:
    folder = zygote.path.parent
    cells = ["import os; os.makedirs('a/b'); open('a/b/c', 'w').close(); os.chmod('a', 0)", "os._exit(3)"]
    result: Ran = ran(tmp_path, cells)
    assert result.report.death == "exit"
    deadline = time.monotonic() + 5
    while (left := [p.name for p in folder.iterdir() if (p / "s").is_dir()]) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert left == []


needs_groups = pytest.mark.skipif(not cgroup.counts_memory(), reason="this user may not make control groups")


def groups(keeper: int) -> list[Path]:
    """Control groups of a keeper's kernel (others may be at work on this machine)."""
    return [folder for place in cgroup.places() for folder in Path(place.parent).glob(f"autograder-{keeper}-*")]


@needs_groups
@pytest.mark.parametrize(
    "hog",
    [
        "import os\nwhile True:\n    f = os.memfd_create('x')\n    for _ in range(15): os.write(f, bytes(2**22))",
        "import mmap\nkeep = []\nwhile True:\n    m = mmap.mmap(-1, 2**26)\n    m.write(bytes(2**26)); keep.append(m)",
    ],
)
def test_memory_that_only_a_group_sees_is_limited(tmp_path: Path, hog: str) -> None:
    """Memory files are no process's resident memory, and still memory."""
    limits = SMALL.model_copy(update={"cell_cpu": 20.0, "notebook_cpu": 40.0})
    result = ran(tmp_path, [hog, "print('on')"], limits)
    assert result.report.death == "memory"
    assert result.report.cells[0].limit == "memory"


@needs_groups
def test_a_full_disk_is_not_taken_for_memory(tmp_path: Path) -> None:
    """Files on the sandbox's disks are pages of its group; the group's limit has room for both."""
    fill = "for p in ('big', '/tmp/big'):\n    try:\n        with open(p, 'wb') as f:\n            while True: f.write(bytes(2**20))\n    except OSError: print('full')"
    limits = SMALL.model_copy(update={"disk": 300, "cell_cpu": 20.0, "notebook_cpu": 40.0})
    result = ran(tmp_path, [fill, "x = b'x' * (200 * 2**20); print(len(x))"], limits)
    assert result.text(0) == "full\nfull\n"
    assert result.text(1) == f"{200 * 2**20}\n"
    assert result.report.death is None


@needs_groups
def test_no_group_is_left_behind(tmp_path: Path, zygote: Zygote) -> None:
    """Not even by a keeper that was killed: the next one sweeps."""

    async def killed() -> int:
        answer = zygote.ping()
        assert answer is not None
        forker = psutil.Process(answer["pid"])
        others = forker.children()  # the keepers of tests before this one may still be putting things in order
        task = asyncio.create_task(ran_async(tmp_path, ["import time; time.sleep(60)"]))
        while not (keepers := [k for k in forker.children() if k not in others]) or not groups(keepers[0].pid):
            await asyncio.sleep(0.05)
        await asyncio.sleep(1)
        keepers[0].kill()
        await asyncio.gather(task, return_exceptions=True)
        return keepers[0].pid

    keeper = asyncio.run(asyncio.wait_for(killed(), 30))
    # (Another grader on this machine may have swept it by now; if nobody ever does, it is found below.)
    ran(tmp_path, ["print(1)"])
    deadline = time.monotonic() + 5
    while groups(keeper) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert groups(keeper) == []


def test_an_ending_is_heard_although_a_request_was_on_its_way() -> None:
    """A keeper that ends with a request unread resets the connection; how its kernel ended still counts."""
    ours, keepers = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    sandbox = Sandbox(ours)
    sandbox.interrupt()
    event = {
        "event": "exit",
        "code": None,
        "signal": 9,
        "limit": "cpu",
        "cpu": 12.0,
        "peak_memory": 1,
        "foreign": False,
    }
    keepers.send(json.dumps(event).encode())
    keepers.close()
    ending = sandbox.poll()
    assert ending is not None
    assert (ending.limit, ending.signal) == ("cpu", 9)
