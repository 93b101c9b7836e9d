"""Does a sandboxed notebook get its GPU, and no other? For a machine that has one.

    python benchmarks/gpu_smoke.py
    KERAS_BACKEND=jax python benchmarks/gpu_smoke.py        where TensorFlow is not built for CUDA; or torch

On each card, in a real sandbox: which devices are there, whether a small model trains on it, whether the device
file of another card can be opened, whether the memory limit of a share holds, what CUDA takes beside the tensors,
and whether a killed kernel's memory comes back. Then two kernels at once, on two cards or sharing one. Times are
wall times of one run. A table, and as the last line one JSON object.

Exit status: 0, all of it works; 1, something does not; 2, it could not be tried (no GPU here, or nothing that
could use one).
"""

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from nbformat.v4 import new_code_cell, new_notebook

from autograder.assignment import Limits
from autograder.errors import AutograderError
from autograder.sandbox import gpu_doctor
from autograder.sandbox.accelerator import CONTEXT
from autograder.sandbox.gpu import find
from autograder.sandbox.gpu_access import share_of
from autograder.sandbox.run import RunReport, run_notebook
from autograder.sandbox.spec import GpuShare
from autograder.terminal import err, out, table

__all__ = ["main"]

LIMITS = Limits(cell_cpu=300, notebook_cpu=600, memory=16384, processes=1024)
#: MiB of tensors that are held to see them on the card.
HELD = 1024
#: MiB that may be used by others meanwhile, or stay with the driver.
SLACK = 200
#: Seconds that a kernel may take to hold them.
WAIT = 60.0

DEVICES = """
import json, os, subprocess
def lines():
    try:
        return subprocess.run(["nvidia-smi", "-L"], capture_output=True, text=True, timeout=60).stdout.splitlines()
    except OSError:
        return None
def opens(path):
    try:
        os.close(os.open(path, os.O_RDWR))
        return "opened"
    except OSError as error:
        return type(error).__name__
nodes = sorted(os.path.join(f, n) for f, _, names in os.walk("/dev") for n in names if "nvidia" in n)
print(json.dumps({"nodes": nodes, "uuid": os.environ["CUDA_VISIBLE_DEVICES"], "listed": lines(),
                  "others": {path: opens(path) for path in OTHERS}, "own": {path: opens(path) for path in nodes}}))
"""
TRAIN = """
import json, time
import numpy as np, keras
began = time.monotonic()
X = np.random.default_rng(0).normal(size=(4096, 64)).astype("float32")
y = X[:, :1] * 2 - X[:, 1:2]
model = keras.Sequential([keras.Input((64,)), keras.layers.Dense(64, activation="relu"), keras.layers.Dense(1)])
model.compile(optimizer="adam", loss="mse")
losses = model.fit(X, y, epochs=4, batch_size=256, verbose=0).history["loss"]
value = model.weights[0].value
device = value.devices() if callable(getattr(value, "devices", None)) else value.device
print(json.dumps({"backend": keras.backend.backend(), "device": str(device), "losses": [losses[0], losses[-1]],
                  "seconds": round(time.monotonic() - began, 2)}))
"""
TAKE = """
import json
from keras import ops
try:
    held = ops.ones((MIB, 262144), "float32")
    print(json.dumps({"sum": float(ops.sum(held[:2, :8]))}))
except Exception as error:
    print(json.dumps({"error": type(error).__name__, "said": str(error)[:200]}))
"""


@dataclass(frozen=True)
class Row:
    """One thing that was looked at: on which card, whether it is as it should be, and what was seen."""

    gpu: str
    what: str
    good: bool
    seen: str


class CannotTry(Exception):
    """There is nothing to look at."""


@dataclass(frozen=True)
class Bench:
    """What the kernels of this run have in common.

    Args:
        backend: Of Keras. What is not TensorFlow runs in a new Python inside the sandbox: the zygote's Keras is
            TensorFlow's.
        root: Where ``dev`` and ``proc`` are.
    """

    backend: str
    root: Path

    def program(self, text: str, **names: object) -> str:
        """A cell that runs ``text`` with the capital words in it replaced."""
        for name, value in names.items():
            text = text.replace(name, repr(value))
        if self.backend == "tensorflow" or "keras" not in text:
            return text
        return (
            f"import os, subprocess, sys\n"
            f"done = subprocess.run([sys.executable, '-c', {text!r}], capture_output=True, text=True,"
            f" env={{**os.environ, 'KERAS_BACKEND': {self.backend!r}}})\n"
            f"print(done.stdout); print(done.stderr[-2000:], file=sys.stderr)"
        )

    async def run(self, share: GpuShare, *cells: str) -> list[dict[str, Any]]:
        """What each cell printed as its last line of JSON; ``{"failed": …}`` where it printed none."""
        notebook = new_notebook(cells=[new_code_cell(source) for source in cells])
        with tempfile.TemporaryDirectory() as work:
            try:
                report = await run_notebook(
                    notebook, work=Path(work), limits=LIMITS, config={"gpu": asdict(share), "threads": 4}
                )
            except AutograderError as error:
                return [{"failed": str(error)}] * len(cells)
        return [_printed(cell, report, position) for position, cell in enumerate(notebook.cells)]


