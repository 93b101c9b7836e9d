"""Where notebooks run: how many at once, and which of them on which GPU.

Theory of operation
-------------------
``plan`` looks at a machine, at what one notebook may use and at what the operator asked for, and says once how
many notebooks run at a time and where. All of a run's notebooks get the same: either each is on a GPU, or none
is, so that nobody's training is another's on other hardware. A notebook has one card, or one slice of a card;
where ``gpu_memory`` is set, a card takes as many as fit into what was free of it when the run began.

On the CPU a quarter more run at once than there are cores: a training waits for its own threads, and a notebook
for its judge, some of the time. On two cores three at once took 0.85 and 0.89 of the time that two did.

``Places`` hands these out and takes them back, and is plain bookkeeping. Whether there is main memory for one more
is ``admission``'s. What machine this is, and what a place is to a sandbox on it, ``here`` tells.
"""

import math
from collections import Counter
from dataclasses import dataclass

from autograder.assignment import Limits
from autograder.errors import UsageError
from autograder.sandbox.gpu import Gpu

__all__ = [
    "Card",
    "Machine",
    "Place",
    "Places",
    "Plan",
    "at_once",
    "gpus_wanted",
    "plan",
]

_MORE = "`autograder doctor` tells more."


@dataclass(frozen=True)
class Place:
    """What one notebook has of a machine while it runs.

    Args:
        worker: The machine's name.
        gpu: UUID of its GPU; ``None`` for none.
        gpu_memory: MiB of that; ``None`` for all.
        threads: Threads that TensorFlow uses on the CPU.
    """

    worker: str
    gpu: str | None = None
    gpu_memory: int | None = None
    threads: int = 1


@dataclass(frozen=True)
class Machine:
    """What there is to share out.

    Args:
        cores: Processors.
        gpus: Those that may be used.
        no_gpu: Why there is none, or kernels here cannot use any; ``None`` when they can.
        worker: The machine's name.
    """

    cores: int
    gpus: tuple[Gpu, ...] = ()
    no_gpu: str | None = None
    worker: str = "local"


@dataclass(frozen=True)
class Card:
    """A GPU in a plan.

    Args:
        identity: Its UUID.
        seats: Notebooks that it takes at once.
        memory: MiB that each of them gets; ``None``: the one that it takes gets all.
    """

    identity: str
    seats: int
    memory: int | None


@dataclass(frozen=True)
class Plan:
    """How a run uses a machine.

    Args:
        worker: The machine's name.
        at_once: Notebooks that run at a time; at least one.
        threads: Threads of each.
        cards: The GPUs that they run on; empty: all on the CPU.
        note: What an operator should know: why there is no GPU where the assignment would like one.
    """

    worker: str
    at_once: int
    threads: int
    cards: tuple[Card, ...] = ()
    note: str = ""


def at_once(cores: int) -> int:
    """Notebooks that run at a time on so many processors, where nobody says otherwise."""
    return math.ceil(1.25 * cores)


def gpus_wanted(text: str | None) -> int | None:
    """The option ``--gpus``: ``none`` for no GPU, a number for at most so many, nothing for all.

    Raises:
        UsageError: It is neither.
    """
    if text is None:
        return None
    if text == "none":
        return 0
    if not (text.isascii() and text.isdigit()):
        raise UsageError(f"--gpus {text}: neither a number nor `none`.", "For instance: --gpus 2")
    return int(text)


