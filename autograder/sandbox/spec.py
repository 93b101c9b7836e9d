"""What a sandbox is asked to be, and what became of it: plain data between client, keeper and kernel."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

__all__ = [
    "ANSWERS",
    "HOME",
    "INBOX",
    "KERNEL_SOCKETS",
    "WORK",
    "Bind",
    "GpuShare",
    "Role",
    "SandboxSpec",
    "Usage",
]

#: Where things are, seen from inside.
HOME = "/home/student"
WORK = "/home/student/work"
KERNEL_SOCKETS = "/run/kernel"
INBOX = "/run/autograder"
ANSWERS = "/run/answers"

#: What a sandbox is for: a student's code, a student's file, or our tests.
Role = Literal["kernel", "inspector", "judge"]


@dataclass(frozen=True)
class Bind:
    """A host folder or file shown inside, read-only."""

    source: str
    target: str


@dataclass(frozen=True)
class GpuShare:
    """A GPU, whole or in part, as one kernel gets it; made by ``gpu_access.share_of``.

    Args:
        identity: The UUID that CUDA knows it by.
        memory: MiB that the kernel may use of it; ``None`` for all.
        total: MiB that it has; 0 where that is not known.
        devices: Its device files, and those of the driver: host path and path inside.
        libraries: Files of the driver outside of the system folders.
        facts: Text of the files below ``facts_folder`` that the driver's library reads.
        facts_folder: Where it reads them. What else Linux shows there is hidden.
    """

    identity: str
    memory: int | None
    total: int
    devices: tuple[Bind, ...]
    libraries: tuple[Bind, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)
    facts_folder: str = "/proc/driver/nvidia"

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "GpuShare":
        """Read what ``asdict`` made of one."""
        binds = {name: tuple(Bind(**bind) for bind in data[name]) for name in ("devices", "libraries")}
        return cls(**{**data, **binds})


@dataclass(frozen=True)
class SandboxSpec:
    """Everything a keeper needs to start one kernel.

    Args:
        connection: Jupyter connection info (``key``, ``signature_scheme``, ports); transport is always ipc.
        sockets: Host folder for the kernel's sockets, writable from inside as ``KERNEL_SOCKETS``.
        inbox: Host folder shown read-only as ``INBOX``; the grader may add files while the kernel runs.
        work: Host folder whose regular files are copied to ``WORK`` before the kernel starts; or ``None``.
        binds: Further host paths, read-only.
        env: Environment variables for the kernel, beside the fixed ones.
        cpu: CPU seconds the whole kernel may use.
        wall: Seconds of wall time after which it is ended whatever it does.
        memory: Bytes all its processes may use together.
        disk: Bytes it may write to its home, and as many to ``/tmp``.
        processes: Processes and threads.
        open_files: Open files a process.
        weak: No namespaces: what the operator allowed on a host that has none. The kernel then sees the
            host's files with its user's rights, and only rlimits and the keeper's limits hold.
        held_out: The grader will deliver held-out inputs to the inbox.
        language: What checks speak, ``pt_BR`` or ``en``.
        role: What it is for.
        harvest: Host folder that receives copies of the kernel's files when the client asks for them; empty
            where nothing is to come out.
        gpu: The GPU that it may use; only a student's kernel, held by namespaces, has one.

    Raises:
        ValueError: A GPU is asked for where there may be none.
    """

    connection: Mapping[str, Any]
    sockets: str
    inbox: str
    work: str | None
    binds: tuple[Bind, ...]
    env: Mapping[str, str]
    cpu: float
    wall: float
    memory: int
    disk: int
    processes: int
    open_files: int
    weak: bool = False
    held_out: bool = False
    language: str = "pt_BR"
    role: Role = "kernel"
    harvest: str = ""
    gpu: GpuShare | None = None

    def __post_init__(self) -> None:
        if self.gpu is not None and (self.weak or self.role != "kernel"):
            raise ValueError("a GPU is for a student's kernel that namespaces hold, and for nothing else")

    @property
    def home(self) -> str:
        """The home directory as the kernel sees it."""
        return str(Path(self.sockets).parent / "home") if self.weak else HOME

    @property
    def workdir(self) -> str:
        """The working directory as the kernel sees it."""
        return f"{self.home}/work"

    @property
    def temporary(self) -> str:
        """The folder for temporary files, as the kernel sees it."""
        return f"{self.home}/tmp" if self.weak else "/tmp"  # noqa: S108

    @property
    def socket_folder(self) -> str:
        """The folder of its sockets as the kernel sees it."""
        return self.sockets if self.weak else KERNEL_SOCKETS

    @property
    def answers_folder(self) -> str:
        """Where the kernel puts what the grader asked for, as the kernel sees it."""
        return str(Path(self.sockets).parent / "answers") if self.weak else ANSWERS

    @property
    def inbox_folder(self) -> str:
        """The inbox as the kernel sees it."""
        return self.inbox if self.weak else INBOX

    def to_json(self) -> dict[str, Any]:
        """The spec as JSON-ready data."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "SandboxSpec":
        """Read what ``to_json`` wrote."""
        binds = tuple(Bind(**bind) for bind in data["binds"])
        gpu = None if data["gpu"] is None else GpuShare.from_json(data["gpu"])
        return cls(**{**data, "binds": binds, "gpu": gpu})


@dataclass(frozen=True)
class Usage:
    """What a sandbox has used.

    Args:
        cpu: CPU seconds of all its processes so far.
        memory: Bytes in use now.
        processes: Processes alive now.
        peak_memory: Bytes in use at most, as far as was looked, beside what every fork of the zygote shares.
    """

    cpu: float = 0.0
    memory: int = 0
    processes: int = 0
    peak_memory: int = 0
