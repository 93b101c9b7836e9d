"""What processes use, read from ``/proc`` at little cost: a keeper asks ten times a second, many keepers at once.

A process that is gone uses nothing; it may go at any moment.
"""

import os
from pathlib import Path

import psutil

__all__ = ["cpu", "proportional", "resident", "tree"]

_PAGE = os.sysconf("SC_PAGE_SIZE")
_TICK = os.sysconf("SC_CLK_TCK")


def tree(pid: int) -> list[int]:
    """A process and its descendants. Looks at all processes of the machine, which takes milliseconds."""
    try:
        root = psutil.Process(pid)
        return [pid, *(child.pid for child in root.children(recursive=True))]
    except psutil.NoSuchProcess:
        return []


def cpu(pid: int) -> float:
    """CPU seconds of a process and of the children that it has waited for."""
    text = _read(pid, "stat")
    # After the name, which may hold anything: the state, and from the twelfth on the times.
    return sum(map(int, text.rpartition(")")[2].split()[11:15])) / _TICK


def resident(pid: int) -> int:
    """Bytes of memory that a process has, those shared with others in full."""
    fields = _read(pid, "statm").split()
    return int(fields[1]) * _PAGE if fields else 0


def proportional(pid: int) -> int:
    """Bytes of memory that a process has, of those shared with others its part; all where that may not be read."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except PermissionError:
        return resident(pid)
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))


def _read(pid: int, name: str) -> str:
    try:
        return Path(f"/proc/{pid}/{name}").read_text(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return ""
