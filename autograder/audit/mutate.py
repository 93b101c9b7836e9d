"""Break a reference solution: one change a mutant, in the text of one solution cell.

A change is made on the syntax tree, and only the statement that it is in is written anew; the rest of the cell
stays as it is. Mutants that parse to the same tree are made once.
"""

import ast
import copy
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from autograder.assignment import Template, TemplateCell
from autograder.audit.freedom import Prose, is_cosmetic
from autograder.audit.operators import OPERATORS, Context

__all__ = ["Mutant", "mutants_of"]

_BEGIN, _END = re.compile(r"\s*### BEGIN SOLUTION\s*"), re.compile(r"\s*### END SOLUTION\s*")
_MAGIC = re.compile(r"^(\s*)[%!].*$", re.MULTILINE)
_HEADERS = (ast.If, ast.For, ast.While, ast.With, ast.FunctionDef, ast.ClassDef)


@dataclass(frozen=True)
class Mutant:
    """One broken reference solution.

    Args:
        notebook: Whose.
        cell: The solution cell that is changed.
        operator: What kind of change.
        change: The change as text, ``before → after``; with the cell, no two mutants have the same.
        source: The cell's text, without the marks of its solution.
    """

    notebook: str
    cell: str
    operator: str
    change: str
    source: str

    @property
    def name(self) -> str:
        """A name for folders."""
        return "mutant-" + hashlib.sha256(f"{self.cell}\0{self.source}".encode()).hexdigest()[:16]


def mutants_of(template: Template) -> list[Mutant]:
    """All mutants of a notebook's reference solution, in the order of its text."""
    cells = [c for c in template.cells if c.solution and c.cell_type == "code" and not c.manual]
    trees = {c.grade_id: _parse(c.source) for c in cells}
    names = {n.id for tree in trees.values() if tree for n in ast.walk(tree) if isinstance(n, ast.Name)}
    prose = Prose(template)
    found: list[Mutant] = []
    for cell in cells:
        tree = trees[cell.grade_id]
        if tree is not None:
            found += _of_cell(template, cell, tree, prose, frozenset(names))
    return found


def _of_cell(
    template: Template, cell: TemplateCell, tree: ast.Module, prose: Prose, names: frozenset[str]
) -> Iterator[Mutant]:
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    context = Context(prose, names, parents)
    inside = _region(cell.source)
    seen = {ast.dump(tree)}
    changes: dict[str, int] = {}
    for operator, change, text in _changes(cell.source, tree, context, inside):
        made = _parse(text)
        if made is None or ast.dump(made) in seen:
            continue
        seen.add(ast.dump(made))
        changes[change] = changes.get(change, 0) + 1
        if changes[change] > 1:
            change = f"{change} ({changes[change]})"
        yield Mutant(template.name, cell.grade_id, operator, change, _unmarked(text))


def _changes(
    source: str, tree: ast.Module, context: Context, inside: frozenset[int]
) -> Iterator[tuple[str, str, str]]:
    """The operator, the change as text, and the cell with it."""
    for statement in _statements(tree):
        whole = set(range(statement.lineno, (statement.end_lineno or 0) + 1)) <= inside
        if statement.lineno not in inside or is_cosmetic(statement):
            continue
        start, end = _span(source, statement)
        decorated = bool(getattr(statement, "decorator_list", []))
        if whole and not decorated and not isinstance(statement, ast.Return):
            above = context.parents[statement]
            alone = len(_block(statement, context)) == 1 and not isinstance(above, ast.Module)
            yield "statement", f"drop {_head(statement)}", _spliced(source, start, end, "pass" if alone else "")
        for decorator in getattr(statement, "decorator_list", []):
            first, last = _offset(source, decorator.lineno, 0), _offset(source, decorator.end_lineno, 10**6)
            yield "decorator", f"drop @{_line(decorator)}", source[:first] + source[last:]
        for node in _own(statement):
            for name, operator in OPERATORS.items():
                for new in operator(node, context):
                    changed = _replaced(statement, node, new)
                    if _does_nothing(changed):
                        continue  # the statement is dropped anyway
                    if isinstance(statement, _HEADERS):
                        text, stop = _header(changed), _header_end(source, statement)
                        if source[start:].startswith("elif"):
                            text = f"el{text}"
                    else:
                        text, stop = ast.unparse(changed), end
                    yield name, _change(node, new, context), source[:start] + text + source[stop:]


def _change(node: ast.AST, new: ast.AST, context: Context) -> str:
    """What is changed, with as much around it as tells it from other changes."""
    if isinstance(node, ast.List) and isinstance(new, ast.List):
        return f"drop {_line(next(e for e in node.elts if e not in new.elts))}"
    if isinstance(node, ast.Call) and isinstance(new, ast.Call) and _line(node.func) == _line(new.func):
        before, after = ([_line(x) for x in (*call.args, *call.keywords)] for call in (node, new))
        gone, come = ([x for x in one if x not in other] for one, other in ((before, after), (after, before)))
        if gone and (len(before) > 2 or not come):
            return (
                f"{_line(node.func)}: {' → '.join(', '.join(x) for x in (gone, come))}"
                if come
                else (f"{_line(node.func)}: drop {', '.join(gone)}")
            )
    while isinstance(new, ast.Constant | ast.Name | ast.Attribute | ast.UnaryOp | ast.keyword) or (
        isinstance(context.parents.get(node), ast.keyword | ast.Slice | ast.Subscript)
    ):
        above = context.parents.get(node)
        if above is None or isinstance(above, ast.stmt):
            break
        node, new = above, _replaced(above, node, new)
        if isinstance(node, ast.Call | ast.BinOp | ast.Compare | ast.Subscript):
            return _change(node, new, context) if isinstance(new, ast.Call) else f"{_line(node)} → {_line(new)}"
    return f"{_line(node)} → {_line(new)}"


