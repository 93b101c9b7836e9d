"""Where the verified datasets lie on this machine.

Layout below the root::

    official/   0700   the published arrays; no other user, and so no sandbox, may read them
    views/      0755   one folder a course key: what student code sees
    .lock              taken by whoever writes, so that commands may run side by side

A file appears under its final name only when it is whole: it is written beside it and renamed.
"""

import fcntl
import os
import secrets
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from autograder.data.datasets import Dataset, Name, arrays, from_arrays, title, verify
from autograder.errors import UsageError
from autograder.messages import tr

__all__ = ["DataStore", "default_root"]


def default_root(environ: Mapping[str, str] = os.environ) -> Path:
    """The cache folder: ``$AUTOGRADER_CACHE``, else ``tp555-autograder`` in the user's cache folder."""
    if chosen := environ.get("AUTOGRADER_CACHE"):
        return Path(chosen).expanduser().absolute()
    base = Path(environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser()
    return base.absolute() / "tp555-autograder"


@dataclass(frozen=True)
class DataStore:
    """The datasets of one cache folder.

    Args:
        root: The folder; made when first written to.
    """

    root: Path

    def path(self, name: Name) -> Path:
        """The file that holds dataset ``name``."""
        return self.root / "official" / f"{name}.npz"

    @property
    def views(self) -> Path:
        """The folder of the public views."""
        return self.root / "views"

    def load(self, name: Name) -> Dataset:
        """Read and verify dataset ``name``.

        Raises:
            UsageError: It is not there, or is damaged.
        """
        path = self.path(name)
        hint = tr("Run `autograder data`.")
        if not path.exists():
            raise UsageError(tr("{dataset} is not on this machine yet.", dataset=title(name)), hint)
        try:
            with np.load(path, allow_pickle=False) as found:
                dataset = from_arrays(name, dict(found))
        except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
            raise UsageError(
                tr("{path} is damaged: {reason}.", path=path, reason=str(error).rstrip(".")), hint
            ) from error
        try:
            return verify(dataset)
        except UsageError as error:
            raise UsageError(f"{path}: {error.what}", hint) from error

    def save(self, dataset: Dataset) -> None:
        """Verify ``dataset`` and keep it, readable by this user alone.

        Raises:
            UsageError: It is not the published dataset.
        """
        verify(dataset)
        path = self.path(dataset.name)
        self.root.mkdir(parents=True, exist_ok=True)
        path.parent.mkdir(mode=0o700, exist_ok=True)
        path.parent.chmod(0o700)
        partial = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        try:
            descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as out:
                np.savez(out, **arrays(dataset))  # type: ignore[arg-type]  # numpy types its own keyword
                out.flush()
                os.fsync(out.fileno())
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)

    def discard(self, name: Name) -> None:
        """Remove the file of dataset ``name``, if there is one."""
        self.path(name).unlink(missing_ok=True)

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Keep other writers out, in this process and in others; waits for its turn."""
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / ".lock").open("a") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
