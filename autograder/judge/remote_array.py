"""Arrays that are too large to be sent unasked: their shape is known, parts are asked for, the whole when it
must be."""

import math
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from autograder.evidence.plain import Malformed, Node
from autograder.judge.remote import Channel

__all__ = ["RemoteArray"]


class RemoteArray(NDArrayOperatorsMixin):
    """Stands for an array in the student's kernel.

    ``len(X)``, ``X.shape`` and ``X[:500]`` send what they say; whatever needs all of the numbers fetches them
    once.

    Args:
        channel: The way to the kernel.
        node: What the kernel wrote of the array: its token, shape and type.

    Raises:
        Malformed: The node is none of an array.
    """

    def __init__(self, channel: Channel, node: Node) -> None:
        shape = node["shape"]
        if not isinstance(shape, list) or not all(type(n) is int and n >= 0 for n in shape):
            raise Malformed("an array without a shape")
        self.shape: tuple[int, ...] = tuple(shape)
        self.dtype = np.dtype(str(node["dtype"]))
        if self.dtype.hasobject:
            raise Malformed("an array of objects")
        self._channel = channel
        self._token = str(node["token"])
        self._whole: np.ndarray | None = None

    @property  # type: ignore[misc]  # what isinstance asks
    def __class__(self) -> Any:
        return np.ndarray

    @property
    def ndim(self) -> int:
        """How many dimensions it has."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """How many elements it has."""
        return math.prod(self.shape)

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("len() of unsized object")
        return self.shape[0]

    def __getitem__(self, key: Any) -> Any:
        if self._whole is None and isinstance(key, int | slice):
            return self._channel.call(self._token, "__getitem__", (key,), {})
        return self._all()[key]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.array(self._all(), dtype=dtype, copy=True if copy is None else copy or None)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        plain = (value._all() if type(value) is RemoteArray else value for value in inputs)
        return getattr(ufunc, method)(*plain, **kwargs)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        return function(*_plain(args), **_plain(kwargs))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self._all(), name)

    def __repr__(self) -> str:
        return f"<array of shape {self.shape}, {self.dtype}, in the student's kernel>"

    def _all(self) -> np.ndarray:
        if self._whole is None:
            fetched = self._channel.fetch(self._token)
            if type(fetched) is not np.ndarray:
                raise Malformed("an array that is none")
            self._whole = fetched
        return self._whole


def _plain(value: Any) -> Any:
    if type(value) is RemoteArray:
        return value._all()
    if isinstance(value, list | tuple):
        return type(value)(_plain(item) for item in value)
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    return value
