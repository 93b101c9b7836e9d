"""A control group for each kernel: memory, processes and CPU time of all it starts, counted by Linux itself.

Theory of operation
-------------------
Where this user may make control groups (root; an ordinary user below a group that systemd delegated), each
keeper makes one, sets its limits, and puts the kernel into it before any student code runs. (Linux takes some
20 ms for that, waiting for all its processors; meanwhile the kernel starts.) What cannot be made is left out and
the keeper counts instead, ten times a second. The two differ in what they see:

* ``memory``: everything, also what no process maps (memory files, System V segments, files on the sandbox's
  tmpfs, buffers of sockets). So the limit is that of the processes and the two disks together: an honest
  notebook that may write so much and use so much never meets it; the keeper's own limit on resident memory
  stays as it is. When Linux has to kill in the group, the keeper sees it and reports the limit ``memory``.
* ``pids``: forks beyond the limit fail with ``EAGAIN``, as under ``RLIMIT_NPROC``, but for the sandbox alone.
* ``cpu``: time of processes that nobody waited for is counted too; and a kernel with many threads gets no
  more of the machine than one with few.

Version 2 has one tree, and a folder's ``cgroup.subtree_control`` says what its children control; only a folder
without processes may say so, hence the search upwards from our own group. Version 1 has a tree a controller.
Which folders work is tried once, in the zygote (``places`` is cached and forked); from then on whatever fails
stops the kernel from starting.

A group is named after its keeper: process and start time. The keeper removes it; ``sweep``, called when a
zygote or keeper starts, removes those whose keeper was killed.
"""

import contextlib
import errno
import os
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path

__all__ = ["CONTROLLERS", "Group", "Place", "counts_memory", "places", "sweep"]

#: What is looked for. Version 2 counts CPU time in every group and calls the rest ``cpu``.
CONTROLLERS = ("memory", "pids", "cpu", "cpuacct")
_PREFIX = "autograder-"
_REMOVAL = 2.0


@dataclass(frozen=True)
class Place:
    """Where groups of one controller are made.

    Args:
        controller: One of ``CONTROLLERS``.
        version: 1 or 2.
        parent: The folder in which a group is a folder.
    """

    controller: str
    version: int
    parent: str


@cache
def places() -> tuple[Place, ...]:
    """The controllers that work here, each tried with a process of its own. Cached: forks inherit the answer."""
    return tuple(place for place in _candidates(_mounts(), _own()) if _works(place))


def counts_memory() -> bool:
    """Whether memory is limited by a group, so also what no process maps."""
    return any(place.controller == "memory" for place in places())


class Group:
    """One kernel's group: a folder in each tree that works. Empty where none does."""

    def __init__(self, found: tuple[Place, ...], name: str) -> None:
        self._folders = {place.controller: (place.version, Path(place.parent, name)) for place in found}

    @classmethod
    def create(cls, *, memory: int, processes: int) -> "Group":
        """Make the calling keeper's group and set its limits.

        Args:
            memory: Bytes, of everything.
            processes: Processes and threads.

        Raises:
            OSError: It could not be made as a whole; what was made is gone again.
        """
        group = cls(places(), _PREFIX + _identity(os.getpid()))
        try:
            group._make(memory, processes)
        except OSError:
            group.remove()
            raise
        return group

    def _make(self, memory: int, processes: int) -> None:
        for folder in self._all():
            folder.mkdir()
        for controller, (version, folder) in self._folders.items():
            if controller == "pids":
                (folder / "pids.max").write_text(str(processes))
            elif controller == "memory" and version == 1:
                (folder / "memory.limit_in_bytes").write_text(str(memory))
                with contextlib.suppress(FileNotFoundError):  # Linux without accounting of swap
                    (folder / "memory.memsw.limit_in_bytes").write_text(str(memory))
            elif controller == "memory":
                (folder / "memory.max").write_text(str(memory))
                (folder / "memory.oom.group").write_text("1")
                with contextlib.suppress(FileNotFoundError):
                    (folder / "memory.swap.max").write_text("0")

    def add(self, pid: int) -> None:
        """Put a process, and all it will fork, into the group.

        Raises:
            OSError: It is not in all of it.
        """
        for folder in self._all():
            (folder / "cgroup.procs").write_text(str(pid))

    def cpu(self) -> float | None:
        """CPU seconds used so far; ``None`` where no group counts them."""
        for controller in ("cpuacct", "cpu", "memory", "pids"):
            version, folder = self._folders.get(controller, (0, Path()))
            if version == 1 and controller == "cpuacct":
                return int((folder / "cpuacct.usage").read_text()) / 1e9
            if version == 2:
                return _field(folder / "cpu.stat", "usage_usec") / 1e6
        return None

    def pids(self) -> list[int] | None:
        """The processes in the group; ``None`` where there is no group."""
        folders = self._all()
        return [int(pid) for pid in (folders[0] / "cgroup.procs").read_text().split()] if folders else None

    def out_of_memory(self) -> bool:
        """Whether Linux has killed a process of the group because it was at its limit."""
        version, folder = self._folders.get("memory", (0, Path()))
        if version == 0:
            return False
        return _field(folder / ("memory.oom_control" if version == 1 else "memory.events"), "oom_kill") > 0

    def remove(self) -> None:
        """Remove the group; its processes have ended, or are ending."""
        deadline = time.monotonic() + _REMOVAL
        for folder in self._all():
            while not _removed(folder) and time.monotonic() < deadline:
                time.sleep(0.005)

    def _all(self) -> list[Path]:
        return list(dict.fromkeys(folder for _, folder in self._folders.values()))


