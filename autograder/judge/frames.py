"""Messages between the engine and a judge or an inspector: JSON with bytes behind it, over a stream socket."""

import json
import socket
import struct
from typing import Any

__all__ = ["MAX_JSON", "MAX_PAYLOAD", "Closed", "head", "pack", "receive", "send"]

MAX_JSON = 32 * 2**20
MAX_PAYLOAD = 2**30
_HEAD = struct.Struct("!IQ")
HEAD_SIZE = _HEAD.size


class Closed(EOFError):
    """The other side has gone."""


def pack(message: dict[str, Any], payload: bytes = b"") -> bytes:
    """One message as bytes."""
    text = json.dumps(message).encode()
    return _HEAD.pack(len(text), len(payload)) + text + payload


def head(data: bytes) -> tuple[int, int]:
    """Lengths of the JSON and of the payload that follow.

    Raises:
        ValueError: They are longer than a message may be.
    """
    lengths: tuple[int, int] = _HEAD.unpack(data)
    if lengths[0] > MAX_JSON or lengths[1] > MAX_PAYLOAD:
        raise ValueError(f"a message of {lengths[0]} + {lengths[1]} bytes")
    return lengths


def send(connection: socket.socket, message: dict[str, Any], payload: bytes = b"") -> None:
    """Send one message."""
    connection.sendall(pack(message, payload))


def receive(connection: socket.socket) -> tuple[dict[str, Any], bytes]:
    """Wait for one message.

    Raises:
        Closed: The connection ended.
        ValueError: What came is no message.
    """
    text, payload = head(_exactly(connection, HEAD_SIZE))
    message = json.loads(_exactly(connection, text))
    if not isinstance(message, dict):
        raise ValueError("a message is an object")
    return message, _exactly(connection, payload)


def _exactly(connection: socket.socket, size: int) -> bytes:
    parts = bytearray()
    while len(parts) < size:
        chunk = connection.recv(min(size - len(parts), 1 << 20))
        if not chunk:
            raise Closed
        parts += chunk
    return bytes(parts)
