"""The script for machines with a GPU says where there is none, and finds what is wrong where one is not real."""

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from types import ModuleType

import pytest
from fake_gpus import CARDS, fake_root, fake_smi

from autograder.sandbox import cgroup, gpu_access, gpu_doctor
from autograder.sandbox.client import Zygote

SCRIPT = Path(__file__).resolve().parents[3] / "benchmarks" / "gpu_smoke.py"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    """The script, as a module."""
    spec = importlib.util.spec_from_file_location("gpu_smoke", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["gpu_smoke"] = module
    spec.loader.exec_module(module)
    return module


def test_no_gpu_is_another_end_than_a_failure(tmp_path: Path) -> None:
    fake_smi(tmp_path, script="echo 'No devices were found'; exit 6")
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    done = subprocess.run([sys.executable, SCRIPT], capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 2, done.stderr
    assert "Not tried: No GPU here" in done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["tried"] is False


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with two cards, for all that can be told without using them."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        root = fake_root(Path(folder, "root"), CARDS, nodes=os.geteuid() == 0)
        program = fake_smi(Path(folder, "bin"), CARDS)
        library = root / "libcuda.so.1"
        library.touch()
        monkeypatch.setenv("PATH", f"{Path(program).parent}:{os.environ['PATH']}")
        monkeypatch.delenv("KERAS_BACKEND", raising=False)
        for module in (gpu_access, gpu_doctor):
            monkeypatch.setattr(module, "driver_library", lambda: library)
        monkeypatch.setattr(cgroup, "counts_memory", lambda: True)
        yield root


def test_without_a_library_that_uses_gpus_it_is_not_tried(
    script: ModuleType, machine: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gpu_doctor, "_tensorflow", lambda: ("tensorflow-cpu 2.21 is not built for CUDA", False))
    assert script.main([], root=machine) == 2
    said = capsys.readouterr()
    assert "tensorflow-cpu 2.21 is not built for CUDA. With JAX or PyTorch" in " ".join(said.err.split())
    monkeypatch.setenv("KERAS_BACKEND", "a_backend_that_is_not_there")
    assert script.main([], root=machine) == 2
    assert "which is not installed" in capsys.readouterr().err


@pytest.mark.sandbox
@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="makes device files")
def test_cards_that_are_not_real_fail_where_they_are_used(
    script: ModuleType,
    machine: Path,
    zygote: Zygote,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Their device files are there, alone and open; and nothing trains on them, nothing is taken or given back."""
    monkeypatch.setenv("KERAS_BACKEND", "tensorflow")
    monkeypatch.setattr(script, "WAIT", 3.0)
    assert script.main(["--share", "1024"], root=machine) == 1
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    good: dict[str, set[bool]] = {}
    for row in told["rows"]:
        good.setdefault(row["what"], set()).add(row["good"])
    assert good == {
        "its device files alone": {True},
        "opens them": {True},
        "opens no other card": {True},
        "trains on it": {False},
        "a share of 1024 MiB holds": {False},
        f"CUDA's own part is at most {script.CONTEXT} MiB": {False},
        "a killed kernel's memory is free again": {False},
        "two kernels on two cards": {False},
        "two kernels share it": {False},
    }
    seen = next(row["seen"] for row in told["rows"] if row["what"] == "trains on it")
    assert seen.startswith("tensorflow, /job:localhost/replica:0/task:0/device:CPU:0, loss")
