"""The check of a figure: it shows these numbers, in whatever way."""

import math
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from autograder.check.guard import Finding, StudentFailure, brief, conclude, student_code
from autograder.messages import tr

__all__ = ["plotted"]

_MAX_NUMBERS = 20_000
#: Units that numbers may be drawn in: as they are, percent, thousands, and the other way.
_UNITS = (1.0, 100.0, 0.01, 1000.0, 0.001)


def plotted(
    figure: Any,
    values: ArrayLike,
    *,
    rtol: float = 0.01,
    title: str | None = None,
    hint: str | None = None,
    weight: float = 1.0,
) -> None:
    """Check that some axes of a figure show these numbers, as bars, lines or points.

    They may be in any order, upright or lying, beside other numbers, in percent or thousands.

    Args:
        figure: A figure of matplotlib, axes, or several of them.
        values: The numbers, shape (n,).
        rtol: Relative tolerance; room for rounded numbers.
        title: What is checked, as the student reads it.
        hint: How to mend it.
        weight: The check's share of the cell's points.

    Example:
        >>> from matplotlib.figure import Figure
        >>> from autograder.check.recorder import collecting
        >>> figure = Figure()
        >>> bars = figure.add_subplot().barh(["a", "b"], [0.5, 0.25])
        >>> with collecting() as outcomes:
        ...     plotted(figure, [0.25, 0.5])
        >>> outcomes[0].passed
        True
    """

    def body() -> Finding:
        wanted = np.asarray(values, dtype=float).reshape(-1)
        expected = brief([float(f"{value:.4g}") for value in wanted])
        with student_code():
            shown = list(_shown(_axes(figure)))
        if not shown:
            return Finding(False, expected, tr("a figure that shows nothing"))
        fits = any(_has(numbers, wanted * unit, rtol) for numbers in shown for unit in _UNITS)
        longest = max(shown, key=lambda numbers: len(numbers))
        return Finding(fits, expected, brief([float(f"{value:.4g}") for value in longest[:40]]))

    conclude(body, title=title or tr("The figure shows the numbers"), weight=weight, hint=hint)


def _axes(figure: Any) -> list[Any]:
    if isinstance(figure, list | tuple | np.ndarray):
        return [ax for part in np.asarray(figure, dtype=object).ravel() for ax in _axes(part)]
    for part in (figure, getattr(figure, "figure", None)):  # seaborn's grids have one
        axes = getattr(part, "axes", None)
        if isinstance(axes, list | tuple):
            return list(axes)
    if hasattr(figure, "patches") and hasattr(figure, "lines"):
        return [figure]
    raise StudentFailure(
        tr("an object of type {type}", type=type(figure).__name__), expected=tr("a figure of matplotlib, or axes")
    )


def _shown(axes: Iterable[Any]) -> Iterator[np.ndarray]:
    """The numbers of each direction of each axes: of all bars, of all lines, of all points, of all together."""
    for ax in axes:
        bars = [(bar.get_width(), bar.get_height()) for bar in ax.patches if hasattr(bar, "get_height")]
        lines = [(line.get_xdata(orig=False), line.get_ydata(orig=False)) for line in ax.lines]
        points = [np.ma.filled(c.get_offsets(), np.nan) for c in ax.collections if hasattr(c, "get_offsets")]
        for direction in (0, 1):
            groups = [
                [[bar[direction] for bar in bars]],
                [line[direction] for line in lines],
                [xy[:, direction] for xy in points if np.ndim(xy) == 2],
            ]
            for parts in (*groups, [part for group in groups for part in group]):
                yield from _numbers(*parts)


def _numbers(*parts: Any) -> Iterator[np.ndarray]:
    arrays = [np.asarray(part, dtype=float).reshape(-1) for part in parts]
    found = np.concatenate(arrays)[:_MAX_NUMBERS] if arrays else np.empty(0)
    found = found[np.isfinite(found)]
    if len(found):
        yield found


def _has(shown: np.ndarray, wanted: np.ndarray, rtol: float) -> bool:
    """Whether each wanted number is there, once for each time it is wanted."""
    left = sorted(shown.tolist())
    for value in sorted(wanted.tolist()):
        near = [one for one in left if math.isclose(one, value, rel_tol=rtol, abs_tol=1e-12)]
        if not near:
            return False
        left.remove(near[0])
    return True
