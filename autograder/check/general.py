"""Checks of plain values: conditions, equality, closeness, ranges, names."""

import sys

import numpy as np
from numpy.typing import ArrayLike

from autograder.check.guard import Finding, StudentFailure, brief, conclude, student_code
from autograder.messages import tr

__all__ = ["close", "defined", "equal", "scaled_between", "that"]


def that(
    condition: object,
    title: str,
    *,
    expected: str | None = None,
    actual: object = None,
    hint: str | None = None,
    weight: float = 1.0,
) -> None:
    """Check a condition that the test cell worked out itself.

    Args:
        condition: Anything with a truth value.
        title: What is checked, as the student reads it.
        expected: What a right answer has, in words.
        actual: What this answer has.
        hint: How to mend it.
        weight: The check's share of the cell's points.

    Example:
        >>> from autograder.check.recorder import collecting
        >>> with collecting() as outcomes:
        ...     that(3 > 2, "três é maior que dois")
        >>> outcomes[0].credit
        1.0
    """

    def body() -> Finding:
        with student_code():
            passed = bool(condition)
        shown = actual if actual is None or isinstance(actual, str) else brief(actual)
        return Finding(passed, expected, shown)

    conclude(body, title=title, weight=weight, hint=hint)


def equal(
    actual: object,
    expected: object,
    *,
    title: str | None = None,
    hint: str | None = None,
    weight: float = 1.0,
) -> None:
    """Check that a value equals ``expected``; arrays are compared in shape and in every element.

    Example:
        >>> from autograder.check.recorder import collecting
        >>> with collecting() as outcomes:
        ...     equal((28, 28), (28, 28), title="forma das imagens")
        >>> outcomes[0].passed
        True
    """

    def body() -> Finding:
        with student_code():
            if isinstance(actual, np.ndarray) or isinstance(expected, np.ndarray):
                passed = bool(np.array_equal(np.asarray(actual), np.asarray(expected)))
            else:
                passed = bool(actual == expected)
        return Finding(passed, brief(expected), brief(actual))

    conclude(body, title=title or tr("The value is right"), weight=weight, hint=hint)


def close(
    actual: ArrayLike,
    expected: ArrayLike,
    *,
    rtol: float = 1e-5,
    atol: float = 1e-8,
    title: str | None = None,
    hint: str | None = None,
    weight: float = 1.0,
) -> None:
    """Check that numbers have the shape of ``expected`` and are close to it, as ``numpy.allclose`` means it.

    Example:
        >>> from autograder.check.recorder import collecting
        >>> with collecting() as outcomes:
        ...     close([0.1 + 0.2], [0.3])
        >>> outcomes[0].passed
        True
    """
    name = title or tr("The values are right")

    def body() -> Finding:
        target = np.asarray(expected, dtype=float)
        values = numbers(actual)
        if values.shape != target.shape:
            return Finding(False, tr("shape {shape}", shape=target.shape), tr("shape {shape}", shape=values.shape))
        passed = bool(np.allclose(values, target, rtol=rtol, atol=atol))
        return Finding(passed, brief(target.tolist()), brief(values.tolist()))

    conclude(body, title=name, weight=weight, hint=hint)


def scaled_between(
    values: ArrayLike,
    low: float = 0.0,
    high: float = 1.0,
    *,
    atol: float = 1e-6,
    title: str | None = None,
    hint: str | None = None,
    weight: float = 1.0,
) -> None:
    """Check that every number lies in [low, high] and that they are not all the same.

    Example:
        >>> from autograder.check.recorder import collecting
        >>> with collecting() as outcomes:
        ...     scaled_between([0, 128, 255], title="pixels entre 0 e 1")
        >>> outcomes[0].passed, outcomes[0].actual
        (False, 'valores entre 0 e 255')
    """
    name = title or tr("Values between {low:g} and {high:g}", low=low, high=high)

    def body() -> Finding:
        array = numbers(values)
        if array.size == 0:
            raise StudentFailure(tr("no value at all"))
        least, most = float(array.min()), float(array.max())
        passed = low - atol <= least < most <= high + atol
        return Finding(
            passed,
            tr("values between {low:g} and {high:g}", low=low, high=high),
            tr("values between {low:g} and {high:g}", low=least, high=most),
        )

    conclude(body, title=name, weight=weight, hint=hint)


def defined(*names: str, title: str | None = None, hint: str | None = None, weight: float = 1.0) -> None:
    """Check that the notebook defines these names, without dying of a ``NameError`` where it does not.

    Args:
        names: Names of global variables or functions.

    Example:
        >>> from autograder.check.recorder import collecting
        >>> with collecting() as outcomes:
        ...     defined("modelo_que_falta")
        >>> outcomes[0].actual
        'falta modelo_que_falta'
    """
    scope = sys._getframe(1).f_globals
    listed = ", ".join(names)

    def body() -> Finding:
        missing = [name for name in names if name not in scope]
        if not missing:
            return Finding(True, listed)
        return Finding(
            False,
            listed,
            tr("{names} missing", names=", ".join(missing)),
            tr("Run every cell in order, and use the names that the text asks for."),
        )

    conclude(body, title=title or tr("The notebook defines {names}", names=listed), weight=weight, hint=hint)


def numbers(values: object) -> np.ndarray:
    """The student's array-like as an array of finite floats.

    Raises:
        StudentFailure: It is no array of finite numbers.
    """
    with student_code():
        array = np.asarray(values, dtype=float)
    if not np.isfinite(array).all():
        raise StudentFailure(tr("numbers that are not finite (NaN or infinity)"))
    return array
