"""What ``autograder doctor`` says of GPUs: which there are, and whether a notebook would get to use them."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from autograder.errors import GraderError
from autograder.sandbox.gpu import Found, Gpu, find
from autograder.sandbox.gpu_access import driver_library, obstacle, share_of, unopenable

__all__ = ["Card", "Report", "report"]

_NONE = "no GPU: notebooks train on the CPU"


@dataclass(frozen=True)
class Card:
    """One GPU.

    Args:
        gpu: What the driver says of it.
        devices: The device files that a notebook's sandbox would show.
        problem: Why a notebook could not use it; ``None`` when it could.
    """

    gpu: Gpu
    devices: tuple[str, ...]
    problem: str | None

    def to_json(self) -> dict[str, Any]:
        """The card as JSON-ready data."""
        gpu = self.gpu
        return {
            "uuid": gpu.identity,
            "name": gpu.name,
            "memory": gpu.memory,
            "free": gpu.free,
            "driver": gpu.driver,
            "mig": gpu.instances is not None,
            "exclusive": gpu.exclusive,
            "devices": list(self.devices),
            "problem": self.problem,
        }


@dataclass(frozen=True)
class Report:
    """All that was found.

    Args:
        cards: Each GPU that the operator's ``CUDA_VISIBLE_DEVICES`` leaves.
        problem: What is wrong with the driver, if anything.
        library: Where ``libcuda.so.1`` is; ``None``: not found.
        obstacle: Why no sandbox here can be given any of them; ``None`` when it can.
        tensorflow: Whether the TensorFlow that is installed can use a GPU, in words.
        uses_gpu: Whether it can; ``None`` where that is not known.
    """

    cards: tuple[Card, ...]
    problem: str | None
    library: Path | None
    obstacle: str | None
    tensorflow: str
    uses_gpu: bool | None

    def rows(self) -> list[tuple[str, str, str]]:
        """Lines of a table: what, how it is, why. A machine without a GPU is no worse for it."""
        if not self.cards:
            return [("gpu", "no", f"{self.problem} So there is {_NONE}." if self.problem else _NONE)]
        rows = []
        for number, card in enumerate(self.cards):
            gpu = card.gpu
            problem = self.obstacle or card.problem
            text = f"{gpu.name}, {gpu.memory} MiB ({gpu.free} free), driver {gpu.driver}, {gpu.identity}"
            if gpu.exclusive:
                text += "; one process at a time"
            rows.append((f"gpu {number}", "ok" if problem is None else "no", problem or text))
            if problem is not None:
                rows.append(("", "", text))
        if self.problem is not None:
            rows.append(("gpu driver", "no", self.problem))
        rows.append(
            ("gpu library", "ok" if self.library else "no", str(self.library or "libcuda.so.1 is not found"))
        )
        rows.append(("gpu tensorflow", {True: "ok", False: "no", None: "?"}[self.uses_gpu], self.tensorflow))
        rows.append(("gpu notebooks", "", self.seen()))
        return rows

    def seen(self) -> str:
        """What a notebook of an assignment that asks for a GPU would see."""
        good = [card for card in self.cards if card.problem is None]
        if not good or self.obstacle is not None:
            return "would see no GPU"
        if self.uses_gpu is False:
            return "would be given one, and train on the CPU all the same: TensorFlow cannot use it"
        return f"would see one of {len(good)}, alone or with others that share it"

    def to_json(self) -> dict[str, Any]:
        """The report as JSON-ready data."""
        return {
            "cards": [card.to_json() for card in self.cards],
            "problem": self.problem,
            "libcuda": None if self.library is None else str(self.library),
            "obstacle": self.obstacle,
            "tensorflow": self.tensorflow,
            "tensorflow_uses_gpu": self.uses_gpu,
            "notebooks": self.seen() if self.cards else _NONE,
        }


def report(visible: str | None, *, found: Found | None = None, root: Path = Path("/")) -> Report:
    """Look at everything; starts neither CUDA nor TensorFlow.

    Args:
        visible: The operator's ``CUDA_VISIBLE_DEVICES``.
        found: What is there, if that is known already.
        root: Where ``dev`` and ``proc`` are; another than ``/`` in tests.
    """
    found = find(visible, root=root) if found is None else found
    words, uses = _tensorflow()
    cards = tuple(_card(gpu, root) for gpu in found.gpus)
    return Report(cards, found.problem, driver_library(), obstacle() if cards else None, words, uses)


def _card(gpu: Gpu, root: Path) -> Card:
    try:
        share = share_of(gpu, root=root)
    except GraderError as error:
        return Card(gpu, (), str(error))
    devices = tuple(bind.target for bind in share.devices)
    closed = unopenable(share, as_root=os.geteuid() == 0)
    return Card(gpu, devices, _closed(closed) if closed else None)


def _closed(devices: Sequence[str]) -> str:
    names = ", ".join(devices)
    return f"{names}: a sandbox's user may not open it (mode 0666 is usual: the driver's NVreg_DeviceFileMode)"


def _tensorflow() -> tuple[str, bool | None]:
    """Whether the TensorFlow that is installed can use a GPU: from its files, without importing it."""
    for name in ("tensorflow", "tensorflow-cpu"):
        try:
            found = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue
        built = Path(str(found.locate_file("tensorflow/python/platform/build_info.py")))
        try:
            text = built.read_text(encoding="utf-8")
        except OSError:
            return f"{name} {found.version}: how it was built cannot be read", None
        if "'is_cuda_build', True" in text:
            return f"{name} {found.version} is built for CUDA", True
        hint = "requirements/gpu.txt has one that is" if name == "tensorflow-cpu" else "not on this processor"
        return f"{name} {found.version} is not built for CUDA: it trains on the CPU ({hint})", False
    return "TensorFlow is not installed", None
