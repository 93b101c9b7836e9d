"""The zygote: a process that has imported TensorFlow once and forks a kernel in milliseconds.

Theory of operation
-------------------
``python -m autograder.sandbox.zygote SOCKET ROLE`` imports the libraries of the course (and starts no TensorFlow
runtime: that must happen after a fork), freezes the garbage collector so that collections in a child do not
copy its memory, and then listens on a ``SOCK_SEQPACKET`` Unix socket in a folder only its user can enter.
Whoever connects is checked to be that user. A connection sends one request:

    {"op": "ping"}             answered with {"event": "pong", "pid": …, "modules": …}
    {"op": "spawn", "spec": …} the zygote forks a keeper, which owns the connection from then on
    {"op": "stop"}             the zygote exits; kernels that run go on

The zygote is single-threaded and holds nothing secret: a fork copies all of its memory. It ends by itself
after ``IDLE`` seconds without a kernel.
"""

import gc
import importlib
import importlib.util
import json
import os
import select
import signal
import socket
import struct
import sys
import time
from typing import Any

from autograder import messages
from autograder.sandbox import confine, linux
from autograder.sandbox.keeper import MESSAGE_SIZE, keep
from autograder.sandbox.spec import SandboxSpec

__all__ = ["PRELOAD", "main"]

#: Seconds without a kernel after which a zygote ends.
IDLE = 900.0
_COMMON = (
    "numpy", "pandas", "scipy.stats", "sklearn.datasets", "sklearn.model_selection", "sklearn.preprocessing",
    "sklearn.metrics", "matplotlib.figure", "matplotlib.backends.backend_agg", "h5py",
    "tensorflow", "keras", "autograder.check", "autograder.holdout",
)  # fmt: skip
#: Imported before the first fork, where installed, by whose zygote it is.
PRELOAD = {
    "kernel": (
        "ipykernel.kernelapp", "ipykernel.ipkernel", "ipykernel.zmqshell", "IPython.core.completer",
        "IPython.core.completerlib", "IPython.core.debugger", "IPython.core.magics.execution",
        "IPython.core.oinspect", "IPython.extensions.storemagic", "tornado.platform.asyncio", "tornado.queues",
        "matplotlib_inline.config", *_COMMON, "autograder.evidence.agent",
    ),
    "judge": (
        *_COMMON, "matplotlib.pyplot", "IPython.core.formatters", "autograder.judge.process",
        "autograder.judge.inspector",
    ),
}  # fmt: skip
#: What a fork of a zygote does, by the role that its spec names.
_SERVE = {
    "kernel": "autograder.sandbox.kernel",
    "judge": "autograder.judge.process",
    "inspector": "autograder.judge.inspector",
}


def main(path: str, role: str) -> None:
    """Import, listen on the Unix socket ``path``, fork; return when idle or told to stop."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    if role == "kernel":
        _have_no_debugger()
    loaded = [name for name in PRELOAD[role] if _load(name)]
    _touch_lazy_modules()
    messages.preload()
    confine.preload()
    gc.collect()
    gc.freeze()
    linux.collapse_memory()
    signal.signal(signal.SIGCHLD, lambda *_: None)  # interrupts poll(); children are reaped below
    partial = f"{path}.{os.getpid()}"
    listener.bind(partial)
    listener.listen(64)
    os.replace(partial, path)  # appears only once it answers
    ours = os.stat(path).st_ino
    try:
        _serve(listener, loaded)
    finally:
        # A newer zygote may have taken the path over.
        if os.path.exists(path) and os.stat(path).st_ino == ours:
            os.unlink(path)


def _load(name: str) -> bool:
    """Import a module; one that is not installed is left out, one that is broken is an error."""
    if importlib.util.find_spec(name.partition(".")[0]) is None:
        return False
    importlib.import_module(name)
    return True


def _have_no_debugger() -> None:
    """Let ipykernel find none: nobody debugs a kernel that is used once, and each would import 110 modules."""
    sys.modules["debugpy"] = None  # type: ignore[assignment]  # makes its import fail
    importlib.import_module("ipykernel.debugger")
    del sys.modules["debugpy"]


def _touch_lazy_modules() -> None:
    """TensorFlow and Keras load some modules at first use, matplotlib reads what is installed; do that once."""
    if "matplotlib" in sys.modules:
        from matplotlib.backends.registry import backend_registry

        backend_registry.list_all()  # type: ignore[no-untyped-call]
    if "tensorflow" in sys.modules:
        tensorflow = sys.modules["tensorflow"]
        for name in ("data", "keras", "summary", "io"):
            getattr(tensorflow, name)
        # On recent GPUs products of float32 would be rounded to 10 bits: a right answer differs from the judge's
        # own arithmetic by 0.1 %. Whoever needs that speed can switch it on again.
        tensorflow.config.experimental.enable_tensor_float_32_execution(False)


def _serve(listener: socket.socket, loaded: list[str]) -> None:
    poller = select.poll()
    poller.register(listener, select.POLLIN)
    children: dict[int, int] = {}  # keeper's pid: its slot
    last_use = time.monotonic()
    while True:
        ready = poller.poll(1000)
        for pid in list(children):
            if os.waitpid(pid, os.WNOHANG)[0]:
                del children[pid]
                last_use = time.monotonic()
        if not ready:
            if not children and time.monotonic() - last_use > IDLE:
                return
            continue
        connection, _ = listener.accept()
        with connection:
            if not _is_own_user(connection):
                continue
            request = _receive(connection)
            last_use = time.monotonic()
            if request.get("op") == "stop":
                return
            try:
                if request.get("op") == "ping":
                    reply = {"event": "pong", "pid": os.getpid(), "modules": loaded}
                    connection.send(json.dumps(reply).encode())
                elif request.get("op") == "spawn":
                    slot = min(set(range(len(children) + 1)) - set(children.values()))
                    pid = _fork_keeper(listener, connection, SandboxSpec.from_json(request["spec"]), slot)
                    children[pid] = slot
            except (OSError, KeyError, TypeError, ValueError) as error:
                # A client that hung up, or one of another version; others are served by this process too.
                print(f"request {request.get('op')!r} failed: {error}", file=sys.stderr, flush=True)


def _is_own_user(connection: socket.socket) -> bool:
    credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    _, uid, _ = struct.unpack("3i", credentials)
    return bool(uid == os.geteuid())


def _receive(connection: socket.socket) -> dict[str, Any]:
    connection.settimeout(5)
    try:
        request = json.loads(connection.recv(MESSAGE_SIZE))
    except (OSError, ValueError):
        return {}  # nobody there, or not one of ours: not worth dying for
    connection.settimeout(None)
    return request if isinstance(request, dict) else {}


def _fork_keeper(listener: socket.socket, connection: socket.socket, spec: SandboxSpec, slot: int) -> int:
    pid = os.fork()
    if pid:
        return pid
    status = 70
    try:
        listener.close()
        os.setsid()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        serve = importlib.import_module(_SERVE[spec.role]).serve
        status = keep(connection, spec, serve, slot=slot)
    finally:
        os._exit(status)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
