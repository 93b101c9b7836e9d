"""The batch that two processes make for themselves."""

import subprocess
import sys

import numpy as np
import pytest

from autograder.evidence.probe import ROWS, probe_batch


def test_a_batch_has_the_shapes_and_types_asked_for() -> None:
    one, two, three, four = probe_batch(
        [(None, 28, 28), (None, None), (2, 3), (None,)], ["float32", "int64", "bfloat16", "bool"]
    )
    assert (one.shape, one.dtype) == ((ROWS, 28, 28), np.float32)
    assert (two.shape, two.dtype) == ((ROWS, 4), np.int64)
    assert (three.shape, three.dtype) == ((ROWS, 3), np.float32)
    assert (four.shape, four.dtype) == ((ROWS,), np.bool_)


def test_rows_span_magnitudes_and_whole_numbers_stay_small() -> None:
    floats, integers = probe_batch([(None, 50), (None, 50)], ["float32", "int32"])
    largest = np.abs(floats).max(axis=1)
    assert largest[0] < 0.011
    assert largest[-1] > 200
    assert (floats < 0).any()
    assert set(np.unique(integers)) == {0, 1, 2, 3}


def test_inputs_of_one_shape_are_not_the_same() -> None:
    one, two = probe_batch([(None, 5), (None, 5)])
    assert not np.array_equal(one, two)


def test_another_process_makes_the_same() -> None:
    program = "from autograder.evidence.probe import probe_batch as p; print(p([(None, 9)])[0].tobytes().hex())"
    other = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert probe_batch([(None, 9)])[0].tobytes().hex() == other.strip()


def test_what_cannot_be_made_is_an_error() -> None:
    with pytest.raises(ValueError, match="large"):
        probe_batch([(None, 10**9)])
    with pytest.raises(ValueError):
        probe_batch([(None, 1)], [])