def _printed(cell: Any, report: RunReport, position: int) -> dict[str, Any]:
    texts = [output.get("text", "") for output in cell.outputs if output.get("name") == "stdout"]
    for line in reversed("".join(texts).splitlines()):
        if line.startswith("{"):
            found: dict[str, Any] = json.loads(line)
            return found
    said = [o.get("evalue") or o.get("text", "") for o in cell.outputs]
    return {"failed": f"{report.cells[position].status}: {' '.join(said)[-300:]}"}


async def look_at(bench: Bench, share: GpuShare, others: Sequence[str]) -> list[Row]:
    """What one kernel that has a whole card sees, may open and can do."""
    devices, train = await bench.run(share, bench.program(DEVICES, OTHERS=list(others)), bench.program(TRAIN))
    name = share.identity
    rows = []
    if "failed" in devices:
        return [Row(name, "starts", False, devices["failed"])]
    wanted = sorted(bind.target for bind in share.devices)
    rows.append(Row(name, "its device files alone", devices["nodes"] == wanted, " ".join(devices["nodes"])))
    shut = [path for path, how in devices["own"].items() if how != "opened"]
    rows.append(Row(name, "opens them", not shut, "all" if not shut else f"not {' '.join(shut)}"))
    reached = [path for path, how in devices["others"].items() if how == "opened"]
    rows.append(Row(name, "opens no other card", not reached, " ".join(reached) or f"{len(others)} others tried"))
    listed = devices["listed"]
    if listed is not None:
        uuids = [line for line in listed if "UUID" in line]
        good = any(name in line for line in uuids) and sum("GPU " in line for line in uuids) == 1
        rows.append(Row(name, "nvidia-smi lists it alone", good, "; ".join(uuids) or "nothing"))
    rows.append(_trained(name, train))
    return rows


def _trained(name: str, train: dict[str, Any]) -> Row:
    if "failed" in train:
        return Row(name, "trains on it", False, train["failed"])
    on_gpu = any(word in train["device"].lower() for word in ("gpu", "cuda"))
    learned = train["losses"][1] < train["losses"][0]
    return Row(
        name, "trains on it", on_gpu and learned,
        f"{train['backend']}, {train['device']}, loss {train['losses'][0]:.3g} → {train['losses'][1]:.3g}, "
        f"{train['seconds']} s",
    )  # fmt: skip


