"""What runs inside the sandbox: an IPython kernel in a process that has its libraries already."""

import os
import random
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

from autograder import messages
from autograder.check.graph_reader import describe
from autograder.evidence.agent import REPLY, REQUEST, Agent
from autograder.sandbox import accelerator
from autograder.sandbox.interrupts import only_in_code
from autograder.sandbox.spec import SandboxSpec

__all__ = ["environment", "serve"]


def environment(spec: SandboxSpec) -> dict[str, str]:
    """The kernel's whole environment: nothing is inherited."""
    return {
        "HOME": spec.home,
        "USER": "student",
        "LOGNAME": "student",
        "PATH": f"{sys.prefix}/bin:/usr/local/bin:/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "TMPDIR": spec.temporary,
        "SHELL": "/bin/sh",
        "TERM": "xterm-color",
        "PYTHONDONTWRITEBYTECODE": "1",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "MPLCONFIGDIR": f"{spec.home}/.config/matplotlib",
        "KERAS_HOME": f"{spec.home}/.keras",
        # pip has no network here: let `%pip install` fail in a second instead of retrying for minutes.
        "PIP_RETRIES": "0",
        "PIP_DEFAULT_TIMEOUT": "2",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "SCIKIT_LEARN_DATA": f"{spec.home}/scikit_learn_data",
        **({"AUTOGRADER_INBOX": spec.inbox_folder} if spec.held_out else {}),
        **accelerator.environment(spec.gpu),
        **spec.env,
    }


def serve(spec: SandboxSpec) -> None:
    """Serve one Jupyter client until it asks for shutdown. Called in the isolated process."""
    os.environ.clear()
    os.environ.update(environment(spec))
    _forget_the_zygote()
    messages.speak(spec.language)

    from ipykernel.kernelapp import IPKernelApp
    from traitlets.config import Config

    config = Config()
    config.Session.key = str(spec.connection["key"]).encode()
    config.Session.signature_scheme = spec.connection["signature_scheme"]
    config.HistoryManager.enabled = False
    config.InlineBackend.figure_formats = {"png"}
    app = IPKernelApp.instance(
        config=config,
        transport="ipc",
        ip=f"{spec.socket_folder}/k",
        connection_file=f"{spec.home}/.kernel.json",
        **{
            f"{name}_port": spec.connection[f"{name}_port"]
            for name in ("shell", "iopub", "stdin", "hb", "control")
        },
    )
    if spec.weak:
        _print_without_tcp()
    # Not in the student's folder: what is imported now must be the library's, whatever their files are called.
    os.chdir("/")
    with _no_look_at_modules():
        app.initialize([])
    os.chdir(spec.workdir)
    _serve_requests(app, spec)
    only_in_code(app.kernel)
    # `exit()` in a cell would stop the kernel a moment later, in the middle of a cell that had done nothing.
    app.shell.unobserve_all("exit_now")
    if "matplotlib" in sys.modules:
        # The backend looks for IPython when it is imported, and that was in the zygote.
        app.shell.enable_matplotlib("inline")
    app.start()


@contextmanager
def _no_look_at_modules() -> Iterator[None]:
    """Keep ipykernel from noting the file of each module for its debugger, which is not there.

    To look at an object writes to it (its references are counted), and what a fork writes to is copied: to look at
    all modules of TensorFlow would copy half of what a kernel has of its own.
    """
    from ipykernel import ipkernel

    ipkernel.sys = SimpleNamespace(modules={})  # all that a kernel needs of it to start
    try:
        yield
    finally:
        ipkernel.sys = sys


def _serve_requests(app: Any, spec: SandboxSpec) -> None:
    """Answer the grader's requests between cells: a message type of our own, which Jupyter leaves to us."""
    agent = Agent(app.shell.user_ns, f"{spec.answers_folder}/out", describe=describe)
    # Before the inline backend, which closes the figures, is told of the end of a cell.
    app.shell.events.register("post_execute", agent.capture)
    kernel = app.kernel

    def handle(stream: Any, identities: Any, message: Any) -> None:
        answer = agent.answer(message["content"], [bytes(b) for b in message["buffers"]])
        kernel.session.send(stream, REPLY, answer, message, identities)

    kernel.shell_handlers[REQUEST] = handle


def _print_without_tcp() -> None:
    """Where TCP is denied, ipykernel must not listen on it for what forks of the kernel print.

    That is all the port is for; what a fork prints is then lost, as with an ordinary program's lost terminal.
    """
    from ipykernel.iostream import IOPubThread

    IOPubThread._setup_pipe_in = lambda self: setattr(self, "_pipe_flag", False)


def _forget_the_zygote() -> None:
    """Undo what forks share: random states, and paths that libraries computed at import."""
    random.seed()
    tempfile.tempdir = None  # found again where TMPDIR says
    if "numpy" in sys.modules:
        import numpy as np

        np.random.seed()
    if "keras" in sys.modules:
        from keras.src.backend import config as keras_config

        keras_config._KERAS_DIR = os.environ["KERAS_HOME"]
        os.makedirs(keras_config._KERAS_DIR, exist_ok=True)
    sys.path[:] = ["", *(entry for entry in sys.path if entry)]
    sys.argv[:] = ["ipykernel_launcher"]
