"""The check of a table that compares hyperparameter searches."""

import math
import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from autograder.check.guard import Finding, StudentFailure, brief, conclude, student_code
from autograder.check.searches import read_search
from autograder.messages import tr

__all__ = ["read_rows", "search_table"]

#: Clocks differ, and a search does more than to train.
_SLACK = 0.8


def search_table(
    table: Any,
    searches: Mapping[str, Any],
    *,
    tried: str,
    error: str,
    seconds: str,
    others: Mapping[str, float | tuple[int, float]] | None = None,
    title: str | None = None,
    hint: str | None = None,
    weight: float = 1.0,
) -> None:
    """Check that a table has one row a search, with what the search itself tells.

    Rows may be in any order; names stand in the index or in a column. Rounding to two decimals is right.

    Args:
        table: A DataFrame.
        searches: The searches by the names of their rows.
        tried: The column with the number of candidates.
        error: The column with the least error.
        seconds: The column with the time that the search took, in seconds; at least what its trials took
            together, where the search tells that.
        others: Further rows that are no searches: their error, or their number of candidates and their error.
        title: What is checked, as the student reads it.
        hint: How to mend it.
        weight: The check's share of the cell's points.

    Example:
        >>> import numpy as np, pandas as pd
        >>> from sklearn.linear_model import Ridge
        >>> from sklearn.model_selection import GridSearchCV
        >>> from autograder.check.recorder import collecting
        >>> X = np.arange(40.0).reshape(20, 2) ** 0.5
        >>> grid = GridSearchCV(Ridge(), {"alpha": [0.1, 10.0]}, scoring="neg_mean_squared_error").fit(X, X[:, 0])
        >>> table = pd.DataFrame({"n": [2], "mse": [-grid.best_score_], "s": [3.0]}, index=["GridSearchCV"])
        >>> with collecting() as outcomes:
        ...     search_table(table, {"GridSearchCV": grid}, tried="n", error="mse", seconds="s")
        >>> outcomes[0].passed
        True
    """

    def body() -> Finding:
        names = [*searches, *(others or {})]
        rows = read_rows(table, names, (tried, error, seconds))
        for name, found in searches.items():
            read = read_search(found)
            row = rows[name]
            if row[tried] != len(read.params):
                raise _wrong(name, tried, len(read.params), row[tried])
            _compare(name, error, read.error, row[error])
            if not row[seconds] >= _SLACK * read.seconds:
                raise _wrong(name, seconds, tr("at least {least:.3g}", least=read.seconds), row[seconds])
        for name, value in (others or {}).items():
            count, least = value if isinstance(value, tuple) else (None, value)
            if count is not None and rows[name][tried] != count:
                raise _wrong(name, tried, count, rows[name][tried])
            _compare(name, error, float(least), rows[name][error])
        times = [row[seconds] for row in rows.values()]
        if not all(0 < time < math.inf for time in times) or len(set(times)) < min(len(times), 2):
            raise StudentFailure(
                f"{seconds}: {brief(times)}", expected=tr("the seconds that each of them took, measured")
            )
        return Finding(True, ", ".join(names))

    conclude(body, title=title or tr("Table of the searches"), weight=weight, hint=hint)


def read_rows(table: Any, names: list[str], columns: tuple[str, ...]) -> dict[str, dict[str, float]]:
    """The numbers of the rows with these names.

    Raises:
        StudentFailure: It is no table, or a column or a row is not there.
    """
    import pandas as pd

    if not isinstance(table, pd.DataFrame):
        raise StudentFailure(tr("an object of type {type}", type=type(table).__name__), expected="DataFrame")
    with student_code():
        missing = [column for column in columns if column not in table.columns]
        if missing:
            there = ", ".join(map(str, table.columns))
            raise StudentFailure(there, expected=tr("the columns {names}", names=", ".join(columns)))
        labels: list[list[Any]] = [list(table.index)]
        labels += [list(table[column]) for column in table.columns if column not in columns]
        found = {name: _row(labels, name) for name in names}
        absent = [name for name, row in found.items() if row is None]
        if absent:
            raise StudentFailure(
                tr("{names} missing", names=", ".join(absent)),
                expected=tr("the rows {names}", names=", ".join(names)),
            )
        values = table[list(columns)].to_numpy()
        return {
            n: dict(zip(columns, map(_number, values[r]), strict=True)) for n, r in found.items() if r is not None
        }


def _row(labels: list[list[Any]], name: str) -> int | None:
    """The row with a name: the very name, or else the only one that has it in it."""
    for column in labels:
        texts = [_letters(value) for value in column]
        for fits in (_letters(name).__eq__, lambda text: _letters(name) in text):
            rows = [i for i, text in enumerate(texts) if fits(text)]
            if len(rows) == 1:
                return rows[0]
    return None


def _letters(value: Any) -> str:
    return re.sub(r"[\W_]+", "", str(value)).lower()


def _number(value: Any) -> float:
    return float(np.asarray(value).reshape(-1)[0])


def _compare(name: str, column: str, wanted: float, given: float) -> None:
    if not math.isclose(wanted, given, rel_tol=0.01, abs_tol=0.0051):
        raise _wrong(name, column, f"{wanted:.4g}", given)


def _wrong(name: str, column: str, wanted: object, given: float) -> StudentFailure:
    return StudentFailure(f"{name}, {column}: {given:.4g}", expected=f"{name}, {column}: {wanted}")
