"""What a submission holds, as one digest that a student can keep: ``Receipt``.

The digest is of names and contents, so that whoever has the files can compute it again:

    SHA-256 of the lines "<SHA-256 of the file>  <name>", sorted by name

which is what ``sha256sum`` prints for each file. nbgrader's own files (``timestamp.txt``, …) are not among them.
"""

import hashlib
import json
import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

__all__ = ["OURS", "RECEIPTS", "Receipt", "files_of", "receipt_of"]

#: In the course's folder: a line a collected submission.
RECEIPTS = "receipts.jsonl"

#: Files that nbgrader adds to what a student hands in.
OURS = frozenset({"timestamp.txt", "submission_secret.txt"})
_BLOCK = 2**20


@dataclass(frozen=True)
class Receipt:
    """Proof of what was handed in.

    Args:
        course: Id of the course.
        assignment: Name of the list.
        student: Login.
        timestamp: When, as nbgrader writes it.
        files: SHA-256 by name.
    """

    course: str
    assignment: str
    student: str
    timestamp: str
    files: Mapping[str, str]

    @property
    def digest(self) -> str:
        """SHA-256 of all of it, 64 hexadecimal digits."""
        lines = "".join(f"{digest}  {name}\n" for name, digest in sorted(self.files.items()))
        return hashlib.sha256(lines.encode("utf-8", "surrogateescape")).hexdigest()

    def to_json(self) -> str:
        """One line."""
        return json.dumps(
            {
                "course": self.course, "assignment": self.assignment, "student": self.student,
                "timestamp": self.timestamp, "digest": self.digest, "files": dict(sorted(self.files.items())),
            }
        )  # fmt: skip


def receipt_of(folder: Path, *, course: str, assignment: str, student: str, timestamp: str) -> Receipt:
    """Read the files of a submission. Links are not followed, and are no files."""
    files = {name: _sha256(folder / name) for name in files_of(folder) if name not in OURS}
    return Receipt(course, assignment, student, timestamp, files)


def files_of(folder: Path) -> Iterator[str]:
    """Names of the regular files below ``folder``, relative to it."""
    for parent, _, names in os.walk(folder, followlinks=False):
        for name in names:
            path = Path(parent) / name
            if stat.S_ISREG(path.lstat().st_mode):
                yield str(path.relative_to(folder))


def _sha256(path: Path) -> str:
    whole = hashlib.sha256()
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as file:
        while block := file.read(_BLOCK):
            whole.update(block)
    return whole.hexdigest()
