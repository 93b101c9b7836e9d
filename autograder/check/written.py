"""The text that a student wrote, as the checks of ``source`` read it.

In the judge it is what the engine took from the notebook that was handed in, so nothing that student code does can
change it. In a notebook of the student's own it is what IPython ran so far.
"""

import ast
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

from autograder.check.recorder import running_shell

__all__ = ["parsed", "reading", "texts"]

_MAX_TEXT = 500_000
#: Magics whose text is Python.
_RUNS = frozenset({"time", "timeit", "prun", "capture", "writefile", "python", "python3"})
_given: ContextVar[Sequence[str] | None] = ContextVar("given", default=None)


@contextmanager
def reading(cells: Sequence[str]) -> Iterator[None]:
    """Let the checks in the block read these cells.

    Args:
        cells: Text of the student's code cells in order, with magics or without.
    """
    token = _given.set(tuple(cells))
    try:
        yield
    finally:
        _given.reset(token)


def texts() -> tuple[str, ...]:
    """The student's code cells that ran before this one.

    Raises:
        LookupError: Nobody knows them here.
    """
    given = _given.get()
    if given is not None:
        return tuple(given)
    shell = running_shell()
    if shell is None:
        raise LookupError("the student's text is known in a notebook only")
    # The last one is the cell that asks; others that call checks are the instructor's.
    ran = [str(text) for text in shell.user_ns.get("In", ())][:-1]
    return tuple(text for text in ran if "from autograder import" not in text)


def parsed() -> list[ast.Module]:
    """The cells as syntax trees. What is no Python did not run, and is left out."""
    trees: list[ast.Module] = []
    todo = list(texts())[::-1]
    while todo:
        tree = _parse(todo.pop())
        if tree is not None:
            trees.append(tree)
            todo.extend(_inside(tree))
    return trees


def _parse(text: str) -> ast.Module | None:
    if len(text) > _MAX_TEXT:
        return None
    for transform in (str, _transformed):
        try:
            return ast.parse(transform(text))
        # A text may be nested deeper than Python's own parser goes, and hold anything at all.
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
    return None


def _transformed(text: str) -> str:
    from IPython.core.inputtransformer2 import TransformerManager

    return str(TransformerManager().transform_cell(text))


def _inside(tree: ast.Module) -> Iterator[str]:
    """Python within magics: ``%%time`` and its like."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr not in ("run_cell_magic", "run_line_magic"):
                continue
            words = [
                arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)
            ]
            if len(words) > 1 and words[0] in _RUNS:
                yield words[-1]
