"""The last layers a kernel puts on itself: Landlock, then seccomp. What of the file system, which calls.

Theory of operation
-------------------
``confine`` is the last thing before student code, in the isolated process, after it gave up its rights.
Whatever fails raises, and the kernel does not start: there is no "as far as possible" here, beyond what
``doctor`` said this host lacks.

*With namespaces* the new root holds nothing but what was put there, so Landlock repeats, in other words and
by other code of Linux, what the mounts say: a second wall where the first has a hole.

*Without* it is the only wall, so its rules are narrow: system folders and Python to run, the home to write,
nothing of ``/etc`` but the bits above, none of ``/tmp`` (``TMPDIR`` is in the home) and of ``/proc`` the
process's own folder and the files about the machine. Its own folder is that of the kernel process, named when
the rule was made; programs that a notebook starts cannot read theirs, which is the price for their not
reading the command lines of others. ``/dev/shm`` is shared with the host: files may be made and opened by
name there, as semaphores need, but not listed.
"""

import errno
import os
from collections.abc import Iterator

from autograder.sandbox import cgroup, landlock, seccomp
from autograder.sandbox.landlock import Access, Rule
from autograder.sandbox.spec import HOME, INBOX, KERNEL_SOCKETS, SandboxSpec

__all__ = ["confine", "preload"]

_DEVICES = ("null", "zero", "full", "random", "urandom")
_MACHINE = ("cpuinfo", "meminfo", "stat", "loadavg", "uptime", "version", "filesystems", "sys/kernel", "sys/vm")


def preload() -> None:
    """Called in the zygote: what its forks shall find done."""
    seccomp.preload()
    cgroup.sweep()


def confine(spec: SandboxSpec, *, run: tuple[str, ...], read: tuple[str, ...], holes: tuple[str, ...]) -> None:
    """Put the calling process under Landlock and seccomp, for good.

    Args:
        run: Folders whose programs and libraries it may use.
        read: Files and folders it may read.
        holes: Folders below those of ``run`` that are not for student code.

    Raises:
        OSError: A layer could not be had.
    """
    if spec.gpu is not None and not cgroup.counts_memory():
        raise OSError(errno.EPERM, "a GPU needs memory files, and no control group counts these here")
    if spec.weak or landlock.abi() > 0:
        landlock.restrict(_rules(spec, run, read, holes), tcp=not spec.weak)
    seccomp.apply(seccomp.Strictness(weak=spec.weak, counted=cgroup.counts_memory()))


def _around(folder: str, holes: tuple[str, ...]) -> Iterator[str]:
    """The parts of ``folder`` that hold no hole: itself, or what lies beside the holes, level by level."""
    if folder in holes:
        return
    if not any(hole.startswith(f"{folder}/") for hole in holes):
        yield folder
        return
    for entry in os.scandir(folder):
        if not entry.is_symlink():  # its target is allowed where it is, or not at all
            yield from _around(entry.path, holes)


def _rules(
    spec: SandboxSpec, run: tuple[str, ...], read: tuple[str, ...], holes: tuple[str, ...]
) -> Iterator[Rule]:
    for path in run:
        # Mounts hide the holes; where there are none, the rules go around them.
        yield from (Rule(part, Access.RUN) for part in (_around(path, holes) if spec.weak else (path,)))
    yield from (Rule(path, Access.READ) for path in read)
    yield from (Rule(f"/dev/{name}", Access.DEVICE) for name in _DEVICES)
    # The keeper takes even this away, with namespaces, before student code runs.
    yield Rule(spec.socket_folder, Access.MAKE_SOCK)
    yield Rule(spec.inbox_folder, Access.READ)
    yield Rule(spec.home, Access.OWN)
    yield Rule(spec.answers_folder, Access.OWN)
    if spec.weak:
        yield from (Rule(bind.source, Access.READ) for bind in spec.binds)
        yield Rule("/proc/self", Access.READ)
        yield from (Rule(f"/proc/{name}", Access.READ) for name in _MACHINE)
        yield Rule(
            "/dev/shm",  # noqa: S108
            Access.READ_FILE | Access.WRITE_FILE | Access.TRUNCATE | Access.MAKE_REG | Access.REMOVE_FILE,
        )
    else:
        assert (spec.home, spec.inbox_folder, spec.socket_folder) == (HOME, INBOX, KERNEL_SOCKETS)
        yield from (Rule(bind.target, Access.READ) for bind in spec.binds)
        yield Rule("/", Access.READ_DIR)
        # CUDA writes the names of its threads there, and takes a refusal for the end. In its own /proc a kernel
        # can write what Linux lets a process's owner write: names, how soon it is ended when memory is short.
        yield Rule("/proc", Access.READ | (Access.WRITE_FILE | Access.TRUNCATE if spec.gpu else Access(0)))
        if spec.gpu is not None:
            yield from (Rule(bind.target, Access.GPU) for bind in spec.gpu.devices)
            yield from (Rule(bind.target, Access.READ) for bind in spec.gpu.libraries)
        yield Rule("/etc", Access.READ)  # written by isolate; nothing of the host's but what it bound
        yield from (Rule(path, Access.OWN) for path in ("/tmp", "/dev/shm"))  # noqa: S108
        yield from (Rule(path, Access.TERMINAL) for path in ("/dev/pts", "/dev/ptmx"))
