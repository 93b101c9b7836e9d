"""Hostile TensorBoard logs, from the cell that writes them to what the inspector says of them."""

import asyncio
import base64
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from courses import TinyCourse, solution, test
from hostile.course import grade, scores
from stored_models import record

from autograder.engine.seats import JudgeSettings, inspect
from autograder.evidence.bundle import END, Bundle
from autograder.evidence.inspect import Inspection
from autograder.evidence.inspect.crc import masked_crc32c
from autograder.sandbox.client import Zygote

pytestmark = [pytest.mark.sandbox, pytest.mark.slow, pytest.mark.timeout(300)]

event_pb2 = pytest.importorskip("tensorboard.compat.proto.event_pb2")
summary_pb2 = pytest.importorskip("tensorboard.compat.proto.summary_pb2")
tensor_pb2 = pytest.importorskip("tensorboard.compat.proto.tensor_pb2")

_PATH = "my_logs/run/events.out.tfevents.1.host"
_SECONDS = 20.0


def scalar(tag: str, number: float, step: int = 1) -> Any:
    """An event with one number."""
    value = summary_pb2.Summary.Value(tag=tag, simple_value=number)
    return event_pb2.Event(wall_time=1.0, step=step, summary=summary_pb2.Summary(value=[value]))


def bomb() -> Any:
    """A tensor of one number that says to be forty million."""
    tensor = tensor_pb2.TensorProto(dtype=1, float_val=[0.5])
    tensor.tensor_shape.dim.add(size=40_000_000)
    value = summary_pb2.Summary.Value(tag="bomba", tensor=tensor)
    value.metadata.plugin_data.plugin_name = "histograms"
    return event_pb2.Event(wall_time=1.0, step=1, summary=summary_pb2.Summary(value=[value]))


def framed(event: Any) -> bytes:
    """A sound record."""
    made: bytes = record(event.SerializeToString())
    return made


def damaged(event: Any) -> bytes:
    """A record whose content was changed after its checksum was made."""
    content = framed(event)
    return content[:-4] + struct.pack("<I", 0)


def endless() -> bytes:
    """A sound header that announces a terabyte."""
    length = struct.pack("<Q", 2**40)
    return length + struct.pack("<I", masked_crc32c(length)) + b"x" * 64


@dataclass(frozen=True)
class Log:
    """One hostile log: its bytes, and what its author hopes that a reader does.

    Args:
        name: A word for it.
        hope: What success would be.
        content: The file.
    """

    name: str
    hope: str
    content: bytes


HONEST = framed(event_pb2.Event(wall_time=1.0, file_version="brain.Event:2")) + framed(scalar("epoch_loss", 0.5))
LOGS = (
    Log("tensor-bomb", "the reader allocates what one number claims to be", HONEST + framed(bomb())),
    Log("bad-checksum", "a curve that was edited is read", HONEST + damaged(scalar("perfeita", 0.0))),
    Log("endless-record", "the reader asks for a terabyte", HONEST + endless()),
    Log(
        "many-tags",
        "the reader keeps a million series",
        HONEST + b"".join(framed(scalar(f"t{i}", 1.0)) for i in range(60_000)),
    ),
)  # fmt: skip


@pytest.fixture(scope="module")
def found(zygote: Zygote, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Everybody's score, and what the inspector said of their log."""
    cells = [solution("resposta = 42", "resposta"), test("assert resposta == 42", "resposta-test", 1)]
    course = TinyCourse(tmp_path_factory.mktemp("logs") / "c", cells={"tiny": cells})
    for name, content in (("honesto", HONEST), *((log.name, log.content) for log in LOGS)):
        writes = (
            f"import base64, pathlib\np = pathlib.Path({_PATH!r})\np.parent.mkdir(parents=True)\n"
            f"p.write_bytes(base64.b64decode({base64.b64encode(content).decode()!r}))\nresposta = 42"
        )
        course.submit(name, {"resposta": writes})
    graded = grade(course).results
    return {name: (scores(result), _inspected(course, name)) for name, result in graded.items()}


def _inspected(course: TinyCourse, student: str) -> dict[str, Any]:
    bundle = Bundle.read(course.root / "evidence" / "lista" / student / "tiny")
    assert bundle is not None
    digest, _ = bundle.records[END].files[_PATH]
    name = Path(_PATH).name
    asking = inspect(JudgeSettings("pt_BR"), bundle.blobs, digest, name)
    answer = asyncio.run(asyncio.wait_for(asking, _SECONDS))
    if answer["status"] == "ok":
        folder = course.root / f"read-{student}"
        folder.mkdir()
        for file, blob in answer["files"].items():
            (folder / file).write_bytes(bundle.content(blob))
        answer["data"] = Inspection.from_files(folder).data
    return answer


def test_an_honest_log_is_read(found: dict[str, Any]) -> None:
    """Whole and undamaged."""
    points, answer = found["honesto"]
    assert points == {"resposta-test": 1}
    assert answer["data"]["scalars"] == {"epoch_loss": [[1, 1.0, 0.5]]}
    assert answer["data"]["damaged"] is None


@pytest.mark.parametrize("log", LOGS, ids=lambda log: log.name)
def test_attack_fails(log: Log, found: dict[str, Any]) -> None:
    """The log is refused, or read as far as it is sound; the answer beside it earns what it deserves."""
    points, answer = found[log.name]
    assert points == {"resposta-test": 1}, log.hope
    if answer["status"] == "refused":
        assert answer["code"] in ("too-large", "corrupt"), answer
        return
    assert answer["data"]["scalars"] == {"epoch_loss": [[1, 1.0, 0.5]]}
    assert answer["data"]["damaged"] is not None or answer["data"]["unreadable"] == 1
    assert answer["data"]["histograms"] == {}


@pytest.mark.parametrize("log", LOGS, ids=lambda log: log.name)
def test_attack_succeeds_without_the_defence(log: Log, tmp_path: Path) -> None:
    """A reader that believes the file: TensorBoard's own for tensors, or one without checksums and limits."""
    kept: dict[str, float] = {}
    for event in _believing(log.content):
        for value in event.summary.value:
            if value.HasField("tensor"):
                from tensorboard.util.tensor_util import make_ndarray

                assert make_ndarray(value.tensor).nbytes == 160_000_000
                return
            kept[value.tag] = value.simple_value
    assert "perfeita" in kept or len(kept) > 60_000 or _announced(log.content) == 2**40


def _believing(content: bytes) -> Any:
    place = 0
    while place + 12 <= len(content):
        (length,) = struct.unpack_from("<Q", content, place)
        body = content[place + 12 : place + 12 + length]
        if len(body) < length:
            return
        yield event_pb2.Event.FromString(body)
        place += 16 + length


def _announced(content: bytes) -> int:
    """The largest length that a reader without limits would ask for."""
    place, largest = 0, 0
    while place + 12 <= len(content):
        (length,) = struct.unpack_from("<Q", content, place)
        largest = max(largest, length)
        place += 16 + length
    return largest
