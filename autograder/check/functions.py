"""Checks of what students' functions answer, of tensors, and of functions that TensorFlow has traced."""

import copy
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from autograder.check.guard import Finding, StudentFailure, brief, conclude, student_code
from autograder.messages import tr

__all__ = ["answers", "graph_function", "tensor"]

#: Relative margins by the coarsest type that took part. TensorFlow multiplies float32 with ten bits on some GPUs.
_MARGINS = {"bfloat16": 5e-2, "float16": 5e-2, "float32": 5e-3}
_MARGIN = 1e-6


def answers(
    function: Any,
    reference: Callable[..., Any],
    inputs: Iterable[Sequence[Any]],
    *,
    tolerance: float | None = None,
    title: str | None = None,
    hint: str | None = None,
    weight: float = 1.0,
) -> None:
    """Check that a function answers what a reference answers, input by input.

    Arrays, tensors, lists and numbers are the same thing, dimensions of length 1 do not count, and float32 is as
    good as float64. Draw the inputs with ``numpy.random``: the judge seeds it anew for each cell.

    Args:
        function: The student's function.
        reference: Answers right; gets NumPy arrays, of float64 where they have fractions. Returns a number, a
            text or an array, or a list or tuple of these where the student's function has to return several.
        inputs: The arguments of each call.
        tolerance: Largest difference, as a part of the largest number of the right answer. By default 0.5% where
            float32 took part, 10⁻⁶ where only float64 did; whole numbers are compared exactly.
        title: What is checked, as the student reads it.
        hint: How to mend it.
        weight: The check's share of the cell's points.

    Example:
        >>> from autograder.check.recorder import collecting
        >>> with collecting() as outcomes:
        ...     answers(lambda x: x**2, lambda x: 2 * x, [(1.5,)], title="Derivada de x²")
        >>> outcomes[0].expected, outcomes[0].actual
        ('3', '2.25')
    """

    def body() -> Finding:
        if not callable(function):
            raise StudentFailure(
                tr("an object of type {type}", type=type(function).__name__), expected=tr("a function")
            )
        tried = 0
        for arguments in inputs:
            wanted = reference(*(_exact(argument) for argument in arguments))
            with student_code():
                # Copies: a function that changes its arguments must not change the next call's.
                given = function(*(_copy(argument) for argument in arguments))
            _compare(given, wanted, [_type(argument) for argument in arguments], tolerance)
            tried += 1
        if not tried:
            raise ValueError("answers needs at least one input")
        return Finding(True, tr("right answers to {count} inputs", count=tried))

    name = getattr(function, "__name__", None) if title is None else None
    shown = title or tr("Answers of {name}", name=name or tr("the function"))
    conclude(body, title=shown, weight=weight, hint=hint)


def tensor(
    value: Any,
    *,
    shape: Sequence[int] | None = None,
    dtype: str | None = None,
    equal: Any = None,
    variable: bool | None = None,
    device: str | None = None,
    title: str | None = None,
    hint: str | None = None,
    weight: float = 1.0,
) -> None:
    """Check that a value is a tensor of TensorFlow's: its shape, type, numbers and device, as far as given.

    Args:
        value: The student's value.
        shape: Its shape.
        dtype: Its type, as TensorFlow names it: ``"float32"``.
        equal: Its numbers; those with fractions within the margins of ``answers``.
        variable: Whether it must be a variable (``True``) or must not be one (``False``).
        device: The end of the name of the device that holds it: ``"CPU:0"``.
        title: What is checked, as the student reads it.
        hint: How to mend it.
        weight: The check's share of the cell's points.

    Example:
        >>> import tensorflow as tf
        >>> from autograder.check.recorder import collecting
        >>> with collecting() as outcomes:
        ...     tensor(tf.constant([[1, 2]]), shape=(1, 2), dtype="float32", title="Tensor A")
        >>> outcomes[0].actual
        'tensor de tipo int32'
    """

    def body() -> Finding:
        import keras
        import tensorflow as tf

        expected = _describe(shape, dtype, variable, device)
        mutable = isinstance(value, tf.Variable | keras.Variable)
        if not mutable and not tf.is_tensor(value):
            raise StudentFailure(
                tr("an object of type {type}", type=type(value).__name__),
                expected=expected,
                hint=tr("Make tensors with tf.constant or tf.convert_to_tensor, variables with tf.Variable."),
            )
        if variable is not None and variable is not mutable:
            return Finding(False, expected, tr("a variable") if mutable else tr("a tensor that is no variable"))
        with student_code():
            found_shape, found_type = tuple(value.shape), getattr(value.dtype, "name", str(value.dtype))
        if dtype is not None and found_type != dtype:
            return Finding(False, expected, tr("a tensor of type {dtype}", dtype=found_type))
        if shape is not None and found_shape != tuple(shape):
            return Finding(False, expected, tr("a tensor of shape {shape}", shape=found_shape))
        if device is not None:
            place = _device(value)
            if not place.upper().endswith(device.upper()):
                return Finding(False, expected, tr("a tensor on {device}", device=place or "?"))
        if equal is not None:
            _compare(value, _exact(equal), [found_type], None)
        return Finding(True, expected, expected)

    conclude(body, title=title or tr("Tensor"), weight=weight, hint=hint)


