"""What an inspector hands on is not trusted by whoever reads it."""

import io
import json
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from stored_models import write_h5

from autograder.evidence.inspect import Inspection, Refused, inspect_file
from autograder.evidence.refusal import Refused as Base


def npy(array: Any, **options: Any) -> bytes:
    content = io.BytesIO()
    np.lib.format.write_array(content, array, **options)
    return content.getvalue()


def store(folder: Path, **members: bytes) -> None:
    with zipfile.ZipFile(folder / "arrays.npz", "w") as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/") + ".npy", content)


def written(folder: Path) -> Path:
    inspect_file(write_h5(folder / "model.h5")).to_files(folder)
    return folder


def edit(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    document = json.loads((folder / "inspection.json").read_text())
    change(document)
    (folder / "inspection.json").write_text(json.dumps(document))


def refused(folder: Path) -> str:
    with pytest.raises(Refused) as caught:
        Inspection.from_files(folder)
    return caught.value.code


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    one = inspect_file(write_h5(tmp_path / "model.h5"))
    one.to_files(tmp_path)
    other = Inspection.from_files(tmp_path)
    assert (other.kind, other.data) == (one.kind, one.data)
    assert list(other.arrays) == list(one.arrays)
    for name, array in one.arrays.items():
        np.testing.assert_array_equal(array, other.arrays[name], strict=True)


@given(
    arrays.arrays(
        st.sampled_from([np.float16, np.float32, np.float64, np.int64, np.uint8, np.bool_]),
        arrays.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
    )
)
def test_arrays_of_any_shape_and_type_cross(tmp_path_factory: pytest.TempPathFactory, array: np.ndarray) -> None:
    folder = tmp_path_factory.mktemp("crossing")
    entry = {"name": "x", "shape": list(array.shape), "dtype": array.dtype.name}
    Inspection("weights.h5", {"variables": [entry]}, {"variable/0": array}).to_files(folder)
    np.testing.assert_array_equal(Inspection.from_files(folder).arrays["variable/0"], array, strict=True)


def test_a_pickle_in_the_arrays_is_not_loaded(tmp_path: Path) -> None:
    """NumPy, if it is let, runs what is in it."""

    class Evil:
        def __reduce__(self) -> tuple[Any, ...]:
            return (Path(tmp_path / "hurt").touch, ())

    content = npy(np.array([Evil()], object), allow_pickle=True)
    np.lib.format.read_array(io.BytesIO(content), allow_pickle=True)
    assert (tmp_path / "hurt").exists()
    (tmp_path / "hurt").unlink()
    store(written(tmp_path), layer__0__0=content)
    assert refused(tmp_path) == "inspection"
    store(tmp_path, layer__0__0=pickle.dumps(Evil()))
    assert refused(tmp_path) == "inspection"
    assert not (tmp_path / "hurt").exists()


def test_a_header_that_claims_more_than_there_is_is_refused(tmp_path: Path) -> None:
    content = npy(np.zeros(4)).replace(b"(4,)", b"(9**9,)"[:4])
    store(written(tmp_path), layer__0__0=content)
    assert refused(tmp_path) == "inspection"
    huge = npy(np.zeros(4)).replace(b"'shape': (4,), }    ", b"'shape': (4" + b"0" * 8 + b",), }"[:5])
    store(tmp_path, layer__0__0=huge)
    assert refused(tmp_path) == "inspection"


def _drop(document: dict[str, Any]) -> None:
    document["data"]["layers"][0]["weights"].pop()


def _reshape(document: dict[str, Any]) -> None:
    document["data"]["layers"][0]["weights"][0]["shape"] = [2, 3]


def _more(document: dict[str, Any]) -> None:
    document["data"]["layers"].append({"name": "x", "weights": [{"name": "y", "shape": [1]}]})


@pytest.mark.parametrize(
    "change",
    [
        _drop,
        _reshape,
        _more,
        lambda d: d.update(kind="pickle"),
        lambda d: d.update(kind=["h5"]),
        lambda d: d.update(version=2),
        lambda d: d.update(data=[]),
        lambda d: d["data"].update(layers=3),
        lambda d: d["data"].update(layers=[3]),
        lambda d: d["data"].update(layers=[{"name": "x", "weights": 3}]),
        lambda d: d["data"].update(optimizer_weights=[3]),
        lambda d: d.update(kind="tfevents"),
    ],
)
def test_data_that_do_not_fit_the_arrays_are_refused(tmp_path: Path, change: Callable[[Any], object]) -> None:
    edit(written(tmp_path), change)
    assert refused(tmp_path) == "inspection"


@pytest.mark.parametrize("name", ["../x", "/x", "layer/0/0/0", "x", "layer/0/999999", "top/0 "])
def test_an_array_of_another_name_is_refused(tmp_path: Path, name: str) -> None:
    written(tmp_path)
    with zipfile.ZipFile(tmp_path / "arrays.npz", "a") as archive:
        archive.writestr(name + ".npy", npy(np.zeros(1)))
    assert refused(tmp_path) == "inspection"


def test_compressed_arrays_are_refused(tmp_path: Path) -> None:
    """The inspector does not write them, so there is no bomb to be counted."""
    arrays_in_it = np.load(written(tmp_path) / "arrays.npz")
    np.savez_compressed(tmp_path / "arrays.npz", **dict(arrays_in_it))
    assert refused(tmp_path) == "inspection"


def test_files_that_are_links_or_missing_are_refused(tmp_path: Path) -> None:
    assert refused(tmp_path) == "missing"
    written(tmp_path)
    (tmp_path / "arrays.npz").rename(tmp_path / "elsewhere")
    (tmp_path / "arrays.npz").symlink_to(tmp_path / "elsewhere")
    assert refused(tmp_path) == "not-a-file"


def test_a_refusal_survives_a_process_border() -> None:
    found = pickle.loads(pickle.dumps(Base("lambda", "text")))
    assert (found.code, str(found)) == ("lambda", "text")
