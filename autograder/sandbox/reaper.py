"""End whatever a kernel without a pid namespace left behind.

Theory of operation
-------------------
In a pid namespace the death of process 1 ends all others. Without one the keeper asks Linux to hand it the
orphans among its descendants (``PR_SET_CHILD_SUBREAPER``), so nothing leaves its tree by forking twice. When
the kernel has ended, ``end_descendants`` stops everything it finds (what is stopped forks no more), kills it,
and looks again until nothing is there.
"""

import os
import signal
import time

import psutil

__all__ = ["end_descendants"]

_PATIENCE = 10.0


def end_descendants() -> bool:
    """Kill all descendants of the calling process, a subreaper; whether none is left."""
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass  # one less
        except ChildProcessError:
            return True
        for signum in (signal.SIGSTOP, signal.SIGKILL):
            for process in psutil.Process().children(recursive=True):
                try:
                    process.send_signal(signum)
                except psutil.NoSuchProcess:
                    continue
        time.sleep(0.005)
    return False
