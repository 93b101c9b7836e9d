"""The people of a course: a CSV that a registrar's export becomes with a few renamed columns.

Columns: ``id`` (the login), ``first_name``, ``last_name``, ``email`` and ``role`` (``student``, ``ta`` or
``instructor``). Others are left alone. Semicolons and a byte-order mark, as spreadsheets in Portuguese write them,
are read as well.
"""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from hub.settings import SettingsError

__all__ = ["Member", "Role", "read_roster"]

Role = Literal["student", "ta", "instructor"]
_COLUMNS = ("id", "first_name", "last_name", "email", "role")
#: A login: it becomes an account, a folder of the exchange and part of URLs. nbgrader splits names at "+".
_LOGIN = re.compile(r"[a-z][a-z0-9._-]{0,31}")


@dataclass(frozen=True)
class Member:
    """One person.

    Args:
        id: The login.
        first_name: As the gradebook shows it.
        last_name: As the gradebook shows it.
        email: May be empty.
        role: What they are in the course.
    """

    id: str
    first_name: str
    last_name: str
    email: str
    role: Role


def read_roster(path: Path) -> tuple[Member, ...]:
    """Everybody, in the file's order.

    Raises:
        SettingsError: The file cannot be read, a column is missing, or a line is wrong; all wrong lines are named.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise SettingsError(f"The roster {path}: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"The roster {path} is not UTF-8: save it as “CSV UTF-8”.") from error
    header = text.partition("\n")[0]
    reader = csv.DictReader(io.StringIO(text), delimiter=";" if header.count(";") > header.count(",") else ",")
    missing = [name for name in _COLUMNS if name not in (reader.fieldnames or ())]
    if missing:
        raise SettingsError(
            f"The roster {path} lacks the column {', '.join(missing)}: its first line names columns."
        )
    members: list[Member] = []
    problems: list[str] = []
    for row in reader:
        values = {name: (row[name] or "").strip() for name in _COLUMNS}
        if not any(values.values()):
            continue
        found = list(_problems(values, members))
        problems += [f"  line {reader.line_num}: {problem}" for problem in found]
        if not found:
            members.append(Member(**values))  # type: ignore[arg-type]  # the role was looked at
    if problems:
        raise SettingsError("\n".join([f"The roster {path} cannot be used:", *problems]))
    if not any(member.role == "instructor" for member in members):
        raise SettingsError(f"The roster {path} has no instructor: nobody could release or grade.")
    return tuple(members)


def _problems(values: dict[str, str], before: list[Member]) -> Iterator[str]:
    if not _LOGIN.fullmatch(values["id"]):
        yield (
            f"id {values['id']!r}: a login is a small letter and up to 31 small letters, digits, '.', '-' or '_'"
        )
    if any(member.id == values["id"] for member in before):
        yield f"id {values['id']!r} is there twice"
    if values["role"] not in get_args(Role):
        yield f"role {values['role']!r}: it is student, ta or instructor"
