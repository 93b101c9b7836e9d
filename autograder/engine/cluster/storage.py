"""What client and workers both see: a folder, or a bucket of an object store, through fsspec.

An object is written under another name and then moved to its own, so that no name ever stands for half an
object; who reads it also knows its digest. Each run has a folder of its own there, which goes when the run
ends; one that a run left behind is removed by a later run.
"""

import hashlib
import secrets
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import fsspec
from fsspec.implementations.local import LocalFileSystem

from autograder.errors import GraderError, UsageError

__all__ = ["MAX_OBJECT", "Storage", "Stored", "digest_of"]

#: Bytes of one notebook's results at most: evidence is bounded by the disk limit of a sandbox, and by this.
MAX_OBJECT = 4 * 2**30
_RUN = "run-"
#: Seconds after which a run's folder is somebody's leftover.
_STALE = 14 * 86_400


@dataclass(frozen=True)
class Stored:
    """An object as its writer knows it."""

    name: str
    digest: str
    size: int


def digest_of(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Storage:
    """The folder of one run.

    Args:
        url: Its URL, ``s3://bucket/prefix/run-…`` or a path.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._fs, self._root = _open(url)

    @classmethod
    def of_a_run(cls, base: str) -> "Storage":
        """A new folder below ``base``; what runs before this one left there goes.

        Raises:
            UsageError: Nothing can be written there.
        """
        filesystem, root = _open(base)
        if isinstance(filesystem, LocalFileSystem):
            base = root  # each worker has a working folder of its own
        try:
            filesystem.makedirs(root, exist_ok=True)
            for path in filesystem.ls(root, detail=False):
                name = path.rstrip("/").rpartition("/")[2]
                began = name.removeprefix(_RUN).partition("-")[0]
                if name.startswith(_RUN) and began.isdecimal() and int(began) < time.time() - _STALE:
                    filesystem.rm(path, recursive=True)
            run = cls(f"{base.rstrip('/')}/{_RUN}{int(time.time())}-{secrets.token_hex(8)}")
            run._fs.makedirs(run._root, exist_ok=True)
            if isinstance(filesystem, LocalFileSystem):
                Path(run._root).chmod(0o700)
        except Exception as error:  # each store has its own kinds
            raise UsageError(
                f"The shared storage {base} cannot be used: {_why(error)}.", "See --storage in docs/scaling.md."
            ) from error
        return run

    def put(self, path: Path) -> Stored:
        """Store a file under a new name, whole or not at all.

        Raises:
            GraderError: That failed, or it is too large.
        """
        size = path.stat().st_size
        if size > MAX_OBJECT:
            raise GraderError(f"The results have {size >> 20} MiB; at most {MAX_OBJECT >> 20} are taken.")
        stored = Stored(f"{secrets.token_hex(16)}.tar", digest_of(path), size)
        try:
            self._fs.put_file(str(path), self._at(f"{stored.name}.partial"))
            self._fs.mv(self._at(f"{stored.name}.partial"), self._at(stored.name))
        except Exception as error:  # each store has its own kinds
            raise GraderError(f"{self.url} cannot be written: {_why(error)}.") from error
        return stored

    def get(self, stored: Stored, path: Path) -> None:
        """Fetch an object to the file ``path``.

        Raises:
            GraderError: It is not there, is not what was stored, or is too large.
        """
        try:
            size = self._fs.size(self._at(stored.name))
            if size != stored.size or size > MAX_OBJECT:
                raise GraderError(f"{stored.name} has {size} bytes, and {stored.size} were stored.")
            self._fs.get_file(self._at(stored.name), str(path))
        except GraderError:
            raise
        except Exception as error:  # each store has its own kinds
            raise GraderError(f"{stored.name} cannot be read in {self.url}: {_why(error)}.") from error
        if digest_of(path) != stored.digest:
            raise GraderError(f"{stored.name} in {self.url} is not what was stored there.")

    def remove(self, name: str) -> None:
        """Remove an object that is no longer needed; one that cannot be removed goes with the folder."""
        try:
            self._fs.rm(self._at(name))
        except Exception:  # each store has its own kinds; it costs room, and nothing else
            return

    def close(self) -> None:
        """Remove the folder and all in it; what cannot be removed goes with a later run."""
        try:
            self._fs.rm(self._root, recursive=True)
        except Exception:  # each store has its own kinds; all that counts has been fetched
            return

    def _at(self, name: str) -> str:
        return f"{self._root.rstrip('/')}/{name}"


def _open(url: str) -> tuple[Any, str]:
    try:
        # Listings that are remembered would not show what another process has written since.
        filesystem, root = fsspec.core.url_to_fs(url, use_listings_cache=False)
    except (ImportError, ValueError) as error:
        raise UsageError(
            f"No shared storage can be opened at {url!r}: {error}.",
            "A path, or a URL that fsspec knows (s3://… needs the package s3fs on client and workers).",
        ) from error
    return filesystem, str(root)


def _why(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:300]
