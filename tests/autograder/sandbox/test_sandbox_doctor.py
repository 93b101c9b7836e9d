# ruff: noqa: E501  (lines of student code, and tables of cases: a case a row)
"""Grading refuses to start where student code cannot be isolated, unless it is told to; then it says so."""

import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
from courses import TinyCourse
from runs import ran

from autograder import grade as grades
from autograder.data.key import holdout_key
from autograder.data.store import default_root
from autograder.errors import GraderError, UsageError
from autograder.grade import Options
from autograder.sandbox import cgroup, doctor, isolate, linux, seccomp
from autograder.sandbox.client import Zygote, runtime_dir
from gradebook.records import Records

pytestmark = pytest.mark.sandbox

MISSING = doctor.Layer("network namespace", True, "Operation not permitted", "no network")
#: What must be there even where grading is allowed without namespaces.
HELD = tuple(doctor.Layer(name, True, None, "") for name in ("landlock", "seccomp", "no_new_privs", "rlimits"))


def test_this_host_offers_every_required_layer() -> None:
    assert [layer.name for layer in doctor.layers() if layer.required and not layer.available] == []
    assert doctor.require(allow_weak=False) == ()


def test_a_layer_is_tried_in_a_process_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: int) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(linux, "unshare", refuse)
    before = os.getpid()
    problems = {layer.name: layer.problem for layer in doctor.layers()}
    assert os.getpid() == before
    assert problems["network namespace"] == "Operation not permitted"
    assert problems["rlimits"] is None


def test_grading_refuses_and_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "layers", lambda: (MISSING, *HELD))
    course = TinyCourse(tmp_path / "c")
    course.submit("ana")
    with Records(f"sqlite:///{course.root}/gradebook.db") as records:
        with pytest.raises(
            UsageError, match=r"network namespace \(Operation not permitted\).*--allow-weak-sandbox"
        ):
            grades.grade(course.root, "lista", records, Options())
        assert records.students() == ()


@pytest.mark.parametrize("gone", range(len(HELD)))
def test_without_namespaces_every_other_layer_must_hold(monkeypatch: pytest.MonkeyPatch, gone: int) -> None:
    """The override is for a pod, where Landlock and seccomp do the work; not for a host that has nothing."""
    broken = tuple(doctor.Layer(x.name, True, "not there" if n == gone else None, "") for n, x in enumerate(HELD))
    assert doctor.protection((MISSING, *HELD)) == "restricted"
    assert doctor.protection((MISSING, *broken)) == "none"
    monkeypatch.setattr(doctor, "layers", lambda: (MISSING, *broken))
    with pytest.raises(UsageError, match="not even weakly"):
        doctor.require(allow_weak=True)
    monkeypatch.setattr(doctor, "layers", lambda: (MISSING, *HELD))
    assert doctor.require(allow_weak=True) == ("network namespace",)


@pytest.mark.parametrize(
    ("crashes", "problem"), [(1, None), (2, f"ended by signal {signal.SIGKILL.value}")], ids=["once", "always"]
)
def test_a_crash_tells_nothing_about_a_layer(
    crashes: int, problem: str | None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """So it is tried again, and named when it comes back."""

    def crash() -> None:
        tries = tmp_path / "tries"
        with tries.open("a") as file:
            file.write("x")
        if tries.stat().st_size <= crashes:
            os.kill(os.getpid(), signal.SIGKILL)

    monkeypatch.setattr(doctor, "_rlimits", crash)
    assert {layer.name: layer.problem for layer in doctor.layers()}["rlimits"] == problem


def test_what_fails_in_any_way_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("nobody foresaw this")

    monkeypatch.setattr(seccomp, "apply", fail)
    assert "nobody foresaw" in str({layer.name: layer.problem for layer in doctor.layers()}["seccomp"])


def test_a_missing_seccomp_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seccomp, "problem", lambda: seccomp.MISSING_LIBRARY)
    (layer,) = [layer for layer in doctor.layers() if layer.name == "seccomp"]
    assert "apt-get install libseccomp2" in str(layer.problem)
    assert layer.required


def test_what_the_keeper_counts_itself_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cgroup, "places", lambda: (cgroup.Place("memory", 2, "/nowhere"),))
    notes = {layer.name: layer.problem or layer.note for layer in doctor.layers()}
    assert notes["cgroup memory"].startswith("v2: ")
    assert notes["cgroup pids"].startswith("not writable: the keeper counts")
    assert notes["cgroup cpu"].startswith("v2: ")  # every group of version 2 counts CPU time


