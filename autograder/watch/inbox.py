"""What is new in the exchange's inbound folder of one list, and is there as a whole.

nbgrader copies a submission into the open folder file by file, and the grader's poll may come in the middle. Half
a submission that is collected would stay: the rest comes within the minutes that copying may take, so the time
that counts is the same and nothing is newer. So a folder is collected when nothing in it has changed between two
looks.

No notification of the kernel's is used: none comes for what another machine writes over NFS.
"""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from autograder.nbgrader_exchange import last_change

__all__ = ["Inbox", "Look", "student_of"]

#: After so many seconds folders that were collected are looked at again (somebody may have changed one by hand),
#: and what could not be collected is tried again.
_AGAIN = 300.0


@dataclass(frozen=True)
class Look:
    """What one look found: names of folders.

    Args:
        ready: New and whole.
        growing: New, and perhaps still being written.
    """

    ready: tuple[str, ...]
    growing: frozenset[str]


class Inbox:
    """The submissions of one assignment in an inbound folder.

    Args:
        folder: The exchange's ``inbound`` of the course.
        assignment: Of which assignment.
        quiet: How long, in seconds, nothing may have changed in a submission that is whole.
        clock: Seconds, from anywhere.
    """

    def __init__(
        self, folder: Path, assignment: str, *, quiet: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.folder = folder
        self._mark = f"+{assignment}+"
        self._quiet, self._clock = quiet, clock
        self._seen: dict[str, tuple[str, float]] = {}
        self._taken: dict[str, str | None] = {}
        self._full_at = clock() + _AGAIN

    def look(self) -> Look:
        """Look once.

        Raises:
            OSError: The folder is not there, or cannot be read.
        """
        with os.scandir(self.folder) as entries:
            names = sorted(e.name for e in entries if self._mark in e.name and not e.name.startswith("."))
        now = self._clock()
        full = now >= self._full_at
        if full:
            self._full_at = now + _AGAIN
        self._forget_all_but(names)
        ready, growing = [], []
        for name in names:
            if name in self._taken and not full:
                continue
            state = self._state(name)
            if self._taken.get(name) == state:
                continue
            before = self._seen.get(name)
            if before is None or before[0] != state:
                self._seen[name] = state, now
                growing.append(name)
            elif now - before[1] < self._quiet:
                growing.append(name)
            else:
                ready.append(name)
        return Look(tuple(ready), frozenset(growing))

    def took(self, name: str, *, well: bool) -> None:
        """``name`` was collected, or, if not ``well``, could not be: then it is tried again later."""
        self._taken[name] = self._seen[name][0] if well else None

    def _state(self, name: str) -> str:
        """Changes when anything in the folder does."""
        try:
            return last_change(self.folder / name).isoformat()
        except (OSError, ValueError) as error:
            return f"{type(error).__name__}: {error}"  # the collector will say so

    def _forget_all_but(self, names: list[str]) -> None:
        there = set(names)
        for kept in (self._seen, self._taken):
            for name in kept.keys() - there:
                del kept[name]


def student_of(name: str) -> str:
    """Whose a folder says it is; its owner has the last word, when it is collected."""
    return name.rsplit("+", 3)[0]
