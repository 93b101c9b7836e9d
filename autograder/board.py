"""A run as people watch it: how far it is, who does what, what failed, and how long it will take.

On something that is no terminal, a line for each notebook that is done.
"""

import time
from collections import Counter
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from rich.console import Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from autograder.engine import Item, Past
from autograder.messages import printable
from autograder.outcome import NotebookReport
from autograder.terminal import err

__all__ = ["Board"]

#: Workers that are shown; of more, those at work for longest.
_ROWS = 12


class Board:
    """An ``Observer`` that shows what it is told; a context manager.

    Args:
        items: All that will be done.
        past: What is known of how long notebooks take; the engine teaches it.
    """

    def __init__(self, items: Sequence[Item], past: Past) -> None:
        self._count = len(items)
        self._waiting = Counter(item.template.name for item in items)
        self._past = past
        self._running: dict[Item, tuple[str, float]] = {}
        self._cells: Counter[Item] = Counter()
        self._done = 0
        self._failed = 0
        self._worked = 0.0
        self._slowest = (0.0, "")
        self._began = time.monotonic()
        self._live = Live(get_renderable=self._drawn, console=err, transient=True, refresh_per_second=4)

    def __enter__(self) -> Self:
        if err.is_terminal:
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if err.is_terminal:
            self._live.stop()

    def began(self, item: Item, worker: str) -> None:
        """See ``Observer``."""
        if item not in self._running:
            self._waiting[item.template.name] -= 1
        self._running[item] = worker, time.monotonic()
        self._cells[item] = 0

    def cell(self, item: Item) -> None:
        """See ``Observer``."""
        self._cells[item] += 1

    def retried(self, item: Item, why: str) -> None:
        """See ``Observer``."""
        self._cells[item] = 0
        err.print(f"{printable(item.name)} is tried again: {printable(why, 200)}", highlight=False, markup=False)

    def ended(self, item: Item, report: NotebookReport) -> None:
        """``item`` was recorded."""
        self._running.pop(item, None)
        self._cells.pop(item, None)
        self._done += 1
        self._failed += report.needs_review
        self._worked += report.cpu_seconds
        self._slowest = max(self._slowest, (report.seconds, item.name))
        if not err.is_terminal:
            failed = ", needs review" if report.needs_review else ""
            line = f"{self._done}/{self._count} {printable(item.name)}: {report.score:g}{failed}"
            err.print(line, highlight=False, markup=False)

    def left(self) -> float | None:
        """Seconds until all is done, as far as can be told; ``None`` before the first is."""
        usual = {name: self._past.usual(name) for name in self._waiting}
        known = [seconds for seconds in usual.values() if seconds is not None]
        if not known or not self._worked:
            return None
        other = sum(known) / len(known)
        waiting = sum(
            number * (other if (u := usual[name]) is None else u) for name, number in self._waiting.items()
        )
        now = time.monotonic()
        for item, (_, since) in self._running.items():
            waiting += max(0.0, (usual[item.template.name] or other) - (now - since))
        rate = self._worked / (now - self._began)  # of CPU seconds, over all workers
        return waiting / rate

    def _drawn(self) -> Group:
        now = time.monotonic()
        left = self.left()
        told = [f"{self._done} of {self._count}", f"{_span(now - self._began)} so far"]
        if self._failed:
            told.insert(1, f"{self._failed} need review")
        if left is not None:
            told.append(f"about {_span(left)} left")
        head = Table.grid(padding=(0, 1), expand=True)
        head.add_column(no_wrap=True)
        head.add_column(ratio=1)
        head.add_row(Text("Grading", style="bold"), ProgressBar(total=self._count, completed=self._done))
        rows = Table.grid(padding=(0, 2), expand=True)
        rows.add_column(justify="right", no_wrap=True)
        rows.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
        rows.add_column(justify="right", no_wrap=True)
        rows.add_column(justify="right", no_wrap=True)
        working = sorted(self._running.items(), key=lambda pair: pair[1][1])
        for item, (worker, since) in sorted(working[:_ROWS], key=lambda pair: _order(pair[1][0])):
            cells = f"cell {min(self._cells[item] + 1, item.cells)}/{item.cells}"
            rows.add_row(worker, printable(item.name), cells, _span(now - since))
        foot = f"{len(working) - _ROWS} more at work. " if len(working) > _ROWS else ""
        if self._slowest[1]:
            foot += f"Slowest so far: {printable(self._slowest[1])}, {_span(self._slowest[0])}."
        return Group(head, Text(" · ".join(told)), rows, Text(foot, style="dim"))


def _order(worker: str) -> tuple[int, str]:
    return (int(worker), "") if worker.isdigit() else (0, worker)


def _span(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min" if seconds >= 600 else f"{seconds // 60:.0f} min {seconds % 60:.0f} s"
    return f"{seconds / 3600:.1f} h"
