"""A running kernel between two cells: what the grader may ask of it there."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from queue import Empty
from typing import TYPE_CHECKING, Any

from nbformat.v4 import new_code_cell

from autograder.errors import GraderError
from autograder.evidence.agent import REQUEST
from autograder.sandbox.porter import INDEX

if TYPE_CHECKING:
    from autograder.sandbox.run import CellRun, SandboxClient

__all__ = ["Examine", "KernelGone", "Live"]

#: Seconds for which what was printed meanwhile is looked for. What is left belongs to no cell, and is passed over.
_DROPPING = 1.0


class KernelGone(Exception):
    """The kernel did not answer, and that is the student's doing.

    Args:
        status: ``limit``, ``dead`` or ``skipped``, as in ``run.CellRun``.
        limit: The limit, if one was hit.
    """

    def __init__(self, status: str, limit: str | None = None) -> None:
        super().__init__(status)
        self.status = status
        self.limit = limit


class Live:
    """One kernel, for the time of one judged cell; its limits are those of a cell.

    Args:
        client: Has the kernel.
        harvest: Host folder that the kernel's files are copied to.
    """

    def __init__(self, client: "SandboxClient", harvest: Path) -> None:
        self._client = client
        self._harvest = harvest
        self._cpu: float | None = None
        self._began = 0.0

    async def begin(self) -> None:
        """A new cell: its limits start here."""
        self._cpu = (await self._client.sandbox.usage()).cpu
        self._began = time.monotonic()

    async def cpu(self) -> float:
        """CPU seconds used for this cell."""
        return (await self._client.sandbox.usage()).cpu - (self._cpu or 0.0)

    async def run_quietly(self, source: str, position: int) -> None:
        """Execute code in the place of the cell at ``position``; what it prints or raises is dropped."""
        if source.strip():
            cells = self._client.nb.cells
            cell = cells[position]
            await self._client.run_cell(new_code_cell(source), position)
            cells[position] = cell  # nbclient had put what it ran there

    async def request(self, request: Mapping[str, Any], buffers: Sequence[bytes] = ()) -> dict[str, Any]:
        """Ask the kernel's agent; its reply, which says how it went.

        Raises:
            KernelGone: It was over a limit, or has ended.
            GraderError: The request could not be carried out, and not by the student's doing.
        """
        self._refuse_dead("skipped")
        hit: list[str] = []
        assert self._cpu is not None
        watch = asyncio.create_task(self._client.watch(self._cpu, self._began, hit))
        try:
            reply = await self._reply(request, buffers, hit)
        finally:
            watch.cancel()
            (broken,) = await asyncio.gather(watch, return_exceptions=True)
            await self._drop_outputs()
        if isinstance(broken, Exception):
            raise GraderError(f"The limits of a cell could not be watched: {broken}.") from broken
        if hit:
            raise KernelGone("limit" if self._client.sandbox.poll() is None else "dead", hit[0])
        if not isinstance(reply, dict) or reply.get("status") not in ("ok", "raised", "failed", "interrupted"):
            raise GraderError("The kernel's answer is none.")
        if reply["status"] == "interrupted":
            raise KernelGone("error")
        if reply["status"] == "failed":
            raise GraderError(f"A value of the kernel could not be taken: {str(reply.get('why'))[:300]}")
        return reply

    async def harvest(self) -> dict[str, Any]:
        """Copy the kernel's files; the index of what was copied.

        Raises:
            KernelGone: It has ended.
            GraderError: That failed.
        """
        self._refuse_dead("dead")
        await self._client.sandbox.harvest()
        self._refuse_dead("dead")
        try:
            index: dict[str, Any] = json.loads((self._harvest / INDEX).read_text())
        except (OSError, ValueError) as error:
            raise GraderError(f"The index of a sandbox's files cannot be read: {error}.") from error
        return index

    async def _reply(self, request: Mapping[str, Any], buffers: Sequence[bytes], hit: list[str]) -> Any:
        kc = self._client.kc
        message = kc.session.msg(REQUEST, dict(request))
        kc.session.send(kc.shell_channel.socket, message, buffers=list(buffers))
        while True:
            try:
                reply = await kc.shell_channel.get_msg(timeout=0.5)
            except Empty:
                self._refuse_dead("dead", hit)
                continue
            await asyncio.sleep(0)
            if reply["parent_header"].get("msg_id") == message["header"]["msg_id"]:
                return reply["content"]

    async def _drop_outputs(self) -> None:
        """What the student's functions printed while they were asked; of a flood, some."""
        kc = self._client.kc
        deadline = time.monotonic() + _DROPPING
        while time.monotonic() < deadline:
            try:
                await kc.iopub_channel.get_msg(timeout=0)
            except Empty:
                return
            await asyncio.sleep(0)

    def _refuse_dead(self, status: str, hit: Sequence[str] = ()) -> None:
        ending = self._client.sandbox.poll()
        if ending is None:
            return
        if ending.limit == "keeper":
            raise GraderError("The keeper of the sandbox died.", "Is the machine out of memory?")
        limit = hit[0] if hit else "notebook-cpu" if ending.limit == "cpu" else ending.limit
        raise KernelGone(status, limit)


#: Judges the cell at a position, with the kernel as it is; called between cells.
Examine = Callable[[Live], Awaitable["CellRun"]]
