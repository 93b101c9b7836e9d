"""Values of a student's kernel as data: what ``plain`` cannot say, and what stays behind as a remote.

Runs in the student's kernel, so all of it may be forged; what it writes is the student's answer, and it is
judged as such. Libraries are never imported for the question: a value can only be theirs if they are loaded.
"""

import inspect
import types
from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.evidence import encode_figures, encode_keras, encode_tables
from autograder.evidence.plain import Encoder, Node
from autograder.evidence.registry import Registry

__all__ = ["KernelEncoder"]

#: Larger arrays, in bytes, and longer containers stay behind until somebody asks for them.
LARGE = 2 * 2**20
_LONG = 5_000
_MAX_TOTAL = 512 * 2**20


class KernelEncoder(Encoder):
    """Writes any value; what is no data becomes a remote.

    Args:
        registry: Keeps the objects that stay behind.
        defer: Whether large values stay behind too.
        describe: Reads a model as a chain of steps, for models that cannot be data themselves.
    """

    def __init__(
        self, registry: Registry, *, defer: bool = True, describe: Callable[[Any], Any] | None = None
    ) -> None:
        super().__init__()
        self.registry = registry
        self.describe = describe
        self._defer = defer
        self._bytes_kept = 0

    def array(self, array: np.ndarray) -> str:
        """Keep an array; the document has a limit.

        Raises:
            MemoryError: It is reached.
        """
        self._bytes_kept += array.nbytes
        if self._bytes_kept > _MAX_TOTAL:
            raise MemoryError("more arrays than evidence may hold")
        return super().array(array)

    def encode_other(self, value: Any, depth: int) -> Node:
        """Data where the library is known, else a remote."""
        if isinstance(value, types.ModuleType):
            return {"k": "module", "name": value.__name__[:200], "token": self.registry.token(value)}
        for part in (encode_keras, encode_tables, encode_figures):
            node: Node | None = part.encode(self, value, depth)
            if node is not None:
                return node
        return self.remote(value)

    def remote(self, value: Any, **more: Any) -> Node:
        """A node for an object that stays in the kernel: its name, its family, how it is called."""
        cls = value if isinstance(value, type) else type(value)
        kind = "class" if isinstance(value, type) else "function" if callable(value) else "object"
        node: Node = {
            "k": "remote",
            "kind": kind,
            "token": self.registry.token(value),
            "type": cls.__name__[:200],
            "mro": [f"{c.__module__}:{c.__qualname__}"[:200] for c in cls.__mro__[:40]],
        }
        name = getattr(value, "__name__", None)
        if isinstance(name, str):
            node["name"] = name[:200]
        doc = getattr(value, "__doc__", None)
        if isinstance(doc, str):
            node["doc"] = doc[:2000]
        if callable(value):
            node["parameters"] = _parameters(value)
        return {**node, **more}

    def _array(self, value: np.ndarray, depth: int) -> Node | None:
        if self.defers(value.nbytes) and not value.dtype.hasobject:
            return self.deferred(value, shape=list(value.shape), dtype=value.dtype.str)
        return super()._array(value, depth)

    def _sequence(self, value: Any, depth: int) -> Node:
        if self._defer and len(value) > _LONG and not all(type(v) in (int, float) for v in value):
            return self.deferred(value)
        return super()._sequence(value, depth)

    def _dict(self, value: dict[Any, Any], depth: int) -> Node:
        if self._defer and len(value) > _LONG:
            return self.deferred(value)
        return super()._dict(value, depth)

    def defers(self, size: int) -> bool:
        """Whether a value of ``size`` bytes stays behind."""
        return self._defer and size > LARGE

    def deferred(self, value: Any, **more: Any) -> Node:
        """A node for a value that is data, and too large to be sent unasked."""
        token = self.registry.token(value, large=True)
        return {"k": "deferred", "token": token, "type": type(value).__name__, **more}


def _parameters(function: Any) -> list[list[Any]] | None:
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return None
    return [[p.name, int(p.kind), p.default is not inspect.Parameter.empty] for p in signature.parameters.values()]
