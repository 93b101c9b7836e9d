"""Stand-ins for what stays in the student's kernel: functions, classes, objects, models that cannot be data.

A call goes to the kernel with its arguments as plain data and comes back as plain data; what is raised there is
raised here as the nearest builtin type. ``isinstance`` sees the nearest class of Keras, scikit-learn or Python
that the object descends from.
"""

import builtins
import inspect
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

from autograder.check.chain import DESCRIPTION
from autograder.check.subclassing import FAMILY
from autograder.evidence.plain import Malformed, Node

__all__ = ["Channel", "KernelEnded", "RemoteFunction", "RemoteModel", "RemoteObject", "raised", "remote_of"]

_FAMILIES = ("keras", "sklearn", "pandas", "numpy", "builtins", "tensorflow", "collections", "matplotlib")


class KernelEnded(BaseException):
    """The student's kernel did not answer: it was over a limit, or has ended. No test can catch it."""

    def __init__(self, status: str, limit: str | None) -> None:
        super().__init__(status)
        self.status = status
        self.limit = limit


class Channel(Protocol):
    """The way to the student's kernel, live or recorded."""

    def call(self, token: str, method: str | None, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
        """Call an object, or a method of it; raises what was raised there."""

    def get(self, token: str, name: str) -> Any:
        """An attribute of an object."""

    def fetch(self, token: str) -> Any:
        """A large value."""


class _Remote:
    _channel: Channel
    _token: str
    _node: Node

    def __init__(self, channel: Channel, node: Node) -> None:
        object.__setattr__(self, "_channel", channel)
        object.__setattr__(self, "_node", node)
        object.__setattr__(self, "_token", str(node["token"]))
        object.__setattr__(self, "__doc__", node.get("doc"))
        object.__setattr__(self, FAMILY, [str(name) for name in node.get("mro", [])[:40]])

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._channel.call(self._token, None, args, kwargs)

    def __repr__(self) -> str:
        return f"<{self._node.get('name') or self._node.get('type')} in the student's kernel>"


class RemoteFunction(_Remote):
    """A function of the student's."""

    def __init__(self, channel: Channel, node: Node) -> None:
        super().__init__(channel, node)
        self.__name__ = str(node.get("name") or "function")
        self.__qualname__ = self.__name__
        signature = _signature(node.get("parameters"))
        if signature is not None:
            self.__signature__ = signature


class RemoteObject(_Remote):
    """An object of the student's; its attributes are asked for one by one."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self._channel.get(self._token, name)

    def __setattr__(self, name: str, value: Any) -> None:
        raise TypeError("a test cannot change an object that stays in the student's kernel")

    @property  # type: ignore[misc]  # what isinstance asks
    def __class__(self) -> Any:
        return _family(self._node) or type(self)

    def __len__(self) -> int:
        return int(self._channel.call(self._token, "__len__", (), {}))

    def __bool__(self) -> bool:
        return True

    def __getitem__(self, key: Any) -> Any:
        return self._channel.call(self._token, "__getitem__", (key,), {})

    def __iter__(self) -> Iterator[Any]:
        return (self[i] for i in range(len(self)))  # one by one: a student's length may be anything


class RemoteClass(RemoteObject):
    """A class of the student's: calling it makes an object there."""

    @property  # type: ignore[misc]  # what isinstance asks
    def __class__(self) -> Any:
        return type

    @property
    def __name__(self) -> str:
        return str(self._node.get("name") or "class")


class RemoteModel(RemoteObject):
    """A model that cannot be data: a subclass of ``keras.Model``, or one with layers of the student's own.

    How it was compiled, its history and its layers were written down with it; all else is asked for.
    """

    def __init__(self, channel: Channel, node: Node, facts: Mapping[str, Any]) -> None:
        super().__init__(channel, node)
        compiled = facts.get("compile")
        compiled = compiled if isinstance(compiled, dict) else None
        local = {
            "compiled": compiled is not None,
            "loss": compiled.get("loss") if compiled else None,
            "optimizer": compiled.get("optimizer") if compiled else None,
            "history": facts.get("history"),
            DESCRIPTION: facts.get("chain"),
            "_autograder_strategy": facts.get("strategy"),
            "get_compile_config": lambda: (
                {name: compiled.get(name) for name in ("metrics", "loss_weights")} if compiled else None
            ),
        }
        self.__dict__.update(local)


def remote_of(channel: Channel, node: Node, facts: Mapping[str, Any]) -> Any:
    """The stand-in that fits the node.

    Raises:
        Malformed: The node is none of a remote.
    """
    if not isinstance(node.get("token"), str) or not isinstance(node.get("mro", []), list):
        raise Malformed("a remote without a token")
    kind = node.get("kind")
    if kind == "model":
        return RemoteModel(channel, node, facts)
    if kind == "class":
        return RemoteClass(channel, node)
    # An object that can be called and descends from a known class (a layer, say) is asked for its attributes too.
    if kind == "function" and (_family(node) in (None, object) or node.get("type") in _CALLABLES):
        return RemoteFunction(channel, node)
    return RemoteObject(channel, node)


_CALLABLES = ("function", "method", "builtin_function_or_method", "partial", "method-wrapper", "ufunc")


def raised(answer: Mapping[str, Any]) -> BaseException:
    """The exception that an answer tells of.

    Raises:
        Malformed: It tells of none.
    """
    kind = getattr(builtins, str(answer.get("type")), None)
    message = answer.get("message")
    if not isinstance(kind, type) or not issubclass(kind, Exception | SystemExit) or not isinstance(message, str):
        raise Malformed("an exception that is none")
    make: Callable[..., BaseException] = kind
    try:
        return make(message)
    except TypeError:  # UnicodeDecodeError and its like take more than a message
        return RuntimeError(f"{answer.get('type')}: {message}")


def _family(node: Node) -> type | None:
    """The nearest class that the judge knows as well."""
    for text in node.get("mro", [])[:40]:
        module, _, name = str(text).partition(":")
        if module.split(".")[0] in _FAMILIES and module in sys.modules:
            found = getattr(sys.modules[module], name, None)
            if isinstance(found, type):
                return None if found is object else found
    return None


def _signature(parameters: Any) -> inspect.Signature | None:
    if not isinstance(parameters, list):
        return None
    try:
        return inspect.Signature(
            [
                inspect.Parameter(
                    str(name),
                    list(inspect._ParameterKind)[int(kind)],
                    default=None if default else inspect.Parameter.empty,
                )
                for name, kind, default in parameters
            ]
        )
    except (ValueError, TypeError, IndexError):
        return None
