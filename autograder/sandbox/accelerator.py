"""Inside a kernel: see one GPU, and take no more of it than was given.

Theory of operation
-------------------
``prepare`` runs in the isolated process, before any student code, and only where a GPU was given. It must be a
fork of the zygote that does this, never the zygote: a process that has started CUDA cannot be forked. (Importing
TensorFlow does not load the driver's library; the first list of devices does, and reads the environment then.)

TensorFlow takes all memory of a card at its start, unless ``TF_FORCE_GPU_ALLOW_GROWTH`` says to take it as it is
needed. No variable caps it: that is a *logical device* of a given size, which has to be declared before the
runtime starts. JAX reads its share from a variable. The cap is in the student's own process, where student code
can undo it: it keeps honest notebooks out of each other's way. What holds against others is a card, or a slice,
of one's own.
"""

import errno
import os
import sys
from typing import Any

from autograder.sandbox.spec import GpuShare

__all__ = ["CONTEXT", "environment", "prepare"]

#: MiB of a share that are left for what CUDA itself holds beside the tensors: its context, code and cuDNN's.
CONTEXT = 512


def environment(gpu: GpuShare | None) -> dict[str, str]:
    """What a kernel's libraries are told; without a GPU, that there is none."""
    exact = {"NVIDIA_TF32_OVERRIDE": "0"}  # float32 is float32 on a GPU too, in every library
    if gpu is None:
        return {**exact, "CUDA_VISIBLE_DEVICES": ""}
    told = {
        **exact,
        "CUDA_VISIBLE_DEVICES": gpu.identity,
        "TF_FORCE_GPU_ALLOW_GROWTH": "true",
        "XLA_PYTHON_CLIENT_PREALLOCATE": "false",
        # What CUDA compiles it would keep in the home, which is thrown away, and counts as the student's.
        "CUDA_CACHE_DISABLE": "1",
    }
    if gpu.memory is not None and gpu.total > 0:
        told["XLA_PYTHON_CLIENT_MEM_FRACTION"] = f"{(gpu.memory - CONTEXT) * 10_000 // gpu.total / 10_000:.4f}"
    return told


def prepare(gpu: GpuShare) -> None:
    """Declare to TensorFlow, where it is loaded and made for GPUs, what it may use.

    Raises:
        OSError: It does not see the card. The notebook would train on the CPU, and hit its limits there.
    """
    os.environ.update(environment(gpu))
    tensorflow: Any = sys.modules.get("tensorflow")
    if tensorflow is None or not tensorflow.test.is_built_with_cuda():
        return  # another library may use the card
    cards = tensorflow.config.list_physical_devices("GPU")
    if len(cards) != 1:
        raise OSError(
            errno.ENODEV, f"TensorFlow sees {len(cards)} GPUs where {gpu.identity} was given: `autograder doctor`"
        )
    if gpu.memory is not None:
        limit = tensorflow.config.LogicalDeviceConfiguration(memory_limit=gpu.memory - CONTEXT)
        tensorflow.config.set_logical_device_configuration(cards[0], [limit])
