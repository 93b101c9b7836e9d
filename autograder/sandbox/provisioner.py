"""A sandboxed kernel, as jupyter_client, nbclient and nbgrader know kernels.

The kernelspec ``autograder`` names this provisioner, so whatever starts a kernel by name gets a fork of the
zygote in a sandbox instead of a new Python. The kernel's sockets are Unix sockets in a folder that the
sandbox shares with the host: there is no network in between.
"""

import shutil
import tempfile
from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning import KernelProvisionerBase
from traitlets import Bool, Dict, Float, Int, Unicode

from autograder.assignment import Limits
from autograder.messages import DEFAULT_LANGUAGE
from autograder.sandbox.client import Ending, Sandbox, fork_sandbox, runtime_dir
from autograder.sandbox.spec import HOME, Bind, GpuShare, SandboxSpec

__all__ = ["SandboxProvisioner"]

_DEFAULTS = Limits()
_PORTS = ("shell", "iopub", "stdin", "hb", "control")


class SandboxProvisioner(KernelProvisionerBase):  # type: ignore[misc]
    """Starts each kernel as a single-use sandbox. The working directory given to the kernel is copied in."""

    cpu = Float(_DEFAULTS.notebook_cpu, help="CPU seconds a kernel may use").tag(config=True)
    wall = Float(_DEFAULTS.notebook_cpu * _DEFAULTS.wall_factor, help="seconds a kernel may live").tag(config=True)
    memory = Int(_DEFAULTS.memory, help="MiB all processes of a kernel may use").tag(config=True)
    disk = Int(_DEFAULTS.disk, help="MiB a kernel may write").tag(config=True)
    processes = Int(_DEFAULTS.processes, help="processes and threads of a kernel").tag(config=True)
    open_files = Int(_DEFAULTS.open_files, help="open files a process").tag(config=True)
    threads = Int(1, help="threads that TensorFlow and BLAS use").tag(config=True)
    datasets = Unicode("", help="folder made by `autograder data`, shown to the kernel").tag(config=True)
    weak = Bool(False, help="run without namespaces where the host has none").tag(config=True)
    held_out = Bool(False, help="held-out inputs will be delivered to the inbox").tag(config=True)
    language = Unicode(DEFAULT_LANGUAGE, help="what checks speak: pt_BR or en").tag(config=True)
    harvest = Unicode("", help="folder that receives the kernel's files when they are asked for").tag(config=True)
    env = Dict(help="further environment variables").tag(config=True)
    gpu = Dict(help="the GPU that a kernel gets: spec.GpuShare as plain data; empty for none").tag(config=True)

    sandbox: Sandbox | None = None
    folder: Path | None = None
    #: How the last sandbox had ended when it was let go; ``None`` if it ran still.
    ending: Ending | None = None

    @property
    def has_process(self) -> bool:
        """Whether a kernel was started and not yet cleaned up."""
        return self.sandbox is not None

    @property
    def inbox(self) -> Path:
        """Host folder whose files the kernel sees below ``spec.INBOX``."""
        assert self.folder is not None
        return self.folder / "inbox"

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Choose socket paths; called by the kernel manager before ``launch_kernel``."""
        self._remove_folder()
        # Without namespaces the kernel, as another user, has to reach its folder by its path.
        self.folder = Path(tempfile.mkdtemp(prefix="", dir=None if self.weak else runtime_dir()))
        if self.weak:
            self.folder.chmod(0o711)
        (self.folder / "s").mkdir()
        (self.folder / "inbox").mkdir()
        manager = self.parent
        manager.transport = "ipc"
        manager.ip = str(self.folder / "s" / "k")
        for number, name in enumerate(_PORTS, start=1):
            setattr(manager, f"{name}_port", number)
        manager.write_connection_file()
        self.connection_info = manager.get_connection_info()
        kwargs = await super().pre_launch(**kwargs)
        return {**kwargs, "cmd": list(self.kernel_spec.argv)}

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Fork the kernel. ``cmd`` and ``env`` are those of an ordinary kernel, and unused.

        Raises:
            GraderError: The sandbox could not be set up.
        """
        assert self.folder is not None
        self.sandbox = await fork_sandbox("kernel", self._spec(kwargs.get("cwd")))
        return self.connection_info

    def _spec(self, cwd: str | None) -> SandboxSpec:
        assert self.folder is not None
        key = self.connection_info["key"]
        connection = {
            "key": key.decode() if isinstance(key, bytes) else str(key),
            "signature_scheme": self.connection_info["signature_scheme"],
            **{f"{name}_port": number for number, name in enumerate(_PORTS, start=1)},
        }
        threads = {
            name: str(self.threads)
            for name in (
                "OMP_NUM_THREADS",
                "OPENBLAS_NUM_THREADS",
                "TF_NUM_INTRAOP_THREADS",
                "TF_NUM_INTEROP_THREADS",
            )
        }
        return SandboxSpec(
            connection=connection,
            sockets=str(self.folder / "s"),
            inbox=str(self.folder / "inbox"),
            work=cwd,
            binds=self._dataset_binds(),
            env={
                **threads,
                **self.env,
            },
            cpu=self.cpu,
            wall=self.wall,
            memory=self.memory * 2**20,
            disk=self.disk * 2**20,
            processes=self.processes,
            open_files=self.open_files,
            weak=self.weak,
            held_out=self.held_out,
            language=self.language,
            harvest=self.harvest,
            gpu=GpuShare.from_json(self.gpu) if self.gpu else None,
        )

    def _dataset_binds(self) -> tuple[Bind, ...]:
        if not self.datasets:
            return ()
        view = Path(self.datasets)
        return (
            Bind(str(view / "keras" / "datasets" / "fashion-mnist"), f"{HOME}/.keras/datasets/fashion-mnist"),
            Bind(str(view / "scikit_learn_data"), f"{HOME}/scikit_learn_data"),
        )

    async def poll(self) -> int | None:
        """``None`` while the kernel runs, else its exit status (negative: the signal)."""
        if self.sandbox is None:
            return 0
        ending = self.sandbox.poll()
        return None if ending is None else _exit_status(ending)

    async def wait(self) -> int | None:
        """Wait until the kernel has ended."""
        return 0 if self.sandbox is None else _exit_status(await self.sandbox.wait())

    async def send_signal(self, signum: int) -> None:
        """Send a signal to the kernel process."""
        if self.sandbox is not None:
            self.sandbox.signal(signum)

    async def kill(self, restart: bool = False) -> None:
        """End the kernel and everything it started."""
        if self.sandbox is not None:
            self.sandbox.kill()

    async def terminate(self, restart: bool = False) -> None:
        """The same as ``kill``: a single-use kernel has nothing to clean up."""
        await self.kill(restart)

    async def cleanup(self, restart: bool = False) -> None:
        """Let go of the sandbox and remove its folder."""
        if self.sandbox is not None:
            self.ending = self.sandbox.poll()
            self.sandbox.close()
            self.sandbox = None
        self._remove_folder()

    def _remove_folder(self) -> None:
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder = None


def _exit_status(ending: Ending) -> int:
    if ending.signal is not None:
        return -ending.signal
    return 1 if ending.code is None else ending.code