def test_a_runtime_folder_of_others_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    runtime_dir().chmod(0o755)
    with pytest.raises(GraderError, match="not a private folder"):
        runtime_dir()


def test_a_zygote_that_cannot_start_shows_its_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setattr(sys, "executable", shutil.which("false"))
    with pytest.raises(GraderError, match="did not start"):
        Zygote.connect()


SCRIPT = """
import json, os, sys
sys.path[:0] = {paths!r}
from pathlib import Path
from autograder.sandbox.client import Zygote, runtime_dir
work, cells = Path({work!r}), {cells!r}
try:
    {body}
finally:
    for place in runtime_dir().glob("[jz]-*"):
        if place.is_socket():
            Zygote(place).stop()
"""
NORMAL = """
    from autograder.sandbox import doctor
    from runs import ran
    missing = doctor.require(allow_weak=False)
    result = ran(work, cells)
    print(json.dumps([os.geteuid(), missing, result.statuses, [result.text(n) for n in range(len(cells))]]))
"""
WEAK = """
    from runs import SMALL, ran
    result = ran(work, cells, SMALL.model_copy(update=dict(cell_cpu=1.0)), weak=True)
    print(json.dumps([result.statuses, [result.text(n) for n in range(len(cells))]]))
"""
OVERRIDE = """
    from autograder import grade as grades
    from autograder.sandbox import doctor
    from courses import TinyCourse
    from gradebook.records import Records
    missing = doctor.Layer("network namespace", True, "Operation not permitted", "no network")
    found = tuple(missing if layer.name == missing.name else layer for layer in doctor.layers())
    doctor.layers = lambda: found
    course = TinyCourse(work / "course")
    course.submit("ana")
    with Records(f"sqlite:///{course.root}/gradebook.db") as records:
        result = grades.grade(course.root, "lista", records, grades.Options(allow_weak_sandbox=True))
        (row,) = records.reports("lista")
        print(json.dumps([result.rows()[0]["score"], row.weakened, row.report.to_json()["sandbox"]]))
"""
CELLS = [
    "import os; print(os.getuid(), os.getpid(), os.listdir(), sorted(os.listdir('/home')))",
    "import socket; print(socket.if_nameindex()[0][1], len(socket.if_nameindex()), socket.gethostname())",
    "open('/usr/x', 'w')",
    "print([l.split()[1] for l in open('/proc/self/status') if l.startswith(('CapEff', 'CapBnd', 'NoNewPrivs'))])",
    "import ctypes; pid = os.fork()\nif pid == 0: os._exit(0 if ctypes.CDLL(None).unshare(0x10000000) else 1)\n"
    "print(os.waitpid(pid, 0)[1])",
    "print(os.path.exists('/root/.ssh'), os.path.exists({secret!r}), [p for p in os.listdir('/proc') if p.isdigit()])",
    "import numpy as np; print(np.ones(3).sum())",
]


def let_in(uid: int, folders: list[str]) -> None:
    """In a mount namespace of its own: make ``folders`` reachable for everybody, then become ``uid``.

    A Python installation below root's home is closed to others, and so would be this test.
    """
    linux.unshare(linux.CLONE_NEWNS)
    linux.mount("none", "/", flags=linux.MS_REC | linux.MS_PRIVATE)
    closed = {
        str(parent) for folder in folders for parent in Path(folder).parents if not parent.stat().st_mode & 0o001
    }
    for top in sorted(closed):
        inside = [f for f in folders if f.startswith(top + "/")]
        held = {f: os.open(f, os.O_PATH | os.O_DIRECTORY) for f in inside}
        linux.mount("tmpfs", top, "tmpfs", 0, "mode=0755")
        for folder, descriptor in held.items():
            os.makedirs(folder, exist_ok=True)
            linux.mount(f"/proc/self/fd/{descriptor}", folder, flags=linux.MS_BIND | linux.MS_REC)
            os.close(descriptor)
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)


