"""One writer onto nbgrader's gradebook, which stays the system of record.

nbgrader's own tables hold students, submissions, scores and comments, just as ``nbgrader autograde`` and
formgrader expect them. Tables of ours stand beside them in the same database (``records.tables``): the full report
of every notebook, what people had written about cells that were removed since, every change of a score. No other
package of ``gradebook`` imports nbgrader.
"""

from gradebook.records.ran import Ran
from gradebook.records.records import Records
from gradebook.records.turns import Turn
from gradebook.records.values import (
    Appeal,
    Attempt,
    AttemptCell,
    CellGrade,
    Change,
    Graded,
    Outcome,
    Reason,
    Scores,
    Student,
)

__all__ = [
    "Appeal",
    "Attempt",
    "AttemptCell",
    "CellGrade",
    "Change",
    "Graded",
    "Outcome",
    "Ran",
    "Reason",
    "Records",
    "Scores",
    "Student",
    "Turn",
]
