"""Checks of the sets that a notebook splits its data into."""

import numpy as np
from numpy.typing import ArrayLike

from autograder.check.general import numbers
from autograder.check.guard import Finding, StudentFailure, conclude, student_code
from autograder.messages import tr

__all__ = ["same_scale"]

#: So many rows tell the scale; of a large array no more need be sent.
_ROWS = 300
#: Spreads of two samples of one scale differ by less than this factor, medians by less than both spreads together.
_FACTOR = 3.0


def same_scale(
    reference: ArrayLike,
    other: ArrayLike,
    *,
    title: str | None = None,
    hint: str | None = None,
    weight: float = 1.0,
) -> None:
    """Check that two sets of inputs were scaled in the same way, whichever way that is.

    Medians and quartiles of their first 300 rows are compared, column by column where there are two dimensions,
    else of all numbers together. Other statistics of one scaling (of the whole set for those of the training set)
    make no difference here.

    Args:
        reference: The inputs that the model was trained with, shape (n, ...).
        other: Other inputs for it, shape (m, ...).
        title: What is checked, as the student reads it.
        hint: How to mend it.
        weight: The check's share of the cell's points.

    Example:
        >>> from autograder.check.recorder import collecting
        >>> pixels = np.arange(200.0).reshape(10, 20)
        >>> with collecting() as outcomes:
        ...     same_scale(pixels / 255, pixels, title="mesma escala")
        >>> outcomes[0].passed
        False
    """

    def body() -> Finding:
        with student_code():
            samples = [numbers(np.asarray(data[:_ROWS])) for data in (reference, other)]  # type: ignore[index]
        first, second = (s if s.ndim == 2 else s.reshape(-1, 1) for s in samples)
        if not first.size or not second.size:
            raise StudentFailure(tr("no value at all"))
        wanted = tr("inputs on the scale of the training set")
        if first.shape[1] != second.shape[1]:
            return Finding(False, wanted, tr("shape {shape}", shape=samples[1].shape))
        low, middle, high = np.percentile(first, (25, 50, 75), axis=0)
        low2, middle2, high2 = np.percentile(second, (25, 50, 75), axis=0)
        spread, spread2 = high - low, high2 - low2
        told = (spread > 0) & (spread2 > 0)  # a column that hardly varies tells no scale
        same = (spread2 < _FACTOR * spread) & (spread < _FACTOR * spread2)
        same &= np.abs(middle2 - middle) <= spread + spread2
        passed = bool(same[told].all()) and bool(told.any() or np.allclose(middle, middle2))
        worst = int(np.argmax(~same & told))
        return Finding(
            passed,
            wanted,
            tr("half of the values between {low:g} and {high:g}", low=low2[worst], high=high2[worst]),
        )

    conclude(body, title=title or tr("The sets are on the same scale"), weight=weight, hint=hint)
