"""Run lines of code in one sandboxed kernel and look at what they printed."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

from autograder.assignment import Limits
from autograder.sandbox.run import RunReport, run_notebook

#: Short, so that what never ends does not take long.
SMALL = Limits(cell_cpu=3, notebook_cpu=12, wall_factor=10, memory=1500, disk=64)


@dataclass(frozen=True)
class Ran:
    """A notebook that ran: its report, and per cell what it printed."""

    report: RunReport
    notebook: NotebookNode

    @property
    def statuses(self) -> list[str]:
        """Of each cell."""
        return [self.report.cells[i].status for i in range(len(self.notebook.cells))]

    def text(self, position: int) -> str:
        """Everything a cell showed."""
        parts = []
        for output in self.notebook.cells[position].outputs:
            parts.append(output.get("text") or str(output.get("data", {}).get("text/plain", "")))
            parts.append(f"{output.get('ename', '')}: {output.get('evalue', '')}" if "ename" in output else "")
        return "".join(parts)


async def ran_async(work: Path, cells: Sequence[str], limits: Limits = SMALL, **config: Any) -> Ran:
    """Run ``cells`` with ``work`` as working directory; ``config`` are traits of the provisioner."""
    notebook = new_notebook(cells=[new_code_cell(source) for source in cells])
    return Ran(await run_notebook(notebook, work=work, limits=limits, config=config), notebook)


def ran(work: Path, cells: Sequence[str], limits: Limits = SMALL, **config: Any) -> Ran:
    """The same, for tests that do nothing meanwhile."""
    return asyncio.run(ran_async(work, cells, limits, **config))