def sweep() -> None:
    """Remove the groups of keepers that are no more."""
    for parent in {place.parent for place in places()}:
        for folder in Path(parent).glob(f"{_PREFIX}*-*"):
            identity = folder.name.removeprefix(_PREFIX)
            pid = identity.partition("-")[0]
            if pid.isdigit() and identity != _identity(int(pid)):
                _removed(folder)


def _identity(pid: int) -> str:
    """The process's id and start time, which no later process shares; the id alone when it does not exist."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return str(pid)
    return f"{pid}-{fields[19]}"


def _removed(folder: Path) -> bool:
    """Whether the folder is gone; it stays while processes are in it."""
    try:
        folder.rmdir()
    except FileNotFoundError:
        return True
    except OSError as error:
        if error.errno != errno.EBUSY:
            raise
        return False
    return True


def _field(file: Path, name: str) -> int:
    for line in file.read_text().splitlines():
        key, _, value = line.partition(" ")
        if key == name:
            return int(value)
    raise OSError(errno.EPROTO, f"{file} has no {name}")


def _mounts(mountinfo: str | None = None) -> dict[str, tuple[str, str]]:
    """For each controller of version 1, and for version 2 as ``""``: the mount's root and where it is mounted."""
    found: dict[str, tuple[str, str]] = {}
    for line in (mountinfo or Path("/proc/self/mountinfo").read_text()).splitlines():
        left, _, right = line.partition(" - ")
        root, point = left.split()[3:5]
        kind, _, options = right.split(maxsplit=2)
        names = [""] if kind == "cgroup2" else options.split(",") if kind == "cgroup" else []
        for name in names:
            if name in ("", *CONTROLLERS):
                found.setdefault(name, (root, point))
    return found


def _own(text: str | None = None) -> dict[str, str]:
    """The group of this process for each controller of version 1, and for version 2 as ``""``."""
    lines = (line.split(":", 2) for line in (text or Path("/proc/self/cgroup").read_text()).splitlines())
    return {name: path for _, names, path in lines for name in names.split(",")}


def _candidates(mounts: dict[str, tuple[str, str]], own: dict[str, str]) -> list[Place]:
    found = []
    for controller in CONTROLLERS:
        here = _folder(mounts, own, controller)
        if here is not None:
            found.append(Place(controller, 1, str(here)))
    top = mounts.get("", ("", ""))[1]
    here = _folder(mounts, own, "")
    while here is not None and not any(place.version == 2 for place in found):
        with contextlib.suppress(OSError):
            offered = set((here / "cgroup.subtree_control").read_text().split()) & set(CONTROLLERS)
            found += [Place(controller, 2, str(here)) for controller in CONTROLLERS if controller in offered]
        here = here.parent if str(here) != top else None
    return found


def _folder(mounts: dict[str, tuple[str, str]], own: dict[str, str], controller: str) -> Path | None:
    """Our own group as a folder; ``None`` when it is not mounted, or not below what is mounted."""
    if controller not in mounts or controller not in own:
        return None
    root, point = mounts[controller]
    path = own[controller]
    if root != "/" and path != root and not path.startswith(f"{root}/"):
        return None
    return Path(point + "/" + path.removeprefix(root.rstrip("/")).strip("/"))


def _works(place: Place) -> bool:
    """Try it: make a group with a limit, put a process in, remove it."""
    group = Group((place,), _PREFIX + _identity(os.getpid()))
    try:
        group._make(2**30, 1000)
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                group.add(os.getpid())
                group.cpu()
                group.pids()
                group.out_of_memory()
                status = 0
            finally:
                os._exit(status)
        return os.waitpid(pid, 0)[1] == 0
    except OSError:
        return False
    finally:
        with contextlib.suppress(OSError):
            group.remove()
