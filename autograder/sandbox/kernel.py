"""What runs inside the sandbox: an IPython kernel in a process that has its libraries already."""

import os
import random
import sys

from autograder import messages
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
        "TMPDIR": "/tmp",  # noqa: S108
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
    # Not in the student's folder: what is imported now must be the library's, whatever their files are called.
    os.chdir("/")
    app.initialize([])
    os.chdir(spec.workdir)
    # `exit()` in a cell would stop the kernel a moment later, in the middle of a cell that had done nothing.
    app.shell.unobserve_all("exit_now")
    if "matplotlib" in sys.modules:
        # The backend looks for IPython when it is imported, and that was in the zygote.
        app.shell.enable_matplotlib("inline")
    app.start()


def _forget_the_zygote() -> None:
    """Undo what forks share: random states, and paths that libraries computed at import."""
    random.seed()
    if "numpy" in sys.modules:
        import numpy as np

        np.random.seed()
    if "keras" in sys.modules:
        from keras.src.backend import config as keras_config

        keras_config._KERAS_DIR = os.environ["KERAS_HOME"]
        os.makedirs(keras_config._KERAS_DIR, exist_ok=True)
    sys.path[:] = ["", *(entry for entry in sys.path if entry)]
    sys.argv[:] = ["ipykernel_launcher"]