def in_reach(body: str, cells: list[str], *, user: str | None) -> Any:
    """Run ``body`` in a new Python that any user can reach, as ``user`` (root only) or as who we are."""
    privileged = isolate.is_privileged()
    uid = pwd.getpwnam(user).pw_uid if user and privileged else os.geteuid()
    here = Path(__file__).resolve().parent
    root = here.parents[2]
    folders = [*isolate.python_roots(), str(root), str(default_root())]
    with tempfile.TemporaryDirectory(prefix="ag-", dir="/tmp") as base:
        work = Path(base) / "work"
        work.mkdir()
        (work / "data.csv").touch()
        (Path(base) / "secret").touch()
        holdout_key(root)
        key = Path(shutil.copy(root / ".holdout-key", base))
        key.chmod(0o600)
        for path in (Path(base), work, key):
            os.chown(path, uid, -1)
        cells = [cell.replace("{secret!r}", repr(f"{base}/secret")) for cell in cells]
        script = SCRIPT.format(
            paths=[str(here), str(here.parent), str(root)], cells=cells, work=str(work), body=body.strip()
        )
        done = subprocess.run(
            [sys.executable, "-c", script],
            preexec_fn=(lambda: let_in(uid, folders)) if privileged else None,
            env={
                "PATH": "/usr/bin:/bin", "XDG_RUNTIME_DIR": base, "HOME": base,
                "AUTOGRADER_CACHE": str(default_root()), "AUTOGRADER_TEST_SECRET": "canary",
            },
            cwd="/", capture_output=True, text=True, timeout=200, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-3000:]
        return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.slow
def test_an_ordinary_user_gets_the_same_sandbox() -> None:
    """User namespaces instead of root's rights: the whole way, with a zygote of that user."""
    uid, missing, statuses, texts = in_reach(NORMAL, CELLS, user="nobody")
    assert uid != 0
    assert missing == []
    assert statuses == ["ok", "ok", "error", "ok", "ok", "ok", "ok"]
    assert texts[0] == f"{uid} 1 ['data.csv'] ['student']\n"
    assert texts[1] == "lo 1 sandbox\n"
    assert texts[2].startswith(("OSError", "PermissionError"))
    assert texts[3] == f"['{'0' * 16}', '{'0' * 16}', '1']\n"
    assert texts[4] == "0\n"
    assert texts[5] == "False False ['1']\n"
    assert texts[6] == "3.0\n"


@pytest.mark.slow
@pytest.mark.parametrize("user", [None, "nobody"])
def test_without_namespaces_a_notebook_runs_with_its_limits(user: str | None) -> None:
    """As root it runs as a user of its own all the same."""
    cells = [
        "import os; print(os.listdir(), os.environ['HOME'] == os.path.dirname(os.getcwd()), os.geteuid() == 0)",
        "while True: pass",
        "print('AUTOGRADER_TEST_SECRET' in os.environ)",
    ]
    statuses, texts = in_reach(WEAK, cells, user=user)
    assert statuses == ["ok", "limit", "ok"]
    assert texts[0] == "['data.csv'] True False\n"
    assert texts[2] == "False\n"


JUDGED = """
    import courses
    from autograder.grade import Options, grade
    from autograder.regrade import regrade
    from gradebook.records import Records
    courses.ROOT = work.parent
    course = courses.TinyCourse(work / "course")
    course.submit("ana")
    with Records(f"sqlite:///{course.root}/gradebook.db") as records:
        result = grade(course.root, "lista", records, Options())
        again = regrade(course.root, "lista", records, Options())
        (row,) = records.reports("lista")
        print(json.dumps([os.geteuid(), result.rows()[0]["score"], row.weakened, again.judged, again.kept]))
"""


@pytest.mark.slow
def test_an_ordinary_user_has_a_judge() -> None:
    """Evidence, judging and judging again without root's rights, in sandboxes just as full."""
    uid, score, weakened, judged, kept = in_reach(JUDGED, [], user="nobody")
    assert uid != 0
    assert (score, weakened) == (5, False)
    assert (judged, kept) == (0, 1)


@pytest.mark.slow
def test_the_override_works_and_is_recorded() -> None:
    score, weakened, sandbox = in_reach(OVERRIDE, [], user=None)
    assert score == 5
    assert weakened
    assert sandbox["weakened"] == ["network namespace"]


def test_without_namespaces_an_unreachable_python_is_our_failure(zygote: Zygote, tmp_path: Path) -> None:
    """Root's own Python, say: a clear message instead of a kernel that dies."""
    closed = any(
        not parent.stat().st_mode & 0o001 for root in isolate.python_roots() for parent in Path(root).parents
    )
    if closed and isolate.is_privileged():
        with pytest.raises(GraderError, match="cannot read the Python installation"):
            ran(tmp_path, ["print(1)"], weak=True)
    else:
        assert ran(tmp_path, ["print(1)"], weak=True).text(0) == "1\n"


def test_a_sandbox_that_cannot_be_set_up_has_run_nothing(zygote: Zygote, tmp_path: Path) -> None:
    """The grader's failure, not the student's."""
    with pytest.raises(GraderError, match="could not be set up"):
        ran(tmp_path / "no-such-folder", ["print(1)"])
