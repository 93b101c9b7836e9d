"""``.keras`` archives: three parts of the right names, and nothing that comes out larger or elsewhere."""

import io
import json
import random
import stat
import zipfile
from pathlib import Path

import numpy as np
import pytest
from stored_models import KERNEL, keras_parts, modern, sequential, weights_h5, write_keras

from autograder.evidence.inspect import Refused, inspect_file


def code(path: Path) -> str:
    with pytest.raises(Refused) as caught:
        inspect_file(path)
    return caught.value.code


def add(path: Path, member: zipfile.ZipInfo | str, content: bytes = b"x") -> Path:
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(member, content)
    return path


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_whole_model_is_read(tmp_path: Path, compression: int) -> None:
    path = add(write_keras(tmp_path / "model.keras", compression=compression), "assets/words.txt")
    found = inspect_file(path, kind="keras")
    assert found.data["config"] == modern(sequential())
    assert found.data["assets"] == ["assets/words.txt"]
    assert found.data["keras_version"] == "3.15.1"
    np.testing.assert_array_equal(found.arrays["variable/0"], KERNEL)


def test_a_lambda_is_refused(tmp_path: Path) -> None:
    layer = modern({"class_name": "Lambda", "config": {"function": {"class_name": "__lambda__", "config": {}}}})
    path = write_keras(tmp_path / "model.keras", keras_parts(modern(sequential(layer))))
    assert code(path) == "lambda"


@pytest.mark.parametrize("name", ["assets/../../x", "/etc/cron.d/x", "assets\\..\\x", "../model.weights.h5"])
def test_a_part_that_lies_outside_is_refused(tmp_path: Path, name: str) -> None:
    assert code(add(write_keras(tmp_path / "model.keras"), name)) == "path"


def test_a_part_that_is_a_link_is_refused(tmp_path: Path) -> None:
    """``unzip`` would make a link to a file of the machine of it."""
    link = zipfile.ZipInfo("assets/words.txt")
    link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    assert code(add(write_keras(tmp_path / "model.keras"), link, b"/etc/passwd")) == "path"


def test_a_part_that_no_model_has_is_refused(tmp_path: Path) -> None:
    assert code(add(write_keras(tmp_path / "model.keras"), "run.py")) == "member"


def test_two_parts_of_one_name_are_refused(tmp_path: Path) -> None:
    """Whoever checks one config and loads the other is fooled."""
    path = write_keras(tmp_path / "model.keras")
    with pytest.warns(UserWarning, match="Duplicate"):
        add(path, "config.json", b"{}")
    assert code(path) == "duplicate"


def test_an_encrypted_part_is_refused(tmp_path: Path) -> None:
    content = bytearray(write_keras(tmp_path / "model.keras").read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "model.keras").write_bytes(content)
    assert code(tmp_path / "model.keras") == "encrypted"


def test_a_missing_part_is_damage(tmp_path: Path) -> None:
    parts = keras_parts()
    del parts["model.weights.h5"]
    assert code(write_keras(tmp_path / "model.keras", parts)) == "corrupt"


def test_a_zip_bomb_is_refused(tmp_path: Path) -> None:
    """A few hundred kilobytes that would be hundreds of megabytes of JSON."""
    parts = keras_parts() | {"config.json": b" " * (64 * 2**20)}
    path = write_keras(tmp_path / "model.keras", parts, zipfile.ZIP_DEFLATED)
    assert path.stat().st_size < 2**20
    assert code(path) == "too-large"


def test_a_zip_bomb_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    parts = keras_parts() | {"config.json": b" " * (64 * 2**20)}
    path = write_keras(tmp_path / "model.keras", parts, zipfile.ZIP_DEFLATED)
    content = path.read_bytes().replace((64 * 2**20).to_bytes(4, "little"), (100).to_bytes(4, "little"))
    path.write_bytes(content)
    assert code(path) in ("corrupt", "too-large")


def test_many_parts_are_refused(tmp_path: Path) -> None:
    path = write_keras(tmp_path / "model.keras")
    with zipfile.ZipFile(path, "a") as archive:
        for number in range(300):
            archive.writestr(f"assets/{number}", "")
    assert code(path) == "too-large"


def test_another_compression_is_refused(tmp_path: Path) -> None:
    path = write_keras(tmp_path / "model.keras", compression=zipfile.ZIP_LZMA)
    assert code(path) == "filter"


@pytest.mark.parametrize("part", ["config.json", "metadata.json"])
@pytest.mark.parametrize("content", [b"", b"[]", b"\xff", b"[" * 60_000, b"1" * 5000])
def test_json_that_is_none_is_damage(tmp_path: Path, part: str, content: bytes) -> None:
    assert code(write_keras(tmp_path / "model.keras", keras_parts() | {part: content})) == "corrupt"


def test_flipped_and_missing_bytes_are_refused_or_read_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    for compression in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        content = write_keras(path, compression=compression).read_bytes()
        randomly = random.Random(5)
        for _ in range(300):
            flipped = bytearray(content[: randomly.choice((len(content), randomly.randrange(len(content))))])
            for _ in range(randomly.choice((1, 1, 8))):
                if flipped:
                    flipped[randomly.randrange(len(flipped))] ^= 1 << randomly.randrange(8)
            path.write_bytes(flipped)
            try:
                json.dumps(inspect_file(path).data)
            except Refused:
                continue


def test_weights_inside_are_walked_as_well(tmp_path: Path) -> None:
    import h5py

    content = io.BytesIO(weights_h5())
    with h5py.File(content, "a") as file:
        file["more"] = h5py.ExternalLink("/etc/passwd", "/")
    parts = keras_parts() | {"model.weights.h5": content.getvalue()}
    assert code(write_keras(tmp_path / "model.keras", parts)) == "external-link"
