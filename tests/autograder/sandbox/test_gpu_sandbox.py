# ruff: noqa: E501  (lines of student code, and tables of cases: a case a row)
"""Inside a real sandbox: the device files of the kernel's own card and no other, and no right beyond them.

The cards are not there: their device files are those of ``/dev/zero``, the driver's those of ``/dev/null``. So what is
shown here is what a kernel may open and see, and not that CUDA works.
"""

import asyncio
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from fake_gpus import CARDS, FakeCard, FakeSlice, fake_root, fake_smi
from runs import Ran, ran, ran_async
from test_sandbox_doctor import in_reach

from autograder.errors import GraderError
from autograder.sandbox import cgroup, gpu, gpu_access
from autograder.sandbox.client import Zygote
from autograder.sandbox.spec import Bind, GpuShare

pytestmark = [
    pytest.mark.sandbox,
    pytest.mark.skipif(os.geteuid() != 0, reason="makes device files"),
    pytest.mark.skipif(not cgroup.counts_memory(), reason="no kernel gets a GPU here"),
]

SLICED = FakeCard(minor=2, slices=(FakeSlice(7, uuid="MIG-aaaa"), FakeSlice(9, 1, 20096, "MIG-bbbb", "3g.20gb")))
PROBE = """
import os, stat

def attempt(action):
    try:
        return repr(action())
    except OSError as error:
        return type(error).__name__

def devices():
    return sorted(os.path.join(f, n) for f, _, names in os.walk('/dev') for n in names if 'nvidia' in n)

def opens(path):
    return attempt(lambda: os.read(os.open(path, os.O_RDWR), 2))
"""


