"""Find out which isolation layers this host offers, by trying each in a process of its own."""

import ctypes
import os
import resource
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from autograder.errors import UsageError
from autograder.sandbox import isolate, linux

__all__ = ["Layer", "layers", "require"]


@dataclass(frozen=True)
class Layer:
    """One isolation layer.

    Args:
        name: What it is.
        required: Grading refuses to start without it.
        problem: Why it is not there; ``None`` when it is.
        note: What it is for, or how to get it.
    """

    name: str
    required: bool
    problem: str | None
    note: str

    @property
    def available(self) -> bool:
        """Whether the host offers it."""
        return self.problem is None


_USERNS_HINT = (
    "Allow user namespaces (sysctl user.max_user_namespaces, kernel.apparmor_restrict_unprivileged_userns=0), "
    "or run as root with CAP_SYS_ADMIN."
)


def layers() -> tuple[Layer, ...]:
    """Try every layer, each in a forked process, as the keeper would."""
    namespaces = (
        ("mount namespace", linux.CLONE_NEWNS, "a root of its own, read-only; home and /tmp of its own"),
        ("pid namespace", linux.CLONE_NEWPID, "sees and outlives nobody; dies as a whole"),
        ("network namespace", linux.CLONE_NEWNET, "no network"),
        ("ipc namespace", linux.CLONE_NEWIPC, "no shared memory with others"),
        ("uts namespace", linux.CLONE_NEWUTS, "no host name"),
    )
    userns = _try(_user_namespace)
    found = [
        Layer("user namespace", True, userns, _USERNS_HINT if userns else "no rights outside the sandbox"),
        *(Layer(name, True, _try(partial(_namespace, flag)), note) for name, flag, note in namespaces),
        Layer("proc of its own", True, _try(_new_proc), "shows only the sandbox's processes"),
        Layer("read-only binds", True, _try(_read_only_bind), "mount_setattr, Linux 5.12 or newer"),
        Layer("no_new_privs", True, _try(linux.set_no_new_privileges), "setuid programs give nothing"),
        Layer("rlimits", True, _try(_rlimits), "bounds on each process"),
        Layer("seccomp", False, _seccomp(), "offered by the host; not used yet"),
        Layer("landlock", False, _landlock(), "offered by the host; not used yet"),
        Layer("cgroup v2", False, _cgroup(), "offered by the host; not used yet: the keeper counts instead"),
    ]
    return tuple(found)


def require(*, allow_weak: bool) -> tuple[str, ...]:
    """The required layers that are missing; empty on a good host.

    Raises:
        UsageError: Some are, and that was not allowed.
    """
    missing = [layer for layer in layers() if layer.required and not layer.available]
    if missing and not allow_weak:
        raise UsageError(
            "This host cannot isolate student code: "
            + "; ".join(f"{m.name} ({m.problem})" for m in missing)
            + ".",
            f"{missing[0].note} `autograder doctor` tells more. To grade all the same, unprotected: "
            "--allow-weak-sandbox (the gradebook will say so).",
        )
    return tuple(layer.name for layer in missing)


def _try(attempt: Callable[[], None]) -> str | None:
    """Run ``attempt`` in a forked process; its error, or ``None``."""
    read_end, write_end = os.pipe()
    pid = os.fork()
    if pid == 0:
        status = 0
        try:
            os.close(read_end)
            attempt()
        except OSError as error:
            os.write(write_end, (error.strerror or str(error)).encode()[:500])
            status = 1
        finally:
            os._exit(status)
    os.close(write_end)
    with os.fdopen(read_end, "rb") as pipe:
        said = pipe.read().decode()
    _, status = os.waitpid(pid, 0)
    return None if status == 0 else said or "failed"


def _user_namespace() -> None:
    linux.unshare(linux.CLONE_NEWUSER)


def _namespace(flag: int) -> None:
    if not isolate.is_privileged():
        isolate.enter_pid_namespace(privileged=False)
        if flag == linux.CLONE_NEWPID:
            return
    linux.unshare(flag)


def _in_pid_namespace(attempt: Callable[[], None]) -> None:
    isolate.enter_pid_namespace(privileged=isolate.is_privileged())
    problem = _try(attempt)
    if problem is not None:
        raise OSError(0, problem)


def _new_proc() -> None:
    def attempt() -> None:
        linux.unshare(linux.CLONE_NEWNS)
        linux.mount("none", "/", flags=linux.MS_REC | linux.MS_PRIVATE)
        linux.mount("proc", "/proc", "proc", linux.MS_NOSUID | linux.MS_NODEV | linux.MS_NOEXEC)

    _in_pid_namespace(attempt)


def _read_only_bind() -> None:
    def attempt() -> None:
        linux.unshare(linux.CLONE_NEWNS)
        linux.mount("none", "/", flags=linux.MS_REC | linux.MS_PRIVATE)
        linux.mount("/usr", "/usr", flags=linux.MS_BIND | linux.MS_REC)
        linux.restrict_mount("/usr", read_only=True)

    _in_pid_namespace(attempt)


def _rlimits() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _seccomp() -> str | None:
    # prctl(PR_GET_SECCOMP) answers 0 where seccomp is built in and no filter is active.
    return None if ctypes.CDLL(None).prctl(21, 0, 0, 0, 0) >= 0 else "not built into this kernel"


def _landlock() -> str | None:
    version = ctypes.CDLL(None).syscall(ctypes.c_long(444), None, ctypes.c_size_t(0), ctypes.c_uint32(1))
    return None if version > 0 else "not built into this kernel"


def _cgroup() -> str | None:
    return None if Path("/sys/fs/cgroup/cgroup.controllers").exists() else "no unified hierarchy mounted"
