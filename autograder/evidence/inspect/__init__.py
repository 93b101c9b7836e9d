"""Reads files that student code wrote and says what is in them, as plain data.

Everything here is pure: a path in, an ``Inspection`` out, or ``Refused``. Nothing is imported, called or followed
because a file says so. It meets hostile bytes in C libraries all the same (libhdf5, zlib, protobuf), so the caller
runs it in a process of its own that holds no secret, with limits on memory and time.
"""

from pathlib import Path

from autograder.evidence.inspect import archive, hdf5, lite
from autograder.evidence.inspect.events import inspect_events
from autograder.evidence.inspect.inspection import KINDS, Inspection
from autograder.evidence.inspect.lite import inspect_lite
from autograder.evidence.inspect.models import inspect_archive, inspect_hdf5
from autograder.evidence.inspect.source import read_file
from autograder.evidence.refusal import Refused
from autograder.messages import tr

__all__ = ["KINDS", "Inspection", "Refused", "inspect_file"]


def inspect_file(path: Path, *, kind: str | None = None) -> Inspection:
    """Read one file of a student's.

    Args:
        path: A regular file. What it is is told by its first bytes, an event log by its name.
        kind: One of ``KINDS``, if only that will do.

    Returns:
        What is in the file. Its ``data``, by kind:

        - ``"h5"``: ``model_config``, ``training_config`` (or ``None``), ``layers`` (in Keras' order, each with
          ``name`` and ``weights``), ``top_level`` and ``optimizer_weights`` (lists of weights),
          ``iterations`` (the optimizer's steps, or ``None``), ``keras_version``, ``backend``.
        - ``"h5-weights"``: ``layers``, ``top_level``, ``keras_version``, ``backend``.
        - ``"weights.h5"``: ``variables`` (weights named by path, ``layers/dense/vars/0``), ``names`` (path to
          layer name).
        - ``"keras"``: ``config``, ``keras_version``, ``assets`` (names), ``variables``, ``names``.
        - ``"tfevents"``: see ``events.inspect_events``.
        - ``"tflite"``: see ``lite.inspect_lite``.

        A weight is a dict with ``name``, ``shape`` and ``dtype``; its numbers are in ``arrays``.

    Raises:
        Refused: The file is missing, damaged, dangerous, too large or of another kind (code ``"kind"``).
    """
    if kind is not None and kind not in KINDS:
        raise ValueError(f"kind is {kind!r}, not one of {KINDS}")
    content = read_file(path)
    if content.startswith(hdf5.MAGIC):
        found = inspect_hdf5(content)
    elif content.startswith(archive.MAGIC):
        found = inspect_archive(content)
    elif "tfevents" in path.name or kind == "tfevents":
        found = inspect_events(content)
    elif content[4:8] == lite.MAGIC:
        found = inspect_lite(content)
    elif path.suffix in (".h5", ".hdf5", ".keras", ".tflite"):
        raise Refused("corrupt", tr("The file is damaged."))
    else:
        raise Refused("kind", tr("The file holds neither a model nor weights."))
    if kind is not None and found.kind != kind:
        raise Refused(
            "kind", tr("The file is of another kind: {found} instead of {kind}.", found=found.kind, kind=kind)
        )
    return found
