"""What a test cell needs, read from its syntax tree; and whether it can be judged from outside at all.

A cell that *changes the student's namespace* to see what then happens (``del helper``, ``np.mean = boom``) tests
by its effect on the student's code, so it has to run where that code runs. A cell that looks names up
dynamically (``eval``, ``globals()``) could need anything. Both stay in the kernel, and are reported.

IPython's magics are transformed before the tree is read. ``%matplotlib`` is dropped: the judge draws inline.
"""

import ast
import re
import symtable
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

__all__ = ["CellNames", "bindings", "bound", "definitions", "imports", "study", "transformed"]

_DYNAMIC = frozenset(
    {"eval", "exec", "globals", "locals", "vars", "compile", "input", "breakpoint", "get_ipython"}
)
_PATCHES = frozenset({"setattr", "delattr"})
_MAGIC = re.compile(r"^\s*%matplotlib\b.*$", re.MULTILINE)
_IPYTHON = re.compile(r"^\s*(%|!|\?)|^\s*[\w.]+\?{1,2}\s*$|=\s*[%!]", re.MULTILINE)


@dataclass(frozen=True)
class CellNames:
    """What is known of a test cell without running it.

    Args:
        needs: Global names that it reads, or asks about by ``check.defined``.
        binds: Global names that it binds.
        defines: Those of them that are its own from the start: imports, functions, classes.
        problem: Why it cannot be judged from outside, in English; ``None`` if it can.
    """

    needs: frozenset[str]
    binds: frozenset[str]
    problem: str | None = None
    defines: frozenset[str] = frozenset()

    @property
    def wants(self) -> frozenset[str]:
        """The names that it needs from elsewhere."""
        return self.needs - self.defines


def transformed(source: str) -> str:
    """The cell as Python: magics become calls, and ``%matplotlib`` goes.

    Raises:
        SyntaxError: It is no Python even so.
    """
    source = _MAGIC.sub("", source)
    if _IPYTHON.search(source):
        from IPython.core.inputtransformer2 import TransformerManager

        source = TransformerManager().transform_cell(source)
    ast.parse(source)
    return source


def study(source: str) -> CellNames:
    """Read a test cell."""
    try:
        tree = ast.parse(transformed(source))
        table = symtable.symtable(ast.unparse(tree), "cell", "exec")
    except (SyntaxError, ValueError, RecursionError) as error:
        return CellNames(frozenset(), frozenset(), f"its text is no Python: {error}")
    binds = frozenset(s.get_name() for s in table.get_symbols() if s.is_assigned() or s.is_imported())
    needs = frozenset(_read(tree) | _asked(tree))
    return CellNames(needs, binds, _problem(tree, binds), frozenset(_defined(tree)))


def bindings(source: str) -> str:
    """The statements of a cell that bind names, without those that only do something.

    What a student sees of a test cell may define names which their own later cells use: imports, constants,
    functions. These are run in the kernel; the tests in between are not.
    """
    try:
        tree = ast.parse(transformed(source))
    except SyntaxError:
        return ""
    kept = [node for node in tree.body if _binds(node)]
    return "\n".join(ast.unparse(node) for node in kept)


def definitions(source: str) -> dict[str, str]:
    """Text of the functions, classes, imports and constants at the top of an instructor's cell, by name."""
    try:
        tree = ast.parse(transformed(source))
    except SyntaxError:
        return {}
    found: dict[str, str] = {}
    for node in tree.body:
        if _binds(node):
            text = ast.unparse(node)
            found.update(dict.fromkeys(_bound(node), text))
    return found


def imports(source: str) -> str:
    """The import statements at the top of a cell."""
    try:
        tree = ast.parse(transformed(source))
    except SyntaxError:
        return ""
    return "\n".join(ast.unparse(n) for n in tree.body if isinstance(n, ast.Import | ast.ImportFrom))


