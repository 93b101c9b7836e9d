"""This machine, as ``places`` shares it out, and what a place on it is to the sandbox of a notebook."""

import asyncio
import os
from dataclasses import asdict
from functools import cache
from typing import Any

from autograder.assignment import Limits
from autograder.engine.places import Machine, Place
from autograder.errors import GraderError
from autograder.sandbox import gpu as gpus_here
from autograder.sandbox import gpu_doctor
from autograder.sandbox.gpu_access import share_of
from autograder.sandbox.spec import GpuShare

__all__ = ["machine_here", "share_at"]


def machine_here(limits: Limits, *, visible: str | None, weakened: bool = False, worker: str = "local") -> Machine:
    """This machine; its GPUs are looked for only where ``limits`` ask for one, which takes a second.

    Args:
        limits: The assignment's.
        visible: The operator's ``CUDA_VISIBLE_DEVICES``.
        weakened: Kernels run without namespaces, by the operator's order.
        worker: Its name.
    """
    cores = len(os.sched_getaffinity(0))
    if limits.gpu == "no":
        return Machine(cores, worker=worker)
    found = gpu_doctor.report(visible)
    gpus = tuple(card.gpu for card in found.cards if card.problem is None)
    why = found.problem if not found.cards else next((c.problem for c in found.cards if c.problem), None)
    if gpus:
        why = (
            "kernels here run without namespaces" if weakened
            else found.obstacle or (found.tensorflow if found.uses_gpu is False else None)
        )  # fmt: skip
    return Machine(cores, gpus, why, worker)


@cache
def _cards_here() -> gpus_here.Found:
    return gpus_here.find()


async def share_at(place: Place | None) -> dict[str, Any]:
    """What the sandbox of a notebook at ``place`` gets of its GPU, as plain data; empty without one.

    Called where the notebook runs.

    Raises:
        GraderError: There is no such GPU here, or its device files are missing.
    """
    if place is None or place.gpu is None:
        return {}
    return asdict(await asyncio.to_thread(_share_at, place))


def _share_at(place: Place) -> GpuShare:
    found = _cards_here()
    for gpu in found.gpus:
        if gpu.identity == place.gpu:
            return share_of(gpu, place.gpu_memory)
    why = found.problem or ""
    raise GraderError(f"{place.worker} has no GPU {place.gpu}. {why}".strip(), "`autograder doctor` tells more.")
