# ruff: noqa: E501  (lines of student code)
"""Where user namespaces are forbidden, as in many a Kubernetes pod, Landlock and seccomp hold alone."""

import pytest
from test_sandbox_doctor import in_reach

from autograder.sandbox import landlock

pytestmark = [
    pytest.mark.sandbox,
    pytest.mark.slow,
    pytest.mark.skipif(landlock.abi() < 4, reason="this Linux's Landlock is too old to hold alone"),
]

#: A container runtime's default profile, in short; what runs afterwards inherits it.
POD = """
    import pyseccomp as ps
    pod = ps.SyscallFilter(ps.ALLOW)
    for name in ("unshare", "setns", "mount", "umount2", "pivot_root", "mount_setattr"):
        pod.add_rule(ps.ERRNO(1), name)
    pod.add_rule(ps.ERRNO(38), "clone3")
    pod.load()
    from autograder.errors import UsageError
    from autograder.sandbox import doctor
    from runs import ran
    try:
        doctor.require(allow_weak=False)
        refused = False
    except UsageError:
        refused = True
    found = doctor.layers()
    missing = doctor.require(allow_weak=True)
    result = ran(work, cells, weak=True)
    (work / "after").write_text("")
    print(json.dumps([refused, doctor.protection(found), missing, doctor.weaknesses(found), result.statuses,
                      [result.text(n) for n in range(len(cells))]]))
"""
#: ``attempt`` says what came of something; the secret is a readable file of the same user, beside the zygote's socket.
CELLS = [
    "import ctypes, glob, os, signal, socket, subprocess, sys\nimport numpy as np\nsecret = {secret!r}\n"
    "def attempt(action):\n    try: return repr(action())\n    except BaseException as error: return type(error).__name__\n"
    "print(np.ones(3).sum(), os.geteuid() != 0)",
    "print(attempt(lambda: open(secret).read()), attempt(lambda: open(secret, 'w')), attempt(lambda: os.listdir(os.path.dirname(secret))),"
    " attempt(lambda: open('/etc/passwd').read()), attempt(lambda: os.truncate(secret, 0)), attempt(lambda: os.unlink(secret)),"
    " attempt(lambda: open('/tmp/planted', 'w')), attempt(lambda: os.listdir('/dev/shm')), attempt(lambda: os.listdir('/proc')))",
    "os.chmod(secret, 0o777); print(attempt(lambda: oct(os.stat(secret).st_mode)[-3:]))",
    "print(attempt(lambda: socket.create_connection(('127.0.0.1', 9), 2)), attempt(lambda: socket.socket(2, 2)),"
    " attempt(lambda: socket.socket(1, 2)), attempt(lambda: socket.socket(1, 1).connect('/run/x')), attempt(lambda: socket.socket(16, 3)))",
    "libc = ctypes.CDLL(None, use_errno=True)\nprint(libc.ptrace(16, os.getppid(), 0, 0), ctypes.get_errno())\n"
    "print(*(attempt(lambda: open(f'/proc/{os.getppid()}/{name}', 'rb').read()) for name in ('environ', 'cmdline', 'mem', 'maps', 'status')))\n"
    "print(attempt(lambda: os.kill(os.getppid(), signal.SIGKILL)), attempt(lambda: os.kill(os.getppid(), 0)))",
    "import shutil, tempfile\nopen('a', 'w').write('x'); shutil.copy('a', 'b'); print(open('b').read(), tempfile.gettempdir().endswith('home/tmp'),"
    " subprocess.run(['sh', '-c', 'echo hello'], capture_output=True).stdout, bool(open('/proc/self/status').read()))\n"
    "import multiprocessing as mp\nwith mp.get_context('fork').Pool(2) as pool: print(pool.map(abs, [-1, -2]))",
    "p = subprocess.Popen(['sleep', '600'], start_new_session=True); print(p.pid)",
]


@pytest.mark.parametrize("user", [None, "nobody"])
def test_a_notebook_runs_and_reaches_nothing(user: str | None) -> None:
    refused, protection, missing, weaknesses, statuses, texts = in_reach(POD, CELLS, user=user)
    assert refused
    assert protection == "restricted"
    assert {"user namespace", "network namespace"} <= set(missing)
    assert any("sees the host's name" in text for text in weaknesses)
    assert statuses == ["ok"] * len(CELLS), texts
    assert texts[0] == "3.0 True\n"
    assert texts[1].split() == ["PermissionError"] * 9
    # Metadata is what neither layer guards: an ordinary user's own files can be looked at, and not changed.
    assert texts[2] in ("'644'\n", "PermissionError\n")
    assert texts[3].split() == ["PermissionError"] * 5
    ptrace, files, signals = texts[4].splitlines()
    assert ptrace == "-1 1"
    assert files.split() == ["PermissionError"] * 5
    assert signals.split() == ["PermissionError"] * 2
    assert texts[5] == "x True b'hello\\n' True\n[1, 2]\n"
    with pytest.raises(ProcessLookupError):  # its keeper ended what it left in the background
        __import__("os").kill(int(texts[6]), 0)
