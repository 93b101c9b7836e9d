# ruff: noqa: E501  (lines of student code, and tables of cases: a case a row)
"""What student code sees: a system it cannot change, a home of its own, and nobody else."""

import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from runs import Ran, ran

from autograder import data
from autograder.data.store import default_root
from autograder.sandbox.client import Zygote

ROOT = Path(__file__).resolve().parents[3]

pytestmark = pytest.mark.sandbox

PROBE = """
def attempt(action):
    try:
        return repr(action())
    except BaseException as error:
        return type(error).__name__


def errno_of(*call):
    import ctypes, errno
    libc = ctypes.CDLL(None, use_errno=True)
    result = libc.syscall(*(ctypes.c_ulong(x) if isinstance(x, int) else x for x in call))
    return errno.errorcode[ctypes.get_errno()] if ctypes.c_int(result).value < 0 else "it worked"


def errno_of_unshare(flags):
    import ctypes, errno, os
    libc = ctypes.CDLL(None, use_errno=True)
    pid = os.fork()  # a process with threads may not unshare in any case
    if pid == 0:
        os._exit(ctypes.get_errno() if libc.unshare(flags) else 0)
    return errno.errorcode.get(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), "it worked")
"""

#: What each cell tries, and what it must print.
ATTEMPTS = {
    # no network
    "connect to the host": (
        "import socket; attempt(lambda: socket.create_connection(('127.0.0.1', {port}), timeout=2))",
        "OSError ConnectionRefusedError",
    ),
    "connect to the internet": (
        "import socket; attempt(lambda: socket.create_connection(('1.1.1.1', 53), timeout=2))",
        "OSError",
    ),
    "resolve a name": ("import socket; attempt(lambda: socket.gethostbyname('pypi.org'))", "gaierror"),
    "see a network interface": ("import socket; sorted(n for _, n in socket.if_nameindex())", "['lo']"),
    "reach the host's abstract sockets": (
        "import socket; s = socket.socket(socket.AF_UNIX); attempt(lambda: s.connect('\\0autograder-test-{port}'))",
        "ConnectionRefusedError",
    ),
    # the system is read-only, the host's secrets are not there
    "write to /usr": ("attempt(lambda: open('/usr/planted', 'w'))", "OSError PermissionError"),
    "write to /": ("attempt(lambda: open('/planted', 'w'))", "OSError PermissionError"),
    "write to /etc": ("attempt(lambda: open('/etc/passwd', 'a'))", "OSError PermissionError"),
    "write to Python": ("import os; attempt(lambda: open(os.__file__, 'a'))", "OSError PermissionError"),
    "write to site-packages": (
        "import numpy; attempt(lambda: open(numpy.__file__, 'a'))",
        "OSError PermissionError",
    ),
    "remount": (
        "import ctypes; ctypes.CDLL(None).mount(b'none', b'/', None, ctypes.c_ulong(32 | 4096), None)",
        "-1",
    ),
    "find a writable mount that is not its own": (
        "sorted(l.split()[4] for l in open('/proc/self/mountinfo') if l.split()[5].startswith('rw')"
        " and not l.split()[4].startswith(('/proc', '/dev/')))",
        "['/home/student', '/run/answers', '/tmp']",
    ),
    "inherit a variable": (
        "import os; sorted(n for n in os.environ if not n.startswith(('PIP_', 'MPL', 'KERAS', 'SCIKIT', 'TF_NUM', 'NVIDIA_TF32', 'CLICOLOR')))"
        " == {names}",
        "True",
    ),
    "read the host's users": (
        "import os; open('/etc/passwd').read().count('\\n'), os.path.exists('/etc/shadow')",
        "(2, False)",
    ),
    "find the course": ("import os; [p for p in {secrets} if os.path.lexists(p)]", "[]"),
    "read what was planted": ("attempt(lambda: open('{planted}').read())", "FileNotFoundError"),
    "look for the canary in memory and environment": (
        "import os; [n for n in os.environ if 'SECRET' in n.upper()], b'canary' in open('/proc/self/environ', 'rb').read()",
        "([], False)",
    ),
    "see the inbox": ("import os; os.listdir('/run/autograder')", "[]"),
    "write to the inbox": ("attempt(lambda: open('/run/autograder/x', 'w'))", "OSError PermissionError"),
    # processes
    "see processes of the host": (
        "import os; sorted(int(p) for p in os.listdir('/proc') if p.isdigit()) == [1]",
        "True",
    ),
    "be anybody": (
        "import os; os.getpid(), os.getuid() == 0, os.geteuid() == 0, os.getgid() == 0",
        "(1, False, False, False)",
    ),
    "become root": ("import os; attempt(lambda: os.setuid(0))", "PermissionError OSError"),
    "hold a capability": (
        "[l.split()[1] for l in open('/proc/self/status') if l.startswith('Cap')] == ['0' * 16] * 5",
        "True",
    ),
    "gain by setuid programs": (
        "[l.split()[1] for l in open('/proc/self/status') if l.startswith('NoNewPrivs')]",
        "['1']",
    ),
    "make a user namespace": (
        "errno_of_unshare(0x10000000), open('/proc/sys/user/max_user_namespaces').read()",
        "('EPERM', '0\\n')",
    ),
    "make a mount namespace": ("errno_of_unshare(0x20000)", "'EPERM'"),
    "chroot": ("import os; attempt(lambda: os.chroot('/tmp'))", "PermissionError"),
    "know the host's name": ("import socket; socket.gethostname()", "'sandbox'"),
    "make a device": ("import os; attempt(lambda: os.mknod('d', 0o60600, os.makedev(8, 0)))", "PermissionError"),
    "raise a limit": (
        "import resource as r; attempt(lambda: r.setrlimit(r.RLIMIT_NPROC, (r.RLIM_INFINITY,) * 2))",
        "ValueError PermissionError",
    ),
    "see the names of control groups on the host": (
        "[l for l in open('/proc/self/cgroup') if l.split(':', 2)[2].strip().count('/') > 1]",
        "[]",
    ),
    "execute setuid programs from a mount": (
        # Devices, a mount each, are no programs.
        "[l.split()[4] for l in open('/proc/self/mountinfo') if 'nosuid' not in l.split()[5] and l.split()[4] not in"
        " ('/dev/null', '/dev/zero', '/dev/full', '/dev/random', '/dev/urandom')]",
        "[]",
    ),
    # system calls, on x86_64 by number
    "ptrace": ("errno_of(101, 16, 1, 0, 0)", "'EPERM'"),
    "read another process's memory": ("errno_of(310, 1, 0, 0, 0, 0, 0)", "'EPERM'"),
    "take another process's descriptor": ("errno_of(438, 0, 0, 0)", "'EPERM'"),
    "use the new mount interface": (
        "[errno_of(n, 0, 0, 0) for n in (428, 429, 430, 432, 442)] == ['EPERM'] * 5",
        "True",
    ),
    "use what libseccomp has not heard of": ("errno_of(467, 0, 0, 0)", "'ENOSYS'"),
    "clone3": ("errno_of(435, 0, 0)", "'ENOSYS'"),
    "clone a user namespace": ("errno_of(56, 0x10000011, 0, 0, 0, 0)", "'ENOSYS'"),
    "io_uring": ("errno_of(425, 1, 0)", "'ENOSYS'"),
    "bpf": ("errno_of(321, 0, 0, 0)", "'EPERM'"),
    "perf": ("errno_of(298, 0, 0, 0, 0, 0)", "'EPERM'"),
    "userfaultfd": ("errno_of(323, 0)", "'EPERM'"),
    "keyrings": ("[errno_of(n, 0, 0, 0, 0, 0) for n in (248, 249, 250)]", "['EPERM', 'EPERM', 'EPERM']"),
    "open by handle": ("errno_of(304, 0, 0, 0)", "'EPERM'"),
    "change the clock": ("errno_of(227, 0, 0)", "'EPERM'"),
    "read the kernel's log": ("errno_of(103, 3, 0, 0)", "'EPERM'"),
    "another personality": ("errno_of(135, 0x40000), errno_of(135, 0xFFFFFFFF)", "('ENOSYS', 'it worked')"),
    "limit another process": ("errno_of(302, 1, 7, 0, 0), errno_of(302, 0, 7, 0, 0)", "('ENOSYS', 'it worked')"),
    "type on a terminal": (
        "[errno_of(16, 0, n, 0) for n in (0x5412, 0x541C, 0x5412 | 1 << 32)]",
        "['EPERM', 'EPERM', 'EPERM']",
    ),
    "sockets of other kinds": (
        "import socket; [attempt(lambda: socket.socket(*k)) for k in ((17, 3), (40, 1), (38, 5), (2, 3, 1), (2, 1, 262), (16, 3, 9))]"
        " == ['OSError'] * 6",
        "True",
    ),
    "call as i386 or x32": (
        "import ctypes, os\npid = os.fork()\nif pid == 0: ctypes.CDLL(None).syscall(0x40000000 + 39); os._exit(0)\n"
        "os.waitpid(pid, 0)[1] & 0x7F",
        "31",
    ),
    # Landlock, where the mounts would allow it
    "write below proc": ("attempt(lambda: open('/proc/self/comm', 'w'))", "PermissionError"),
    "control a device": (
        "import fcntl; attempt(lambda: fcntl.ioctl(open('/dev/urandom'), 0x5201, b'0000'))",
        "PermissionError",
    ),
    "dump core": ("import resource as r; r.getrlimit(r.RLIMIT_CORE)", "(0, 0)"),
    # what it may do
    "find an empty home": (
        "import os; sorted(os.listdir('/home/student'))",
        "['.ipython', '.keras', '.kernel.json', 'work']",
    ),
    "start in a copy of the submission": (
        "import os; os.getcwd(), sorted(os.listdir())",
        "('/home/student/work', ['data.csv'])",
    ),
    "write at home and in tmp": (
        "[open(p, 'w').write('canary-file') for p in ('x', '/tmp/x', '/dev/shm/x', '/home/student/x')]",
        "[11, 11, 11, 11]",
    ),
    "start programs": (
        "import subprocess; subprocess.run(['sh', '-c', 'echo hello'], capture_output=True).stdout",
        "b'hello\\n'",
    ),
    "talk to itself over loopback": (
        "import socket; s = socket.create_server(('127.0.0.1', 0)); c = socket.create_connection(s.getsockname()); c.send(b'x')",
        "1",
    ),
    "move files between its folders": (
        "import os; open('m', 'w').close(); os.rename('m', '/home/student/m'); os.path.exists('/home/student/m')",
        "True",
    ),
    "use processes, locks and shared memory": (
        "import multiprocessing as mp; from multiprocessing.shared_memory import SharedMemory as S\n"
        "s = S(create=True, size=9); s.unlink(); p = mp.get_context('fork').Pool(2); r = p.map(abs, [-1, -2]); p.terminate(); r",
        "[1, 2]",
    ),
    "use threads, pipes and signals": (
        "import threading, signal, os; t = threading.Thread(target=print); t.start(); t.join(); os.kill(os.getpid(), 0); len(os.pipe())",
        "2",
    ),
    "run another Python": (
        "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import numpy; print(1)'], capture_output=True).stdout",
        "b'1\\n'",
    ),
}


