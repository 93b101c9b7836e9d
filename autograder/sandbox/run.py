"""Run a notebook in a sandbox, cell by cell, and say what happened. Knows no grades.

Theory of operation
-------------------
nbclient sends the cells to the kernel and collects their outputs; around each cell a watch asks the sandbox's
keeper how much CPU time it has used. A cell over its limit is interrupted, as a person would do it, so that
the rest of the notebook still runs; a cell that cannot be interrupted takes the kernel with it. The limits of
the whole notebook are the keeper's.

A cell that is *judged* is not sent: at its place, with the kernel waiting, whoever judges it is called with a
``Live`` kernel to ask for values. Of its text, only what binds names in what the student saw is run.

Cells that need held-out inputs run last, after every cell a student could have written, and only then do the
inputs appear in the kernel's inbox: nothing a student wrote can look at them and then learn.
"""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Empty
from typing import Any, Literal

from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionComplete, DeadKernelError
from nbformat import NotebookNode
from nbformat.v4 import new_output
from traitlets.config import Config

from autograder.assignment import Limits
from autograder.errors import GraderError, Lost
from autograder.sandbox.client import Ending, Sandbox
from autograder.sandbox.live import Examine, Live
from autograder.sandbox.mistrust import MistrustfulSession, bound_messages

__all__ = ["CellRun", "RunReport", "SandboxClient", "run_notebook"]

#: ``ok``: ran to its end; ``error``: raised; ``limit``: interrupted over a limit; ``dead``: the kernel
#: ended in this cell; ``skipped``: the kernel had ended before.
CellStatus = Literal["ok", "error", "limit", "dead", "skipped"]

_WATCH = 0.2
_GRACE = 5.0
_PRIVATE = "application/vnd.autograder."
#: Characters of reports of checks that are kept a cell, whatever else it prints.
_REPORTS = 8 * 2**20
#: Characters of output, and as many of reports, that are kept a notebook.
_TOTAL = 64 * 2**20


@dataclass(frozen=True)
class CellRun:
    """What became of one code cell.

    Args:
        index: Position in the notebook.
        status: See ``CellStatus``.
        limit: The limit it hit, if any: ``cpu``, ``wall``, ``memory``, ``processes``, ``notebook-cpu``.
        cpu: CPU seconds.
        truncated: Some of its output was dropped.
        raised: The name of the exception that ended it.
        complete: The kernel's word that all output was sent has arrived.
    """

    index: int
    status: CellStatus
    limit: str | None = None
    cpu: float = 0.0
    truncated: bool = False
    raised: str | None = None
    complete: bool = True


@dataclass(frozen=True)
class RunReport:
    """What became of a notebook; its outputs are in the notebook itself.

    Args:
        cells: One entry a code cell, by position in the notebook.
        cpu: CPU seconds of the whole run.
        memory: Bytes that it used at most, beside what it shares with others.
        seconds: Wall time, kernel start included.
        death: Why the kernel ended early: a limit, ``exit`` (the code ended it), ``signal``; or ``None``.
    """

    cells: Mapping[int, CellRun]
    cpu: float
    memory: int
    seconds: float
    death: str | None


async def run_notebook(
    notebook: NotebookNode,
    *,
    work: Path,
    limits: Limits,
    last: Sequence[int] = (),
    before_last: Callable[[Path], None] | None = None,
    on_cell: Callable[[int], None] | None = None,
    config: Mapping[str, Any] | None = None,
    judged: Mapping[int, Examine] | None = None,
    quietly: Mapping[int, str] | None = None,
    at_end: Callable[[Live], Awaitable[None]] | None = None,
    harvest: Path | None = None,
    enough: Callable[[], bool] | None = None,
) -> RunReport:
    """Execute the code cells of ``notebook`` in place, in a new sandbox.

    Args:
        work: Folder whose files the kernel finds in its working directory.
        last: Positions of cells that run after all others.
        before_last: Called before the first of them with the host folder of the kernel's inbox.
        on_cell: Called after each cell with its position.
        config: Traits of ``SandboxProvisioner``.
        judged: Who judges the cells that are not sent to the kernel, by position.
        quietly: Code to run in the place of those cells.
        at_end: Called when every cell but those of ``last`` has run.
        harvest: Host folder for copies of the kernel's files; needed by who judges.
        enough: Asked before each cell; once it says yes, those left are skipped.

    Raises:
        GraderError: The sandbox could not be started. Nothing is known about the answer.
        Lost: Somebody ended it.
    """
    started = time.monotonic()
    traits = {**(config or {}), "held_out": before_last is not None, "harvest": str(harvest or "")}
    manager = AsyncKernelManager(
        kernel_name="autograder",
        session=MistrustfulSession(),
        client_factory=PromptClient,
        config=_config(limits, traits),
    )
    bound_messages(manager)
    client = SandboxClient(notebook, km=manager, limits=limits)
    plan = _Plan(set(last), before_last, on_cell, judged or {}, quietly or {}, at_end, enough)
    client.reset_execution_trackers()
    try:
        try:
            await client.async_start_new_kernel(cwd=str(work))
            await client.async_start_new_kernel_client()
        except RuntimeError as error:
            # nbclient has let the sandbox go by now.
            _see_who_ended(None if manager.provisioner is None else manager.provisioner.ending)
            raise GraderError(f"The kernel did not start: {error}.", "Run `autograder doctor`.") from error
        runs = await _run_cells(client, notebook, plan, Live(client, harvest or Path()))
        sandbox = client.sandbox
        usage = await sandbox.usage()
        ending = sandbox.poll()
        _see_who_ended(ending)
        death = None if ending is None else ending.limit or ("signal" if ending.signal else "exit")
        return RunReport(runs, usage.cpu, usage.peak_memory, time.monotonic() - started, death)
    finally:
        if client.kc is not None:
            client.kc.stop_channels()
        if manager.provisioner is not None:
            await manager.provisioner.kill()
            await manager.provisioner.cleanup()
        manager.cleanup_connection_file()


