"""Which data a student's text trains with: for what no number tells, as training on the validation set."""

import ast
from collections.abc import Mapping, Sequence

from autograder.check.guard import StudentFailure
from autograder.check.syntax import Reading
from autograder.check.written import parsed
from autograder.messages import tr

__all__ = ["Data", "refuse_other_data"]

#: For each call, the variable that each argument must be, or several in a tuple; positional ones first, in order:
#: ``{"model.fit": {"x": "X_train", "y": "y_train", "validation_data": ("X_valid", "y_valid")}}``. Under an empty
#: name stand other variables that are told apart from these.
Data = Mapping[str, Mapping[str, str | Sequence[str]]]


def refuse_other_data(data: Data) -> None:
    """Refuse a text in which a call is given one of these variables where another of them should stand.

    A call is one when it is given two of them or more (``scaler.fit(X)`` is no training). Copies, parts and
    variables of the student's own may hold anything, and pass; so does a text without such a call, with
    another call of that name that is right, or that nobody knows. Where ``validation_data`` is asked for,
    ``validation_split`` is something else.

    Args:
        data: What is asked for, by the method of a variable (``"model.fit"``), or by a method's name alone
            (``"fit"``): then of calls in functions that do not read the wanted variable otherwise either.

    Raises:
        StudentFailure: The text says that the data are others.
    """
    try:
        text = Reading(parsed())
    except LookupError:  # asked outside of a notebook
        return
    known = {name for arguments in data.values() for value in arguments.values() for name in _several(value)}
    for call, arguments in data.items():
        if not call:
            continue
        told = [
            found for node, args in text.calls(call) if (found := _told(text, call, node, args, arguments, known))
        ]
        wrong = [found for found in told if found != _RIGHT]
        if wrong and _RIGHT not in told:
            said = ", ".join(f"{word}={_written(value)}" for word, value in arguments.items())
            raise StudentFailure(
                f"{call}({wrong[0]})",
                expected=f"{call}({said})",
                hint=tr("Use the variables that the text names."),
            )


_RIGHT = "right"


def _told(
    text: Reading,
    call: str,
    node: ast.Call,
    args: Sequence[ast.expr],
    arguments: Mapping[str, str | Sequence[str]],
    known: set[str],
) -> str:
    """What a call is given in the place of something else, or ``_RIGHT``; empty where the text does not tell."""
    wrong, wanting, given = "", set(), 0
    for position, (word, value) in enumerate(arguments.items()):
        expression = text.argument(node, args, word, position)
        if not isinstance(expression, ast.expr):
            continue
        wanted, backwards = _several(value), _reversed(expression, known)
        found = text.variables(expression, known)
        given += backwards is not None or known.issuperset(found)
        if backwards or (len(found) == len(wanted) and known.issuperset(found) and found != wanted):
            wrong = wrong or f"{word}={backwards or _written(found[0] if isinstance(value, str) else found)}"
            wanting |= set(wanted)
    if given < min(2, len(arguments)):
        return ""
    words = {keyword.arg: ast.unparse(keyword.value) for keyword in node.keywords}
    if "validation_data" in arguments and "validation_split" in words and "validation_data" not in words:
        wrong = wrong or f"validation_split={words['validation_split']}"
    if wrong and "." not in call:
        function, own = text.enclosing(node), {id(n) for n in ast.walk(node)}
        if function is None or any(
            isinstance(n, ast.Name) and n.id in wanting and id(n) not in own for n in ast.walk(function)
        ):
            return ""
    return wrong or _RIGHT


def _reversed(expression: ast.expr, known: set[str]) -> str | None:
    """A known variable from its end to its begin: its rows no longer belong to those of another."""
    if isinstance(expression, ast.Subscript) and isinstance(expression.value, ast.Name):
        cut = expression.slice
        if expression.value.id in known and isinstance(cut, ast.Slice) and isinstance(cut.step, ast.UnaryOp):
            return ast.unparse(expression)
    return None


def _several(value: str | Sequence[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _written(value: str | Sequence[str | None] | None) -> str:
    return value if isinstance(value, str) else f"({', '.join(name or '…' for name in value or ())})"
