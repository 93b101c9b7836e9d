"""Machines with GPUs that are not there: an ``nvidia-smi`` that answers from files, device nodes, driver texts.

The answers are cut from what the real program prints (drivers 535 to 575); memory and UUIDs are invented.
"""

import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["CARDS", "FakeCard", "FakeSlice", "fake_root", "fake_smi", "xml_of"]

#: Character devices that every Linux has: what a fake node is in truth.
_NULL, _ZERO = (1, 3), (1, 5)


@dataclass(frozen=True)
class FakeSlice:
    """A MIG slice as ``nvidia-smi`` tells of it."""

    instance: int
    compute: int = 0
    memory: int = 4864
    uuid: str = ""
    profile: str = "1g.5gb"


@dataclass(frozen=True)
class FakeCard:
    """A card as ``nvidia-smi`` tells of it."""

    minor: int = 0
    memory: str = "40960 MiB"
    free: str = "40000 MiB"
    mode: str = "Default"
    slices: tuple[FakeSlice, ...] | None = None
    name: str = "NVIDIA A100-SXM4-40GB"

    @property
    def uuid(self) -> str:
        """The card's."""
        return f"GPU-{self.minor}a11ce00-0000-4000-8000-00000000000{self.minor}"

    @property
    def bus(self) -> str:
        """Where it is, as Linux writes it."""
        return f"0000:{self.minor + 10:02x}:00.0"


#: Two cards whose device files are numbered the other way round.
CARDS = (FakeCard(minor=1), FakeCard(minor=0, free="20000 MiB"))


def xml_of(cards: Sequence[FakeCard]) -> str:
    """The answer to ``nvidia-smi -q -x``."""
    return (
        '<?xml version="1.0" ?>\n<!DOCTYPE nvidia_smi_log SYSTEM "nvsmi_device_v12.dtd">\n<nvidia_smi_log>'
        f"<timestamp>Thu Jan 1 00:00:00 2026</timestamp><driver_version>550.54.15</driver_version>"
        f"<attached_gpus>{len(cards)}</attached_gpus>{''.join(map(_card, cards))}</nvidia_smi_log>"
    )


def _card(card: FakeCard) -> str:
    slices = "None" if not card.slices else "".join(
        f"<mig_device><index>{index}</index><gpu_instance_id>{one.instance}</gpu_instance_id>"
        f"<compute_instance_id>{one.compute}</compute_instance_id><fb_memory_usage><total>{one.memory} MiB</total>"
        f"<reserved>0 MiB</reserved><used>0 MiB</used><free>{one.memory} MiB</free></fb_memory_usage></mig_device>"
        for index, one in enumerate(card.slices)
    )  # fmt: skip
    mode = "N/A" if card.slices is None else "Enabled"
    return (
        f'<gpu id="0000{card.bus.upper()}"><product_name>{card.name}</product_name>'
        f"<mig_mode><current_mig>{mode}</current_mig><pending_mig>{mode}</pending_mig></mig_mode>"
        f"<mig_devices>{slices}</mig_devices><uuid>{card.uuid}</uuid><minor_number>{card.minor}</minor_number>"
        f"<fb_memory_usage><total>{card.memory}</total><reserved>600 MiB</reserved><used>360 MiB</used>"
        f"<free>{card.free}</free></fb_memory_usage><compute_mode>{card.mode}</compute_mode></gpu>"
    )


def _listed(cards: Sequence[FakeCard]) -> str:
    lines = []
    for index, card in enumerate(cards):
        lines.append(f"GPU {index}: {card.name} (UUID: {card.uuid})")
        for number, one in enumerate(card.slices or ()):
            lines.append(f"  MIG {one.profile}      Device  {number}: (UUID: {one.uuid})")
    return "\n".join(lines) + "\n"


def fake_smi(folder: Path, cards: Sequence[FakeCard] = (), *, script: str | None = None) -> str:
    """A program that answers as ``nvidia-smi`` would on a machine with ``cards``; or does what ``script`` says."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "log.xml").write_text(xml_of(cards))
    (folder / "list").write_text(_listed(cards))
    program = folder / "nvidia-smi"
    answers = f'case "$1" in -L) cat "{folder}/list";; *) cat "{folder}/log.xml";; esac'
    program.write_text(f"#!/bin/sh\n{script or answers}\n")
    program.chmod(0o755)
    return str(program)


def fake_root(root: Path, cards: Sequence[FakeCard], *, nodes: bool = False, tools: bool = True) -> Path:
    """Below ``root``: ``dev`` and ``proc`` of a machine with ``cards``.

    Args:
        nodes: Device files are devices (the null one and, for cards, the zero one), which needs root.
    """

    def node(name: str, number: tuple[int, int]) -> None:
        path = root / "dev" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if nodes:
            os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(*number))
        else:
            path.touch()
        path.chmod(0o666)

    for name in ("nvidiactl", "nvidia-uvm", *(("nvidia-uvm-tools",) if tools else ())):
        node(name, _NULL)
    minors = ["config 1", "monitor 2"]
    driver = root / "proc/driver/nvidia"
    for card in cards:
        node(f"nvidia{card.minor}", _ZERO)
        folder = driver / "gpus" / card.bus
        folder.mkdir(parents=True)
        (folder / "information").write_text(f"Model: \t\t {card.name}\nDevice Minor: \t {card.minor}\n")
        for one in card.slices or ():
            for name in (f"gi{one.instance}", f"gi{one.instance}/ci{one.compute}"):
                number = len(minors) + 1
                minors.append(f"gpu{card.minor}/{name}/access {number}")
                node(f"nvidia-caps/nvidia-cap{number}", _ZERO)
                access = driver / f"capabilities/gpu{card.minor}/mig/{name}"
                access.mkdir(parents=True, exist_ok=True)
                (access / "access").write_text(f"DeviceFileMinor: {number}\nDeviceFileMode: 292\n")
    (driver / "version").write_text("NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.15\n")
    (driver / "params").write_text("ResmanDebugLevel: 4294967295\nModifyDeviceFiles: 1\nDeviceFileMode: 438\n")
    (root / "proc/driver/nvidia-caps").mkdir()
    (root / "proc/driver/nvidia-caps/mig-minors").write_text("\n".join(minors) + "\n")
    return root
