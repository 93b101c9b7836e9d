"""A disk that is small and can be filled, where a test wants one."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

__all__ = ["Disk", "needs_mount", "small_disk"]

needs_mount = pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a disk that is small")


class Disk:
    """A small file system, and what fills it."""

    def __init__(self, folder: Path) -> None:
        self._ballast = folder / ".ballast"

    def fill(self, *, but: int = 0) -> None:
        """Take all that is free, ``but`` so many bytes."""
        with self._ballast.open("wb", buffering=0) as file, suppress(OSError):
            while True:
                file.write(bytes(4096))
        assert shutil.disk_usage(self._ballast.parent).free == 0
        os.truncate(self._ballast, self._ballast.stat().st_size - but)

    def make_room(self) -> None:
        """Give it back."""
        self._ballast.unlink()


@contextmanager
def small_disk(folder: Path) -> Iterator[Disk]:
    """Mount a disk of a mebibyte at ``folder``, empty, until the block ends."""
    folder.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m,mode=700", "tmpfs", folder], check=True)
    try:
        yield Disk(folder)
    finally:
        subprocess.run(["umount", folder], check=True)
