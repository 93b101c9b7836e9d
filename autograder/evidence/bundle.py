"""Where evidence is kept: one folder a notebook of a submission, outside of the student's reach.

    evidence/<assignment>/<student>/<notebook>/manifest.json
                                               blobs/<SHA-256 of the content>

The manifest says which documents, arrays and files each judged cell had, what the kernel answered to each request,
and what the judge found. It is versioned; what is of another version is not read. A bundle is written beside its
place and then moved there, so that a run that was killed leaves the old one.
"""

import glob
import hashlib
import json
import shutil
import tempfile
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from autograder.errors import GraderError

__all__ = ["END", "Bundle", "Record", "Reply", "request_key"]

VERSION = 2
#: Name of the record that was taken when the last of the student's cells had run.
END = "#end"
_MANIFEST, _BLOBS = "manifest.json", "blobs"
_NEW = ".new-evidence-"
#: Seconds after which a bundle that was never settled is somebody's leftover.
_STALE = 86_400


@dataclass(frozen=True)
class Reply:
    """What the kernel answered to one request.

    Args:
        answer: How it went: ``status`` and what belongs to it.
        document: Digest of the document, where there is one.
        arrays: Digest of its arrays.
    """

    answer: Mapping[str, Any]
    document: str | None = None
    arrays: str | None = None


@dataclass
class Record:
    """The evidence for one judged cell.

    Args:
        state: Ids of the solution cells that had run: two records with the same ones see the same values.
        document: Digest of the document with the values of all names; ``None`` if there is none.
        arrays: Digest of its arrays.
        files: Digest and size of each file of the working directory.
        ended: How the kernel had ended, or what kept it from answering; ``None`` if it answered.
        requests: What was asked for this cell, by ``request_key``; each time it was asked, in order.
        cells: Digests of the texts of the student's code cells that had run, in order.
    """

    state: tuple[str, ...] = ()
    document: str | None = None
    arrays: str | None = None
    files: dict[str, tuple[str, int]] = field(default_factory=dict)
    ended: Mapping[str, Any] | None = None
    requests: dict[str, list[Reply]] = field(default_factory=dict)
    cells: tuple[str, ...] = ()

    def digest(self) -> str:
        """Of the values, files and texts: what a judge sees before it asks."""
        names = ("document", "arrays", "files", "ended", "cells")
        seen = {name: getattr(self, name) for name in names}
        return hashlib.sha256(json.dumps(seen, sort_keys=True).encode()).hexdigest()


