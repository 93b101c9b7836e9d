"""A kernel gets the device files of its own card, and what it is told names that card alone."""

import os
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from fake_gpus import CARDS, FakeCard, FakeSlice, fake_root, fake_smi

from autograder.errors import GraderError
from autograder.sandbox import accelerator, cgroup, gpu, gpu_access, keeper, kernel
from autograder.sandbox.gpu_access import share_of
from autograder.sandbox.spec import Bind, GpuShare, SandboxSpec

SLICED = FakeCard(minor=2, slices=(FakeSlice(7, uuid="MIG-aaaa"), FakeSlice(9, 1, 20096, "MIG-bbbb", "3g.20gb")))
SHARE = GpuShare("GPU-1", 4096, 16384, (Bind("/dev/null", "/dev/nvidia0"),))


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A driver's library, in a folder of its own."""
    folder = tmp_path / "lib"
    folder.mkdir()
    (folder / "libcuda.so.1").touch()
    monkeypatch.setattr(gpu_access, "driver_library", lambda: folder / "libcuda.so.1")
    return folder


def gpus(folder: Path, *cards: FakeCard) -> tuple[gpu.Gpu, ...]:
    return gpu.find(command=fake_smi(folder, cards)).gpus


def test_the_device_files_of_one_card(tmp_path: Path, library: Path) -> None:
    root = fake_root(tmp_path / "root", CARDS)
    first, second = gpus(tmp_path, *CARDS)
    shared = ["/dev/nvidiactl", "/dev/nvidia-uvm"]
    for one, node in ((first, "/dev/nvidia1"), (second, "/dev/nvidia0")):
        share = share_of(one, 8000, root=root)
        assert [bind.target for bind in share.devices] == [*shared, node, "/dev/nvidia-uvm-tools"]
        assert all(bind.source == f"{root}{bind.target}" for bind in share.devices)
        assert (share.identity, share.memory, share.total) == (one.identity, 8000, 40960)


def test_what_is_not_there_is_not_bound_or_is_said(tmp_path: Path, library: Path) -> None:
    root = fake_root(tmp_path / "root", CARDS, tools=False)
    (one, _) = gpus(tmp_path, *CARDS)
    assert "/dev/nvidia-uvm-tools" not in [bind.target for bind in share_of(one, root=root).devices]
    (root / "dev/nvidia-uvm").unlink()
    with pytest.raises(GraderError, match=r"nvidia-uvm does not exist.*nvidia-modprobe"):
        share_of(one, root=root)


def test_a_slice_has_its_own_two_device_files(tmp_path: Path, library: Path) -> None:
    root = fake_root(tmp_path / "root", [SLICED])
    first, second = (share_of(one, root=root) for one in gpus(tmp_path, SLICED))
    caps = [[bind.target for bind in share.devices if "caps" in bind.target] for share in (first, second)]
    assert caps == [
        ["/dev/nvidia-caps/nvidia-cap3", "/dev/nvidia-caps/nvidia-cap4"],
        ["/dev/nvidia-caps/nvidia-cap5", "/dev/nvidia-caps/nvidia-cap6"],
    ]
    assert sorted(name for name in second.facts if "capabilities" in name) == [
        "capabilities/gpu2/mig/gi9/access", "capabilities/gpu2/mig/gi9/ci1/access",
    ]  # fmt: skip
    (root / "proc/driver/nvidia-caps/mig-minors").write_text("config 1\n")
    with pytest.raises(GraderError, match="mig-minors"):
        share_of(gpus(tmp_path, SLICED)[0], root=root)


def test_the_driver_is_told_to_leave_device_files_alone(tmp_path: Path, library: Path) -> None:
    """And its folder holds nothing of other cards."""
    root = fake_root(tmp_path / "root", CARDS)
    facts = share_of(gpus(tmp_path, *CARDS)[0], root=root).facts
    assert "ModifyDeviceFiles: 0\n" in facts["params"]
    assert sorted(facts) == [f"gpus/{CARDS[0].bus}/information", "params", "version"]


def test_libraries_outside_of_the_system_are_bound_with_what_they_link_to(tmp_path: Path, library: Path) -> None:
    (library / "libnvidia-ml.so.1").symlink_to(library.parent / "libnvidia-ml.so.550")
    (library.parent / "libnvidia-ml.so.550").touch()
    (library / "secret").touch()
    root = fake_root(tmp_path / "root", CARDS)
    bound = share_of(gpus(tmp_path, *CARDS)[0], root=root).libraries
    assert [Path(bind.source).name for bind in bound] == [
        "libcuda.so.1", "libnvidia-ml.so.1", "libnvidia-ml.so.550",
    ]  # fmt: skip
    assert all(bind.source == bind.target for bind in bound)


def test_a_host_that_cannot_give_gpus_says_why(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cgroup, "counts_memory", lambda: True)
    assert gpu_access.obstacle() is None
    monkeypatch.setattr(cgroup, "counts_memory", lambda: False)
    assert "control group" in str(gpu_access.obstacle())
    monkeypatch.setattr(gpu_access, "driver_library", lambda: None)
    assert "libcuda.so.1" in str(gpu_access.obstacle())


