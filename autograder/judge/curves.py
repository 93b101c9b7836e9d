"""Learning curves that a notebook's checks published."""

import sys
from collections.abc import Iterable, Mapping

from nbformat import NotebookNode

from autograder.check.recorder import CURVES_MIME
from autograder.outcome import Curve

__all__ = ["curves_of"]

_MAX_SERIES = 20
_MAX_EPOCHS = 2000
_LARGEST = sys.float_info.max  # JSON knows larger integers, infinities and NaN


def curves_of(cells: Iterable[NotebookNode]) -> tuple[Curve, ...]:
    """The last history published by the cells: one curve a metric. What is no curve is left out."""
    found: tuple[Curve, ...] = ()
    for cell in cells:
        for output in cell.get("outputs", ()):
            data = output.get("data") or {}
            if isinstance(data.get(CURVES_MIME), Mapping):
                found = _read(data[CURVES_MIME]) or found
    return found


def _read(series: Mapping[str, object]) -> tuple[Curve, ...]:
    curves = []
    for name, values in list(series.items())[:_MAX_SERIES]:
        if isinstance(values, list) and 0 < len(values) <= _MAX_EPOCHS:
            numbers = [float(v) for v in values if isinstance(v, int | float) and abs(v) <= _LARGEST]
            if len(numbers) == len(values):
                curves.append(Curve(str(name)[:60], tuple(numbers)))
    return tuple(curves)
