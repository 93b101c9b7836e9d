"""Who was in the course before: JupyterHub's database remembers, and its configuration only ever adds."""

import sqlite3
from collections.abc import Collection, Sequence
from contextlib import closing
from pathlib import Path

from hub.roster import Member

__all__ = ["DATABASE", "forget_groups", "leavers"]

#: The hub's database, below ``state``.
DATABASE = "jupyterhub.sqlite"


def leavers(database: Path, roster: Sequence[Member]) -> set[str]:
    """People whom the hub knows, and who are not on the roster any more."""
    if not _holds(database, "users"):
        return set()
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        known = {str(name) for (name,) in connection.execute("SELECT name FROM users")}
    return known - {member.id for member in roster}


def forget_groups(database: Path, groups: Collection[str]) -> None:
    """Take everybody out of some groups, while no hub runs; at its start it fills them from the roster."""
    if not _holds(database, "user_group_map"):
        return
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.executemany(
            "DELETE FROM user_group_map WHERE group_id IN (SELECT id FROM groups WHERE name = ?)",
            [(name,) for name in groups],
        )


def _holds(database: Path, table: str) -> bool:
    if not database.exists():
        return False
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        found = connection.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", (table,))
        return found.fetchone() is not None
