"""Plain values survive the way between two processes; what is no document is refused."""

import contextlib
import json
import math
from collections import OrderedDict, namedtuple
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograder.evidence.plain import Decoder, Encoder, Malformed, read_arrays, write_arrays

Point = namedtuple("Point", "x y")

SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**200), 2**200), st.floats(allow_nan=False), st.text(), st.binary(),
    st.complex_numbers(allow_nan=False),
)  # fmt: skip
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner), st.dictionaries(st.text(), inner), st.tuples(inner, inner), st.sets(st.integers())
    ),
    max_leaves=30,
)


def there_and_back(value: Any) -> Any:
    encoder = Encoder()
    document = encoder.document({"value": encoder.add(value)})
    return Decoder(document, read_arrays(write_arrays(encoder.arrays))).root("value")


@given(VALUES)
def test_plain_values_come_back_as_they_were(value: Any) -> None:
    """Types and values, nested as deeply as people nest them."""
    back = there_and_back(value)
    assert back == value
    assert type(back) is type(value)


@given(
    hnp.arrays(
        st.one_of(
            hnp.integer_dtypes(), hnp.floating_dtypes(), hnp.boolean_dtypes(), hnp.unicode_string_dtypes(max_len=4)
        ),
        hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4),
    )
)
def test_arrays_come_back_in_type_shape_and_value(array: np.ndarray) -> None:
    """Also empty ones, and ones without a dimension."""
    back = there_and_back(array)
    assert back.dtype == array.dtype
    np.testing.assert_array_equal(back, array)


@pytest.mark.parametrize(
    "value",
    [
        float("inf"), np.float32(0.1), np.bool_(True), np.int64(-3), range(1, 9, 2), slice(1, None, 2), ...,
        np.dtype("<f4"), date(2026, 11, 24), datetime(2026, 11, 24, 12, 30), timedelta(days=2, microseconds=5),
        Path("modelo.h5"), list(range(1000)), [0.5] * 1000, tuple(range(1000)), frozenset({1, 2}), Point(1, 2),
        np.array([["a"], [None]], dtype=object),
    ],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_less_common_values_come_back(value: Any) -> None:
    """Scalars of NumPy, times, paths, long lists of numbers, named tuples."""
    back = there_and_back(value)
    if isinstance(value, np.ndarray):
        assert back.tolist() == value.tolist()
    else:
        assert back == value
        assert type(back).__name__ == (type(value).__name__ if not isinstance(value, Path) else "PosixPath")


def test_nan_comes_back() -> None:
    """It equals nothing, itself included."""
    assert math.isnan(there_and_back(float("nan")))


def test_identity_is_kept() -> None:
    """``a is b`` stays true, and a list that holds itself still does."""
    shared = [1]
    back = there_and_back({"one": shared, "other": shared})
    assert back["one"] is back["other"]
    loop: list[Any] = []
    loop.append(loop)
    back = there_and_back(loop)
    assert back[0] is back


def test_what_a_subclass_pretends_does_not_count() -> None:
    """A dict that says to be equal to all and to have a hundred items is the dict that it is."""

    class Pretends(dict):  # type: ignore[type-arg]
        def __eq__(self, other: object) -> bool:
            return True

        def __len__(self) -> int:
            return 100

        def __iter__(self) -> Any:
            return iter(range(100))

    back = there_and_back(Pretends(loss=[1.0]))
    assert type(back) is dict
    assert back == {"loss": [1.0]}
    assert there_and_back(OrderedDict(a=1)) == {"a": 1}


def test_the_same_arrays_give_the_same_bytes() -> None:
    """Evidence is kept under its digest."""
    arrays = {"a0": np.arange(3), "a1": np.zeros((2, 2))}
    assert write_arrays(arrays) == write_arrays({name: array.copy() for name, array in arrays.items()})


def test_objects_in_arrays_would_need_pickle_and_are_refused() -> None:
    """An archive with an object array is not read."""
    import io
    import zipfile

    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive, archive.open("a0.npy", "w") as entry:
        np.lib.format.write_array(entry, np.array([print], dtype=object), allow_pickle=True)
    with pytest.raises(Malformed, match="objects"):
        read_arrays(out.getvalue())


@pytest.mark.parametrize(
    "content", [b"", b"PK", b"not a zip", b"PK\x03\x04" + b"\0" * 100], ids=["empty", "head", "text", "torn"]
)
def test_what_is_no_archive_is_malformed(content: bytes) -> None:
    """Whatever zipfile and NumPy make of it."""
    with pytest.raises(Malformed):
        read_arrays(content)


def test_compressed_arrays_are_refused() -> None:
    """They could unfold into more than there is room for."""
    import io

    out = io.BytesIO()
    np.savez_compressed(out, a0=np.zeros(10))
    with pytest.raises(Malformed, match="compressed"):
        read_arrays(out.getvalue())


def test_an_array_that_says_more_than_it_has_is_refused() -> None:
    """A header with a shape of 10¹² elements allocates nothing."""
    content = write_arrays({"a0": np.zeros(4)})
    with pytest.raises(Malformed):
        read_arrays(content.replace(b"'shape': (4,), }", b"'shape': (9**12,)"[:16]))
    with pytest.raises(Malformed):
        read_arrays(content.replace(b"(4,)", b"(99,"[:3] + b")"))


@pytest.mark.parametrize(
    "node",
    [
        {"k": "list", "items": [7]}, {"k": "list", "items": "ab"}, {"k": "int", "v": "zz"}, {"k": "float", "v": 3},
        {"k": "array", "key": "a9"}, {"k": "nothing"}, {"k": "dict", "items": [[0]]}, {"k": "dtype", "v": "O"},
        {"k": "str", "v": 4}, {"k": "bytes", "v": "***"}, {"k": "range", "v": [1, 2, 0]}, [], {"k": "tuple"},
        {"k": "tuple", "items": [0]}, {"k": "datetime", "v": "soon"}, {}, {"k": "dict", "items": [[1, 1], [0, 0]]},
    ],
    ids=str,
)  # fmt: skip
def test_nodes_that_are_none_are_malformed(node: Any) -> None:
    """Nothing else may come of them: no other exception, no endless recursion."""
    document = json.dumps({"version": 1, "nodes": [node, {"k": "none"}], "roots": {"value": 0}}).encode()
    with pytest.raises(Malformed):
        Decoder(document, {}).root("value")


@given(
    st.recursive(
        st.one_of(st.none(), st.integers(), st.text()), lambda s: st.lists(s) | st.dictionaries(st.text(), s)
    )
)
def test_any_json_is_read_or_malformed(data: Any) -> None:
    """Documents come from a process that a student controls."""
    document = json.dumps({"version": 1, "nodes": [data], "roots": {"value": 0}}).encode()
    with contextlib.suppress(Malformed):
        Decoder(document, {}).root("value")


def test_documents_of_another_version_are_refused() -> None:
    """Their nodes may mean something else."""
    with pytest.raises(Malformed, match="version"):
        Decoder(b'{"version": 2, "nodes": [], "roots": {}}', {})
