"""Which of this project's code can decide how a notebook is graded.

All of the package counts, but for what only people use and for checks that the notebook does not name. A check
that one exercise uses can so be mended without grading every other exercise again.
"""

import ast
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po

__all__ = ["code_digest", "words_of"]

_PACKAGE = Path(__file__).parent.parent
#: What no graded notebook runs. Everything else of the package counts, so that nothing can be forgotten.
_BYSTANDERS = frozenset(
    {"audit", "scaffold", "cli.py", "terminal.py", "new.py", "handout.py", "demo.py", "calibrate.py",
     "calibration_report.py", "tolerance.py", "grade.py", "regrade.py", "exemplar.py", "startup.py",
     "formgrader.py", "nbgrader_exchange.py", "receipt.py"}
)  # fmt: skip


def words_of(texts: Iterable[str]) -> frozenset[str]:
    """The identifiers in some texts; with them, ``code_digest`` knows which checks are named."""
    return frozenset(word for text in texts for word in re.findall(r"[^\W\d]\w*", text))


def code_digest(words: frozenset[str], package: Path = _PACKAGE) -> str:
    """A digest of the code, and of the translations of its messages, that a notebook with these words can reach.

    Args:
        words: The identifiers in the notebook: a check counts when its name, or that of its module, is there.
        package: The package's folder.
    """
    modules = _modules(package)
    public, rest = _front(modules.get(f"{package.name}.check", ""))
    checks = {name for name in modules if name.startswith(f"{package.name}.check.")}
    named = words | words_of([rest])
    meant = {name: public[name] for name in public.keys() & named}
    roots = {module for module, _ in meant.values()}
    roots |= {name for name in checks if name.rpartition(".")[2] in named}
    return _digest(frozenset(roots & modules.keys()), repr(sorted(meant.items())), package)


@cache
def _digest(named: frozenset[str], meant: str, package: Path) -> str:
    """A digest of these checks, of all that is no check, and of what they import."""
    modules, front = _modules(package), f"{package.name}.check"
    reached = {name for name in modules if not f"{name}.".startswith(f"{front}.")} | named
    waiting = sorted(reached)
    while waiting:
        new = set(_imports(modules[waiting.pop()], modules)) - reached - {front}
        reached |= new
        waiting += sorted(new)
    digest = hashlib.sha256(f"{meant}\0{_front(modules.get(front, ''))[1]}".encode())
    # All checks are imported, so what the others do then counts as well.
    texts = (f"{name}\0{text if name in reached else _on_import(text)}" for name, text in sorted(modules.items()))
    for text in (*(t for t in texts if not t.startswith(f"{front}\0")), *_translations(package, reached)):
        digest.update(f"{text}\0".encode())
    return digest.hexdigest()


@cache
def _modules(package: Path) -> dict[str, str]:
    """The text of each module by its dotted name."""
    found = {}
    for path in sorted(package.rglob("*.py")):
        place = path.relative_to(package)
        if place.parts[0] not in _BYSTANDERS:
            parts = [p for p in place.with_suffix("").parts if p != "__init__"]
            found[".".join([package.name, *parts])] = path.read_text(encoding="utf-8")
    return found


@cache
def _front(text: str) -> tuple[Mapping[str, tuple[str, str]], str]:
    """Where the public names of ``check`` come from, and what else its ``__init__`` does."""
    public: dict[str, tuple[str, str]] = {}
    rest: list[str] = []
    for statement in ast.parse(text).body:
        if isinstance(statement, ast.ImportFrom):
            public |= {
                alias.asname or alias.name: (statement.module or "", alias.name) for alias in statement.names
            }
        elif not (isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == "__all__"):
            is_docstring = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
            rest += [] if is_docstring else [ast.unparse(statement)]
    return public, "\n".join(rest)


@cache
def _on_import(text: str) -> str:
    """What a module does when it is imported, beside making functions and classes."""
    made = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    rest = [s for s in ast.parse(text).body if not isinstance(s, made)]
    quiet = [s for s in rest if not (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))]
    return "\n".join(ast.unparse(s) for s in quiet if "__all__" not in ast.unparse(s))


def _imports(text: str, modules: Mapping[str, str]) -> Iterator[str]:
    """The modules of the package that a module imports, wherever in its text."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            if node.level or not node.module:
                raise ValueError(f"relative imports are not followed: {ast.unparse(node)}")
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        else:
            continue
        yield from (name for name in names if name in modules)


def _translations(package: Path, reached: set[str]) -> Iterator[str]:
    """The translations of all messages but those that only modules out of reach have."""
    said = {name: _strings(text) for name, text in _modules(package).items()}
    near = {s for name in reached for s in said[name]}
    far = {s for name in said.keys() - reached for s in said[name]} - near
    for path in sorted(package.rglob("*.po")):
        with path.open("rb") as source:
            for message in read_po(source):
                if message.id and message.id not in far:
                    yield f"{path.parent.parent.name}\0{message.id}\0{message.string}"


@cache
def _strings(text: str) -> frozenset[str]:
    nodes = ast.walk(ast.parse(text))
    return frozenset(n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str))
