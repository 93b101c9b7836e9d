"""What ``autograder doctor`` says of a machine's GPUs, and of one that has none."""

import json
import os
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace

import pytest
from fake_gpus import CARDS, FakeCard, FakeSlice, fake_root, fake_smi

from autograder.sandbox import cgroup, gpu, gpu_access, gpu_doctor
from autograder.sandbox.gpu_doctor import Report, report

SLICED = FakeCard(minor=2, slices=(FakeSlice(7, uuid="MIG-aaaa"),))


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine whose sandboxes could be given a GPU, and whose TensorFlow could use it."""
    library = tmp_path / "libcuda.so.1"
    library.touch()
    for module in (gpu_access, gpu_doctor):
        monkeypatch.setattr(module, "driver_library", lambda: library)
    monkeypatch.setattr(cgroup, "counts_memory", lambda: True)
    monkeypatch.setattr(gpu_doctor, "_tensorflow", lambda: ("tensorflow 2.21 is built for CUDA", True))
    return fake_root(tmp_path / "root", (*CARDS, SLICED))


def looked(machine: Path, *cards: FakeCard, visible: str | None = None) -> Report:
    found = gpu.find(visible, command=fake_smi(machine.parent, cards))
    return report(visible, found=found, root=machine)


def test_each_card_with_what_a_sandbox_would_show(machine: Path) -> None:
    seen = looked(machine, *CARDS, SLICED)
    assert [row[:2] for row in seen.rows()] == [
        ("gpu 0", "ok"), ("gpu 1", "ok"), ("gpu 2", "ok"), ("gpu library", "ok"), ("gpu tensorflow", "ok"),
        ("gpu notebooks", ""),
    ]  # fmt: skip
    assert seen.rows()[0][2] == f"NVIDIA A100-SXM4-40GB, 40960 MiB (40000 free), driver 550.54.15, {CARDS[0].uuid}"
    assert "MIG 1g.5gb, 4864 MiB" in seen.rows()[2][2]
    assert seen.seen() == "would see one of 3, alone or with others that share it"
    cards = seen.to_json()["cards"]
    assert [card["mig"] for card in cards] == [False, False, True]
    assert "/dev/nvidia1" in cards[0]["devices"]
    assert "/dev/nvidia0" not in cards[0]["devices"]
    json.dumps(seen.to_json())


def test_no_gpu_is_said_plainly(machine: Path) -> None:
    seen = report(None, found=gpu.Found())
    assert seen.rows() == [("gpu", "no", "no GPU: notebooks train on the CPU")]
    assert seen.to_json()["notebooks"] == "no GPU: notebooks train on the CPU"
    broken = report(None, found=gpu.Found(problem="nvidia-smi failed: x."))
    assert broken.rows() == [
        ("gpu", "no", "nvidia-smi failed: x. So there is no GPU: notebooks train on the CPU."),
    ]  # fmt: skip


def test_device_files_that_cannot_be_opened_or_are_missing(machine: Path) -> None:
    (machine / "dev/nvidia1").chmod(0)
    (machine / "dev/nvidia0").unlink()
    rows = looked(machine, *CARDS).rows()
    assert [row[:2] for row in rows[:4]] == [("gpu 0", "no"), ("", ""), ("gpu 1", "no"), ("", "")]
    assert "nvidia0 does not exist" in rows[2][2]
    if os.geteuid() == 0:
        assert "/dev/nvidia1: a sandbox's user may not open it" in rows[0][2]
    assert rows[-1][2] == "would see no GPU"


def test_a_host_whose_sandboxes_get_none(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cgroup, "counts_memory", lambda: False)
    seen = looked(machine, CARDS[0])
    assert "control group" in seen.rows()[0][2]
    assert seen.seen() == "would see no GPU"


def test_a_tensorflow_that_cannot_use_them(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gpu_doctor, "_tensorflow", lambda: ("tensorflow-cpu 2.21", False))
    assert "train on the CPU all the same" in looked(machine, CARDS[0]).seen()


@pytest.mark.parametrize(
    ("name", "built", "uses", "said"),
    [
        ("tensorflow", "('is_cuda_build', True)", True, "built for CUDA"),
        ("tensorflow", "('is_cuda_build', False)", False, "not on this processor"),
        ("tensorflow-cpu", "('is_cuda_build', False)", False, "requirements/gpu.txt"),
        ("tensorflow", None, None, "cannot be read"),
        (None, None, None, "not installed"),
    ],
)
def test_how_tensorflow_was_built_is_read_from_its_files(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str | None,
    built: str | None,
    uses: bool | None,
    said: str,
) -> None:
    file = tmp_path / "tensorflow/python/platform/build_info.py"
    file.parent.mkdir(parents=True)
    if built is not None:
        file.write_text(f"build_info = collections.OrderedDict([{built}])")

    def distribution(asked: str) -> SimpleNamespace:
        if asked != name:
            raise metadata.PackageNotFoundError(asked)
        return SimpleNamespace(version="2.21.0", locate_file=lambda path: tmp_path / path)

    monkeypatch.setattr(gpu_doctor.metadata, "distribution", distribution)
    words, answer = gpu_doctor._tensorflow()
    assert answer is uses
    assert said in words


def test_nothing_of_this_imports_tensorflow() -> None:
    code = "import sys, autograder.sandbox.gpu_doctor as d; d.report(None); print('tensorflow' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_the_command_says_it(tmp_path: Path) -> None:
    """With the program that the path has, and the operator's own choice of cards."""
    fake_smi(tmp_path, CARDS)
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}", "CUDA_VISIBLE_DEVICES": "1"}
    command = [sys.executable, "-c", "from autograder.cli import main; main()", "doctor"]
    done = subprocess.run([*command, "--json"], capture_output=True, text=True, env=environment, check=False)
    gpus = json.loads(done.stdout)["gpus"]
    assert [card["uuid"] for card in gpus["cards"]] == [CARDS[1].uuid]
    assert "would see no GPU" in gpus["notebooks"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert "gpu notebooks" in done.stdout
