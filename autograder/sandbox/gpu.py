"""Which GPUs this machine has: asked of NVIDIA's own program, without CUDA and without TensorFlow.

Theory of operation
-------------------
``nvidia-smi -q -x`` tells everything of a card in one answer, also what its CSV does not: the number of its
device file (which need not be its index) and the slices it is cut into (MIG). Only the UUIDs of slices are
missing there; ``nvidia-smi -L`` has them, in the same order. A driver that hangs must not hang the grader, so
both are given a time, and a program that cannot even be killed is left behind.

``CUDA_VISIBLE_DEVICES`` is how operators say which cards are for whom, so it is read as CUDA reads it: UUIDs,
beginnings of UUIDs or indices, up to the first that names nothing. Indices are ``nvidia-smi``'s, by place on
the bus; CUDA counts by speed unless ``CUDA_DEVICE_ORDER=PCI_BUS_ID`` is set. UUIDs mean the same to all.
"""

import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from xml.etree import ElementTree

__all__ = ["Found", "Gpu", "find", "visible_of"]

#: Seconds for each of the two questions; a card that sleeps takes some to answer.
_TIMEOUT = 30.0
_SLICE = re.compile(r"^\s+MIG\s+(?P<profile>\S+)\s+Device\s+(?P<index>\d+):\s+\(UUID:\s*(?P<uuid>MIG-[^)\s]+)\)")
_CARD = re.compile(r"^GPU\s+\d+:.*\(UUID:\s*(?P<uuid>GPU-[^)\s]+)\)")
#: What a broken driver says, and what helps.
_HINTS = (
    ("version mismatch", "The driver was updated under a running system: reboot, or reload its modules."),
    ("couldn't communicate", "Its module is not loaded: `modprobe nvidia`, or reinstall it for this Linux."),
    ("insufficient permissions", "This user may not open /dev/nvidia*."),
)


@dataclass(frozen=True)
class Gpu:
    """A card, or a slice of one (MIG), that CUDA can use.

    Args:
        identity: Its UUID: ``GPU-…``, or ``MIG-…`` of a slice.
        name: The product; of a slice with its profile.
        memory: MiB in all; 0 where the driver does not tell (a card that shares the computer's memory).
        free: MiB that nobody used when it was asked.
        card: UUID of the card that it is, or is a slice of.
        index: The card's number as ``nvidia-smi`` counts.
        minor: The number of the card's device file, ``/dev/nvidia<minor>``.
        bus: Where the card is on the PCI bus, as ``/proc/driver/nvidia/gpus`` writes it.
        driver: Version of the driver.
        instances: Of a slice: its GPU instance and its compute instance.
        exclusive: One process at a time may use it (compute mode).
    """

    identity: str
    name: str
    memory: int
    free: int
    card: str
    index: int
    minor: int
    bus: str
    driver: str
    instances: tuple[int, int] | None = None
    exclusive: bool = False


@dataclass(frozen=True)
class Found:
    """What a machine has.

    Args:
        gpus: In the order of ``nvidia-smi``, or of ``CUDA_VISIBLE_DEVICES``.
        problem: What keeps this from being known, or from being more; ``None`` when nothing does.
    """

    gpus: tuple[Gpu, ...] = ()
    problem: str | None = None


def find(visible: str | None = None, *, command: str = "nvidia-smi", root: Path = Path("/")) -> Found:
    """Look for GPUs. Never raises, and always returns in a bounded time.

    Args:
        visible: The operator's ``CUDA_VISIBLE_DEVICES``; ``None`` for all, the empty string for none.
        command: The program that is asked.
        root: Where ``dev`` and ``proc`` are; another than ``/`` in tests.
    """
    program = shutil.which(command)
    if program is None:
        if (root / "proc/driver/nvidia/version").exists():
            return Found(problem=f"NVIDIA's driver is loaded, but {command} is not on the path.")
        return Found()
    try:
        described = _asked(program, "-q", "-x")
        # A declaration of entities has no business there, and could fill the memory.
        if "<!ENTITY" in described:
            raise ValueError("it declares entities")
        log = ElementTree.fromstring(described)  # noqa: S314  (see above)
        troubles: list[str] = []
        cards = list(_cards(log, troubles))
        if any(gpu.instances is not None for gpu in cards):
            cards = list(_named(cards, _slices(_asked(program, "-L"))))
    except (OSError, subprocess.SubprocessError) as error:
        return Found(problem=_diagnosis(command, str(error)))
    except (ElementTree.ParseError, ValueError, KeyError) as error:
        return Found(problem=f"{command} -q -x answered what cannot be read: {error}.")
    problem = " ".join(troubles) or None
    if not cards:
        none = f"NVIDIA's driver is there, and {command} sees no card that can compute."
        return Found(problem=problem or none)
    chosen = cards if visible is None else visible_of(cards, visible)
    if visible is not None and not chosen:
        return Found(problem=f"CUDA_VISIBLE_DEVICES={visible!r} leaves none of {len(cards)} GPUs.")
    return Found(tuple(chosen), problem)


