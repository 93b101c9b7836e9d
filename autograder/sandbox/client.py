"""The client's side: find or start the zygote, ask it for a sandbox, talk to the sandbox's keeper."""

import asyncio
import contextlib
import fcntl
import hashlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any, Literal
from weakref import WeakSet

from autograder.errors import GraderError, Lost
from autograder.sandbox.keeper import MESSAGE_SIZE, PORTER_DIED
from autograder.sandbox.spec import HOME, SandboxSpec, Usage

__all__ = ["Ending", "Sandbox", "Zygote", "fork_sandbox", "runtime_dir"]

#: Seconds. Reading TensorFlow from a cold, slow disk has taken more than three minutes.
_START_TIMEOUT = 600.0
_LETTERS = {"kernel": "z", "judge": "j"}
#: Sandboxes at once that one zygote is enough for: at two seconds each it forks one every 60 ms.
_SHARE = 32
_SANDBOXES: Mapping[str, "WeakSet[Sandbox]"] = {role: WeakSet() for role in _LETTERS}
_COUNTED = tuple(field.name for field in fields(Usage))
#: What a zygote inherits from its starter: nothing that names a user, a token or a folder of theirs.
_INHERITED = (
    "PATH",
    "LANG",
    "TZ",
    "LD_LIBRARY_PATH",
    "OPENBLAS_CORETYPE",
    "OPENBLAS_L2_SIZE",
)


@dataclass(frozen=True)
class Ending:
    """How a sandbox ended.

    Args:
        code: Exit status of the kernel, when it exited.
        signal: Signal that killed it, when one did.
        limit: The limit that ended it: ``cpu``, ``memory``, ``processes``, ``wall``; or ``None``.
        cpu: CPU seconds used.
        peak_memory: Bytes, see ``Usage``.
        foreign: Neither the kernel nor its keeper did it, and no limit.
    """

    code: int | None
    signal: int | None
    limit: str | None
    cpu: float
    peak_memory: int
    foreign: bool = False

    @property
    def by_others(self) -> bool:
        """Whether somebody else ended it, or its keeper: not the sandbox itself, and no limit."""
        return self.foreign or self.limit == "keeper"


def runtime_dir() -> Path:
    """A folder for sockets, private to this user; short, since a socket's path has 107 bytes.

    Raises:
        GraderError: Somebody else owns it.
    """
    base = Path(os.environ.get("XDG_RUNTIME_DIR") or "/tmp")  # noqa: S108
    if not base.is_dir() or base.stat().st_uid != os.geteuid():
        base = Path("/tmp")  # noqa: S108  (after `su`, the variable still names somebody else's folder)
    folder = base / f"autograder-{os.geteuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    status = folder.lstat()
    if status.st_uid != os.geteuid() or status.st_mode & 0o077 or not folder.is_dir() or folder.is_symlink():
        raise GraderError(
            f"{folder} is not a private folder of this user.",
            f"Remove it, or set XDG_RUNTIME_DIR to a folder that only user {os.geteuid()} can enter.",
        )
    return folder