@pytest.fixture(scope="module")
def machine() -> Iterator[Path]:
    """Device files and texts of a machine with three cards, one of them cut; where devices may be made."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        yield fake_root(Path(folder, "root"), (*CARDS, SLICED), nodes=True)


@pytest.fixture(scope="module")
def shares(machine: Path) -> list[GpuShare]:
    """One of each GPU: card 1, card 0, and the two slices of card 2."""
    found = gpu.find(command=fake_smi(machine.parent, (*CARDS, SLICED))).gpus
    # /proc/driver/nvidia is not there without a driver: another folder of /proc stands for it.
    return [replace(gpu_access.share_of(one, root=machine), facts_folder="/proc/driver") for one in found]


def with_gpu(work: Path, share: GpuShare, *cells: str) -> Ran:
    return ran(work, [PROBE, *cells], gpu=asdict(share))


SHARED = ["/dev/nvidia-uvm", "/dev/nvidia-uvm-tools", "/dev/nvidiactl"]


def test_a_kernel_has_its_own_card_and_no_other(tmp_path: Path, zygote: Zygote, shares: list[GpuShare]) -> None:
    own = (["/dev/nvidia1"], ["/dev/nvidia0"],
           ["/dev/nvidia-caps/nvidia-cap3", "/dev/nvidia-caps/nvidia-cap4", "/dev/nvidia2"],
           ["/dev/nvidia-caps/nvidia-cap5", "/dev/nvidia-caps/nvidia-cap6", "/dev/nvidia2"])  # fmt: skip
    for share, nodes in zip(shares, own, strict=True):
        result = with_gpu(
            tmp_path, share, "print(devices())", f"[opens(p) for p in {nodes}]", "opens('/dev/nvidiactl')"
        )
        assert result.text(1) == f"{sorted([*SHARED, *nodes])}\n"
        assert result.text(2) == repr([repr(b"\0\0")] * len(nodes))
        assert result.text(3) == repr("b''")


def test_a_kernel_without_a_gpu_sees_none(tmp_path: Path, zygote: Zygote) -> None:
    result = ran(tmp_path, [PROBE, "devices()", "os.environ['CUDA_VISIBLE_DEVICES']"])
    assert result.text(1) == "[]"
    assert result.text(2) == "''"


#: What student code may and may not do with a GPU that it could, or could not, without.
ATTEMPTS = {
    "is told its card alone": ("os.environ['CUDA_VISIBLE_DEVICES']", repr(CARDS[0].uuid)),
    "controls its card": (
        "import fcntl; attempt(lambda: fcntl.ioctl(open('/dev/nvidia1'), 0x5401, bytes(64)))",
        # The device's own answer ("not for me"), and not Landlock's.
        "'OSError'",
    ),
    "controls nothing else": (
        "import fcntl; attempt(lambda: fcntl.ioctl(open('/dev/urandom'), 0x5201, b'0000'))", "'PermissionError'",
    ),
    "cannot name another card": ("opens('/dev/nvidia0')", "'FileNotFoundError'"),
    "cannot make another card": (
        "import os; attempt(lambda: os.mknod('/tmp/nvidia0', 0o20666, os.makedev(195, 0)))", "'PermissionError'",
    ),
    "cannot add one to /dev": ("attempt(lambda: open('/dev/nvidia0', 'w'))", "'OSError'|'PermissionError'"),
    "cannot replace its own": ("attempt(lambda: os.unlink('/dev/nvidia1'))", "'OSError'|'PermissionError'"),
    "cannot change the mode of its own": ("attempt(lambda: os.chmod('/dev/nvidia1', 0o777))", "'PermissionError'|'OSError'"),
    "names its threads, as CUDA does": (
        "import threading\nnames = []\ndef name():\n"
        "    path = f'/proc/self/task/{threading.get_native_id()}/comm'\n"
        "    open(path, 'wb').write(b'cuda-EvtHandlr'); names.append(open(path).read())\n"
        "t = threading.Thread(target=name); t.start(); t.join(); names",
        r"['cuda-EvtHandlr\n']",
    ),
    "has memory files, as CUDA needs": ("attempt(lambda: os.memfd_create('x') > 0)", "'True'"),
    "reserves a lot of addresses, as CUDA does": (
        "import mmap; attempt(lambda: len(mmap.mmap(-1, 2**40, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x4000, prot=0)))",
        repr(str(2**40)),
    ),
    "reads what the driver says": ("sorted(os.listdir('/proc/driver'))", "['gpus', 'params', 'version']"),
    "of its own card": ("os.listdir('/proc/driver/gpus')", repr([CARDS[0].bus])),
    "which leaves device files alone": (
        "'ModifyDeviceFiles: 0' in open('/proc/driver/params').read()", "True",
    ),
    "does not write there": ("attempt(lambda: open('/proc/driver/params', 'w'))", "'OSError'|'PermissionError'"),
    "has no more rights in the rest of /proc": (
        "[p for p in ('/proc/sys/user/max_user_namespaces', '/proc/sys/kernel/core_pattern', '/proc/sys/kernel/hostname',"
        " '/proc/sysrq-trigger', '/proc/sys/vm/drop_caches', '/proc/self/uid_map', '/proc/self/setgroups')"
        " if attempt(lambda: os.write(os.open(p, os.O_WRONLY), b'1')) not in ('PermissionError', 'OSError', 'FileNotFoundError')]",
        "[]",
    ),
    "makes no user namespace": (
        "import ctypes; attempt(lambda: ctypes.CDLL(None, use_errno=True).unshare(0x10000000))", "'-1'",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def attempts(zygote: Zygote, shares: list[GpuShare], tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """One kernel, with card 1, in which all is tried."""
    return with_gpu(tmp_path_factory.mktemp("work"), shares[0], *(source for source, _ in ATTEMPTS.values()))


@pytest.mark.parametrize("name", ATTEMPTS)
def test_a_kernel_with_a_gpu(attempts: Ran, name: str) -> None:
    position = list(ATTEMPTS).index(name) + 1
    assert attempts.text(position) in ATTEMPTS[name][1].split("|")


def test_kernels_that_run_together_have_a_card_each(
    tmp_path: Path, zygote: Zygote, shares: list[GpuShare]
) -> None:
    async def both() -> list[Ran]:
        cells = [PROBE, "import time; time.sleep(1)", "devices()"]
        runs = (ran_async(tmp_path, cells, gpu=asdict(share)) for share in shares[:2])
        return list(await asyncio.gather(*runs))

    first, second = asyncio.run(both())
    assert first.text(2) == repr([*SHARED[:2], "/dev/nvidia1", SHARED[2]])
    assert second.text(2) == repr([*SHARED[:2], "/dev/nvidia0", SHARED[2]])


def test_libraries_are_loaded_and_not_written(
    tmp_path: Path, zygote: Zygote, shares: list[GpuShare], machine: Path
) -> None:
    mapped = Path("/proc/self/maps").read_text().split()
    library = Path(shutil.copy(next(path for path in mapped if "/libm.so" in path), machine / "libcuda.so.1"))
    (machine / "other").write_text("not one")
    share = replace(shares[0], libraries=(Bind(str(library), str(library)),))
    result = with_gpu(
        tmp_path, share, f"import ctypes; ctypes.CDLL('{library}').cos is not None",
        f"attempt(lambda: open('{library}', 'w'))", f"attempt(lambda: open('{machine}/other').read())",
    )  # fmt: skip
    assert result.text(1) == "True"
    assert result.text(2) in ("'OSError'", "'PermissionError'")
    assert result.text(3) == "'FileNotFoundError'"


def test_a_file_that_is_no_device_is_not_bound(tmp_path: Path, zygote: Zygote, shares: list[GpuShare]) -> None:
    """Device files are the one thing that is bound for writing."""
    (tmp_path / "secret").write_text("")
    share = replace(shares[0], devices=(Bind(str(tmp_path / "secret"), "/dev/nvidia1"),))
    with pytest.raises(GraderError, match="secret is no device of a GPU"):
        ran(tmp_path, ["1"], gpu=asdict(share))


ORDINARY = """
    from autograder.errors import GraderError
    from autograder.sandbox import cgroup
    from runs import ran
    try:
        said = ran(work, cells, gpu=json.loads({share!r})).text(0)
    except GraderError as error:
        said = str(error)
    print(json.dumps([os.geteuid(), cgroup.counts_memory(), said]))
"""


@pytest.mark.slow
def test_an_ordinary_users_kernel_has_its_card_too(machine: Path, shares: list[GpuShare]) -> None:
    """But none where that user may make no control groups, which alone count memory files."""
    machine.parent.chmod(0o755)
    body = ORDINARY.replace("{share!r}", repr(json.dumps(asdict(shares[0]))))
    cell = "import os; print(sorted(n for n in os.listdir('/dev') if 'nvidia' in n))"
    uid, counted, said = in_reach(body, [cell], user="nobody")
    assert uid != 0
    if counted:
        assert said == "['nvidia-uvm', 'nvidia-uvm-tools', 'nvidia1', 'nvidiactl']\n"
    else:
        assert "no control group counts these here" in said
