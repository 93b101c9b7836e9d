"""What a backup holds, and the list of it that lies in each backup."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from autograder.errors import UsageError
from autograder.receipt import RECEIPTS

__all__ = ["DATABASE", "EVIDENCE", "FILES", "FOLDERS", "MANIFEST", "Manifest", "Member", "is_covered"]

DATABASE = "gradebook.db"
EVIDENCE = "evidence"
#: Files at the root of a course. The key decides which rows are held out: without it every grade changes a little.
FILES = (DATABASE, "policies.toml", ".holdout-key", RECEIPTS)
#: Folders at the root of a course, with all that is in them.
FOLDERS = ("submitted", "autograded", "feedback", EVIDENCE)
#: The list, last in the archive.
MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Member:
    """A file of a backup."""

    sha256: str
    size: int


@dataclass(frozen=True)
class Manifest:
    """What a backup holds.

    Args:
        made_at: When, as ISO 8601 in UTC.
        covers: Which of ``FILES`` and ``FOLDERS`` it speaks for, also where they were not there.
        members: Its files, by name.
        skipped: What was no regular file (links, pipes), and is not in it.
    """

    made_at: str
    covers: tuple[str, ...]
    members: Mapping[str, Member]
    skipped: tuple[str, ...]

    def to_json(self) -> bytes:
        """As it is written."""
        return json.dumps({"version": 1, **asdict(self)}, indent=1).encode()

    @classmethod
    def from_json(cls, data: bytes) -> "Manifest":
        """Read what ``to_json`` wrote; somebody else may have written it.

        Raises:
            UsageError: It is no list of a backup, or of another version.
        """
        try:
            found: Any = json.loads(data)
            if found["version"] != 1:
                raise UsageError(f"The backup is of version {found['version']!r}, which is not known.")
            members = {str(name): Member(str(m["sha256"]), int(m["size"])) for name, m in found["members"].items()}
            covers = tuple(str(name) for name in found["covers"])
            manifest = cls(str(found["made_at"]), covers, members, tuple(map(str, found["skipped"])))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise UsageError("The backup's list of its files cannot be read.") from error
        if not set(covers) <= {*FILES, *FOLDERS} or not all(is_covered(name, covers) for name in members):
            raise UsageError("The backup holds files that no backup has.")
        return manifest


def is_covered(name: str, covers: tuple[str, ...] = (*FILES, *FOLDERS)) -> bool:
    """Whether a backup may hold a file of this name: below a folder, or one of the files, and by no detour."""
    parts = name.split("/")
    plain = all(part not in ("", ".", "..") and "\x00" not in part for part in parts)
    return plain and parts[0] in covers and (len(parts) == 1) == (parts[0] in FILES)