def graph_function(
    function: Any,
    calls: Iterable[Sequence[Any]],
    *,
    graphs_at_most: int = 2,
    title: str | None = None,
    hint: str | None = None,
    weight: float = 1.0,
) -> None:
    """Check that a function is a ``tf.function``, and that few graphs serve many calls.

    Args:
        function: The student's function.
        calls: Arguments of calls that one graph can serve; give more calls than ``graphs_at_most``.
        graphs_at_most: How many times TensorFlow may trace it meanwhile. 2 also accepts
            ``reduce_retracing=True``, which needs a second graph to see that the shapes differ.
        title: What is checked, as the student reads it.
        hint: How to mend it.
        weight: The check's share of the cell's points.

    Example:
        >>> import tensorflow as tf
        >>> from autograder.check.recorder import collecting
        >>> double = tf.function(lambda x: 2 * x)
        >>> with collecting() as outcomes:
        ...     graph_function(double, [(tf.ones(n),) for n in (3, 4, 5)])
        >>> outcomes[0].passed, outcomes[0].actual
        (False, '3 grafos')
    """

    def body() -> Finding:
        import tensorflow as tf

        if not isinstance(function, tf.types.experimental.PolymorphicFunction):
            found = tr("an object of type {type}", type=type(function).__name__)
            raise StudentFailure(
                tr("a function without a graph") if callable(function) else found,
                expected=tr("a function decorated with tf.function"),
                hint=tr("Write @tf.function above its definition."),
            )
        arguments = [tuple(_copy(value) for value in call) for call in calls]
        if len(arguments) <= graphs_at_most:
            raise ValueError("more calls than graphs are needed to tell one graph from one for each call")
        with student_code():
            before = int(function.experimental_get_tracing_count())
            for call in arguments:
                function(*call)
            after = int(function.experimental_get_tracing_count())
        made = after - before
        expected = tr("at most {count} graphs for {calls} calls", count=graphs_at_most, calls=len(arguments))
        if after < 1 or made < 0:  # a function that was called has at least one
            return Finding(False, expected, tr("no graph"))
        return Finding(made <= graphs_at_most, expected, tr("{count} graphs", count=made))

    conclude(body, title=title or tr("Function with a graph"), weight=weight, hint=hint)


def _device(value: Any) -> str:
    """The name of the device that holds a tensor; of evidence, the one that held it in the student's kernel."""
    kept = getattr(value, "_autograder_device", None)
    return str(kept if kept is not None else getattr(value, "device", ""))


def _describe(shape: Sequence[int] | None, dtype: str | None, variable: bool | None, device: str | None) -> str:
    parts = [tr("a variable") if variable else tr("a tensor")]
    if shape is not None:
        parts.append(tr("of shape {shape}", shape=tuple(shape)))
    if dtype is not None:
        parts.append(tr("of type {dtype}", dtype=dtype))
    if device is not None:
        parts.append(tr("on {device}", device=device))
    return " ".join(parts)


def _copy(value: Any) -> Any:
    """Arrays, and containers of them; tensors cannot be changed, and models are meant to be the same."""
    return copy.deepcopy(value) if isinstance(value, np.ndarray | list | tuple | dict) else value


def _type(value: Any) -> str | None:
    """The name of the type of an argument's numbers; ``None`` for whole numbers, Python's own, and no numbers."""
    kind = getattr(value, "dtype", None)
    name = getattr(kind, "name", None)
    return name if isinstance(name, str) and "float" in name else None


def _exact(value: Any) -> Any:
    """An argument as the reference gets it."""
    if not hasattr(value, "dtype") or not hasattr(value, "__array__"):
        return value
    array = np.asarray(value)
    return array.astype(np.float64) if "float" in array.dtype.name else array


def _compare(given: Any, wanted: Any, types: list[str | None], tolerance: float | None) -> None:
    """See that an answer is the right one.

    Raises:
        StudentFailure: It is another.
    """
    if isinstance(wanted, list | tuple):
        with student_code():
            parts = list(given)[: len(wanted) + 1]
        if len(parts) != len(wanted):
            raise StudentFailure(
                tr("{count} values", count=len(parts)), expected=tr("{count} values", count=len(wanted))
            )
        for one, other in zip(parts, wanted, strict=True):
            _compare(one, other, types, tolerance)
        return
    if isinstance(wanted, str):
        with student_code():
            same = isinstance(given, str) and given == wanted
        if not same:
            raise StudentFailure(brief(given), expected=brief(wanted))
        return
    target = np.asarray(wanted)
    with student_code():
        answer = np.asarray(given)
        kind = answer.dtype.name
        if answer.dtype.kind not in "biufV" or kind == "void":
            raise StudentFailure(brief(given), expected=tr("numbers"))
        values = answer.astype(np.float64)
    if values.squeeze().shape != target.squeeze().shape:
        raise StudentFailure(
            tr("an answer of shape {shape}", shape=values.shape),
            expected=tr("an answer of shape {shape}", shape=target.shape),
        )
    if not np.isfinite(values).all():
        raise StudentFailure(tr("numbers that are not finite (NaN or infinity)"), expected=_short(target))
    whole = target.dtype.kind in "biu"
    coarse = [_MARGINS.get(name, _MARGIN) for name in (kind, *types) if name is not None]
    margin = tolerance if tolerance is not None else 0.0 if whole else max(coarse, default=_MARGIN)
    scale = float(np.abs(target.astype(np.float64)).max(initial=0.0))
    apart = np.abs(values.squeeze() - target.astype(np.float64).squeeze()).max(initial=0.0)
    if apart > margin * max(scale, 1e-3):
        raise StudentFailure(_short(answer), expected=_short(target))


def _short(array: np.ndarray) -> str:
    """A few numbers of an array, as people read them."""
    text = np.array2string(
        array.astype(np.float64), threshold=8, edgeitems=3, formatter={"float_kind": lambda value: f"{value:.4g}"}
    )
    return _brief_text(" ".join(text.split()))


def _brief_text(text: str, limit: int = 120) -> str:
    """A text that is not too long."""
    return text if len(text) <= limit else text[: limit - 1] + "…"