def _see_who_ended(ending: Ending | None) -> None:
    """Raise where it was neither the kernel nor a limit.

    Raises:
        Lost: Somebody else ended it.
    """
    if ending is not None and ending.by_others:
        what = "The kernel was killed from outside." if ending.foreign else "The keeper of the sandbox died."
        raise Lost(what, "Is the machine out of memory?")


def _config(limits: Limits, extra: Mapping[str, Any]) -> Config:
    return Config(
        SandboxProvisioner={
            "cpu": limits.notebook_cpu,
            "wall": limits.notebook_cpu * limits.wall_factor,
            "memory": limits.memory,
            "disk": limits.disk,
            "processes": limits.processes,
            "open_files": limits.open_files,
            **extra,
        }
    )


@dataclass(frozen=True)
class _Plan:
    last: set[int]
    before_last: Callable[[Path], None] | None
    on_cell: Callable[[int], None] | None
    judged: Mapping[int, Examine]
    quietly: Mapping[int, str]
    at_end: Callable[[Live], Awaitable[None]] | None
    enough: Callable[[], bool] | None


async def _run_cells(
    client: "SandboxClient", notebook: NotebookNode, plan: _Plan, live: Live
) -> dict[int, CellRun]:
    code = [i for i, cell in enumerate(notebook.cells) if cell.cell_type == "code"]
    runs = {position: CellRun(position, "skipped") for position in code}

    async def run(position: int) -> None:
        if position in plan.judged:
            await live.begin()
            runs[position] = await plan.judged[position](live)
        else:
            runs[position] = await client.run_cell(notebook.cells[position], position)
        if plan.on_cell is not None:
            plan.on_cell(position)

    for position in code:
        if plan.enough is not None and plan.enough():
            return runs
        await live.run_quietly(plan.quietly.get(position, ""), position)
        if position not in plan.last:
            await run(position)
    if plan.at_end is not None:
        await live.begin()
        await plan.at_end(live)
    if plan.before_last is not None and client.sandbox.poll() is None:
        plan.before_last(client.km.provisioner.inbox)
    for position in code:
        if plan.enough is not None and plan.enough():
            return runs
        if position in plan.last:
            await run(position)
    return runs


class _Room:
    """How much output still fits: a cell's share, and what is left of the notebook's. What is dropped is free."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._cell = 0

    def refill(self, cell: int) -> None:
        """Begin a new cell, which may take ``cell`` characters."""
        self._cell = cell

    def take(self, size: int) -> bool:
        """Whether ``size`` characters fit; then they are taken."""
        if size > min(self._cell, self._total):
            self._cell = min(self._cell, 0)  # a cell that was cut stays cut
            return False
        self._cell -= size
        self._total -= size
        return True


class PromptClient(AsyncKernelClient):  # type: ignore[misc]
    """Jupyter's client, which does not wait for silence before it calls a kernel ready: that takes 0.2 s.

    What the kernel has said by then answers no cell, and is passed over by whoever reads the answer to one.
    """

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Wait until the kernel answers on its shell and what it publishes arrives.

        Raises:
            RuntimeError: It died, or did not answer in ``timeout`` seconds.
        """
        ends = time.monotonic() + (math.inf if timeout is None else timeout)
        while time.monotonic() < ends:
            self.kernel_info()
            with suppress(Empty):
                reply = await self.shell_channel.get_msg(timeout=1)
                if reply["msg_type"] == "kernel_info_reply":
                    # A subscription may be younger than the answer: then it is asked again.
                    await self.iopub_channel.get_msg(timeout=0.2)
                    return
            if not await self.is_alive():
                raise RuntimeError("The kernel died before it was ready")
        raise RuntimeError(f"The kernel was not ready in {timeout:.0f} seconds")


