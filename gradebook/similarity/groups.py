"""Who hands in together, by the groups of ``policies.toml``."""

from collections.abc import Iterable, Mapping

__all__ = ["Groups"]


class Groups:
    """Groups of students; who is in none is alone.

    Args:
        members: The students of each group.
    """

    def __init__(self, members: Mapping[str, Iterable[str]] | None = None) -> None:
        self._group = {student: (name, "") for name, all_ in (members or {}).items() for student in all_}

    def of(self, student: str) -> tuple[str, str]:
        """What is equal for students of one group only."""
        return self._group.get(student, ("", student))

    def apart(self, students: Iterable[str]) -> bool:
        """Whether these do not all hand in together."""
        return len({self.of(student) for student in students}) > 1
