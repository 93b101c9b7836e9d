"""TensorBoard logs: what was logged, also where training was killed, and never more than the file holds."""

import json
import random
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from stored_models import record

from autograder.evidence.inspect import Inspection, Refused, inspect_file
from autograder.evidence.inspect import events as module
from autograder.evidence.inspect.crc import masked_crc32c

event_pb2 = pytest.importorskip("tensorboard.compat.proto.event_pb2")
summary_pb2 = pytest.importorskip("tensorboard.compat.proto.summary_pb2")


def version() -> bytes:
    return record(event_pb2.Event(wall_time=1.0, file_version="brain.Event:2").SerializeToString())


def summary(step: int, *values: Any) -> bytes:
    event = event_pb2.Event(wall_time=2.0, step=step, summary=summary_pb2.Summary(value=values))
    return record(event.SerializeToString())


def value(tag: str, plugin: str = "", **content: Any) -> Any:
    found = summary_pb2.Summary.Value(tag=tag, **content)
    if plugin:
        found.metadata.plugin_data.plugin_name = plugin
    return found


def tensor(array: Any) -> Any:
    from tensorboard.util.tensor_util import make_tensor_proto

    return make_tensor_proto(array)


def read(tmp_path: Path, *records: bytes) -> Inspection:
    path = tmp_path / "events.out.tfevents.1.host"
    path.write_bytes(b"".join(records))
    return inspect_file(path)


def test_what_a_training_logs_is_found_by_tag(tmp_path: Path) -> None:
    buckets = np.array([[0.0, 1.0, 3.0], [1.0, 2.0, 0.0], [2.0, 4.0, 1.0]])
    image = np.array([b"28", b"14", b"png", b"png"], object)
    found = read(
        tmp_path,
        version(),
        summary(0, value("epoch_loss", "scalars", tensor=tensor(np.float32(0.5)))),
        # Only the first value of a tag says what it is.
        summary(1, value("epoch_loss", tensor=tensor(np.float32(0.25)))),
        summary(1, value("kernel", "histograms", tensor=tensor(buckets))),
        summary(1, value("digits", "images", tensor=tensor(image))),
        summary(1, value("notes", "text", tensor=tensor(np.array([b"ol\xc3\xa1"], object)))),
        summary(1, value("keras", "graph_keras_model", tensor=tensor(np.array(b"{}", object)))),
        summary(1, value("_hparams_/experiment", "hparams")),
        summary(2, value("old", simple_value=1.5)),
    )
    data = found.data
    assert found.kind == "tfevents"
    assert data["scalars"] == {"epoch_loss": [[0, 2.0, 0.5], [1, 2.0, 0.25]], "old": [[2, 2.0, 1.5]]}
    assert data["histograms"] == {
        "kernel": [{"step": 1, "buckets": 3, "count": 4.0, "min": 0.0, "max": 4.0, "sum": 4.5}]
    }
    assert data["images"] == {"digits": [{"step": 1, "width": 28, "height": 14, "count": 2}]}
    assert data["texts"] == {"notes": [[1, "olá"]]}
    assert data["graph"] is True
    assert data["plugins"] == ["graph_keras_model", "histograms", "hparams", "images", "scalars", "text"]
    assert (data["records"], data["damaged"], data["unreadable"]) == (9, None, 0)


def test_a_graph_and_the_older_forms_are_found(tmp_path: Path) -> None:
    histogram = summary_pb2.HistogramProto(min=-1, max=2, num=5, sum=3, bucket_limit=[0, 2], bucket=[1, 4])
    image = summary_pb2.Summary.Image(width=4, height=3)
    found = read(
        tmp_path,
        version(),
        record(event_pb2.Event(graph_def=b"\n\x00").SerializeToString()),
        summary(1, value("h", histo=histogram), value("i", image=image)),
    )
    assert found.data["graph"] is True
    assert (
        found.data["histograms"]["h"][0] | {"step": 1, "buckets": 2, "min": -1.0, "max": 2.0, "sum": 3.0}
        == (found.data["histograms"]["h"][0])
    )
    assert found.data["images"]["i"] == [{"step": 1, "width": 4, "height": 3, "count": 1}]