def test_the_loaders_cache_is_read_for_this_processor(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    real = tmp_path / "libcuda.so.1"
    real.touch()
    other = tmp_path / "lib32" / "libcuda.so.1"
    other.parent.mkdir()
    other.touch()
    listed = f"\tlibcuda.so.1 (libc6) => {other}\n\tlibcuda.so.1 (libc6,x86-64) => {real}\n"
    monkeypatch.setattr(gpu_access.subprocess, "run", lambda *_, **__: SimpleNamespace(stdout=listed))
    assert gpu_access.driver_library.__wrapped__() == real
    monkeypatch.setattr(gpu_access.subprocess, "run", lambda *_, **__: SimpleNamespace(stdout=""))
    monkeypatch.setattr(gpu_access, "_OTHER_FOLDERS", (str(tmp_path / "none"), str(tmp_path)))
    assert gpu_access.driver_library.__wrapped__() == real
    monkeypatch.setattr(gpu_access, "_OTHER_FOLDERS", ())
    assert gpu_access.driver_library.__wrapped__() is None


def test_who_may_open_a_device_file_depends_on_who_grades(tmp_path: Path, library: Path) -> None:
    """Kernels of root's are users without groups; an ordinary user's have that user's."""
    root = fake_root(tmp_path / "root", CARDS)
    share = share_of(gpus(tmp_path, *CARDS)[0], root=root)
    assert gpu_access.unopenable(share, as_root=True) == []
    os.chmod(root / "dev/nvidia1", 0o660)
    assert gpu_access.unopenable(share, as_root=True) == ["/dev/nvidia1"]
    assert gpu_access.unopenable(share, as_root=False) == []


def spec(**more: Any) -> SandboxSpec:
    return SandboxSpec(
        connection={}, sockets="/s/s", inbox="/s/inbox", work=None, binds=(), env={}, cpu=1, wall=1, memory=1,
        disk=1, processes=1, open_files=1, **more,
    )  # fmt: skip


def test_a_spec_with_a_gpu_crosses_as_json() -> None:
    import json

    made = spec(gpu=SHARE)
    assert SandboxSpec.from_json(json.loads(json.dumps(made.to_json()))) == made
    assert SandboxSpec.from_json(spec().to_json()).gpu is None


@pytest.mark.parametrize("more", [{"role": "judge"}, {"role": "inspector"}, {"weak": True}])
def test_nobody_but_a_kernel_with_namespaces_has_a_gpu(more: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="student's kernel"):
        spec(gpu=SHARE, **more)


def test_what_a_kernel_is_told() -> None:
    told = kernel.environment(spec(gpu=SHARE))
    assert told["CUDA_VISIBLE_DEVICES"] == "GPU-1"
    assert told["TF_FORCE_GPU_ALLOW_GROWTH"] == "true"
    assert told["NVIDIA_TF32_OVERRIDE"] == "0"
    assert told["XLA_PYTHON_CLIENT_PREALLOCATE"] == "false"
    assert told["XLA_PYTHON_CLIENT_MEM_FRACTION"] == "0.2187"  # of 16384 MiB, rounded down
    none = kernel.environment(spec())
    assert (none["CUDA_VISIBLE_DEVICES"], none["NVIDIA_TF32_OVERRIDE"]) == ("", "0")
    assert not [name for name in none if name.startswith(("TF_FORCE", "XLA"))]


class _FakeTensorFlow:
    """The part of TensorFlow that is asked, on a machine of which it sees ``cards``."""

    def __init__(self, cards: int, *, cuda: bool = True) -> None:
        self.limits: list[tuple[str, int]] = []
        self.test = SimpleNamespace(is_built_with_cuda=lambda: cuda)
        self.config = SimpleNamespace(
            list_physical_devices=lambda kind: [f"{kind}{number}" for number in range(cards)],
            LogicalDeviceConfiguration=lambda memory_limit: memory_limit,
            set_logical_device_configuration=lambda card, parts: self.limits.append((card, *parts)),
        )


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The process's environment as it was, afterwards."""
    monkeypatch.setattr(os, "environ", dict(os.environ))


def test_tensorflow_is_told_how_much_it_may_take(environment: None, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = _FakeTensorFlow(1)
    monkeypatch.setitem(sys.modules, "tensorflow", fake)
    accelerator.prepare(SHARE)
    assert fake.limits == [("GPU0", 4096 - accelerator.CONTEXT)]
    assert os.environ["CUDA_VISIBLE_DEVICES"] == "GPU-1"
    accelerator.prepare(GpuShare("GPU-1", None, 16384, ()))
    assert len(fake.limits) == 1


@pytest.mark.parametrize("cards", [0, 2])
def test_a_card_that_tensorflow_does_not_see_is_an_error_of_ours(
    environment: None, monkeypatch: pytest.MonkeyPatch, cards: int
) -> None:
    monkeypatch.setitem(sys.modules, "tensorflow", _FakeTensorFlow(cards))
    with pytest.raises(OSError, match=f"sees {cards} GPUs"):
        accelerator.prepare(SHARE)


def test_a_tensorflow_without_cuda_is_left_alone(environment: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tensorflow", _FakeTensorFlow(0, cuda=False))
    accelerator.prepare(SHARE)
    assert os.environ["CUDA_VISIBLE_DEVICES"] == "GPU-1"


def test_a_driver_that_hangs_at_the_start_of_a_kernel_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeper, "_ISOLATION_TIMEOUT", 0.2)
    for said, ends, heard in ((b"ok", True, b"ok"), (b"", True, b""), (b"", False, b"not ready after 0.2 s")):
        reading, writing = os.pipe()
        os.write(writing, said)
        if ends:
            os.close(writing)
        assert heard in keeper._read_report(reading)
        if not ends:
            os.close(writing)