#: The whole environment of a kernel, but for settings of libraries; some are IPython's.
NAMES = [
    "CUDA_VISIBLE_DEVICES", "FORCE_COLOR", "GIT_PAGER", "HOME", "LANG", "LOGNAME", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "PAGER", "PATH",
    "PYTHONDONTWRITEBYTECODE", "SHELL", "TERM", "TMPDIR", "USER",
]  # fmt: skip


@pytest.fixture(scope="module")
def host_port() -> Iterator[int]:
    """A server on the host that student code must not reach, over TCP and over an abstract socket."""
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket(socket.AF_UNIX) as abstract:
        port = server.getsockname()[1]
        abstract.bind(f"\0autograder-test-{port}")
        abstract.listen()
        yield port


@pytest.fixture(scope="module")
def kernel(zygote: Zygote, host_port: int, tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """One kernel in which every attempt is made."""
    folder = tmp_path_factory.mktemp("host")
    (folder / "planted").write_text("canary-file-of-the-host")
    work = folder / "work"
    work.mkdir()
    (work / "data.csv").write_text("1,2\n")
    secrets = [
        *(str(ROOT / name) for name in ("assignments", "gradebook.db", "release", ".holdout-key", "autograder", "tests")),
        str(default_root() / "official"), os.path.expanduser("~/.cache"), os.path.expanduser("~/.ssh"), str(folder), str(zygote.path.parent),
        "/var", "/mnt", "/srv", "/sys", "/boot", "/dev/kmsg", "/dev/fuse", "/dev/net", "/run/secrets",
    ]  # fmt: skip
    names = {"names": NAMES, "port": host_port, "secrets": secrets, "planted": str(folder / "planted")}
    cells = [PROBE]
    for source, _ in ATTEMPTS.values():
        for name, value in names.items():
            source = source.replace("{" + name + "}", str(value))
        cells.append(source)
    return ran(work, cells)


@pytest.mark.parametrize("name", ATTEMPTS)
def test_student_code_may_and_may_not(kernel: Ran, name: str) -> None:
    position = list(ATTEMPTS).index(name) + 1
    shown = kernel.text(position).strip()
    wanted = ATTEMPTS[name][1]
    errors = [f"'{error}'" for error in wanted.split()]
    assert shown == wanted or (shown in errors and wanted.replace(" ", "").isalpha()), name


def test_the_host_can_do_what_the_sandbox_could_not(host_port: int) -> None:
    """The attempts above fail for the sandbox and not for a mistake in the attempt."""
    socket.create_connection(("127.0.0.1", host_port), timeout=2).close()
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(f"\0autograder-test-{host_port}")


def test_the_canary_was_in_the_environment_of_the_caller() -> None:
    assert os.environ["AUTOGRADER_TEST_SECRET"].startswith("canary")


def test_no_file_descriptor_is_inherited(tmp_path: Path, zygote: Zygote) -> None:
    """Neither the zygote's listener nor the keeper's connection nor a file of the host."""
    with (tmp_path / "open").open("w"):
        result = ran(
            tmp_path,
            [
                "import os\nfor n in sorted(map(int, os.listdir('/proc/self/fd'))):\n"
                "    try: print(n, os.readlink(f'/proc/self/fd/{n}'))\n    except OSError: pass"
            ],
        )
    targets = [line.split(maxsplit=1)[1] for line in result.text(0).splitlines()]
    foreign = [
        t for t in targets
        if not t.startswith(("/dev/null", "socket:", "pipe:", "anon_inode:", "/dev/urandom", "/proc/"))
    ]  # fmt: skip
    assert foreign == []
    probe = (
        "import os, socket, stat\nfound = []\nfor n in map(int, os.listdir('/proc/self/fd')):\n"
        "    try:\n        if stat.S_ISSOCK(os.fstat(n).st_mode):\n"
        "            s = socket.socket(fileno=os.dup(n))\n"
        "            if s.type == socket.SOCK_SEQPACKET: found.append(n)\n            s.close()\n"
        "    except OSError: pass\nprint(found)"
    )
    assert ran(tmp_path, [probe]).text(0) == "[]\n"


def test_nothing_that_was_written_is_on_the_host(kernel: Ran, tmp_path: Path) -> None:
    hits = [
        path
        for folder in (Path("/tmp"), Path("/dev/shm"), Path("/home"))
        for path in folder.glob("x")
        if path.is_file() and path.read_text(errors="replace") == "canary-file"
    ]
    assert hits == []


def test_links_and_devices_in_the_submission_are_not_copied(tmp_path: Path, zygote: Zygote) -> None:
    (tmp_path / "good.txt").write_text("1")
    (tmp_path / "link").symlink_to("/etc/shadow")
    (tmp_path / "dir").symlink_to("/root")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "bad\nname").write_text("x")
    result = ran(tmp_path, ["import os; print(sorted(os.listdir()))"])
    assert result.text(0) == "['good.txt']\n"