class Bundle:
    """The evidence of one notebook of one submission.

    Args:
        folder: Where it is.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.facts: dict[str, Any] = {}
        self.records: dict[str, Record] = {}
        self.inspections: dict[str, dict[str, Any]] = {}
        self.results: dict[str, dict[str, Any]] = {}

    @property
    def blobs(self) -> Path:
        """The folder of contents by digest."""
        return self.folder / _BLOBS

    @classmethod
    def new(cls, root: Path, *, apart: bool = False) -> "Bundle":
        """An empty bundle below ``root``, not in its place yet.

        Args:
            root: Folder of all evidence; only its owner may enter it.
            apart: Make it among the temporary files, under a name that nobody can guess: on a host without
                namespaces the judge is another user, who has to reach it by its path.

        Raises:
            GraderError: The folder cannot be made.
        """
        try:
            root.mkdir(mode=0o700, parents=True, exist_ok=True)
            for left in root.glob(f"{_NEW}*"):  # by a run that was killed
                if left.lstat().st_mtime < time.time() - _STALE:
                    shutil.rmtree(left, ignore_errors=True)
            bundle = cls(Path(tempfile.mkdtemp(prefix=_NEW, dir=None if apart else root)))
            if apart:
                bundle.folder.chmod(0o711)
            bundle.blobs.mkdir(mode=0o755)
        except OSError as error:
            raise GraderError(f"Evidence cannot be kept in {root}: {error}.") from error
        return bundle

    def beside(self, name: str) -> Path:
        """A new folder for what is not evidence; whoever made it removes it, or whoever sweeps after a kill.

        Raises:
            GraderError: It cannot be made.
        """
        folder = self.folder.with_name(f"{self.folder.name}-{name}")
        try:
            folder.mkdir(mode=0o700)
        except OSError as error:
            raise GraderError(f"{folder} cannot be made: {error}.") from error
        return folder

    @classmethod
    def read(cls, folder: Path) -> "Bundle | None":
        """The bundle in ``folder``; ``None`` if there is none, or one of another version."""
        try:
            manifest = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        if manifest.get("version") != VERSION:
            return None
        bundle = cls(folder)
        bundle.facts = manifest["facts"]
        bundle.inspections = manifest["inspections"]
        bundle.results = manifest["results"]
        for name, record in manifest["records"].items():
            requests = {key: [Reply(**reply) for reply in replies] for key, replies in record["requests"].items()}
            files = {path: (digest, size) for path, (digest, size) in record["files"].items()}
            texts = {"state": tuple(record["state"]), "cells": tuple(record["cells"])}
            bundle.records[name] = Record(**{**record, "requests": requests, "files": files, **texts})
        return bundle

    def copy_apart(self) -> "Bundle":
        """A copy among the temporary files, to be settled or discarded: see ``new``.

        Raises:
            GraderError: The disk failed.
        """
        copy = Bundle.new(self.folder.parent, apart=True)
        try:
            shutil.copytree(self.blobs, copy.blobs, dirs_exist_ok=True)
        except (OSError, shutil.Error) as error:
            copy.discard()
            raise GraderError(f"Evidence cannot be copied to {copy.folder}: {error}.") from error
        copy.facts, copy.records = self.facts, self.records
        copy.inspections, copy.results = self.inspections, self.results
        return copy

    def write(self) -> None:
        """Write the manifest, whole or not at all.

        Raises:
            GraderError: The disk failed.
        """
        manifest = {
            "version": VERSION,
            "facts": self.facts,
            "records": {name: asdict(record) for name, record in self.records.items()},
            "inspections": self.inspections,
            "results": self.results,
        }
        partial = self.folder / f".{_MANIFEST}"
        try:
            partial.write_text(json.dumps(manifest), encoding="utf-8")
            partial.replace(self.folder / _MANIFEST)
        except OSError as error:
            raise GraderError(f"Evidence cannot be kept in {self.folder}: {error}.") from error

    def settle(self, place: Path) -> None:
        """Write it and move it to its place; what was there goes.

        Raises:
            GraderError: The disk failed.
        """
        self._sweep()
        self.write()
        try:
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            for left in place.parent.glob(f".old-{glob.escape(place.name)}-*"):  # by a run that was killed
                shutil.rmtree(left, ignore_errors=True)
            if place.exists():
                self._replace(place)
            else:
                shutil.move(self.folder, place)
        except OSError as error:
            raise GraderError(f"Evidence cannot be kept in {place}: {error}.") from error
        self.folder = place

    def _replace(self, place: Path) -> None:
        """Put it where another one is; where that fails, the other one stays.

        Raises:
            OSError: The disk failed.
        """
        old = Path(tempfile.mkdtemp(prefix=f".old-{place.name}-", dir=place.parent))
        place.rename(old / "bundle")
        try:
            shutil.move(self.folder, place)
        except BaseException:
            shutil.rmtree(place, ignore_errors=True)
            (old / "bundle").rename(place)
            old.rmdir()
            raise
        shutil.rmtree(old)

    def discard(self) -> None:
        """Remove a bundle that was not settled."""
        if self.folder.name.startswith(_NEW):
            shutil.rmtree(self.folder, ignore_errors=True)

    def keep(self, content: bytes) -> str:
        """Keep a content that some record will name; its digest.

        Raises:
            GraderError: The disk failed.
        """
        digest = hashlib.sha256(content).hexdigest()
        try:
            (self.blobs / digest).write_bytes(content)
            (self.blobs / digest).chmod(0o644)  # the judge is another user
        except OSError as error:
            raise GraderError(f"Evidence cannot be kept in {self.folder}: {error}.") from error
        return digest

    def content(self, digest: str) -> bytes:
        """The content with this digest.

        Raises:
            GraderError: It is gone, or was changed on disk.
        """
        try:
            content = (self.blobs / digest).read_bytes()
        except OSError as error:
            raise GraderError(f"Evidence is missing: {error}.") from error
        if hashlib.sha256(content).hexdigest() != digest:
            raise GraderError(f"Evidence in {self.folder} was changed.")
        return content

    def _sweep(self) -> None:
        """Remove what no record names."""
        named = {r.document for r in self.records.values()} | {r.arrays for r in self.records.values()}
        for record in self.records.values():
            named |= {digest for digest, _ in record.files.values()} | set(record.cells)
            named |= {d for replies in record.requests.values() for r in replies for d in (r.document, r.arrays)}
        named |= {digest for found in self.inspections.values() for digest in found.get("files", {}).values()}
        for path in self.blobs.iterdir():
            if path.name not in named:
                path.unlink()


def request_key(request: Mapping[str, Any], payload: bytes) -> str:
    """What tells two requests apart."""
    text = json.dumps(dict(request), sort_keys=True).encode()
    return hashlib.sha256(text + b"\0" + payload).hexdigest()
