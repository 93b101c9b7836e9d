"""One writer onto nbgrader's gradebook, which stays the system of record.

nbgrader's own tables hold students, submissions, scores and comments, just as ``nbgrader autograde`` and
formgrader expect them. Two tables of ours stand beside them in the same database: the full report of every
notebook, and what people had written about cells that were removed since. No other package of ``gradebook``
imports nbgrader.
"""

from gradebook.records.records import Records
from gradebook.records.values import CellGrade, Graded, Student

__all__ = ["CellGrade", "Graded", "Records", "Student"]