def bound(source: str) -> frozenset[str] | None:
    """The names that a cell binds; ``None`` where that cannot be known (``exec``, ``from … import *``)."""
    try:
        tree = ast.parse(transformed(source))
    except (SyntaxError, ValueError, RecursionError):
        return None
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in ("exec", "eval", "globals", "locals", "vars", "get_ipython"):
            return None
        if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names):
            return None
    declared = {name for node in ast.walk(tree) if isinstance(node, ast.Global) for name in node.names}
    return frozenset(declared).union(*(_bound(node) for node in tree.body))


def _defined(tree: ast.Module) -> Iterator[str]:
    """Names that are bound at the top by ``import``, ``def`` or ``class``."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
    yield from _imported(ast.Module([n for n in tree.body if isinstance(n, ast.Import | ast.ImportFrom)], []))


def _binds(node: ast.stmt) -> bool:
    return bool(_bound(node))


def _bound(node: ast.stmt) -> set[str]:
    """Names that a statement binds in the scope it stands in."""
    table = symtable.symtable(ast.unparse(node), "statement", "exec")
    return {s.get_name() for s in table.get_symbols() if s.is_assigned() or s.is_imported()}


def _read(tree: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}


def _asked(tree: ast.AST) -> set[str]:
    """Names given as text to ``check.defined``."""
    calls = (n for n in ast.walk(tree) if isinstance(n, ast.Call))
    return {
        arg.value
        for call in calls
        if isinstance(call.func, ast.Attribute) and call.func.attr == "defined"
        for arg in call.args
        if isinstance(arg, ast.Constant) and isinstance(arg.value, str)
    }


def _problem(tree: ast.Module, binds: frozenset[str]) -> str | None:
    imported = set(_imported(tree))
    made = binds - imported
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in _DYNAMIC and isinstance(node.ctx, ast.Load):
            what = "an IPython magic" if node.id == "get_ipython" else f"{node.id}()"
            return f"line {node.lineno}: it uses {what}, so what it needs cannot be known"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _PATCHES:
            return f"line {node.lineno}: {node.func.id}() changes an object of the student's kernel"
        if isinstance(node, ast.Import | ast.ImportFrom) and _mocks(node):
            return f"line {node.lineno}: unittest.mock patches the student's kernel"
        if isinstance(node, ast.Await | ast.AsyncFor | ast.AsyncWith):
            return f"line {node.lineno}: it awaits something"
    for node, root in _changed(tree):
        if isinstance(node, ast.Name):
            if root not in binds or _deleted_first(tree, node):
                return f"line {node.lineno}: it deletes {root!r}"
        elif root not in made:
            return f"line {node.lineno}: it changes {ast.unparse(node)!r}, which is not its own"
    return None


def _changed(tree: ast.AST) -> Iterator[tuple[ast.expr, str]]:
    """Targets that are deleted, or are part of something else; with the name at their root."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Del):
            yield node, node.id
        elif isinstance(node, ast.Attribute | ast.Subscript) and isinstance(node.ctx, ast.Store | ast.Del):
            root: ast.expr = node
            while isinstance(root, ast.Attribute | ast.Subscript):
                root = root.value
            local = _locals(tree)
            if not (isinstance(root, ast.Name) and root.id in local):
                yield node, root.id if isinstance(root, ast.Name) else ""


def _deleted_first(tree: ast.Module, node: ast.Name) -> bool:
    """Whether a name is deleted before the cell binds it."""
    bound = [n.lineno for s in tree.body for n in _named(s, node.id)]
    return not bound or min(bound) > node.lineno


def _named(statement: ast.stmt, name: str) -> Iterable[ast.stmt]:
    return (statement,) if name in _bound(statement) and not isinstance(statement, ast.Delete) else ()


def _locals(tree: ast.AST) -> set[str]:
    """Names bound inside of functions: their own business."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            arguments = node.args
            found |= {a.arg for a in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)}
            found |= {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    return found


def _imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                yield (alias.asname or alias.name).partition(".")[0]


def _mocks(node: ast.Import | ast.ImportFrom) -> bool:
    module = node.module or "" if isinstance(node, ast.ImportFrom) else ""
    names = {alias.name for alias in node.names}
    return "mock" in module.split(".") or "unittest.mock" in names or (module == "unittest" and "mock" in names)
