"""Sandboxes for our own processes: the judge of one notebook, and the inspector of one file."""

import asyncio
import contextlib
import json
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.errors import GraderError, Lost
from autograder.judge import frames
from autograder.sandbox.client import Ending, Sandbox, fork_sandbox, runtime_dir
from autograder.sandbox.porter import INDEX
from autograder.sandbox.spec import Bind, Role, SandboxSpec

__all__ = ["JUDGE_MEMORY", "Answer", "JudgeSeat", "JudgeSettings", "inspect"]

_CONNECT_TIMEOUT = 30.0
#: Seconds that a judge may take over one cell, questions to the kernel aside.
_CELL_TIMEOUT = 240.0
#: Bytes that the judge of a notebook may use.
JUDGE_MEMORY = 6 * 2**30
_FILE_FOLDER = "/run/file"
_HOLDOUT = "/run/holdout"

#: Answers what the judge asks: its message and payload in, a JSON-ready answer out.
Answer = Callable[[Mapping[str, Any], bytes], Awaitable[Mapping[str, Any]]]


@dataclass(frozen=True)
class JudgeSettings:
    """What all judges of a run have in common.

    Args:
        language: What checks speak.
        holdout: Host folder with held-out inputs and labels; ``None`` if there are none.
        weak: Without namespaces, by the operator's order.
        threads: Threads that TensorFlow uses.
    """

    language: str
    holdout: Path | None = None
    weak: bool = False
    threads: int = 1


class _Seat:
    """One sandbox of ours and the connection to it."""

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        self.sandbox = sandbox
        self._folder = folder
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    @classmethod
    async def open(cls, role: Role, settings: JudgeSettings, **more: Any) -> "_Seat":
        """Start it and connect.

        Raises:
            GraderError: The sandbox could not be set up.
        """
        folder = Path(tempfile.mkdtemp(prefix="", dir=None if settings.weak else runtime_dir()))
        if settings.weak:
            folder.chmod(0o711)
        for name in ("s", "inbox"):
            (folder / name).mkdir()
        seat = cls(await fork_sandbox("judge", _spec(role, settings, folder, **more)), folder)
        try:
            path = folder / "s" / role
            async with asyncio.timeout(_CONNECT_TIMEOUT):
                seat._reader, seat._writer = await _connect(path, seat.sandbox)
        except (OSError, TimeoutError) as error:
            ending = seat.sandbox.poll()
            seat.close()
            if ending is not None and ending.by_others:
                raise Lost(f"The {role} was killed from outside.") from error
            raise GraderError(f"The {role} cannot be reached: {error}.") from error
        return seat

    async def send(self, message: Mapping[str, Any]) -> None:
        """Send one message."""
        assert self._writer is not None
        self._writer.write(frames.pack(dict(message)))
        await self._writer.drain()

    async def receive(self) -> tuple[dict[str, Any], bytes]:
        """Wait for one message.

        Raises:
            OSError, EOFError, ValueError: It died, or wrote nonsense.
        """
        assert self._reader is not None
        text, payload = frames.head(await self._reader.readexactly(frames.HEAD_SIZE))
        message = json.loads(await self._reader.readexactly(text))
        if not isinstance(message, dict):
            raise ValueError("a message is an object")
        return message, await self._reader.readexactly(payload)

    def close(self) -> None:
        """End it and remove its folder."""
        if self._writer is not None:
            self._writer.close()
        self.sandbox.kill()
        self.sandbox.close()
        shutil.rmtree(self._folder, ignore_errors=True)


