"""Tables of ours in nbgrader's database. ``docs/data.md`` says what each column means.

Times are UTC without a zone, as nbgrader's are. Names instead of nbgrader's ids: rows outlive what they are about.
"""

from sqlalchemy import Boolean, Column, DateTime, Float, Index, Integer, MetaData, String, Table, Text

__all__ = [
    "APPEAL",
    "ARCHIVE",
    "ATTEMPT",
    "CAUSE",
    "EXHIBIT",
    "HISTORY",
    "OURS",
    "REPORT",
    "REVIEW_MARK",
    "REVIEW_PHRASE",
    "REVIEW_TASK",
    "SHOWN",
    "WATCH",
]

OURS = MetaData()


def _key(*names: str) -> list[Column[str]]:
    """Names that together are a row's key."""
    return [Column(name, String(128), primary_key=True) for name in names]


#: The report of each notebook of each submission, as JSON.
REPORT = Table(
    "autograder_report",
    OURS,
    *_key("student", "assignment", "notebook"),
    Column("recorded_at", DateTime, nullable=False),
    Column("submitted_at", DateTime),
    Column("weakened", Boolean, nullable=False),
    Column("report", Text, nullable=False),
    # A digest of what the student wrote, by cell: tells a resubmission from a regrade.
    Column("answers", Text, nullable=False, default="{}"),
)

#: What pages draw of a notebook, and by what its models are known again, as JSON: apart, since whoever reads a
#: whole class has no use for it.
EXHIBIT = Table(
    "autograder_exhibit",
    OURS,
    *_key("student", "assignment", "notebook"),
    Column("exhibits", Text, nullable=False),
)
#: The fields of a report that are there.
SHOWN = ("exhibits", "models")

#: What people wrote about cells that are no longer part of the assignment. It returns with the cell.
ARCHIVE = Table(
    "autograder_archive",
    OURS,
    *_key("student", "assignment", "notebook", "cell"),
    Column("manual_score", Float),
    Column("extra_credit", Float),
    Column("manual_comment", Text),
    Column("archived_at", DateTime, nullable=False),
)

#: Who reads which answer; ``second`` where it is read to compare two readers.
REVIEW_TASK = Table(
    "autograder_review_task",
    OURS,
    *_key("assignment", "notebook", "cell", "student", "reviewer"),
    Column("second", Boolean, nullable=False),
)

#: What somebody gave, by the rubric's levels. The score that counts is nbgrader's, which the first reader sets.
REVIEW_MARK = Table(
    "autograder_review_mark",
    OURS,
    *_key("assignment", "notebook", "cell", "student", "reviewer"),
    Column("second", Boolean, nullable=False),
    Column("answer", String(128), nullable=False),  # digest of the text that was read
    Column("levels", Text, nullable=False),
    Column("comment", Text, nullable=False),
    Column("marked_at", DateTime, nullable=False),
)

#: Comments that people keep, to use them again.
REVIEW_PHRASE = Table(
    "autograder_review_phrase",
    OURS,
    *_key("assignment", "notebook", "cell"),
    Column("text", String(2000), primary_key=True),
)

#: Every change of a score; written by triggers (``records.triggers``), so also when nbgrader alone makes it.
HISTORY = Table(
    "autograder_history",
    OURS,
    Column("id", Integer, primary_key=True),
    Column("at", DateTime, nullable=False),
    *(Column(name, String(128), nullable=False) for name in ("student", "assignment", "notebook", "cell")),
    Column("actor", String(128), nullable=False),
    Column("why", String(128), nullable=False),
    *(Column(f"{when}_{kind}", Float) for kind in ("auto", "manual", "extra") for when in ("old", "new")),
    Index("autograder_history_whose", "assignment", "student"),
)

#: Who makes the changes of the transaction that is going on. SQLite's triggers read it; never committed.
CAUSE = Table(
    "autograder_cause",
    OURS,
    Column("id", Integer, primary_key=True),
    Column("at", DateTime, nullable=False),
    Column("actor", String(128), nullable=False),
    Column("why", String(128), nullable=False),
)

#: What an earlier submission of a notebook got, kept when another one takes its place.
ATTEMPT = Table(
    "autograder_attempt",
    OURS,
    Column("id", Integer, primary_key=True),
    *(Column(name, String(128), nullable=False) for name in ("student", "assignment", "notebook")),
    Column("submitted_at", DateTime),
    Column("replaced_at", DateTime, nullable=False),
    Column("status", String(16), nullable=False),
    Column("cells", Text, nullable=False),  # JSON: score, max_score, manual, answer, by cell
    Index("autograder_attempt_whose", "assignment", "student", "notebook"),
)

#: What a student asks about a grade, and what they are answered. It changes no score by itself.
APPEAL = Table(
    "autograder_appeal",
    OURS,
    Column("id", Integer, primary_key=True),
    *(Column(name, String(128), nullable=False) for name in ("student", "assignment", "notebook")),
    Column("cell", String(128)),  # none: the whole notebook
    Column("text", Text, nullable=False),
    Column("filed_by", String(128), nullable=False),
    Column("filed_at", DateTime, nullable=False),
    Column("outcome", String(16)),  # none while it is open
    Column("answer", Text),
    Column("answered_by", String(128)),
    Column("answered_at", DateTime),
    sqlite_autoincrement=True,  # people write its number down: it is never given again
)

#: What ``autograder watch`` has admitted to grading: what a student's day is counted by. Written before a
#: submission is graded, so that no end of the program gives another turn.
WATCH = Table(
    "autograder_watch",
    OURS,
    *_key("student", "assignment"),
    Column("submitted_at", DateTime, primary_key=True),
    Column("admitted_at", DateTime, nullable=False),
    Column("over", Boolean, nullable=False),  # beyond the day's number, after the deadline: without feedback
    Column("done_at", DateTime),  # none while it is graded, and its feedback written
)
