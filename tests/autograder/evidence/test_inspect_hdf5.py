"""HDF5 files: what they hold is found, and what they might do is not done."""

import json
import os
import random
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest
from stored_models import BIAS, KERNEL, sequential, weights_h5, write_h5

from autograder.evidence.inspect import Inspection, Refused, inspect_file
from autograder.evidence.inspect.hdf5 import open_hdf5


def code(path: Path, **options: str) -> str:
    with pytest.raises(Refused) as caught:
        inspect_file(path, **options)
    return caught.value.code


def test_a_whole_model_is_read_in_keras_order(tmp_path: Path) -> None:
    found = inspect_file(write_h5(tmp_path / "model.h5"))
    assert found.kind == "h5"
    assert found.data["model_config"] == sequential()
    assert found.data["training_config"] is None
    assert found.data["keras_version"] == "3.15.1"
    assert [layer["name"] for layer in found.data["layers"]] == ["dense"]
    assert found.data["layers"][0]["weights"][0] == {"name": "dense/kernel", "shape": [3, 2], "dtype": "float32"}
    assert found.data["iterations"] == 7
    np.testing.assert_array_equal(found.arrays["layer/0/0"], KERNEL)
    np.testing.assert_array_equal(found.arrays["layer/0/1"], BIAS)


def test_weights_are_read_by_path(tmp_path: Path) -> None:
    path = tmp_path / "model.weights.h5"
    path.write_bytes(weights_h5())
    found = inspect_file(path, kind="weights.h5")
    names = [entry["name"] for entry in found.data["variables"]]
    assert names == ["layers/dense/vars/0", "layers/dense/vars/1", "optimizer/vars/0"]
    np.testing.assert_array_equal(found.arrays["variable/0"], KERNEL)
    assert found.data["names"] == {"layers/dense/vars": "dense"}


def test_legacy_weights_alone_and_long_lists_of_names(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "weights.h5", "w") as file:
        file.attrs["layer_names0"], file.attrs["layer_names1"] = [b"dense"], [b"other"]
        file.create_group("dense").attrs["weight_names"] = [b"dense/bias"]
        file["dense/dense/bias"] = BIAS
        file.create_group("other").attrs["weight_names"] = np.array([], "S1")
    found = inspect_file(tmp_path / "weights.h5")
    assert found.kind == "h5-weights"
    assert [(layer["name"], len(layer["weights"])) for layer in found.data["layers"]] == [
        ("dense", 1),
        ("other", 0),
    ]


def test_bfloat16_becomes_float32(tmp_path: Path) -> None:
    path = tmp_path / "model.weights.h5"
    with h5py.File(path, "w") as file:
        bits = np.array([0x3FC0, 0xC000], np.uint16)  # 1.5 and -2
        file["layers/dense/vars/0"] = bits.view("V2")
        file["layers/dense/vars/0"].attrs["dtype"] = "bfloat16"
    np.testing.assert_array_equal(inspect_file(path).arrays["variable/0"], np.array([1.5, -2], "float32"))


def test_another_kind_than_asked_for_is_refused(tmp_path: Path) -> None:
    assert code(write_h5(tmp_path / "model.h5"), kind="keras") == "kind"
    (tmp_path / "notes.txt").write_text("model")
    assert code(tmp_path / "notes.txt") == "kind"
    with h5py.File(tmp_path / "empty.h5", "w"):
        pass
    assert code(tmp_path / "empty.h5") == "kind"
    with pytest.raises(ValueError, match="kind"):
        inspect_file(tmp_path / "empty.h5", kind="pickle")


def test_only_a_regular_file_is_opened(tmp_path: Path) -> None:
    """A pipe would be waited for, a link would be followed to wherever it points."""
    os.mkfifo(tmp_path / "pipe.h5")
    assert code(tmp_path / "pipe.h5") == "not-a-file"
    (tmp_path / "link.h5").symlink_to(write_h5(tmp_path / "model.h5"))
    assert code(tmp_path / "link.h5") == "not-a-file"
    assert code(tmp_path) == "not-a-file"
    assert code(tmp_path / "none.h5") == "missing"


def test_a_lambda_in_the_config_is_refused(tmp_path: Path) -> None:
    layer = {"class_name": "Lambda", "config": {"name": "lambda", "function": ["4wEAAAAA", None, None]}}
    assert code(write_h5(tmp_path / "model.h5", sequential(layer))) == "lambda"


