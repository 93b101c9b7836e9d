"""What TensorBoard logs hold, as plain data, run by run.

Reading an event file is reading what somebody else wrote, so the judge does it with ``reading_logs_with`` a
reader of its own; in a student's kernel TensorBoard's reader does it. Both give the same keys (``Log``).
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.check.guard import StudentFailure, student_code
from autograder.messages import tr

__all__ = ["Run", "reading_logs_with", "runs_in"]

#: What is in one event file: ``scalars`` (tag to lists of step, wall time, value; the value is ``None`` where it
#: is no finite number), ``histograms`` (tag to dicts with ``step``, ``min`` and ``max``), ``images`` (tag to dicts
#: with ``step``, ``width``, ``height`` and ``count``) and ``graph``.
Log = Mapping[str, Any]
Reader = Callable[[Path], Log]
_reader: ContextVar[Reader | None] = ContextVar("log reader", default=None)

#: Keras' callback makes these two folders in the folder of a run.
_PARTS = ("train", "validation")
_MAX_FILES = 200


@dataclass
class Run:
    """One run, as TensorBoard's users mean it: a folder, with those that Keras makes in it.

    Args:
        name: Its path in the folder of logs; ``"."`` is that folder itself.
        logs: What is in its event files.
        parts: Of each of these, the folder that Keras made for it: ``train``, ``validation`` or nothing.
    """

    name: str
    logs: list[Log] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)


@contextmanager
def reading_logs_with(reader: Reader) -> Iterator[None]:
    """Read event files with ``reader`` inside the block. It raises ``StudentFailure`` where a file is none."""
    token = _reader.set(reader)
    try:
        yield
    finally:
        _reader.reset(token)


def runs_in(folder: Path) -> list[Run]:
    """The runs in a folder of logs, by name. A damaged file is no log; the others count.

    Raises:
        StudentFailure: There is no event file at all, or there are far too many.
    """
    with student_code():
        files = sorted(path for path in folder.rglob("*tfevents*") if path.is_file())
    if not files:
        raise StudentFailure(
            tr("no event file in {name}", name=folder.name),
            expected=tr("TensorBoard logs in {name}", name=folder.name),
            hint=tr("Pass keras.callbacks.TensorBoard(…) in callbacks=[…] of fit."),
        )
    if len(files) > _MAX_FILES:
        raise StudentFailure(tr("{count} event files", count=len(files)))
    read = _reader.get() or read_events
    runs: dict[str, Run] = {}
    for path in files:
        try:
            log = read(path)
        except StudentFailure:
            continue
        name, part = path.parent.relative_to(folder), ""
        if name.name in _PARTS:
            name, part = name.parent, name.name
        run = runs.setdefault(name.as_posix(), Run(name.as_posix()))
        run.logs.append(log)
        run.parts.append(part)
    return list(runs.values())


def read_events(path: Path) -> Log:
    """An event file of the student's own kernel."""
    from tensorboard.backend.event_processing.event_file_loader import EventFileLoader

    log: dict[str, Any] = {"scalars": {}, "histograms": {}, "images": {}, "graph": False}
    with student_code():
        for event in EventFileLoader(str(path)).Load():
            log["graph"] = log["graph"] or event.WhichOneof("what") in ("graph_def", "meta_graph_def")
            for value in event.summary.value:
                _add(log, value, event.step, event.wall_time)
    return log


def _add(log: dict[str, Any], value: Any, step: int, wall: float) -> None:
    import numpy as np
    from tensorboard.util.tensor_util import make_ndarray

    plugin = value.metadata.plugin_data.plugin_name
    if plugin.startswith("graph"):
        log["graph"] = True
    if plugin not in ("scalars", "histograms", "images"):
        return
    tensor = make_ndarray(value.tensor)
    entry: Any
    if plugin == "scalars":
        number = float(tensor.reshape(-1)[0])
        entry = [step, wall, number if np.isfinite(number) else None]
    elif plugin == "histograms":
        used = tensor.reshape(-1, 3)[tensor.reshape(-1, 3)[:, 2] > 0]
        low, high = (float(used[:, 0].min()), float(used[:, 1].max())) if len(used) else (None, None)
        entry = {"step": step, "min": low, "max": high}
    else:
        entry = {"step": step, "width": int(tensor[0]), "height": int(tensor[1]), "count": len(tensor) - 2}
    log[plugin].setdefault(value.tag, []).append(entry)
