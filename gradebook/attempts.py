"""Earlier submissions as rows beside the present ones, for a policy to choose from."""

from collections import Counter
from collections.abc import Iterable, Sequence

import pandas as pd

from gradebook.records import Attempt, AttemptCell, CellGrade, Graded

__all__ = ["with_attempts"]


def with_attempts(
    frame: pd.DataFrame, attempts: Iterable[Attempt], graded: Sequence[Graded] | None = None
) -> pd.DataFrame:
    """The table with the column ``attempts``, how often each notebook was handed in; and a row for each time.

    Args:
        frame: A row a student and notebook, from ``frames.by_notebook``.
        attempts: What others replaced.
        graded: What is recorded now, whole, to add rows for earlier submissions; ``None`` for the count alone.
    """
    places = {
        (student, notebook): place
        for place, (student, notebook) in enumerate(zip(frame["student"], frame["notebook"], strict=True))
    }
    times = list(frame["submitted_at"])
    # What was put back is there already, and has its row.
    earlier = [
        (places[key], attempt)
        for attempt in attempts
        if (key := (attempt.student, attempt.notebook)) in places
        and (attempt.submitted_at is None or attempt.submitted_at != times[places[key]])
    ]
    count = Counter({place: 1 for place, status in enumerate(frame["status"]) if status != "missing"})
    count.update(place for place, _ in earlier)
    frame = frame.assign(attempts=[count[place] for place in range(len(frame))])
    return frame if graded is None else _with_rows(frame, earlier, graded)


def _with_rows(
    frame: pd.DataFrame, attempts: Sequence[tuple[int, Attempt]], graded: Sequence[Graded]
) -> pd.DataFrame:
    present = {(one.student.id, one.report.notebook): one for one in graded}
    earlier = [
        (place, attempt, present[key])
        for place, attempt in attempts
        if (key := (attempt.student, attempt.notebook)) in present
    ]
    if not earlier:
        return frame
    # Their due time, points to be had and count are those of the notebook's row.
    more = frame.iloc[[place for place, *_ in earlier]].reset_index(drop=True)
    points = [_points(attempt, one) for _, attempt, one in earlier]
    times = pd.to_datetime(pd.Series([attempt.submitted_at for _, attempt, _ in earlier], dtype=object), utc=True)
    more = more.assign(
        raw=[max(0.0, raw) for raw, _ in points],
        pending=[pending for _, pending in points],
        status=[attempt.status for _, attempt, _ in earlier],
        submitted_at=times,
    )
    # The present row stands last: of two that are worth the same, it counts.
    return pd.concat([more.astype(frame.dtypes.to_dict()), frame], ignore_index=True)


def _points(attempt: Attempt, present: Graded) -> tuple[float, float]:
    """What an earlier submission is worth, in points of today; and how much of it waits for a reader."""
    raw, pending = 0.0, 0.0
    for cell in present.cells:
        was = attempt.cells.get(cell.grade_id)
        if was is None:
            continue  # the question is newer than the submission
        if _same_text(was, present.answers.get(cell.grade_id)):
            raw += cell.score or 0.0
            pending += cell.max_score if cell.waits and cell.score is None else 0.0
        else:
            raw += _scaled(was, cell)
    return raw, pending


def _same_text(was: AttemptCell, answer: str | None) -> bool:
    """Whether people have read this text as part of the present submission: they read it once."""
    return was.manual and was.answer is not None and was.answer == answer


def _scaled(was: AttemptCell, cell: CellGrade) -> float:
    """The share that it had, of the points that the question has today."""
    score = was.score or 0.0
    return score if was.max_score in (0.0, cell.max_score) else score * cell.max_score / was.max_score