def test_steps_may_be_negative_and_numbers_infinite(tmp_path: Path) -> None:
    found = read(tmp_path, version(), summary(-5, value("loss", simple_value=float("nan"))))
    assert found.data["scalars"] == {"loss": [[-5, 2.0, None]]}
    json.loads(json.dumps(found.data, allow_nan=False))


@pytest.mark.parametrize("cut", [1, 3, 5, 13])
def test_a_log_of_a_killed_training_counts_up_to_its_end(tmp_path: Path, cut: int) -> None:
    content = version() + summary(1, value("loss", simple_value=1)) + summary(2, value("loss", simple_value=2))
    found = read(tmp_path, content[:-cut])
    assert found.data["damaged"] == "truncated"
    assert [point[0] for point in found.data["scalars"]["loss"]] == [1]


def test_a_wrong_checksum_ends_the_reading(tmp_path: Path) -> None:
    forged = bytearray(summary(2, value("loss", simple_value=2)))
    forged[14] ^= 1
    found = read(tmp_path, version(), summary(1, value("loss", simple_value=1)), bytes(forged), summary(3))
    assert found.data["damaged"] == "checksum"
    assert found.data["records"] == 2


def test_a_record_of_gigantic_length_is_not_waited_for(tmp_path: Path) -> None:
    """TensorBoard's reader in Python asks for as many bytes as the record claims."""
    head = struct.pack("<Q", 2**62)
    found = read(tmp_path, version(), head + struct.pack("<I", masked_crc32c(head)) + b"x")
    assert found.data["damaged"] == "record too large"


def test_one_number_that_claims_to_be_a_billion_is_not_unfolded(tmp_path: Path) -> None:
    """TensorBoard repeats it as often as the shape says."""
    from tensorboard.util.tensor_util import make_ndarray

    bomb = tensor(np.float32(0.5))
    bomb.ClearField("tensor_content")
    bomb.tensor_shape.dim.add().size = 10**6
    bomb.ClearField("float_val")
    bomb.float_val.append(0.5)
    assert make_ndarray(bomb).size == 10**6
    found = read(
        tmp_path, version(), summary(1, value("a", "scalars", tensor=bomb), value("b", "histograms", tensor=bomb))
    )
    assert found.data["unreadable"] == 2
    assert found.data["scalars"] == {}


def test_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_TAGS", 2)
    many = [value(f"tag{number}", simple_value=1) for number in range(3)]
    with pytest.raises(Refused) as caught:
        read(tmp_path, version(), summary(1, *many))
    assert caught.value.code == "too-large"


@pytest.mark.parametrize("content", [b"", b"x", b"x" * 100, record(b""), record(b"\xff\xff")])
def test_what_is_no_log_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(Refused) as caught:
        read(tmp_path, content)
    assert caught.value.code == "corrupt"


def test_flipped_bytes_are_refused_or_read_and_nothing_else(tmp_path: Path) -> None:
    """With checksums made right again, so that the messages inside are met as well."""
    bodies = [version(), summary(1, value("loss", "scalars", tensor=tensor(np.float32(0.5))))]
    bodies.append(summary(1, value("k", "histograms", tensor=tensor(np.ones((4, 3))))))
    bodies.append(summary(1, value("i", "images", tensor=tensor(np.array([b"2", b"2", b"p"], object)))))
    randomly = random.Random(9)
    for round_ in range(1500):
        records = []
        for one in bodies:
            body = bytearray(one[12:-4])
            for _ in range(randomly.choice((0, 1, 3))):
                body[randomly.randrange(len(body))] ^= 1 << randomly.randrange(8)
            records.append(record(bytes(body)))
        content = bytearray(b"".join(records))
        if round_ % 3 == 0:
            content[randomly.randrange(len(content))] ^= 1 << randomly.randrange(8)
        try:
            json.dumps(read(tmp_path, bytes(content)).data, allow_nan=False)
        except Refused:
            continue


@pytest.mark.parametrize("length", [0, 1, 9, 511, 512, 513, 4000])
def test_the_checksum_is_tensorboards(length: int) -> None:
    from tensorboard.compat.tensorflow_stub.pywrap_tensorflow import masked_crc32c as theirs

    data = random.Random(length).randbytes(length)
    assert masked_crc32c(data) == theirs(data)