class Sandbox:
    """One running sandbox. All methods are loop-agnostic: callers come from several event loops."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._connection.setblocking(False)
        self._usage = Usage()
        self._answers = 0
        self._harvested: list[tuple[str | None, int | None]] = []
        self.ending: Ending | None = None

    def poll(self) -> Ending | None:
        """How it ended, or ``None`` while it runs."""
        self._drain()
        return self.ending

    async def usage(self) -> Usage:
        """What it uses now; the last known numbers once it has ended."""
        before = self._answers
        self._request({"op": "usage"})
        while self.poll() is None and self._answers == before:
            await asyncio.sleep(0.005)
        return self._usage

    async def harvest(self) -> None:
        """Have the kernel's answers and working directory copied to the host folder that the spec names.

        Raises:
            GraderError: That failed; what is in the folder means nothing.
            Lost: Somebody ended the porter.
        """
        self._harvested.clear()
        self._request({"op": "harvest"})
        while self.poll() is None and not self._harvested:
            await asyncio.sleep(0.002)
        if not self._harvested:
            return  # the sandbox has ended; who asks next will see that
        error, number = self._harvested[0]
        if error is not None:
            kind = Lost if error == PORTER_DIED else GraderError
            cause = None if number is None else OSError(number, error)
            raise kind(f"The files of a sandbox could not be copied: {error}.") from cause

    async def wait(self) -> Ending:
        """Wait until it has ended."""
        while (ending := self.poll()) is None:
            await asyncio.sleep(0.02)
        return ending

    def interrupt(self) -> None:
        """Send SIGINT to the kernel."""
        self.signal(signal.SIGINT)

    def signal(self, signum: int) -> None:
        """Send a signal to the kernel process."""
        self._request({"op": "signal", "signum": signum})

    def kill(self) -> None:
        """End it and everything in it."""
        self._request({"op": "kill"})

    def close(self) -> None:
        """Let go of it; the keeper kills what still runs."""
        self._connection.close()
        if self.ending is None:
            self.ending = Ending(None, signal.SIGKILL, None, self._usage.cpu, self._usage.memory)

    def _request(self, message: Mapping[str, Any]) -> None:
        if self.ending is None:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # _drain sees the end
                self._connection.send(json.dumps(message).encode())

    def _drain(self) -> None:
        while self.ending is None:
            try:
                data = self._connection.recv(MESSAGE_SIZE)
            except BlockingIOError:
                return
            except ConnectionResetError:
                continue  # it ended with a request of ours unread; what it had sent before is still to be had
            if not data:  # the keeper itself died
                self.ending = Ending(None, None, "keeper", self._usage.cpu, self._usage.memory)
                return
            self._take(json.loads(data))

    def _take(self, message: Mapping[str, Any]) -> None:
        if message["event"] == "usage":
            self._usage = Usage(**{name: message[name] for name in _COUNTED})
            self._answers += 1
        elif message["event"] == "harvested":
            self._harvested.append((message["error"], message.get("errno")))
        elif message["event"] == "exit":
            self.ending = Ending(
                message["code"], message["signal"], message["limit"], message["cpu"], message["peak_memory"],
                message["foreign"],
            )  # fmt: skip
            self._usage = Usage(message["cpu"], 0, 0, message["peak_memory"])


class Zygote:
    """The process that forks kernels; one a user and installation, shared by all commands."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def connect(
        cls,
        role: Literal["kernel", "judge"] = "kernel",
        *,
        progress: Callable[[str], None] | None = None,
        number: int = 0,
    ) -> "Zygote":
        """The running zygote of this user and installation; starts one when there is none.

        Args:
            number: Which of several that share the work.
            role: Whose: of students' kernels, or of the judge and the inspector, which share no process with them.
            progress: Told when it has to be started.

        Raises:
            GraderError: It cannot be started; the message holds the end of its log.
            Lost: Somebody ended it while it started.
        """
        folder = runtime_dir()
        place, content = _installation()
        letter = _LETTERS[role]
        current = f"{letter}-{place}-{content}"
        zygote = cls(folder / (f"{current}_{number}" if number else current))
        with (folder / f"lock-{letter}{number or ''}").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if zygote.ping() is None:
                if progress is not None:
                    progress("Importing TensorFlow once (about 12 s)…")
                for outdated in folder.glob(f"{letter}-{place}-*"):
                    if outdated.name.startswith(current) and outdated != zygote.path:
                        continue  # another of ours, or its log
                    if outdated.is_socket():
                        cls(outdated).stop()
                    else:
                        outdated.unlink(missing_ok=True)  # its log
                zygote._start(role)
        return zygote

    def ping(self) -> dict[str, Any] | None:
        """What the zygote says of itself, or ``None`` when nobody answers."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as connection:
            connection.settimeout(10)
            try:
                connection.connect(str(self.path))
                connection.send(b'{"op": "ping"}')
                answer: dict[str, Any] = json.loads(connection.recv(MESSAGE_SIZE))
            except (OSError, ValueError):
                return None
            return answer

    def stop(self) -> None:
        """Ask the zygote to end; kernels that run go on."""
        with (
            contextlib.suppress(FileNotFoundError, ConnectionRefusedError),  # it has ended already
            socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as connection,
        ):
            connection.connect(str(self.path))
            connection.send(b'{"op": "stop"}')

    def spawn(self, spec: SandboxSpec) -> Sandbox:
        """Fork a kernel. Takes some 20 ms.

        Raises:
            GraderError: The sandbox could not be set up; nothing has run.
            Lost: The zygote is gone.
        """
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            connection.connect(str(self.path))
            connection.send(json.dumps({"op": "spawn", "spec": spec.to_json()}).encode())
            connection.settimeout(60)
            answer = connection.recv(MESSAGE_SIZE)
        except OSError as error:
            connection.close()
            raise Lost(f"The zygote does not answer: {error}.", "Run the command again.") from error
        if not answer:
            connection.close()
            raise Lost("The zygote closed the connection.", "Run the command again.")
        message = json.loads(answer)
        if message["event"] != "started":
            connection.close()
            raise GraderError(
                f"The sandbox could not be set up: {message.get('error')}.", "Run `autograder doctor`."
            )
        return Sandbox(connection)

    def _start(self, role: str) -> None:
        home = self.path.parent / f"home-{role}"
        home.mkdir(exist_ok=True)
        log = self.path.with_suffix(".log")
        environment = {name: os.environ[name] for name in _INHERITED if name in os.environ} | {
            "HOME": str(home),
            "KERAS_HOME": str(home / ".keras"),
            "MPLCONFIGDIR": str(home / "matplotlib"),
            "MPLBACKEND": "module://matplotlib_inline.backend_inline" if role == "kernel" else "agg",
            "TF_CPP_MIN_LOG_LEVEL": "2",
            # Read when TensorFlow's library is loaded; a kernel cannot ask for it later.
            "TF_ENABLE_ONEDNN_OPTS": "0",
            # No zygote uses a GPU: a process that has started CUDA could not be forked. A kernel that is given one
            # says so itself, before the driver's library is loaded.
            "CUDA_VISIBLE_DEVICES": "",
        }
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-I", "-B", "-m", "autograder.sandbox.zygote", str(self.path), role],
                stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                env=environment, cwd="/", start_new_session=True,
            )  # fmt: skip
        deadline = time.monotonic() + _START_TIMEOUT
        while time.monotonic() < deadline:
            if self.path.exists() and self.ping() is not None:
                return
            if process.poll() is not None:
                break
            select.select([], [], [], 0.05)
        if process.poll() == -signal.SIGKILL:
            raise Lost("The zygote was killed from outside while it started.", "Is the machine out of memory?")
        process.kill()
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-12:])
        raise GraderError(f"The zygote did not start:\n{tail}\n(log: {log})", "Run `autograder doctor`.")


async def fork_sandbox(role: Literal["kernel", "judge"], spec: SandboxSpec) -> Sandbox:
    """A new sandbox, while others of this event loop go on; a zygote that is gone is replaced.

    A zygote forks one sandbox at a time. Where many run at once, so on many cores, others help.

    Raises:
        GraderError: It could not be set up; nothing has run.
    """
    number = sum(other.ending is None for other in _SANDBOXES[role]) // _SHARE
    try:
        sandbox = await asyncio.to_thread(lambda: Zygote.connect(role, number=number).spawn(spec))
    except Lost:
        sandbox = await asyncio.to_thread(lambda: Zygote.connect(role, number=number).spawn(spec))
    _SANDBOXES[role].add(sandbox)
    return sandbox


@cache
def _installation() -> tuple[str, str]:
    """Digests of where a zygote's Python is, and of what it has in memory (packages, this project's code)."""
    place = hashlib.sha256(f"{sys.prefix}{Path(__file__)}".encode()).hexdigest()
    content = hashlib.sha256(f"{sys.version}{HOME}".encode())
    for name in ("tensorflow", "tensorflow-cpu", "keras", "ipykernel", "numpy"):
        with contextlib.suppress(metadata.PackageNotFoundError):  # not installed: part of the digest by absence
            content.update(f"{name}{metadata.version(name)}".encode())
    package = Path(__file__).parent.parent
    for source in sorted(package.rglob("*.py")) + sorted(package.rglob("*.po")):
        status = source.stat()
        content.update(f"{source}{status.st_size}{status.st_mtime_ns}".encode())
    return place[:8], content.hexdigest()[:12]
