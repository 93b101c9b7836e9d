"""What a kernel needs of the host to use one GPU and no other: device files, libraries, a few texts.

Theory of operation
-------------------
CUDA is a library of the driver's (``libcuda.so.1``) that talks to Linux through device files, by ``ioctl`` and
``mmap``:

    /dev/nvidiactl, /dev/nvidia-uvm      the driver, and its shared memory: one for all cards
    /dev/nvidia-uvm-tools                where it exists: driver 570 has been seen to take its refusal for fatal
    /dev/nvidia<minor>                   a card. Only that of the kernel's own is there; others cannot be named
    /dev/nvidia-caps/nvidia-cap<n>       a slice's two (GPU instance and compute instance), by the numbers in
                                         /proc/driver/nvidia-caps/mig-minors

It also reads ``/proc/driver/nvidia``. There the kernel finds texts of ours: the driver's version and parameters
and its own card. As container runtimes do, ``ModifyDeviceFiles`` is set to 0: otherwise the library,
which finds the owner of its device files to be nobody (the sandbox's user namespace knows one user), would try to
make them anew.

Nothing of ``/sys`` is shown: TensorFlow then does not learn which memory is near the card, and assumes the first.

What CUDA asks of the rest of the sandbox, as others found out who hold it by Landlock and seccomp: it writes its
threads' names to ``/proc/self/task/<tid>/comm``, and makes memory files (``memfd_create``); refused either, it
ends with error 304. ``confine`` allows the first; the second is allowed where a control group counts such memory,
and there alone is a GPU given (``obstacle``). It reserves huge ranges of addresses, so no limit is set on those
(``RLIMIT_AS``); ``RLIMIT_DATA`` counts what is private and writable, which such a range is not.
"""

import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

from autograder.errors import GraderError
from autograder.sandbox import cgroup
from autograder.sandbox.gpu import Gpu
from autograder.sandbox.spec import Bind, GpuShare

__all__ = ["driver_library", "obstacle", "share_of", "unopenable"]

_SYSTEM = ("/usr/", "/lib/", "/lib64/")
#: Where drivers lie that the loader's cache does not know: in containers.
_OTHER_FOLDERS = ("/usr/local/nvidia/lib64", "/usr/local/nvidia/lib", "/usr/lib/wsl/lib", "/run/opengl-driver/lib")
_LIBRARY = "libcuda.so.1"
_LIBRARIES = ("libcuda.so*", "libnvidia-*.so*", "libcudadebugger.so*")
_TIMEOUT = 10.0


def share_of(gpu: Gpu, memory: int | None = None, *, root: Path = Path("/")) -> GpuShare:
    """What one kernel gets of ``gpu``.

    Args:
        memory: MiB of it; ``None`` for all.
        root: Where ``dev`` and ``proc`` are; another than ``/`` in tests.

    Raises:
        GraderError: A device file is missing; the message says which and how to get it.
    """
    devices = tuple(Bind(str(root / path), f"/{path}") for path in _device_paths(gpu, root))
    for bind in devices:
        if not os.path.exists(bind.source):
            hint = "`nvidia-modprobe -c 0 -u` makes device files; `nvidia-modprobe -f` those of slices."
            raise GraderError(f"{bind.source} does not exist, so {gpu.name} cannot be used.", hint)
    library = driver_library()
    libraries = () if library is None else tuple(_outside_the_system(library.parent))
    return GpuShare(gpu.identity, memory, gpu.memory, devices, libraries, _facts(gpu, root))


def obstacle() -> str | None:
    """Why no kernel on this host can be given a GPU, whatever GPUs there are; ``None`` when it can."""
    if driver_library() is None:
        return f"{_LIBRARY}, the driver's library, is not found (a container needs it mounted)"
    if not cgroup.counts_memory():
        return "CUDA needs memory files, which are denied where no control group counts memory"
    return None


