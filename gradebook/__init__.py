"""Keeps and explains grades: records in nbgrader's database, feedback, policies, exports.

For pandas: ``gradebook.load("lista12")`` is a table of all graded cells, ``gradebook.outcomes("lista12")`` one of
all checks, ``gradebook.grades("lista12").wide()`` one of the students with their grades.
"""

from typing import Any

__all__ = ["grades", "load", "outcomes"]


def __getattr__(name: str) -> Any:
    """Only who asks for a table pays for pandas and the database."""
    if name in __all__:
        from gradebook import frames

        return getattr(frames, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
