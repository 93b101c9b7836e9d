"""The global names of a test cell: the evidence, and what the instructor's own cells defined.

Theory of operation: values are read when a name is looked up, so a cell pays for what it uses. Three sources, the
first that has the name wins:

1. what this cell binds itself;
2. functions, classes and imports of earlier instructor cells, always; other values that an earlier test cell
   bound, unless students are asked to bind that name, and bound it to something else since;
3. the evidence. Python's own names are never taken from there: a student may call a list ``sorted``, or an
   always-true function ``all``.
"""

import ast
import builtins
import contextlib
import sys
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from autograder.errors import GraderError
from autograder.evidence.names import definitions, study
from autograder.evidence.plain import Malformed
from autograder.evidence.refusal import Refused
from autograder.exhibit import ModelPrint
from autograder.judge.exhibits import print_of
from autograder.judge.values import Evidence, unusable

__all__ = ["Carried", "Namespace"]


class Namespace(dict[str, Any]):
    """The globals of one test cell; holds what the cell binds, finds the rest.

    Args:
        evidence: The student's values; ``None`` when there are none.
        given: Names bound beforehand.
    """

    def __init__(self, evidence: Evidence | None, given: Mapping[str, Any]) -> None:
        super().__init__(given)
        self["__name__"] = "__main__"
        self["__builtins__"] = builtins
        self._evidence = evidence
        self._values: dict[str, Any] = {}
        #: By what the models that the cell looked at are known again, as the student left them.
        self.prints: list[ModelPrint] = []

    def __contains__(self, name: object) -> bool:
        return super().__contains__(name) or self._is_evidence(name)

    def __missing__(self, name: str) -> Any:
        if not self._is_evidence(name):
            raise KeyError(name)
        if name not in self._values:
            assert self._evidence is not None
            try:
                self._values[name] = self._evidence.root(name)
            except (Refused, Malformed) as error:
                self._values[name] = unusable(error)
            except GraderError:
                raise
            except Exception as error:  # a value that nobody foresaw: ours, whoever made it
                why = f"{type(error).__name__}: {error}"[:200]
                raise GraderError(f"The value of {name!r} cannot be read: {why}") from error
            self._take_print(name, self._values[name])
        return self._values[name]

    def _take_print(self, name: str, value: Any) -> None:
        keras = sys.modules.get("keras")
        # A stand-in for a model only looks like one: asking it for weights would ask the kernel.
        if keras is not None and issubclass(type(value), keras.Model):
            one = print_of(name, value.get_weights())
            if one is not None:
                self.prints.append(one)

    def _is_evidence(self, name: object) -> bool:
        return self._evidence is not None and name in self._evidence.roots and not hasattr(builtins, str(name))


class Carried:
    """What test cells leave to later ones."""

    def __init__(self) -> None:
        self._values: dict[str, tuple[Any, int | None, bool]] = {}

    def names(self, evidence: Evidence | None) -> dict[str, Any]:
        """The names that hold now."""
        now = _identities(evidence)
        return {
            name: value
            for name, (value, identity, fixed) in self._values.items()
            if fixed or name not in now or now[name] == identity
        }

    def take(
        self, source: str, namespace: Namespace, evidence: Evidence | None, asked_for: Collection[str] | None
    ) -> None:
        """Keep what a test cell has bound.

        Args:
            asked_for: The names that students are meant to bind; ``None`` if nobody knows.
        """
        now = _identities(evidence)
        fixed = study(source).defines
        for name, value in namespace.items():
            if not name.startswith("__"):
                ours = name in fixed or (asked_for is not None and name not in asked_for)
                self._values[name] = (value, now.get(name), ours)

    def define(self, sources: Iterable[str], needs: frozenset[str], namespace: Namespace) -> None:
        """Run the definitions of instructor cells that were not tests, as far as ``needs`` asks for them."""
        for source in sources:
            found, fixed = definitions(source), study(source).defines
            for name in _closure(needs, found) & fixed:
                if not dict.__contains__(namespace, name):
                    # A module that only the student's folder has is then a remote, as any of theirs.
                    with contextlib.suppress(ImportError):
                        exec(compile(found[name], "<definition>", "exec"), namespace)  # noqa: S102


def _identities(evidence: Evidence | None) -> dict[str, int]:
    found = evidence.extra.get("identities") if evidence is not None else None
    return found if isinstance(found, dict) else {}


def _closure(needs: frozenset[str], found: Mapping[str, str]) -> set[str]:
    """The definitions that are needed, and those that they need in turn."""
    wanted, todo = set(), [name for name in needs if name in found]
    while todo:
        name = todo.pop()
        if name in wanted:
            continue
        wanted.add(name)
        read = {n.id for n in ast.walk(ast.parse(found[name])) if isinstance(n, ast.Name)}
        todo.extend(other for other in read if other in found)
    return wanted