def visible_of(gpus: Sequence[Gpu], visible: str) -> list[Gpu]:
    """Those that a value of ``CUDA_VISIBLE_DEVICES`` names, in its order, each once; a cut card means its
    slices."""
    chosen: list[Gpu] = []
    for word in (part.strip() for part in visible.split(",")):
        if word.isdigit():
            named = [gpu for gpu in gpus if gpu.index == int(word)]
        elif word.startswith("MIG-"):
            named = [gpu for gpu in gpus if gpu.identity.startswith(word)]
        else:
            named = [gpu for gpu in gpus if word.startswith("GPU-") and gpu.card.startswith(word)]
        # A beginning that fits two cards names neither.
        if not named or len({gpu.card for gpu in named}) > 1:
            break
        chosen += [gpu for gpu in named if gpu not in chosen]
    return chosen


def _asked(program: str, *arguments: str) -> str:
    """What the program answers.

    Raises:
        OSError: It failed, could not be started, or did not end in time.
    """
    process = subprocess.Popen(
        [program, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, errors="replace", start_new_session=True,
    )  # fmt: skip
    try:
        said, _ = process.communicate(timeout=_TIMEOUT)
    except subprocess.TimeoutExpired:
        process.kill()  # and not waited for: in the driver's hands a process may be beyond signals
        assert process.stdout is not None
        process.stdout.close()
        raise OSError(f"no answer in {_TIMEOUT:g} s: the driver hangs") from None
    if process.returncode != 0:
        if "No devices were found" in said:
            return "<nvidia_smi_log/>"
        raise OSError(" ".join(said.split())[:300] or f"exit status {process.returncode}")
    return said


def _diagnosis(command: str, said: str) -> str:
    hint = next((hint for sign, hint in _HINTS if sign in said.lower()), "")
    return f"{command} failed: {said.rstrip('.')}. {hint}".strip()


def _cards(log: ElementTree.Element, troubles: list[str]) -> Iterator[Gpu]:
    """All cards that may be used; of one that does not tell what it is, why goes to ``troubles``."""
    driver = _text(log, "driver_version", "unknown")
    for index, card in enumerate(log.iter("gpu")):
        if _text(card, "compute_mode", "Default") == "Prohibited":
            continue
        try:
            yield from _parts(card, index, driver)
        except (ValueError, KeyError) as error:
            troubles.append(f"A card at {card.get('id', 'an unknown place')} is left out: {error}.")


def _parts(card: ElementTree.Element, index: int, driver: str) -> list[Gpu]:
    """The card itself, or its slices."""
    uuid = _text(card, "uuid")
    whole = Gpu(
        uuid, _text(card, "product_name", "unknown"), *_memory(card), card=uuid,
        index=index, minor=int(_text(card, "minor_number")), bus=_bus(card.attrib["id"]), driver=driver,
        exclusive=_text(card, "compute_mode", "Default").startswith("Exclusive"),
    )  # fmt: skip
    if _text(card, "mig_mode/current_mig", "N/A") != "Enabled":
        return [whole]
    slices = []
    for part in card.iterfind("mig_devices/mig_device"):
        memory, free = _memory(part)
        instances = (int(_text(part, "gpu_instance_id")), int(_text(part, "compute_instance_id")))
        identity = f"{uuid}/{_text(part, 'index')}"  # until its own is known
        slices.append(replace(whole, identity=identity, memory=memory, free=free, instances=instances))
    return slices


def _slices(listed: str) -> dict[str, tuple[str, str]]:
    """UUIDs and profiles of slices, by card and index, from ``nvidia-smi -L``."""
    found: dict[str, tuple[str, str]] = {}
    card = ""
    for line in listed.splitlines():
        if (head := _CARD.match(line)) is not None:
            card = head["uuid"]
        elif (part := _SLICE.match(line)) is not None:
            found[f"{card}/{part['index']}"] = (part["uuid"], part["profile"])
    return found


def _named(gpus: Sequence[Gpu], slices: dict[str, tuple[str, str]]) -> Iterator[Gpu]:
    for gpu in gpus:
        if gpu.instances is None:
            yield gpu
            continue
        if gpu.identity not in slices:
            raise ValueError(f"nvidia-smi -L does not list slice {gpu.identity}")
        uuid, profile = slices[gpu.identity]
        yield replace(gpu, identity=uuid, name=f"{gpu.name} MIG {profile}")


def _memory(of: ElementTree.Element) -> tuple[int, int]:
    """MiB in all and free."""
    total = _mib(_text(of, "fb_memory_usage/total", "N/A"))
    free = _text(of, "fb_memory_usage/free", "N/A")
    return total, total if free == "N/A" else _mib(free)


def _mib(text: str) -> int:
    if text == "N/A":
        return 0
    number, _, unit = text.partition(" ")
    if unit != "MiB":
        raise ValueError(f"{text!r} is no memory in MiB")
    return int(number)


def _bus(address: str) -> str:
    """``00000000:65:00.0`` as Linux writes it: a domain of four digits, in small letters."""
    domain, rest = address.lower().split(":", 1)
    return f"{domain[-4:]}:{rest}"


def _text(of: ElementTree.Element, path: str, otherwise: str | None = None) -> str:
    text = of.findtext(path)
    if text is None or not text.strip():
        if otherwise is None:
            raise ValueError(f"no {path}")
        return otherwise
    return text.strip()