def plan(
    machine: Machine,
    limits: Limits,
    *,
    jobs: int | None = None,
    gpus: int | None = None,
    threads: int | None = None,
) -> Plan:
    """Say how many notebooks run at once on ``machine``, and on which GPUs.

    Args:
        limits: What a notebook may use.
        jobs: At most so many at once; ``None``: a quarter more than cores, or as many as GPUs take.
        gpus: At most so many GPUs; ``None`` for all, 0 for none.
        threads: Threads of each; ``None``: the cores shared out.

    Raises:
        UsageError: The assignment requires a GPU, and there is none that could be given.
    """
    cards: tuple[Card, ...] = ()
    note = ""
    if limits.gpu != "no":
        try:
            cards = _cards(machine, limits.gpu_memory, gpus)
        except UsageError as error:
            if limits.gpu == "required":
                raise
            note = f"Notebooks run on the CPU: {error.what}"
    bounds = [jobs or at_once(machine.cores)]
    if cards:
        bounds.append(sum(card.seats for card in cards))
    number = max(1, min(bounds))
    return Plan(machine.worker, number, threads or max(1, machine.cores // number), cards, note)


def _cards(machine: Machine, memory: int | None, at_most: int | None) -> tuple[Card, ...]:
    """The GPUs that take at least one notebook.

    Raises:
        UsageError: None does.
    """
    if at_most == 0:
        raise UsageError("GPUs were ruled out (--gpus none), and the assignment asks for one.")
    if not machine.gpus:
        why = f" {machine.no_gpu}" if machine.no_gpu else ""
        raise UsageError(f"{machine.worker} has no GPU, and the assignment asks for one.{why}", _MORE)
    if machine.no_gpu is not None:
        raise UsageError(f"No kernel on {machine.worker} can use a GPU: {machine.no_gpu}.", _MORE)
    if memory is None:
        return tuple(Card(gpu.identity, 1, None) for gpu in machine.gpus[:at_most])
    fitting = [gpu for gpu in machine.gpus if gpu.free >= memory]
    if not fitting:
        largest = max(machine.gpus, key=lambda gpu: (gpu.memory, gpu.free))
        if largest.memory < memory:
            raise UsageError(
                f"A notebook gets {memory} MiB of a GPU (limits.gpu_memory), and the largest on {machine.worker}, "
                f"{largest.name}, has {largest.memory}.",
                "Lower gpu_memory in the assignment's settings, or leave it out: a whole card each.",
            )
        most = max(gpu.free for gpu in machine.gpus)
        raise UsageError(
            f"A notebook gets {memory} MiB of a GPU (limits.gpu_memory), and the most that is free of one on "
            f"{machine.worker} is {most}: others use it.",
            "`nvidia-smi` shows who.",
        )
    return tuple(
        Card(gpu.identity, 1 if gpu.exclusive else gpu.free // memory, memory) for gpu in fitting[:at_most]
    )


class Places:
    """Hands out the places of a plan and takes them back.

    A notebook goes to the card that has the smallest part of its seats taken, and among equals to the one that
    was given least often.
    """

    def __init__(self, made: Plan) -> None:
        self._plan = made
        self._taken: Counter[str] = Counter()
        self._given: Counter[str] = Counter()
        self._out: Counter[Place] = Counter()

    @property
    def at_once(self) -> int:
        """Places that there are."""
        return self._plan.at_once

    @property
    def taken(self) -> int:
        """Places that are handed out now."""
        return self._out.total()

    def acquire(self) -> Place | None:
        """A place, to be given back; ``None`` while all are taken."""
        if self.taken >= self._plan.at_once:
            return None
        worker, threads = self._plan.worker, self._plan.threads
        if self._plan.cards:
            card = min(
                self._plan.cards,
                key=lambda card: (self._taken[card.identity] / card.seats, self._given[card.identity]),
            )
            if self._taken[card.identity] >= card.seats:
                return None
            self._taken[card.identity] += 1
            self._given[card.identity] += 1
            place = Place(worker, card.identity, card.memory, threads)
        else:
            place = Place(worker, threads=threads)
        self._out[place] += 1
        return place

    def release(self, place: Place) -> None:
        """Take ``place`` back.

        Raises:
            ValueError: It is not handed out.
        """
        if self._out[place] < 1:
            raise ValueError(f"{place} is not handed out")
        self._out[place] -= 1
        if place.gpu is not None:
            self._taken[place.gpu] -= 1
