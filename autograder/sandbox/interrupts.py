"""Where an interrupt may end what a kernel does: in somebody's code, and nowhere else.

A Python interrupt is an exception that rises wherever the program happens to be. ipykernel lets it rise during the
whole of a request; between the last line of a cell and its reply it then ends the kernel, or loses the reply, and
all of the notebook's work with it. A cell that ends just as its limit is reached must not cost more than itself.
"""

import signal
from types import FrameType
from typing import Any

from autograder.evidence.agent import Agent

__all__ = ["only_in_code"]


def only_in_code(kernel: Any) -> None:
    """Let SIGINT interrupt cells, the drawing of their figures and answers to the grader; elsewhere it is ignored.

    Args:
        kernel: An ``ipykernel.ipkernel.IPythonKernel`` with its shell.
    """
    # Functions that catch what rises in what they call; of the last of them that holds for callbacks only.
    run_code = type(kernel.shell).run_code.__code__
    answer = Agent.answer.__code__
    trigger = type(kernel.shell.events).trigger.__code__

    def handle(_signum: int, frame: FrameType | None) -> None:
        while frame is not None and (caller := frame.f_back) is not None:
            if caller.f_code in (run_code, answer):
                raise KeyboardInterrupt
            if caller.f_code is trigger and frame.f_code.co_name == "flush_figures":
                raise KeyboardInterrupt
            frame = caller

    def before() -> None:  # each time: a cell may have taken the signal for itself
        signal.signal(signal.SIGINT, handle)

    kernel.pre_handler_hook = before
    kernel.post_handler_hook = lambda: None
