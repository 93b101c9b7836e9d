"""The recorded reports of a class as columns: much JSON at once.

pyarrow reads 100,000 reports (420 MB) in 1.5 s on two cores into columns; ``json`` takes 4 s, orjson 2 s, to make
objects of them, and then there are no columns yet. What pyarrow refuses (half of a surrogate pair, a report of
another version) is read again by ``NotebookReport.from_json``, which says what is wrong with it.
"""

import io
import json
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.json as pj
from numpy.typing import NDArray

from autograder.errors import GraderError
from autograder.outcome import NotebookReport

__all__ = ["Parsed", "Parser"]

_MEASURE = pa.struct(
    [("metric", pa.string()), ("value", pa.float64()), ("threshold", pa.float64()), ("rises", pa.bool_())]
)
_OUTCOME = pa.struct(
    [
        ("title", pa.string()), ("passed", pa.bool_()), ("credit", pa.float64()), ("weight", pa.float64()),
        ("expected", pa.string()), ("actual", pa.string()), ("error", pa.string()), ("measure", _MEASURE),
    ]
)  # fmt: skip
_VERDICT = pa.struct(
    [
        ("grade_id", pa.string()), ("needs_review", pa.bool_()), ("manual", pa.bool_()), ("reason", pa.string()),
        ("outcomes", pa.list_(_OUTCOME)),
    ]
)  # fmt: skip
_REPORT = pa.schema(
    [
        ("version", pa.int64()), ("status", pa.string()), ("error", pa.string()), ("seconds", pa.float64()),
        ("cpu_seconds", pa.float64()), ("verdicts", pa.list_(_VERDICT)),
    ]
)  # fmt: skip
_BLOCK = 4 << 20
#: What repeats: kept as numbers into a list of the different ones.
_REPEATS = {"status", "grade_id", "title", "expected", "actual", "metric"}


@dataclass(frozen=True)
class Parsed:
    """What the reports say, as columns of Arrow; texts that repeat are dictionaries.

    Args:
        reports: A row a report, in the order in which they were given.
        verdicts: A row a graded cell, with ``report``: the row of its report.
        outcomes: A row a check, with ``verdict``: the row of its verdict, and ``number``: its place there, from 1.
    """

    reports: pa.Table
    verdicts: pa.Table
    outcomes: pa.Table


class Parser:
    """Parses batches in the background, while others are read from the database. A context manager."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1)
        self._running: list[Future[pa.Table]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def add(self, batch: Sequence[tuple[str, str]]) -> None:
        """Have more reports read.

        Args:
            batch: What to call each report in a message, and the report as JSON.
        """
        self._running.append(self._pool.submit(_table, batch))

    def result(self) -> Parsed:
        """All that was added.

        Raises:
            GraderError: A report cannot be read; says which.
        """
        parts = [_columns(_REPORT.empty_table(), 0, 0)]
        reports = verdicts = 0
        for running in self._running:
            part = _columns(running.result(), reports, verdicts)
            reports, verdicts = reports + len(part.reports), verdicts + len(part.verdicts)
            parts.append(part)
        return Parsed(
            _joined([part.reports for part in parts]),
            _joined([part.verdicts for part in parts]),
            _joined([part.outcomes for part in parts]),
        )


def _joined(tables: Sequence[pa.Table]) -> pa.Table:
    return pa.concat_tables(tables).unify_dictionaries().combine_chunks()


def _table(batch: Sequence[tuple[str, str]]) -> pa.Table:
    """A batch as it is nested."""
    lines = "\n".join(text for _, text in batch).encode("utf-8", "replace")
    longest = max((len(text) for _, text in batch), default=0)
    try:
        table = pj.read_json(
            io.BytesIO(lines),
            # Four bytes a character at most; a report that does not fit a block is refused.
            read_options=pj.ReadOptions(block_size=max(_BLOCK, 4 * longest + 1)),
            parse_options=pj.ParseOptions(explicit_schema=_REPORT, unexpected_field_behavior="ignore"),
        )
        table.validate(full=True)
        if len(table) == len(batch) and set(table["version"].unique().to_pylist()) <= {1}:
            return table
    except pa.ArrowInvalid:
        pass  # read one by one, which says what is wrong, or mends it
    return pa.concat_tables([_slowly(*one) for one in batch])


def _slowly(name: str, text: str) -> pa.Table:
    try:
        report = NotebookReport.from_json(json.loads(text)).to_json()
        row = {name: _fit(value) for name, value in report.items() if name in _REPORT.names}
        return pa.Table.from_pylist([row], schema=_REPORT)
    # pyarrow's errors are of these kinds too.
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise GraderError(f"{name}: the recorded report cannot be read: {error}.", "Grade it again.") from error


def _fit(value: Any) -> Any:
    """Without halves of surrogate pairs, which are no text."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {name: _fit(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_fit(one) for one in value]
    return value


def _columns(table: pa.Table, reports: int, verdicts: int) -> Parsed:
    """The nested table as three flat ones.

    Args:
        table: As pyarrow read it.
        reports: How many reports there were before.
        verdicts: How many verdicts.
    """
    nested = table["verdicts"].combine_chunks()
    sizes = nested.value_lengths().fill_null(0).to_numpy(zero_copy_only=False)
    cells = nested.flatten()
    checks = cells.field("outcomes")
    counts = checks.value_lengths().fill_null(0).to_numpy(zero_copy_only=False)
    found = checks.flatten()
    measure = found.field("measure")
    parts = {field.name: found.field(field.name) for field in _OUTCOME if field.name != "measure"}
    # A field of a struct that is null is null only after flatten().
    parts |= dict(zip((field.name for field in _MEASURE), measure.flatten(), strict=True))
    return Parsed(
        _encoded({name: table[name] for name in _REPORT.names if name not in ("verdicts", "version")}),
        _encoded(
            {"report": pa.array(np.repeat(np.arange(reports, reports + len(table)), sizes))}
            | {field.name: cells.field(field.name) for field in _VERDICT if field.name != "outcomes"}
        ),
        _encoded(
            {
                "verdict": pa.array(np.repeat(np.arange(verdicts, verdicts + len(cells)), counts)),
                "number": pa.array(_places(counts)),
            }
            | parts
        ),
    )


def _encoded(columns: dict[str, Any]) -> pa.Table:
    return pa.table(
        {name: column.dictionary_encode() if name in _REPEATS else column for name, column in columns.items()}
    )


def _places(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """1, 2, … for each of ``counts`` anew."""
    if not len(counts):
        return np.zeros(0, np.int64)
    ends = np.cumsum(counts)
    return np.arange(ends[-1]) - np.repeat(ends - counts, counts) + 1
