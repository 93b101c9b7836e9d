"""What ``autograder watch`` says: a line when something happened, nothing while it waits.

Lines for people carry the time. With ``--json`` standard output has one object a graded submission, and all else
goes to standard error.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime

from autograder.messages import printable
from autograder.terminal import err, out
from gradebook.records import Graded, Turn

__all__ = ["Log"]

_MANY = 10_000


class Log:
    """Where lines go.

    Args:
        as_json: Print objects of what was graded.
    """

    def __init__(self, *, as_json: bool = False) -> None:
        self._json = as_json
        self._console = err if as_json else out
        self._said: set[str] = set()

    def line(self, text: str) -> None:
        """Something happened."""
        text = f"{datetime.now():%Y-%m-%d %H:%M:%S} {printable(text, 500)}"
        self._console.print(text, highlight=False, markup=False, soft_wrap=True)

    def once(self, text: str) -> None:
        """Something that stays as it is for a while: said when it is new."""
        if text not in self._said:
            if len(self._said) >= _MANY:
                self._said.clear()
            self._said.add(text)
            self.line(text)

    def graded(self, turn: Turn, reports: Sequence[Graded], *, released: bool) -> None:
        """A submission was graded."""
        score, most = sum(g.score for g in reports), sum(g.max_score for g in reports)
        review = any(g.report.needs_review for g in reports)
        if self._json:
            row = {
                "time": datetime.now(UTC).isoformat(timespec="seconds"),
                "student": turn.student,
                "assignment": turn.assignment,
                "submitted_at": turn.submitted_at.replace(tzinfo=UTC).isoformat(),
                "score": score,
                "max_score": most,
                "needs_review": review,
                "over_the_cap": turn.over,
                "feedback": released,
                "notebooks": {g.report.notebook: g.score for g in reports},
            }
            print(json.dumps(row, ensure_ascii=False), flush=True)
            return
        notes = ["needs review"] * review + ["feedback released"] * released
        self.line(f"{turn.student}: {score:g} of {most:g}" + "".join(f", {note}" for note in notes))