async def limit_holds(bench: Bench, share: GpuShare) -> Row:
    """Whether a kernel with a share can take less than it, and not more."""
    assert share.memory is not None
    less = bench.program(TAKE, MIB=(share.memory - CONTEXT) // 2)
    more = bench.program(TAKE, MIB=share.memory)
    small, large = await bench.run(share, less, more)
    good = "sum" in small and "error" in large
    seen = large.get("error") or large.get("failed") or "took more than its share"
    return Row(share.identity, f"a share of {share.memory} MiB holds", good, f"half: {small}; all: {seen}"[:300])


async def memory_comes_back(bench: Bench, share: GpuShare) -> list[Row]:
    """What a kernel takes of the card beside its tensors, and whether that is free again after a kill."""
    before = _free(share.identity)
    wait = "import time; time.sleep(120)"
    take = bench.program(TAKE + ("time.sleep(120)\n" if bench.backend != "tensorflow" else ""), MIB=HELD)
    if bench.backend != "tensorflow":
        take = take.replace("import json", "import json, time", 1)
    task = asyncio.create_task(bench.run(share, take, wait))
    taken = 0
    deadline = time.monotonic() + WAIT
    while time.monotonic() < deadline:
        await asyncio.sleep(0.5)
        taken = before - _free(share.identity)
        if taken >= HELD or task.done():
            break
    await asyncio.sleep(1)
    taken = max(taken, before - _free(share.identity))
    ended_early = task.done()
    task.cancel()
    began = time.monotonic()
    await asyncio.gather(task, return_exceptions=True)
    while before - _free(share.identity) > SLACK and time.monotonic() - began < 20:
        await asyncio.sleep(0.2)
    left = before - _free(share.identity)
    beside = taken - HELD
    held = taken >= HELD and not ended_early
    return [
        Row(share.identity, f"CUDA's own part is at most {CONTEXT} MiB", held and beside <= CONTEXT,
            f"{beside} MiB beside {HELD} of tensors" if held else "the kernel held nothing"),
        Row(share.identity, "a killed kernel's memory is free again", held and left <= SLACK,
            f"{left} MiB left after {time.monotonic() - began:.1f} s"),
    ]  # fmt: skip


async def together(bench: Bench, first: GpuShare, second: GpuShare) -> Row:
    """Two kernels at once: on two cards, or with a share each of one."""
    began = time.monotonic()
    results = await asyncio.gather(*(bench.run(share, bench.program(TRAIN)) for share in (first, second)))
    rows = [_trained(share.identity, result[0]) for share, result in zip((first, second), results, strict=True)]
    what = "two kernels share it" if first.identity == second.identity else "two kernels on two cards"
    seen = f"{time.monotonic() - began:.1f} s; {rows[0].seen}; {rows[1].seen}"
    return Row(first.identity, what, all(row.good for row in rows), seen)


def _free(identity: str) -> int:
    """MiB free of a GPU now."""
    return next((gpu.free for gpu in find().gpus if gpu.identity == identity), 0)


async def look_at_all(bench: Bench, gpus: Sequence[gpu_doctor.Card], share_memory: int) -> list[Row]:
    """Everything, on every card."""
    whole = [share_of(card.gpu, root=bench.root) for card in gpus]
    all_nodes = {f"/dev/nvidia{card.gpu.minor}" for card in gpus} | {f"/dev/nvidia{n}" for n in range(16)}
    rows: list[Row] = []
    for card, share in zip(gpus, whole, strict=True):
        err.print(f"{card.gpu.name} {card.gpu.identity} …", highlight=False)
        own = {bind.target for bind in share.devices}
        rows += await look_at(bench, share, sorted(all_nodes - own))
        part = share_of(card.gpu, share_memory, root=bench.root)
        if bench.backend != "torch":  # nothing caps PyTorch
            rows.append(await limit_holds(bench, part))
        rows += await memory_comes_back(bench, share)
    if len(whole) > 1:
        rows.append(await together(bench, whole[0], whole[1]))
    if not gpus[0].gpu.exclusive:
        part = share_of(gpus[0].gpu, share_memory, root=bench.root)
        rows.append(await together(bench, part, part))
    return rows


def _backend(report: gpu_doctor.Report, asked: str | None) -> str:
    """The backend of Keras that can use a GPU here.

    Raises:
        CannotTry: There is none.
    """
    if asked is not None:
        if find_spec(asked) is None:
            raise CannotTry(f"KERAS_BACKEND={asked}, which is not installed.")
        return asked
    if report.uses_gpu:
        return "tensorflow"
    raise CannotTry(f"{report.tensorflow}. With JAX or PyTorch for CUDA installed: KERAS_BACKEND=jax, or torch.")


def main(arguments: Sequence[str] | None = None, *, root: Path = Path("/")) -> int:
    """Look, print; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--share", type=int, default=4096, metavar="MiB", help="of a card that is shared")
    options = parser.parse_args(arguments)
    report = gpu_doctor.report(os.environ.get("CUDA_VISIBLE_DEVICES"), root=root)
    out.print(table("GPUs", (("", "left"), ("", "left"), ("", "fold")), report.rows()))
    found: dict[str, Any] = {"gpus": report.to_json(), "rows": []}
    try:
        good = [card for card in report.cards if card.problem is None]
        if not good:
            raise CannotTry("No GPU here that a sandbox could be given.")
        if report.obstacle is not None:
            raise CannotTry(f"No sandbox here can be given a GPU: {report.obstacle}.")
        backend = _backend(report, os.environ.get("KERAS_BACKEND"))
        rows = asyncio.run(look_at_all(Bench(backend, root), good, options.share))
    except CannotTry as error:
        err.print(f"Not tried: {error}", highlight=False)
        print(json.dumps({**found, "tried": False, "why": str(error)}))
        return 2
    columns = (("gpu", "left"), ("", "left"), ("", "left"), ("", "fold"))
    shown = [(row.gpu[:12], row.what, "ok" if row.good else "NOT", row.seen) for row in rows]
    out.print(table(f"Seen from sandboxes ({backend})", columns, shown))
    print(json.dumps({**found, "tried": True, "backend": backend, "rows": [asdict(row) for row in rows]}))
    return 0 if all(row.good for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
