"""Find out which isolation layers this host offers, by trying each in a process of its own."""

import gc
import os
import resource
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

from autograder.errors import UsageError
from autograder.sandbox import cgroup, isolate, landlock, linux, seccomp

__all__ = ["Layer", "Protection", "layers", "protection", "require", "weaknesses"]


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


#: Without them nothing is left that could hold student code.
_INDISPENSABLE = ("landlock", "seccomp", "no_new_privs", "rlimits")

Protection = Literal["full", "restricted", "none"]


def layers() -> tuple[Layer, ...]:
    """Try every layer, each in a forked process, as the keeper would."""
    namespaces = (
        ("mount namespace", linux.CLONE_NEWNS, "a root of its own, read-only; home and /tmp of its own"),
        ("pid namespace", linux.CLONE_NEWPID, "sees and outlives nobody; dies as a whole"),
        ("network namespace", linux.CLONE_NEWNET, "no network but its own loopback"),
        ("ipc namespace", linux.CLONE_NEWIPC, "no shared memory with others"),
        ("uts namespace", linux.CLONE_NEWUTS, "no host name"),
        ("cgroup namespace", linux.CLONE_NEWCGROUP, "no names of the host's control groups"),
    )
    userns = _try(_user_namespace)
    return (
        Layer("user namespace", True, userns, _USERNS_HINT if userns else "no rights outside the sandbox"),
        *(Layer(name, True, _try(partial(_namespace, flag)), note) for name, flag, note in namespaces),
        Layer("proc of its own", True, _try(_new_proc), "shows only the sandbox's processes"),
        Layer("read-only binds", True, _try(_read_only_bind), "mount_setattr, Linux 5.12 or newer"),
        Layer("no_new_privs", True, _try(linux.set_no_new_privileges), "setuid programs give nothing"),
        Layer("rlimits", True, _try(_rlimits), "bounds on each process"),
        Layer("seccomp", True, _try(_seccomp), "only the system calls that notebooks need"),
        _landlock_layer(),
        *_cgroup_layers(),
    )


def protection(found: Sequence[Layer]) -> Protection:
    """How well a host with these layers holds student code.

    Returns:
        ``full``: every required layer. ``restricted``: namespaces are missing (a Kubernetes pod, say), and
        Landlock and seccomp hold alone. ``none``: not even those.
    """
    # With namespaces Landlock repeats what the mounts say; without them it is the only wall.
    if all(layer.available for layer in found if layer.required):
        return "full"
    available = {layer.name for layer in found if layer.available}
    return "restricted" if available.issuperset(_INDISPENSABLE) else "none"


def weaknesses(found: Sequence[Layer]) -> tuple[str, ...]:
    """What a notebook could do here that it could not on a host with every layer; for people to read."""
    said = {
        "mount namespace": "can ask for names, sizes and dates of the host's files (not read, list or change "
        "them); its disk limit bounds each file, not their sum; changing modes or times does nothing",
        "pid namespace": "what it left in the background is ended by its keeper, and stays if that is killed",
        "network namespace": "has no sockets but pairs, so no loopback either",
        "ipc namespace": "shares /dev/shm with others, by name",
        "uts namespace": "sees the host's name",
    }
    weak = [said[layer.name] for layer in found if not layer.available and said.get(layer.name)]
    landlock_is_old = landlock.missing(landlock.abi()) if landlock.abi() else ()
    return (*weak, *landlock_is_old)


def require(*, allow_weak: bool) -> tuple[str, ...]:
    """The required layers that are missing; empty on a good host.

    Raises:
        UsageError: Some are, and that was not allowed; or so much is missing that nothing could be held.
    """
    found = layers()
    missing = [layer for layer in found if layer.required and not layer.available]
    level = protection(found)
    if level == "full":
        return ()
    text = "This host cannot isolate student code: " + "; ".join(f"{m.name} ({m.problem})" for m in missing) + "."
    if level == "none":
        lacking = [x for x in found if x.name in _INDISPENSABLE and not x.available]
        notes = " ".join(f"{x.name}: {x.problem}." for x in lacking)
        raise UsageError(text, f"{missing[0].note} Nothing could hold it, not even weakly. {notes}".strip())
    if not allow_weak:
        raise UsageError(
            text,
            f"{missing[0].note} `autograder doctor` tells more. To grade all the same, held by Landlock and "
            "seccomp alone: --allow-weak-sandbox (the gradebook will say so).",
        )
    return tuple(layer.name for layer in missing)


def _try(attempt: Callable[[], None]) -> str | None:
    """Run ``attempt`` in a forked process; its error, or ``None``.

    A process that a signal ended says nothing about the layer, so that is tried once more.
    """
    problem, crashed = _try_once(attempt)
    return _try_once(attempt)[0] if crashed else problem


def _try_once(attempt: Callable[[], None]) -> tuple[str | None, bool]:
    """The error of ``attempt`` in a forked process, if any, and whether a signal ended that process."""
    read_end, write_end = os.pipe()
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            gc.disable()  # what the forking process left to be finalised is not this one's to end
            os.close(read_end)
            attempt()
            status = 0
        except OSError as error:
            os.write(write_end, (error.strerror or str(error)).encode()[:500])
        except BaseException as error:  # said below; this process must never return into its parent's code
            os.write(write_end, repr(error).encode()[:500])
        finally:
            os._exit(status)
    os.close(write_end)
    with os.fdopen(read_end, "rb") as pipe:
        said = pipe.read().decode(errors="replace")
    _, status = os.waitpid(pid, 0)
    if os.WIFSIGNALED(status):
        return said or f"ended by signal {os.WTERMSIG(status)}", True
    return None if status == 0 else said or "failed", False


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


def _seccomp() -> None:
    linux.set_no_new_privileges()
    seccomp.apply(seccomp.Strictness(weak=True, counted=False))


def _landlock_layer() -> Layer:
    version = landlock.abi()
    if version == 0:
        note = "a second wall around the files; Linux 5.13 or newer, with `landlock` among its security modules"
        return Layer("landlock", False, "not offered by this Linux", note)
    lacks = "; but " + ", ".join(landlock.missing(version)) if landlock.missing(version) else ""
    return Layer("landlock", False, _try(_landlock), f"ABI {version}: a second wall around the files{lacks}")


def _landlock() -> None:
    linux.set_no_new_privileges()
    landlock.restrict([landlock.Rule("/usr", landlock.Access.RUN)], tcp=False)
    try:
        os.listdir("/etc")
    except PermissionError:
        return
    raise OSError(0, "a rule had no effect")


def _cgroup_layers() -> tuple[Layer, ...]:
    """One for each thing that a group counts; the keeper's watch where there is none."""
    found = {place.controller: f"v{place.version}" for place in cgroup.places()}
    if "v2" in found.values():
        found.setdefault("cpuacct", "v2")
    rows = (
        ("memory", "memory", "all memory, also what no process maps", "resident memory; memory files are denied"),
        ("pids", "pids", "processes and threads together", "processes"),
        ("cpu", "cpuacct", "CPU time of all, ended or not", "the process tree's CPU time"),
    )
    return tuple(
        Layer(f"cgroup {name}", False, None, f"{found[controller]}: {note}")
        if controller in found
        else Layer(f"cgroup {name}", False, f"not writable: the keeper counts {instead}", note)
        for name, controller, note, instead in rows
    )
