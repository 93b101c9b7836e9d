"""All attacks on the course of ``course``."""

from hostile import exhausting, forging, messages, metadata, planting, protocol, reading
from hostile.attack import Attack

__all__ = ["ATTACKS", "FAMILIES"]

FAMILIES = {
    "forging": "a score forged inside of the kernel",
    "metadata": "what the notebook says of itself",
    "reading": "hidden tests, other students, the gradebook",
    "planting": "things for the next run, and harm to what runs beside",
    "exhausting": "time, memory, disk, processes, descriptors, output",
    "messages": "messages on the kernel's own sockets",
    "protocol": "evidence that the kernel makes up",
}

ATTACKS: tuple[Attack, ...] = (
    *exhausting.ATTACKS, *forging.ATTACKS, *metadata.ATTACKS, *reading.ATTACKS, *planting.ATTACKS, *messages.ATTACKS,
    *protocol.ATTACKS,
)  # fmt: skip