def unopenable(share: GpuShare, *, as_root: bool) -> list[str]:
    """Device files that a kernel's user could not open; nothing is opened to find out.

    Args:
        as_root: Root grades, so that kernels run as users without groups; otherwise they run as this user.
    """

    def may(path: str) -> bool:
        return os.stat(path).st_mode & 0o006 == 0o006 if as_root else os.access(path, os.R_OK | os.W_OK)

    return [bind.target for bind in share.devices if not may(bind.source)]


@cache
def driver_library() -> Path | None:
    """``libcuda.so.1`` as the loader would find it, for this processor; ``None`` if it would not."""
    for path in (*_cached(), *(Path(folder, _LIBRARY) for folder in _OTHER_FOLDERS)):
        if path.exists():
            return path
    return None


def _cached() -> Iterator[Path]:
    """Entries of the loader's cache; those of other processors are left out."""
    environment = {"PATH": "/usr/sbin:/sbin:/usr/bin:/bin", "LC_ALL": "C"}
    try:
        listed = subprocess.run(
            ["ldconfig", "-p"], capture_output=True, text=True, timeout=_TIMEOUT, env=environment, check=True
        ).stdout  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return  # a Linux without glibc; the folders are looked into all the same
    for line in listed.splitlines():
        name, _, path = line.strip().partition(" => ")
        if name.split(" ")[0] == _LIBRARY and ("x86-64" in name or "AArch64" in name):
            yield Path(path)


def _outside_the_system(folder: Path) -> Iterator[Bind]:
    """The driver's libraries in ``folder`` and where their links lead, if kernels do not see these anyway."""
    found = {path for pattern in _LIBRARIES for path in folder.glob(pattern)}
    for path in sorted(found | {path.resolve() for path in found}):
        if not str(path).startswith(_SYSTEM):
            yield Bind(str(path), str(path))


def _device_paths(gpu: Gpu, root: Path) -> list[str]:
    paths = ["dev/nvidiactl", "dev/nvidia-uvm", f"dev/nvidia{gpu.minor}"]
    if (root / "dev/nvidia-uvm-tools").exists():
        paths.append("dev/nvidia-uvm-tools")
    return paths + [f"dev/nvidia-caps/nvidia-cap{number}" for number in _capabilities(gpu, root)]


def _capabilities(gpu: Gpu, root: Path) -> Sequence[int]:
    """The numbers of a slice's device files: of its GPU instance, and of its compute instance."""
    if gpu.instances is None:
        return ()
    file = root / "proc/driver/nvidia-caps/mig-minors"
    try:
        numbers = dict(line.split() for line in file.read_text().splitlines())
        return [int(numbers[f"{name}/access"]) for name in _instances(gpu)]
    except (OSError, ValueError, KeyError) as error:
        raise GraderError(f"{file} does not tell the device files of {gpu.name}: {error!r}.") from error


def _instances(gpu: Gpu) -> tuple[str, str]:
    assert gpu.instances is not None
    graphics, compute = gpu.instances
    return f"gpu{gpu.minor}/gi{graphics}", f"gpu{gpu.minor}/gi{graphics}/ci{compute}"


def _facts(gpu: Gpu, root: Path) -> Mapping[str, str]:
    """The texts below ``/proc/driver/nvidia``, by path: only of what this kernel has."""
    names = ["version", "params", "registry", f"gpus/{gpu.bus}/information"]
    if gpu.instances is not None:
        graphics, compute = gpu.instances
        above = f"capabilities/gpu{gpu.minor}/mig/gi{graphics}"
        names += [f"{above}/access", f"{above}/ci{compute}/access"]
    facts = {}
    for name in names:
        file = root / "proc/driver/nvidia" / name
        if file.is_file():
            facts[name] = file.read_text(errors="replace")
    if "params" in facts:
        facts["params"] = facts["params"].replace("ModifyDeviceFiles: 1", "ModifyDeviceFiles: 0")
    return facts
