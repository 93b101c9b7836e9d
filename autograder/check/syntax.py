"""What a student's text says for sure: classes, calls and names, however they were imported or renamed.

A question has three answers: ``True``, ``False``, and ``None`` where the text alone does not tell (a class made by
a function, arguments in ``**options``). Nothing of the student's is run.
"""

import ast
import sys
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

__all__ = ["Reading", "same"]

_Function = ast.FunctionDef | ast.AsyncFunctionDef
_MAX_STEPS = 50
#: Of so many ``**options`` in one call none is looked into.
_MAX_OPTIONS = 5


class Reading:
    """Cells of a notebook as one text: what stands later holds.

    Args:
        trees: The cells in order.
    """

    def __init__(self, trees: Sequence[ast.Module]) -> None:
        self.nodes = [node for tree in trees for node in ast.walk(tree)]
        self._names: dict[str, str] = {}
        self._values: dict[str, list[ast.expr]] = {}
        self.stars: set[str] = set()
        self.classes: dict[str, list[ast.ClassDef]] = {}
        self.functions: dict[str, list[ast.AST]] = {}
        self.bound: set[str] = set()
        self._bindings: Counter[str] = Counter()
        self._owners: dict[int, ast.AST] | None = None
        for node in self.nodes:
            self._note(node)

    def _note(self, node: ast.AST) -> None:
        if isinstance(node, ast.Import):
            for alias in node.names:
                self._names[alias.asname or alias.name.partition(".")[0]] = (
                    alias.name if alias.asname else alias.name.partition(".")[0]
                )
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                if alias.name == "*":
                    self.stars.add(_plain(node.module or ""))
                else:
                    self._names[alias.asname or alias.name] = f"{node.module or ''}.{alias.name}"
        elif isinstance(node, ast.ClassDef):
            self.classes.setdefault(node.name, []).append(node)
        elif isinstance(node, _Function):
            self.functions.setdefault(node.name, []).append(node)
        elif isinstance(node, ast.Assign | ast.AnnAssign | ast.NamedExpr) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                if isinstance(target, ast.Name):
                    self._values.setdefault(target.id, []).append(node.value)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            self.bound.add(node.id)
            self._bindings[node.id] += 1
        elif isinstance(node, ast.arg):
            self._bindings[node.arg] += 1

    def dotted(self, expression: ast.AST) -> str | None:
        """The name of what an expression reads: ``tf.keras.Model`` is ``keras.Model``; ``None`` if it has none."""
        parts: list[str] = []
        for _ in range(_MAX_STEPS):
            if isinstance(expression, ast.Attribute):
                parts.append(expression.attr)
                expression = expression.value
            elif isinstance(expression, ast.Name):
                name = expression.id
                values = self._values.get(name, [])
                if name in self._names:
                    return _plain(".".join([self._names[name], *parts[::-1]]))
                if len(values) == 1 and isinstance(values[0], ast.Name | ast.Attribute):
                    expression = values[0]
                    continue
                return _plain(".".join([name, *parts[::-1]]))
            else:
                return ".".join(["?", *parts[::-1]]) if parts else None
        return None

    def is_named(self, expression: ast.AST, wanted: str) -> bool:
        """Whether an expression reads ``wanted``: a dotted name of a library, or the bare name of anything."""
        found = self.dotted(expression)
        if found is None:
            return False
        if same(found, wanted):
            return True
        root = wanted.partition(".")[0]
        star = any(name.partition(".")[0] == root for name in self.stars)
        return star and "." not in found and found == wanted.rpartition(".")[2]

    def descends(self, cls: ast.ClassDef, base: str) -> bool | None:
        """Whether a class is a subclass of ``base``."""
        answers = {self._is_base(expression, base) for one in self.ancestors(cls) for expression in one.bases}
        return True if True in answers else None if None in answers else False

    def _is_base(self, expression: ast.expr, base: str) -> bool | None:
        if self.is_named(expression, base):
            return True
        name = self.dotted(expression)
        if name is None or name.startswith("?"):
            return None
        if name in self.classes:  # one of the ancestors
            return False
        found, wanted = _object(name), _object(base)
        if isinstance(found, type) and isinstance(wanted, type):
            return issubclass(found, wanted)
        if "." not in name:
            return None if name in self.bound or self.stars else False
        # Of a library that is not loaded here nothing is known.
        return None if name.partition(".")[0] == base.partition(".")[0] else False

    def ancestors(self, cls: ast.ClassDef) -> list[ast.ClassDef]:
        """A class and those of the student's that it descends from; one may extend another of its own name."""
        found: list[ast.ClassDef] = []
        todo = [cls]
        while todo:
            one = todo.pop()
            if all(one is not known for known in found):
                found.append(one)
                for name in filter(None, map(self.dotted, one.bases)):
                    todo.extend(self.classes.get(name, ()))
        return found

    def has_method(self, cls: ast.ClassDef, name: str) -> bool:
        """Whether a class of the student's, or one that it descends from, defines a method."""
        for one in self.ancestors(cls):
            for node in one.body:
                for inner in ast.walk(node) if isinstance(node, ast.If | ast.Try | ast.With) else (node,):
                    if isinstance(inner, _Function) and inner.name == name:
                        return True
                    if isinstance(inner, ast.Assign) and any(
                        isinstance(target, ast.Name) and target.id == name for target in inner.targets
                    ):
                        return True
        return False

    def calls(self, name: str) -> Iterator[tuple[ast.Call, list[ast.expr]]]:
        """The calls of a function, class or method, with their positional arguments."""
        last = name.rpartition(".")[2]
        for node in self.nodes:
            if not isinstance(node, ast.Call):
                continue
            function, args = node.func, list(node.args)
            if self._last(function) in ("partial", "partialmethod") and args:
                function, args = args[0], args[1:]
            if (
                isinstance(function, ast.Call)
                and self._last(function.func) == "getattr"
                and len(function.args) > 1
            ):
                wanted = function.args[1]
                if isinstance(wanted, ast.Constant) and wanted.value == last:
                    yield node, args
            elif self.is_named(function, name) or ("." not in name and self._last(function) == last):
                yield node, args

    def _last(self, expression: ast.AST) -> str | None:
        found = self.dotted(expression)
        return None if found is None else found.rpartition(".")[2]

    def argument(
        self, call: ast.Call, args: Sequence[ast.expr], keyword: str, position: int | None
    ) -> ast.expr | bool | None:
        """An argument of a call; ``False`` if it is not passed, ``None`` if the text does not tell."""
        unsure = any(isinstance(arg, ast.Starred) for arg in args)
        if sum(given.arg is None for given in call.keywords) > _MAX_OPTIONS:
            return None
        for given in call.keywords:
            if given.arg == keyword:
                return given.value
            if given.arg is None:
                inside = self._within(given.value, keyword)
                if isinstance(inside, ast.expr):
                    return inside
                unsure = unsure or inside is None
        if unsure:
            return None
        return args[position] if position is not None and len(args) > position else False

    def _within(self, options: ast.expr, key: str) -> ast.expr | bool | None:
        """What ``**options`` passes under a key, if ``options`` is written out somewhere."""
        absent: bool | None = False
        if isinstance(options, ast.Name):
            values = self._values.get(options.id, [])
            if len(values) != 1:
                return None
            options, absent = values[0], None  # it may have been filled later
        if isinstance(options, ast.Dict):
            if not all(isinstance(name, ast.Constant) for name in options.keys):
                return None
            pairs = zip(options.keys, options.values, strict=True)
            return next((v for n, v in pairs if isinstance(n, ast.Constant) and n.value == key), absent)
        if isinstance(options, ast.Call) and self._last(options.func) == "dict" and not options.args:
            return next((word.value for word in options.keywords if word.arg == key), absent)
        return None

    def constant(self, expression: ast.expr) -> tuple[bool, Any]:
        """Whether the text tells what an expression is worth, and what."""
        if isinstance(expression, ast.Name) and len(self._values.get(expression.id, [])) == 1:
            expression = self._values[expression.id][0]
        try:
            return True, ast.literal_eval(expression)
        except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
            return False, None

    def variables(self, expression: ast.expr, known: Collection[str] = ()) -> tuple[str | None, ...]:
        """The variables that an expression is, one or a tuple of them; ``None`` for what is no plain variable.

        A name that is bound once in the whole text is followed to what it is bound to, except to those ``known``.
        """
        for _ in range(_MAX_STEPS):
            name = expression.id if isinstance(expression, ast.Name) else ""
            values = self._values.get(name, [])
            once = name not in known and self._bindings[name] == 1 and len(values) == 1
            if not once or not isinstance(values[0], ast.Name | ast.Tuple | ast.List):
                break
            expression = values[0]
        items = expression.elts if isinstance(expression, ast.Tuple | ast.List) else [expression]
        return tuple(item.id if isinstance(item, ast.Name) else None for item in items)

    def enclosing(self, call: ast.Call) -> ast.AST | None:
        """The innermost function that a call is written in."""
        if self._owners is None:
            functions = [node for node in self.nodes if isinstance(node, _Function)]  # an outer one comes first
            self._owners = {id(inner): function for function in functions for inner in ast.walk(function)}
        return self._owners.get(id(call))

    def within(self, place: str) -> list[ast.AST] | None:
        """The nodes of a function, a class, or a method (``"Class.method"``); ``None`` if the text has none."""
        name, _, method = place.partition(".")
        if not method:
            found = [*self.classes.get(name, ()), *self.functions.get(name, ())]
            return [inner for node in found for inner in ast.walk(node)] or None
        if name not in self.classes:
            return None
        cls = self.classes[name][-1]
        bodies = [n for c in self.ancestors(cls) for n in c.body if isinstance(n, _Function) and n.name == method]
        return [inner for body in bodies for inner in ast.walk(body)] if bodies else None


def same(found: str, wanted: str) -> bool:
    """Whether two dotted names mean one thing of one library: ``keras.models.Model`` and ``keras.Model``."""
    found, wanted = _plain(found), _plain(wanted)
    if found == wanted:
        return True
    one, other = found.split("."), wanted.split(".")
    return len(other) > 1 and one[0] == other[0] and one[-1] == other[-1]


def _plain(name: str) -> str:
    parts = name.split(".")
    if "keras" in parts[:3] and parts[0] in ("tensorflow", "tf", "tf_keras"):
        parts = parts[parts.index("keras") :]
    return ".".join("keras" if i == 0 and part == "tf_keras" else part for i, part in enumerate(parts))


def _object(name: str) -> Any:
    """What a dotted name of a library is, as far as it is loaded here."""
    root, *parts = name.split(".")
    found: Any = sys.modules.get(root) if root in ("keras", "builtins") else None
    for part in parts:
        found = None if found is None or part.startswith("_") else getattr(found, part, None)
    return found


def names_of(nodes: Iterable[ast.AST]) -> Iterator[ast.expr]:
    """The expressions that read a name."""
    for node in nodes:
        if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load):
            yield node