class SandboxClient(NotebookClient):  # type: ignore[misc]
    """nbclient, with a watch around each cell and a cap on what it prints."""

    def __init__(self, notebook: NotebookNode, *, km: AsyncKernelManager, limits: Limits) -> None:
        super().__init__(
            notebook, km=km, allow_errors=True, timeout=None, startup_timeout=120, iopub_timeout=10,
            raise_on_iopub_timeout=False, record_timing=False, store_widget_state=False,
            on_cell_executed=self._note_reply,
        )  # fmt: skip
        self._limits = limits
        self._room = _Room(_TOTAL)
        self._reports = _Room(_TOTAL)
        self._idle = False
        self._dropped = False
        self._raised: str | None = None

    def _note_reply(self, *, execute_reply: Mapping[str, Any], **_: object) -> None:
        content = execute_reply["content"]
        self._raised = str(content.get("ename") or "Error") if content["status"] != "ok" else None

    @property
    def sandbox(self) -> Sandbox:
        """The sandbox of its kernel."""
        sandbox: Sandbox = self.km.provisioner.sandbox
        return sandbox

    async def run_cell(self, cell: NotebookNode, position: int) -> CellRun:
        """Execute one cell under watch."""
        cell.outputs = []
        if self.sandbox.poll() is not None:
            return CellRun(position, "skipped")
        self._room.refill(self._limits.output * 2**20)
        self._reports.refill(_REPORTS)
        self._dropped = False
        self._raised = None
        self._idle = not cell.source.strip()  # an empty cell is not sent at all
        before = (await self.sandbox.usage()).cpu
        hit: list[str] = []
        watch = asyncio.create_task(self.watch(before, time.monotonic(), hit))
        dead = False
        try:
            await self.async_execute_cell(cell, position)
        except DeadKernelError:
            # nbclient takes any cancellation for its own, which means a dead kernel; it may be our caller's.
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise asyncio.CancelledError from None
            dead = True
        finally:
            watch.cancel()
            (broken,) = await asyncio.gather(watch, return_exceptions=True)
        if isinstance(broken, Exception):
            raise GraderError(f"The limits of a cell could not be watched: {broken}.") from broken
        cpu = (await self.sandbox.usage()).cpu - before
        ending = self.sandbox.poll()
        if self._dropped:
            cell.outputs.append(new_output("stream", name="stderr", text="\n[…]\n"))
        limit = hit[0] if hit else None
        if dead or ending is not None:
            if ending is not None and ending.limit is not None and limit is None:
                limit = "notebook-cpu" if ending.limit == "cpu" else ending.limit
            return CellRun(position, "dead", limit, cpu, self._dropped)
        if limit is not None:
            return CellRun(position, "limit", limit, cpu, self._dropped)
        return CellRun(
            position, "error" if self._raised else "ok", None, cpu, self._dropped, self._raised, self._idle
        )

    async def watch(self, cpu_before: float, began: float, hit: list[str]) -> None:
        """Interrupt the running cell when it is over a limit; kill the kernel if that does not help."""
        while True:
            await asyncio.sleep(_WATCH)
            used = (await self.sandbox.usage()).cpu - cpu_before
            if used > self._limits.cell_cpu:
                hit.append("cpu")
            elif time.monotonic() - began > self._limits.cell_cpu * self._limits.wall_factor:
                hit.append("wall")
            if hit:
                break
        for _ in range(3):
            self.sandbox.interrupt()
            await asyncio.sleep(_GRACE)
        self.sandbox.kill()

    def process_message(self, msg: dict[str, Any], cell: NotebookNode, cell_index: int) -> Any:
        """Keep the output that fits; called by nbclient for each message on iopub."""
        if msg["msg_type"] == "status" and msg["content"].get("execution_state") == "idle":
            self._idle = True
        if msg["msg_type"] in ("stream", "display_data", "execute_result", "error", "update_display_data"):
            content = msg["content"]
            data = content.get("data")
            own = isinstance(data, dict) and any(str(kind).startswith(_PRIVATE) for kind in data)
            if not (self._reports if own else self._room).take(len(str(content))):
                self._dropped = True
                return None
        try:
            return super().process_message(msg, cell, cell_index)
        except CellExecutionComplete:
            raise
        except Exception:  # sound as a message, and still no output: nbformat refuses it, say
            self._dropped = True
            return None

    async def _async_poll_output_msg(self, parent_msg_id: str, cell: NotebookNode, cell_index: int) -> None:
        """As nbclient's, and lets others have their turn: of a flood of messages one is always there."""
        while True:
            await asyncio.sleep(0)
            msg = await self.kc.iopub_channel.get_msg(timeout=None)
            if msg["parent_header"].get("msg_id") == parent_msg_id:
                try:
                    self.process_message(msg, cell, cell_index)
                except CellExecutionComplete:
                    return
