"""What a person sees on a terminal: a progress bar with an estimate, tables that fit, errors that help."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

__all__ = ["Meter", "err", "out", "progress", "table"]

#: Results go to stdout, everything else to stderr, so that `--json` can be piped.
out = Console(soft_wrap=False)
err = Console(stderr=True)


class Meter:
    """A running progress bar; on something that is no terminal, a line now and then."""

    def __init__(self, bar: Progress, task: TaskID, total: int) -> None:
        self._bar = bar
        self._task = task
        self._total = total
        self._done = 0.0

    def advance(self, amount: float = 1.0) -> None:
        """Move on by ``amount`` units."""
        self._done += amount
        self._bar.update(self._task, completed=min(self._done, self._total))

    def say(self, text: str) -> None:
        """Change the text beside the bar."""
        self._bar.update(self._task, description=text)

    def line(self, text: str) -> None:
        """Print a line above the bar."""
        self._bar.console.print(text, highlight=False)


@contextmanager
def progress(text: str, total: int) -> Iterator[Meter]:
    """A progress bar of ``total`` units on stderr while the block runs."""
    bar = Progress(
        SpinnerColumn(), TextColumn("{task.description}"), BarColumn(bar_width=None),
        TextColumn("{task.percentage:>3.0f}%"), TimeElapsedColumn(), TextColumn("left"), TimeRemainingColumn(),
        console=err, transient=True,
    )  # fmt: skip
    with bar:
        yield Meter(bar, bar.add_task(text, total=total), total)


def table(
    title: str, columns: Sequence[tuple[str, str]], rows: Sequence[Sequence[str]], *, dense: bool = False
) -> Table:
    """A table; ``columns`` are pairs of heading and justification (``left``, ``right``, ``fold``).

    Args:
        title: A line above it.
        columns: Headings.
        rows: Cells.
        dense: One space between columns, for many narrow ones.
    """
    made = Table(
        title=title, title_justify="left", title_style="bold", header_style="bold", pad_edge=False,
        box=SIMPLE_HEAD, padding=0 if dense else (0, 1),
        show_edge=not dense, expand=any(justify == "fold" for _, justify in columns),
    )  # fmt: skip
    for heading, justify in columns:
        if justify == "fold":
            made.add_column(heading, overflow="fold", ratio=1)
        else:
            made.add_column(heading, justify="right" if justify == "right" else "left", no_wrap=True)
    for row in rows:
        made.add_row(*map(Text, row))  # not markup: some of it was written by students
    return made