def _does_nothing(statement: ast.AST) -> bool:
    """Whether it gives a name what it has."""
    return (
        isinstance(statement, ast.Assign)
        and len(statement.targets) == 1
        and ast.unparse(statement.targets[0]) == ast.unparse(statement.value)
    )


def _head(statement: ast.stmt) -> str:
    """A statement in a line; of one with others in it, how it begins."""
    return (
        _line(ast.parse(_header(statement) + "\n    ...")) if isinstance(statement, _HEADERS) else _line(statement)
    )


def _own(statement: ast.stmt) -> Iterator[ast.AST]:
    """The nodes of a statement without those of the statements in it, and without those of formatted texts."""
    waiting: list[ast.AST] = [statement]
    while waiting:
        node = waiting.pop(0)
        for child in ast.iter_child_nodes(node):
            if not isinstance(child, ast.stmt | ast.JoinedStr | ast.ExceptHandler | ast.match_case):
                if node is statement and child in getattr(statement, "decorator_list", []):
                    continue
                yield child
                waiting.append(child)


def _replaced(root: ast.AST, node: ast.AST, new: ast.AST) -> ast.AST:
    """A copy of ``root`` with ``new`` in the place of ``node``; what is not on the way is shared."""
    if root is node:
        return new
    made = copy.copy(root)
    for field, value in ast.iter_fields(root):
        if isinstance(value, ast.AST):
            setattr(made, field, _replaced(value, node, new))
        elif isinstance(value, list):
            setattr(made, field, [_replaced(v, node, new) if isinstance(v, ast.AST) else v for v in value])
    return made


def _statements(tree: ast.Module) -> list[ast.stmt]:
    found = [node for node in ast.walk(tree) if isinstance(node, ast.stmt)]
    return sorted(found, key=lambda node: (node.lineno, node.col_offset))


def _block(statement: ast.stmt, context: Context) -> list[ast.stmt]:
    above = context.parents[statement]
    for _, value in ast.iter_fields(above):
        if isinstance(value, list) and statement in value:
            return [s for s in value if isinstance(s, ast.stmt) and not _docstring(s)]
    return [statement]


def _docstring(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _header(statement: ast.AST) -> str:
    bare = copy.copy(statement)
    bare.body, bare.orelse, bare.decorator_list = [ast.Pass()], [], []  # type: ignore[attr-defined]
    return ast.unparse(bare).rsplit("\n", 1)[0].strip()


def _header_end(source: str, statement: ast.stmt) -> int:
    """Where the header of a compound statement ends: after its colon."""
    own = [n for n in _own(statement) if isinstance(n, ast.expr | ast.arg | ast.keyword)]
    begin = _span(source, statement)[0]
    last = max([begin, *(_offset(source, n.end_lineno or 0, n.end_col_offset or 0) for n in own)])
    return source.index(":", last) + 1


def _spliced(source: str, start: int, end: int, text: str) -> str:
    """With ``text`` for a statement; a line that becomes empty goes."""
    if not text:
        line = source.rfind("\n", 0, start) + 1
        rest = source.find("\n", end)
        rest = len(source) if rest < 0 else rest + 1
        if not source[line:start].strip() and not source[end:rest].split("#")[0].strip():
            return source[:line] + source[rest:]
        return source[:start] + "pass" + source[end:]
    return source[:start] + text + source[end:]


def _span(source: str, node: ast.stmt) -> tuple[int, int]:
    """The place of a statement in the text, without its decorators."""
    return _offset(source, node.lineno, node.col_offset), _offset(
        source, node.end_lineno or 0, node.end_col_offset or 0
    )


def _offset(source: str, line: int, column: int) -> int:
    """A position in characters; the tree counts bytes of a line."""
    lines = source.splitlines(keepends=True)
    before = lines[line - 1].encode()[:column].decode() if line <= len(lines) else ""
    return sum(map(len, lines[: line - 1])) + len(before)


def _region(source: str) -> frozenset[int]:
    """Numbers of the lines of the solution."""
    found: set[int] = set()
    lines = source.splitlines()
    if not any(_BEGIN.fullmatch(line) for line in lines):
        return frozenset(range(1, len(lines) + 1))
    within = False
    for number, line in enumerate(lines, 1):
        within = (within or bool(_BEGIN.fullmatch(line))) and not _END.fullmatch(line)
        if within:
            found.add(number)
    return frozenset(found)


def _unmarked(source: str) -> str:
    return "\n".join(x for x in source.splitlines() if not (_BEGIN.fullmatch(x) or _END.fullmatch(x)))


def _parse(source: str) -> ast.Module | None:
    try:
        return ast.parse(_MAGIC.sub(r"\1pass", source))
    except SyntaxError:
        return None


def _line(node: ast.AST) -> str:
    return " ".join(ast.unparse(node).split())