def test_an_external_link_is_refused_before_it_is_followed(tmp_path: Path) -> None:
    """h5py itself goes where the link points and reads the other file."""
    with h5py.File(tmp_path / "secret.h5", "w") as file:
        file["labels"] = [4, 2]
    path = write_h5(tmp_path / "model.h5")
    with h5py.File(path, "a") as file:
        file["model_weights/more"] = h5py.ExternalLink("secret.h5", "labels")
    with h5py.File(path) as file:
        assert list(file["model_weights/more"]) == [4, 2]
    assert code(path) == "external-link"


def test_an_external_link_to_a_system_file_is_refused(tmp_path: Path) -> None:
    path = write_h5(tmp_path / "model.h5")
    with h5py.File(path, "a") as file:
        file["x"] = h5py.ExternalLink("/etc/passwd", "/")
    assert code(path) == "external-link"


def test_a_soft_link_is_refused(tmp_path: Path) -> None:
    """A layer's weights could be those of another layer, or a path without an end."""
    path = write_h5(tmp_path / "model.h5")
    with h5py.File(path, "a") as file:
        file["model_weights/dense/again"] = h5py.SoftLink("/etc/passwd")
    assert code(path) == "soft-link"


def test_external_storage_is_refused(tmp_path: Path) -> None:
    """h5py itself reads any file of the machine as if it were weights."""
    (tmp_path / "secret.bin").write_bytes(b"secret!!")
    path = write_h5(tmp_path / "model.h5")
    with h5py.File(path, "a") as file:
        file["model_weights"].create_dataset("x", (8,), "u1", external=[(str(tmp_path / "secret.bin"), 0, 8)])
    with h5py.File(path) as file:
        assert bytes(file["model_weights/x"][()]) == b"secret!!"
    assert code(path) == "external-storage"


def test_a_virtual_dataset_is_refused(tmp_path: Path) -> None:
    """h5py itself reads the other file."""
    with h5py.File(tmp_path / "secret.h5", "w") as file:
        file["labels"] = np.array([4, 2])
    path = write_h5(tmp_path / "model.h5")
    layout = h5py.VirtualLayout((2,), "i8")
    layout[:] = h5py.VirtualSource(str(tmp_path / "secret.h5"), "labels", (2,))
    with h5py.File(path, "a") as file:
        file["model_weights"].create_virtual_dataset("x", layout)
    with h5py.File(path) as file:
        assert list(file["model_weights/x"]) == [4, 2]
    assert code(path) == "virtual-dataset"


def _hard_link(file: h5py.File) -> None:
    file["again"] = file["model_weights"]


def _cycle(file: h5py.File) -> None:
    file["model_weights/dense/up"] = file["model_weights"]


def _huge(file: h5py.File) -> None:
    file.create_dataset("x", (2**40,), "f4", chunks=(1024,))


def _gzip_bomb(file: h5py.File) -> None:
    file.create_dataset("x", data=np.zeros(64 * 2**20, "u1"), compression="gzip", chunks=(2**20,))


def _many_medium(file: h5py.File) -> None:
    # Contiguous data that were never written take no space, and each of them is within the limit.
    plan = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    plan.set_alloc_time(h5py.h5d.ALLOC_TIME_LATE)
    for number in range(600):
        space = h5py.h5s.create_simple((2**20,))
        h5py.h5d.create(file.id, f"x{number}".encode(), h5py.h5t.NATIVE_INT8, space, plan)


def _large_chunk(file: h5py.File) -> None:
    file.create_dataset("x", (8,), "f8", chunks=(2**24,), maxshape=(None,))


def _deep(file: h5py.File) -> None:
    file.create_group("/".join("x" * 40))


def _compound(file: h5py.File) -> None:
    file["x"] = np.zeros(3, [("a", "f4"), ("b", "i4")])


def _references(file: h5py.File) -> None:
    file["x"] = np.array([file["model_weights"].ref], h5py.ref_dtype)


def _strings(file: h5py.File) -> None:
    file["x"] = ["a" * 10]


def _ragged(file: h5py.File) -> None:
    file.create_dataset("x", (3,), h5py.vlen_dtype(np.int32))


