"""Which notebook runs next, and whether there is memory for it.

Longest first: a long one that begins last keeps a machine waiting with one core at work. How long a notebook
takes, and how much memory, is known from what was recorded of it or of others' answers to the same exercise, and
is learned as a run goes on. Of an exercise that nobody has run yet one is tried before all others.
"""

import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import psutil

from autograder.engine.item import Item

__all__ = ["Past", "Queue", "Used", "free_memory"]

#: Bytes beside what a notebook was seen to use: its judge, pages copied by the fork, and what nobody looked at.
_BESIDE = 512 * 2**20
_MARGIN = 1.25
#: Share of the free memory that is left to everything else.
_LEFT = 0.1
#: How often the longest may be passed by ones that fit before nothing passes it any more.
_PASSED = 16


@dataclass(frozen=True)
class Used:
    """What one notebook of one student has used.

    Args:
        student: Whose.
        notebook: Which.
        seconds: CPU seconds.
        memory: Bytes at most; 0 if nobody knows.
    """

    student: str
    notebook: str
    seconds: float
    memory: int


class Past:
    """What is known of how long notebooks take and how much memory; learns."""

    def __init__(self, known: Iterable[Used] = ()) -> None:
        self._seconds: dict[str, list[float]] = {}
        self._memory: dict[str, int] = {}
        self._own: dict[tuple[str, str], float] = {}
        self._medians: dict[str, float] = {}
        for used in known:
            self.learn(used)

    def learn(self, used: Used) -> None:
        """Take note of one more."""
        self._seconds.setdefault(used.notebook, []).append(used.seconds)
        self._medians.pop(used.notebook, None)
        self._own[used.student, used.notebook] = used.seconds
        self._memory[used.notebook] = max(used.memory, self._memory.get(used.notebook, 0))

    def seconds(self, item: Item) -> float | None:
        """CPU seconds that ``item`` is expected to take; ``None`` where nobody has run this exercise."""
        own = self._own.get(item.key)
        return own if own is not None else self.usual(item.template.name)

    def usual(self, notebook: str) -> float | None:
        """The median of an exercise, in CPU seconds."""
        if notebook not in self._medians and notebook in self._seconds:
            self._medians[notebook] = median(self._seconds[notebook])
        return self._medians.get(notebook)

    def memory(self, item: Item, limit: int) -> int:
        """Bytes to keep free for ``item``: from what others used, else the whole ``limit``."""
        seen = self._memory.get(item.template.name, 0)
        return _BESIDE + (min(limit, int(seen * _MARGIN)) if seen else limit)


@dataclass
class Queue:
    """What is left to do; hands out the longest for which there is memory.

    Args:
        items: The work.
        past: What is known of it.
        memory: Bytes that all notebooks may use together.
        limit: Bytes that one may use.
    """

    items: Sequence[Item]
    past: Past
    memory: int
    limit: int
    _waiting: dict[str, list[Item]] = field(default_factory=dict)
    _running: dict[tuple[str, str], int] = field(default_factory=dict)
    _passed: int = 0

    def __post_init__(self) -> None:
        for item in reversed(self.items):
            self._waiting.setdefault(item.template.name, []).append(item)
        for waiting in self._waiting.values():
            # Taken from the end: the longest, and of equal ones those that were named first.
            waiting.sort(key=lambda item: self.past.seconds(item) or 0.0)

    def __len__(self) -> int:
        return sum(map(len, self._waiting.values()))

    def take(self) -> Item | None:
        """The next item, with its memory set aside; ``None`` if there is none, or none that fits now."""
        candidates = sorted((w[-1] for w in self._waiting.values() if w), key=self._rank, reverse=True)
        free = self.memory - sum(self._running.values())
        for place, item in enumerate(candidates):
            need = self.past.memory(item, self.limit)
            # One that needs more than there is runs alone: it is not sure to use what it may.
            if need <= free or not self._running:
                self._passed = self._passed + 1 if place else 0
                self._waiting[item.template.name].pop()
                self._running[item.key] = min(need, self.memory)
                return item
            if self._passed >= _PASSED:
                return None
        return None

    def done(self, item: Item, used: Used | None) -> None:
        """Give the memory of ``item`` back; ``used`` is what it took, where it ran."""
        del self._running[item.key]
        if used is not None:
            self.past.learn(used)

    def _rank(self, item: Item) -> tuple[bool, float]:
        seconds = self.past.seconds(item)
        if seconds is None:
            tried = Counter(notebook for _, notebook in self._running)
            return (not tried[item.template.name], 0.0)
        return (False, seconds)


def free_memory() -> int:
    """Bytes that notebooks may use together on this machine: what is free now, and allowed to this process."""
    free = min([int(psutil.virtual_memory().available), *map(_left_in, _groups())])
    return int(max(0, free) * (1 - _LEFT))


def _left_in(group: Path) -> int:
    """Bytes that a control group still allows, files that the system may drop aside; very many without a limit."""
    for limit, used, droppable in (
        ("memory.max", "memory.current", "inactive_file"),  # version 2
        ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
    ):
        try:
            allowed, taken = (int((group / name).read_text()) for name in (limit, used))
            lines = dict(line.split() for line in (group / "memory.stat").read_text().splitlines())
            return allowed - taken + int(lines.get(droppable, 0))
        except (OSError, ValueError):
            continue  # no such control group, or no limit in it
    return sys.maxsize


def _groups() -> list[Path]:
    """The control groups of a container and of this process, under version 2 and 1."""
    root = Path("/sys/fs/cgroup")
    try:
        own = [line.split(":", 2)[2].lstrip("/") for line in Path("/proc/self/cgroup").read_text().splitlines()]
    except OSError:
        own = []
    return [base / path for base in (root, root / "memory") for path in ("", *own)]
