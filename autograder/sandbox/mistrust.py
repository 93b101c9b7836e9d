"""What comes from a kernel is bytes that a student may have written: read without believing it is a message.

The student's code has the kernel's sockets and the key that signs its messages, so frames may be of any size, no
message at all, or a message with nonsense in it. jupyter_client and nbclient expect an honest kernel and raise
whatever comes to hand; here, what is no sound message becomes one that answers nothing and shows nothing.
"""

from typing import Any

import zmq
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.session import Session

__all__ = ["MAX_MESSAGE", "MistrustfulSession", "bound_messages"]

#: Bytes of a message. A longer one ends the connection before it is received, and ZeroMQ connects again: what was
#: on its way is lost, as is any output over the limit.
MAX_MESSAGE = 32 * 2**20
#: Messages that wait until they are read. More of them wait in the kernel, whose memory is the student's.
_MAX_WAITING = 64
_OUTPUTS = ("display_data", "execute_result", "update_display_data")


def bound_messages(manager: AsyncKernelManager) -> None:
    """Limit what all sockets of ``manager`` that are opened from now on may receive."""
    manager.context.setsockopt(zmq.MAXMSGSIZE, MAX_MESSAGE)
    manager.context.setsockopt(zmq.RCVHWM, _MAX_WAITING)


class MistrustfulSession(Session):  # type: ignore[misc]
    """Reads messages; never raises for one that is none."""

    def feed_identities(self, msg_list: Any, copy: bool = True) -> tuple[Any, Any]:
        """Split the addresses off; called by jupyter_client for each message."""
        try:
            split: tuple[Any, Any] = super().feed_identities(msg_list, copy)
        except ValueError:
            return [], []
        return split

    def deserialize(self, msg_list: Any, content: bool = True, copy: bool = True) -> dict[str, Any]:
        """The message; called by jupyter_client for each."""
        try:
            message: dict[str, Any] = super().deserialize(msg_list, content, copy)
            sound = _is_sound(message)
        except Exception:  # of whatever kind: frames, signature, JSON, dates, versions of the protocol
            sound = False
        return message if sound else _nothing()


def _nothing() -> dict[str, Any]:
    return {
        "header": {"msg_id": "", "msg_type": "nothing"}, "msg_id": "", "msg_type": "nothing", "parent_header": {},
        "metadata": {}, "content": {}, "buffers": [],
    }  # fmt: skip


def _is_sound(message: dict[str, Any]) -> bool:
    parts = ("header", "parent_header", "metadata", "content")
    if not all(isinstance(message[part], dict) for part in parts) or not isinstance(message["msg_type"], str):
        return False
    content, kind = message["content"], message["msg_type"]
    if not isinstance(content.get("execution_count", 0), int | None):
        return False
    if kind.startswith("comm"):  # widgets: nothing of them is kept
        return False
    if kind in _OUTPUTS:
        transient = content.get("transient")
        return (
            isinstance(content["data"], dict)
            and isinstance(content["metadata"], dict)
            and (transient is None or isinstance(transient, dict))
        )
    if kind == "stream":
        return content["name"] in ("stdout", "stderr") and isinstance(content["text"], str)
    if kind == "status":
        return isinstance(content["execution_state"], str)
    if kind == "error":
        return all(isinstance(line, str) for line in (content["ename"], content["evalue"], *content["traceback"]))
    return kind != "execute_reply" or content["status"] in ("ok", "error", "aborted")
