"""What answers the grader inside the student's kernel: exports values, calls functions, reads attributes.

Theory of operation: the grader sends messages of type ``autograder_request`` on the kernel's shell channel,
between cells; they are handled here, in the main thread, where cells run. The answer's data are files in a
folder on a small tmpfs, from which trusted code copies them (``sandbox.porter``); the reply only says how it
went. The arguments of calls come in the message's buffers. This runs in the student's process and so may be
changed by the student: all it can do then is give another answer.

    {"op": "export"}                                         values of all names → document "values"
    {"op": "fetch", "token": t}                              a large value → document "value"
    {"op": "call", "token": t, "method": name or null}       buffers: document with root "args", its arrays
    {"op": "get", "token": t, "name": attribute}             an attribute → document "value"
"""

import builtins
import contextlib
import re
import shutil
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from autograder.evidence.encode import KernelEncoder
from autograder.evidence.plain import Decoder, Malformed, Node, read_arrays, write_arrays
from autograder.evidence.registry import Registry

__all__ = ["REPLY", "REQUEST", "Agent"]

REQUEST, REPLY = "autograder_request", "autograder_reply"
_IPYTHONS = re.compile(r"_+|_i+|_i?\d+|_[ido]h|In|Out|exit|quit|open|get_ipython|__.*__")
_MAX_FIGURES = 40
_MAX_MESSAGE = 2000


class Agent:
    """Answers requests about the names of one kernel.

    Args:
        names: The kernel's global names.
        folder: Where answers are written.
        describe: Reads a model as a chain of steps.
    """

    def __init__(
        self, names: Mapping[str, Any], folder: str, *, describe: Callable[[Any], Any] | None = None
    ) -> None:
        self._names = names
        self._folder = folder
        self._describe = describe
        self._registry = Registry()
        self._figures: list[Any] = []

    def answer(self, request: Mapping[str, Any], buffers: list[bytes]) -> dict[str, Any]:
        """Do what is asked; the answer as JSON-ready data. Never raises."""
        try:
            return self._do(request, buffers)
        except KeyboardInterrupt:
            return {"status": "interrupted"}
        except Exception as error:  # ours, or of a student's object that is looked at: said to the grader
            return {"status": "failed", "why": f"{type(error).__name__}: {error}"[:_MAX_MESSAGE]}

    def capture(self) -> None:
        """Keep the figures that are open; called when a cell has run, before they are drawn and closed."""
        pyplot = sys.modules.get("matplotlib._pylab_helpers")
        if pyplot is None:
            return
        for manager in pyplot.Gcf.get_all_fig_managers():
            if not any(manager.canvas.figure is figure for figure in self._figures):
                self._figures.append(manager.canvas.figure)
        del self._figures[:-_MAX_FIGURES]

    def _do(self, request: Mapping[str, Any], buffers: list[bytes]) -> dict[str, Any]:
        op = request["op"]
        if op == "export":
            return self._export()
        target = self._registry.get(request["token"])
        if op == "fetch":
            return self._write(target)
        if op == "get":
            try:
                found = getattr(target, request["name"])
            except (Exception, SystemExit) as error:
                return _raised(error)
            return self._write(found)
        if op == "call":
            args, kwargs = _Arguments(self._registry, buffers).root("args")
            try:
                function = target if request["method"] is None else getattr(target, request["method"])
                result = function(*args, **kwargs)
            except (Exception, SystemExit) as error:
                return _raised(error)
            return self._write(result)
        raise ValueError(f"no such request {op!r}")

    def _export(self) -> dict[str, Any]:
        values = {name: value for name, value in list(self._names.items()) if not _IPYTHONS.fullmatch(name)}
        self._registry.begin()
        encoder = KernelEncoder(self._registry, describe=self._describe)
        roots = {name: self._add(encoder, value) for name, value in values.items()}
        figures = [self._add(encoder, figure) for figure in self._figures]
        identities = self._registry.identities(values)
        return self._save(encoder, roots, identities=identities, figures=figures)

    def _add(self, encoder: KernelEncoder, value: Any) -> int:
        """One root; what cannot be written must not cost the others."""
        before = len(encoder.nodes)
        try:
            return encoder.add(value)
        except (Exception, SystemExit) as error:
            why = f"{type(error).__name__}: {error}"[:300]
            with contextlib.suppress(IndexError):
                encoder.nodes[before] = {"k": "opaque", "type": type(value).__name__, "why": why}
            return min(before, len(encoder.nodes) - 1)

    def _write(self, value: Any) -> dict[str, Any]:
        encoder = KernelEncoder(self._registry, defer=False, describe=self._describe)
        return self._save(encoder, {"value": encoder.add(value)})

    def _save(self, encoder: KernelEncoder, roots: dict[str, int], **more: Any) -> dict[str, Any]:
        shutil.rmtree(self._folder, ignore_errors=True)
        folder = Path(self._folder)
        folder.mkdir()
        for kind, content in (
            ("json", encoder.document(roots, **more)),
            ("npz", write_arrays(encoder.arrays)),
        ):
            (folder / f"answer.{kind}").write_bytes(content)
        return {"status": "ok"}


class _Arguments(Decoder):
    """Arguments of a call: plain data, tensors, and objects of this kernel by their tokens."""

    def __init__(self, registry: Registry, buffers: list[bytes]) -> None:
        super().__init__(bytes(buffers[0]), read_arrays(bytes(buffers[1])))
        self._registry = registry

    def decode_other(self, index: int, node: Node) -> Any:
        """Tensors and remotes."""
        if node.get("k") == "tensor":
            import tensorflow as tf

            return tf.convert_to_tensor(self.arrays_of(node["key"]))
        if node.get("k") == "remote":
            return self._registry.get(node["token"])
        raise Malformed(f"an argument of kind {node.get('k')!r}")


def _raised(error: BaseException) -> dict[str, Any]:
    """An exception by the nearest builtin type."""
    kind = next(c for c in type(error).__mro__ if getattr(builtins, c.__name__, None) is c)
    try:
        message = str(error)
    except Exception:  # an exception class of the student's may fail at telling what it is
        message = "?"
    message = message.encode("utf-8", "replace").decode()[:_MAX_MESSAGE]
    return {"status": "raised", "type": kind.__name__, "name": type(error).__name__[:200], "message": message}