def test_kernels_that_run_together_do_not_see_each_other(tmp_path: Path, zygote: Zygote) -> None:
    folders = [tmp_path / "a", tmp_path / "b"]
    cells = [
        "import os, time; name = os.listdir()[0]; open('/tmp/' + name, 'w').close(); open('/dev/shm/' + name, 'w').close()",
        "time.sleep(2)",
        # A Python installation below /tmp is bound there too.
        "print([n for n in os.listdir('/tmp') if n.startswith('of-')], sorted(os.listdir('/dev/shm')), os.listdir(),"
        " len([p for p in os.listdir('/proc') if p.isdigit()]))",
    ]
    results: dict[str, str] = {}

    def run(folder: Path) -> None:
        folder.mkdir()
        (folder / f"of-{folder.name}").touch()
        results[folder.name] = ran(folder, cells).text(2)

    threads = [threading.Thread(target=run, args=(folder,)) for folder in folders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == {n: f"['of-{n}'] ['of-{n}'] ['of-{n}'] 1\n" for n in "ab"}


def test_two_kernels_draw_different_random_numbers(tmp_path: Path, zygote: Zygote) -> None:
    """A fork copies the state of the generators."""
    cells = ["import random, numpy as np; print(random.random(), np.random.random())"]
    first, second = ran(tmp_path, cells).text(0).split(), ran(tmp_path, cells).text(0).split()
    assert len(first) == 2
    assert not set(first) & set(second)


def test_figures_are_there_as_pictures(tmp_path: Path, zygote: Zygote) -> None:
    result = ran(tmp_path, ["import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()"])
    kinds = [set(output.data) for output in result.notebook.cells[0].outputs if "data" in output]
    assert any("image/png" in kind for kind in kinds)


@pytest.mark.tensorflow
def test_the_course_data_sets_load_without_a_network(tmp_path: Path, zygote: Zygote) -> None:
    cells = [
        "import keras\n(a, b), (c, d) = keras.datasets.fashion_mnist.load_data()\nprint(a.shape, d.shape, a.dtype)",
        "from sklearn.datasets import fetch_california_housing\nprint(fetch_california_housing().data.shape)",
        "import keras, numpy as np\nm = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])\n"
        "m.compile(loss='mse', optimizer='sgd')\nm.fit(np.ones((8, 2)), np.ones(8), verbose=0)\nm.save('m.keras')\n"
        "print(keras.models.load_model('m.keras').count_params())",
    ]
    result = ran(tmp_path, cells, datasets=str(data.public_view(ROOT)))
    assert result.text(0).splitlines()[-1] == "(60000, 28, 28) (10000,) uint8"
    assert result.text(1).splitlines()[-1] == "(20640, 8)"
    assert result.text(2).splitlines()[-1] == "3"


@pytest.mark.tensorflow
def test_a_gpu_computes_in_full_float32(tmp_path: Path, zygote: Zygote) -> None:
    """Else products of float32 are rounded to 10 bits there, and a right answer differs from the judge's."""
    cells = [
        "import os, tensorflow as tf\n"
        "print(os.environ['NVIDIA_TF32_OVERRIDE'], tf.config.experimental.tensor_float_32_execution_enabled())"
    ]
    assert ran(tmp_path, cells).text(0).splitlines()[-1] == "0 False"
