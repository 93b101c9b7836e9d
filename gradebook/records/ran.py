"""What is known of earlier runs, without points: what they depended on, and what they used."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from gradebook.records.tables import REPORT

__all__ = ["Ran", "read_ran"]


@dataclass(frozen=True)
class Ran:
    """The last run of one notebook of one student.

    Args:
        student: Whose.
        notebook: Which.
        submitted_at: When what was run had been handed in; naive and in UTC, ``None`` if unknown.
        status: The report's.
        needs_review: Whether the grader failed in it.
        sandbox: What the report says of its sandbox.
        cpu_seconds: Of the student's code.
    """

    student: str
    notebook: str
    submitted_at: datetime | None
    status: str
    needs_review: bool
    sandbox: Mapping[str, Any]
    cpu_seconds: float


def read_ran(session: Session, assignment: str) -> list[Ran]:
    """The last runs of an assignment. A report that cannot be read is left out: that notebook runs again."""
    columns = (REPORT.c.student, REPORT.c.notebook, REPORT.c.submitted_at, REPORT.c.report)
    found = []
    for student, notebook, submitted_at, text in session.execute(
        select(*columns).where(REPORT.c.assignment == assignment)
    ):
        try:
            data = json.loads(text)
            status, sandbox = str(data["status"]), dict(data["sandbox"])
            broken = status == "failed" or any(verdict["needs_review"] for verdict in data["verdicts"])
            ran = Ran(student, notebook, submitted_at, status, broken, sandbox, float(data["cpu_seconds"]))
        except (ValueError, TypeError, KeyError):
            continue
        found.append(ran)
    return found