async def _connect(path: Path, sandbox: Sandbox) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Connect; a socket that was bound a moment ago may not listen yet."""
    while True:
        try:
            return await asyncio.open_unix_connection(str(path), limit=1 << 20)
        except ConnectionRefusedError:
            if sandbox.poll() is not None:
                raise
            await asyncio.sleep(0.002)


def _spec(
    role: Role,
    settings: JudgeSettings,
    folder: Path,
    *,
    inbox: Path,
    binds: tuple[Bind, ...] = (),
    harvest: str = "",
) -> SandboxSpec:
    threads = str(settings.threads)
    env = {
        "MPLBACKEND": "agg",
        "CUDA_VISIBLE_DEVICES": "",  # a judge computes on the CPU, the same everywhere
        "TF_NUM_INTRAOP_THREADS": threads,
        "TF_NUM_INTEROP_THREADS": threads,
        "OMP_NUM_THREADS": threads,
        "OPENBLAS_NUM_THREADS": threads,
    }
    if role == "judge" and settings.holdout is not None:
        binds = (*binds, Bind(str(settings.holdout), _HOLDOUT))
        env["AUTOGRADER_HOLDOUT"] = str(settings.holdout) if settings.weak else _HOLDOUT
    return SandboxSpec(
        connection={}, sockets=str(folder / "s"), inbox=str(inbox), work=None, binds=binds, env=env,
        cpu=1800.0, wall=7200.0, memory=JUDGE_MEMORY, disk=2**30, processes=256, open_files=1024,
        weak=settings.weak, language=settings.language, role=role, harvest=harvest,
    )  # fmt: skip


class JudgeSeat:
    """The judge of one notebook; started beforehand, or when the first cell needs it."""

    def __init__(self, settings: JudgeSettings, blobs: Path) -> None:
        self._settings = settings
        self._blobs = blobs
        self._seat: _Seat | None = None
        self._opening: asyncio.Task[_Seat] | None = None
        self.failures = 0

    def start(self) -> None:
        """Start it now, while the notebook trains."""
        if self._seat is None and self._opening is None:
            self._opening = asyncio.create_task(_Seat.open("judge", self._settings, inbox=self._blobs))

    async def judge(self, request: Mapping[str, Any], answer: Answer) -> dict[str, Any]:
        """Have one cell judged.

        Args:
            request: The cell: see ``judge.process``.
            answer: Called with each question of the judge's.

        Raises:
            GraderError: The judge died, hung or answered nonsense. The next call starts a new one.
            Lost: Somebody ended it.
        """
        try:
            if self._seat is None:
                self.start()
                assert self._opening is not None
                opening, self._opening = self._opening, None
                self._seat = await opening
            await self._seat.send({"op": "cell", **request})
            while True:
                async with asyncio.timeout(_CELL_TIMEOUT):
                    message, payload = await self._seat.receive()
                if message.get("op") == "done":
                    return message
                if message.get("op") == "failed":
                    raise ValueError(str(message.get("why")))
                await self._seat.send({"op": "answer", **await answer(message, payload)})
        except (OSError, EOFError, ValueError, TimeoutError) as error:
            ending = await _ending(self._seat.sandbox) if self._seat is not None else None
            self._fail()
            if ending is not None and ending.by_others:
                raise Lost("The judge was killed from outside.") from error
            why = f"{type(error).__name__}: {error}".rstrip(": ")
            if ending is not None and ending.limit is not None:
                why = f"over its {ending.limit} limit"
            raise GraderError(f"The judge failed: {why}.") from error
        except BaseException:
            self._fail()
            raise

    def _fail(self) -> None:
        self.failures += 1
        self.close()

    async def end(self) -> None:
        """End the judge, also one that is still starting."""
        if self._opening is not None:
            opening, self._opening = self._opening, None
            with contextlib.suppress(GraderError):  # it did not start, and nobody needed it
                (await opening).close()
        self.close()

    def close(self) -> None:
        """End the judge."""
        if self._seat is not None:
            self._seat.close()
            self._seat = None


async def inspect(settings: JudgeSettings, blobs: Path, digest: str, name: str) -> dict[str, Any]:
    """Have one file of a bundle inspected, in a sandbox that sees nothing else.

    Args:
        settings: As for a judge; the holdout stays out.
        blobs: The bundle's contents; what is found is put there too.
        digest: The file.
        name: What the student called it, without folders.

    Returns:
        ``status`` ``ok`` with ``files`` (digests by name), or ``refused`` with ``code`` and ``message``.

    Raises:
        GraderError: The inspector failed, and the file is not to blame.
    """
    try:
        return await _inspect(settings, blobs, digest, name)
    except Lost:
        return await _inspect(settings, blobs, digest, name)


async def _inspect(settings: JudgeSettings, blobs: Path, digest: str, name: str) -> dict[str, Any]:
    inside = f"{_FILE_FOLDER}/{name}"
    with tempfile.TemporaryDirectory(dir=runtime_dir()) as nothing:
        seat = await _Seat.open(
            "inspector",
            settings,
            inbox=Path(nothing),
            binds=(Bind(str(blobs / digest), inside),),
            harvest=str(blobs),
        )
        try:
            path = str(blobs / digest) if settings.weak else inside
            await seat.send({"path": path})
            async with asyncio.timeout(_CELL_TIMEOUT):
                answer, _ = await seat.receive()
            if answer.get("status") == "ok":
                await seat.sandbox.harvest()
                answer["files"] = _answers(blobs)
            if answer.get("status") not in ("ok", "refused"):
                raise GraderError(f"The inspector's answer on {name} is none.")
            return answer
        except (OSError, EOFError, ValueError, TimeoutError) as error:
            ending = await _ending(seat.sandbox)
            if ending is not None and ending.by_others:
                raise Lost("The inspector was killed from outside.") from error
            if ending is not None and ending.limit in ("memory", "cpu"):
                return {"status": "refused", "code": "limit", "message": f"{name}: {ending.limit}"}
            raise GraderError(f"The inspector failed on {name}: {type(error).__name__} {error}.") from error
        finally:
            seat.close()


async def _ending(sandbox: Sandbox) -> Ending | None:
    """How a sandbox that let us down ended; ``None`` if it runs still."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(5):
            return await sandbox.wait()
    return sandbox.poll()


def _answers(blobs: Path) -> dict[str, str]:
    index = json.loads((blobs / INDEX).read_text())
    (blobs / INDEX).unlink()
    return {name: digest for name, (digest, _) in index["answers"]["files"].items()}