def _lzf(file: h5py.File) -> None:
    file.create_dataset("x", data=np.zeros(4096), compression="lzf")


def _named_type(file: h5py.File) -> None:
    file["x"] = np.dtype("f8")


def _attribute_reference(file: h5py.File) -> None:
    file.attrs["x"] = file["model_weights"].ref


def _many_attributes(file: h5py.File) -> None:
    for number in range(100):
        file.attrs[f"x{number}"] = 1


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (_hard_link, "hard-link"),
        (_cycle, "hard-link"),
        (_huge, "too-large"),
        (_gzip_bomb, "too-large"),
        (_many_medium, "too-large"),
        (_large_chunk, "too-large"),
        (_deep, "too-large"),
        (_compound, "dtype"),
        (_references, "dtype"),
        (_strings, "dtype"),
        (_ragged, "dtype"),
        (_named_type, "dtype"),
        (_attribute_reference, "dtype"),
        (_many_attributes, "too-large"),
        (_lzf, "filter"),
    ],
)
def test_what_no_model_has_is_refused(tmp_path: Path, spoil: Callable[[h5py.File], None], expected: str) -> None:
    path = write_h5(tmp_path / "model.h5")
    with h5py.File(path, "a") as file:
        spoil(file)
    assert path.stat().st_size < 2**22  # each of these is a small file
    assert code(path) == expected


def test_a_user_block_is_refused(tmp_path: Path) -> None:
    """Such a file may be two things at once, a shell script in front, say."""
    with h5py.File(tmp_path / "model.h5", "w", userblock_size=512) as file:
        file["x"] = 1
    with pytest.raises(Refused) as caught:
        open_hdf5((tmp_path / "model.h5").read_bytes())
    assert caught.value.code == "user-block"


def test_one_dataset_listed_many_times_is_refused(tmp_path: Path) -> None:
    path = write_h5(tmp_path / "model.h5")
    with h5py.File(path, "a") as file:
        file["model_weights/dense"].attrs["weight_names"] = ["dense/kernel"] * 1_000
    assert code(path) == "hard-link"


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("model_config", "{"),
        ("model_config", "[" * 100_000),
        ("model_config", "[]"),
        ("model_config", 3),
        ("training_config", "[]"),
        ("training_config", "1" * 5000),
    ],
)
def test_a_config_that_is_none_is_damage(tmp_path: Path, attribute: str, value: object) -> None:
    path = write_h5(tmp_path / "model.h5")
    with h5py.File(path, "a") as file:
        if isinstance(value, str) and len(value) > 60_000:
            del file.attrs[attribute]
            file.attrs.create(attribute, value, dtype=h5py.string_dtype())
        else:
            file.attrs[attribute] = value
    assert code(path) == "corrupt"


def test_names_that_lead_nowhere_are_damage(tmp_path: Path) -> None:
    for names in (["../../secret"], ["dense/none"], ["/etc/passwd"]):
        path = write_h5(tmp_path / "model.h5")
        with h5py.File(path, "a") as file:
            file["model_weights/dense"].attrs["weight_names"] = names
        assert code(path) == "corrupt"


def test_a_truncated_file_is_refused(tmp_path: Path) -> None:
    content = write_h5(tmp_path / "model.h5").read_bytes()
    for length in range(0, len(content), 97):
        path = tmp_path / "short.h5"
        path.write_bytes(content[:length])
        assert code(path) in ("corrupt", "kind", "user-block")


@pytest.mark.parametrize("seed", range(4))
def test_flipped_bytes_are_refused_or_read_and_nothing_else(tmp_path: Path, seed: int) -> None:
    """An exception of another kind would be taken for a bug of ours."""
    content = write_h5(tmp_path / "model.h5").read_bytes()
    randomly = random.Random(seed)
    path = tmp_path / "flipped.h5"
    for _ in range(150):
        flipped = bytearray(content)
        for _ in range(randomly.choice((1, 1, 4, 32))):
            flipped[randomly.randrange(len(flipped))] ^= 1 << randomly.randrange(8)
        path.write_bytes(flipped)
        try:
            found = inspect_file(path)
        except Refused:
            continue
        json.dumps(found.data)
        folder = tmp_path / "out"
        folder.mkdir(exist_ok=True)
        found.to_files(folder)
        assert Inspection.from_files(folder).kind == found.kind
