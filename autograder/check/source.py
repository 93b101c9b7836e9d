"""Checks of what a student wrote, as text: for what no value tells.

Prefer to look at what an answer does. Where its text does not tell for sure (a class made by a function, arguments
in ``**options`` that somebody fills elsewhere), these checks pass: no right way of writing may fail.
"""

import ast
from collections.abc import Iterable
from typing import Any

from autograder.check.guard import Finding, conclude
from autograder.check.syntax import Reading, names_of
from autograder.check.written import parsed
from autograder.messages import tr

__all__ = ["defines_class", "passes", "uses"]


class _Anything:
    def __repr__(self) -> str:
        return "..."


ANYTHING: Any = _Anything()


def defines_class(
    name: str | None = None,
    *,
    base: str | None = None,
    methods: Iterable[str] = (),
    title: str | None = None,
    hint: str | None = None,
    weight: float = 1.0,
) -> None:
    """Check that the student's text defines a class.

    Args:
        name: Its name; ``None`` for any.
        base: What it descends from, as a dotted name: ``"keras.Model"`` also stands for ``tf.keras.Model``, for
            ``keras.models.Model``, for what was imported from there under another name, and for descendants.
        methods: Methods that it defines, itself or in a class of the student's that it descends from.
        title: What is checked, as the student reads it.
        hint: How to mend it.
        weight: The check's share of the cell's points.

    Example:
        >>> from autograder.check.recorder import collecting
        >>> from autograder.check.written import reading
        >>> cell = "import tensorflow as tf\\nclass Rede(tf.keras.Model):\\n    def call(self, X): return X"
        >>> with collecting() as outcomes, reading([cell]):
        ...     defines_class("Rede", base="keras.Model", methods=["call"])
        >>> outcomes[0].passed
        True
    """
    wanted = tuple(methods)

    def body() -> Finding:
        text = Reading(parsed())
        expected = _description(name, base, wanted)
        found = [made[-1] for known, made in text.classes.items() if name in (None, known)]
        if not found:
            return Finding(_made_otherwise(text, name), expected, tr("no such class"))
        said: list[str] = []
        for cls in found:
            kin = True if base is None else text.descends(cls, base)
            missing = [method for method in wanted if not text.has_method(cls, method)]
            if kin is not False and (not missing or kin is None):
                return Finding(True, expected, _description(cls.name, base, wanted))
            said.append(
                tr("class {name} without {what}", name=cls.name, what=", ".join(missing))
                if kin
                else tr("class {name}, which does not descend from {base}", name=cls.name, base=base)
            )
        return Finding(False, expected, "; ".join(said[:5]))

    conclude(body, title=title or _description(name, base, wanted), weight=weight, hint=hint)


def passes(
    call: str,
    keyword: str,
    *,
    position: int | None = None,
    value: Any = ANYTHING,
    title: str | None = None,
    hint: str | None = None,
    weight: float = 1.0,
) -> None:
    """Check that some call in the student's text passes an argument.

    Args:
        call: What is called: the name of a method (``"fit"``), or a dotted name (``"keras.layers.Dense"``).
        keyword: The argument's name.
        position: Where it stands among positional arguments, from 0; ``None`` if it has no place there.
        value: The constant that it must be, where the text tells; left out: anything.
        title: What is checked, as the student reads it.
        hint: How to mend it.
        weight: The check's share of the cell's points.

    Example:
        >>> from autograder.check.recorder import collecting
        >>> from autograder.check.written import reading
        >>> with collecting() as outcomes, reading(["history = model.fit(X, y, callbacks=[parada])"]):
        ...     passes("fit", "callbacks", position=5)
        >>> outcomes[0].passed
        True
    """
    said = f"{keyword}={value!r}" if value is not ANYTHING else f"{keyword}="

    def body() -> Finding:
        text = Reading(parsed())
        calls = list(text.calls(call))
        expected = tr("{call} with {argument}", call=call, argument=said)
        for node, args in calls:
            given = text.argument(node, args, keyword, position)
            if given is None or (isinstance(given, ast.expr) and _is_worth(text, given, value)):
                return Finding(True, expected)
        if not calls:
            return Finding(False, expected, tr("no call of {call}", call=call))
        return Finding(False, expected, tr("{call} without {argument}", call=call, argument=said))

    conclude(
        body, title=title or tr("{call} is given {argument}", call=call, argument=said), weight=weight, hint=hint
    )


def uses(
    *names: str,
    within: str | None = None,
    title: str | None = None,
    hint: str | None = None,
    weight: float = 1.0,
) -> None:
    """Check that the student's text reads these names.

    Args:
        names: Dotted names of a library (``"keras.callbacks.EarlyStopping"``, however imported), or bare names.
        within: Only in this function, class or method (``"Rede.call"``). Where the text defines no such thing,
            it cannot tell, and the check passes.
        title: What is checked, as the student reads it.
        hint: How to mend it.
        weight: The check's share of the cell's points.

    Example:
        >>> from autograder.check.recorder import collecting
        >>> from autograder.check.written import reading
        >>> with collecting() as outcomes, reading(["from keras import callbacks as cb\\ncb.EarlyStopping()"]):
        ...     uses("keras.callbacks.EarlyStopping")
        ...     uses("keras.callbacks.ModelCheckpoint")
        >>> [outcome.passed for outcome in outcomes]
        [True, False]
    """
    listed = ", ".join(names)

    def body() -> Finding:
        text = Reading(parsed())
        place = text.nodes if within is None else text.within(within)
        if place is None:
            return Finding(True, listed)
        read = list(names_of(place))
        missing = [name for name in names if not any(_reads(text, node, name) for node in read)]
        return Finding(not missing, listed, tr("{names} missing", names=", ".join(missing)) if missing else listed)

    conclude(body, title=title or tr("The code uses {names}", names=listed), weight=weight, hint=hint)


def _reads(text: Reading, node: ast.expr, name: str) -> bool:
    if "." not in name:
        bare = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
        if bare == name:
            return True
    return text.is_named(node, name)


def _is_worth(text: Reading, given: ast.expr, value: Any) -> bool:
    known, worth = (False, None) if value is ANYTHING else text.constant(given)
    return not known or bool(worth == value)


def _made_otherwise(text: Reading, name: str | None) -> bool:
    """Whether a class may have been made without a ``class`` statement of that name."""
    if name is not None:
        probe = ast.Name(name, ast.Load())
        return name in text.bound or text.dotted(probe) != name or bool(text.stars)
    return any(len(args) == 3 for _, args in text.calls("type"))


def _description(name: str | None, base: str | None, methods: tuple[str, ...]) -> str:
    said = tr("a class {name}", name=name) if name else tr("a class")
    if base:
        said = tr("{what} that descends from {base}", what=said, base=base)
    return tr("{what}, with {methods}", what=said, methods=", ".join(methods)) if methods else said
