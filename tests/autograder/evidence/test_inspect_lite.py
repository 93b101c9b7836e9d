"""TensorFlow Lite files: honest ones are read, hostile ones are refused, and none is run."""

import base64
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.evidence.inspect import Inspection, Refused, inspect_file
from autograder.evidence.inspect.lite import inspect_lite

#: What TensorFlow 2.21 made of a Dense layer of 2 inputs and 3 units.
HONEST = zlib.decompress(
    base64.b64decode(
        "eNp1VEFrE0EUfk3WNq1LDDRIoYtE8FBQ1qStFxFjjBUKTSNtUPCyLuy0Lm42ujvbc3+CigcP/gzxahDxV3hTpEcPHrXjN7Nvk6i4"
        "8LEzb9/73rzvvVmHiAZ3dzbq1CCHVqhONbJhq5CFNcFG9Br4DnydI/oB1CyiMvZYwls/SyZKxyxhZ3PcDeAckIrkKIwPvUAc+Fkk"
        "TRwo6LlSqszrCjDK5NNMek1ibm3/cKqUxZxPROKnnhRxOkq0TwnYZL/P4Jrn9TLQ7e/e39rb3+7ver2tQedOZ9BBjvyMOteZGd9h"
        "GHtJFstwKLwjkaThKKYFrvkEGANvgFeA5LiHKj/Xo4kGuobqhF/bLhnrvLEVZyNTS6GzZer6ctF68fJy/0GJa7JMFNG6u95yocYn"
        "zqU5W+41t0nT5+0vpb6pqUZEx23gPRbtv3OvmO/jdv5Nl2V8bxLdGv8ED0Fr3a/ezvZeozuKoYUUgWt6UTex1cnJNW+V7Q7rEACP"
        "OdfQD+Oij0Vs3dRg01mOZd0qNq+PkV/7lxlFfInfxcwR51jD5iPn1vtTxGuX4kwO2zeZQ/G8ncBvFe996UtxkEX3/ESGEl0XQdeP"
        "Iq91vflHzncq563xObXtCtCE3THz/SwTGB8foVcDjKfA+3bop50goBkeovNGP2IF82cB1rzUgl/nXuP7sfo//p4ve1lkfMsco/kd"
        "0+XiFuuZnPLrzA3GHN/PQpd87iyj14V/76w3e/cgz0Sf0sx/wDa9zbujsy/meRd/Ax/yrOk="
    )
)
KERNEL = np.array([[1.5, -2.0, 0.25], [0.5, 1.0, -3.0]], "float32")


def code_of(content: bytes) -> str | None:
    try:
        inspect_lite(content)
    except Refused as refused:
        return refused.code
    return None


def test_the_numbers_of_an_honest_file_are_found(tmp_path: Path) -> None:
    """The kernel, one row a unit, and through the border to the judge."""
    path = tmp_path / "modelo.tflite"
    path.write_bytes(HONEST)
    found = inspect_file(path)
    assert (found.kind, found.data["operators"], found.data["subgraphs"]) == ("tflite", 1, 1)
    assert any(KERNEL.T.tobytes() in array.tobytes() for array in found.arrays.values())
    found.to_files(tmp_path)
    read = Inspection.from_files(tmp_path)
    assert read.data == found.data
    assert list(read.arrays) == list(found.arrays)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"TFL3",
        b"\x08\0\0\0TFL3",
        b"\xff\xff\xff\xffTFL3" + bytes(100),
        b"\x08\0\0\0TFL3" + bytes(100),
        b"\x08\0\0\0TFL3" + b"\xff" * 100,
        HONEST[:200],
        HONEST[:4] + b"TFL2" + HONEST[8:],
        b"\x1c\0\0\0TFL3" + KERNEL.T.tobytes() * 50,
    ],
)
def test_what_is_no_such_file_is_refused(content: bytes) -> None:
    """Cut off, of another version, offsets to nowhere, weights behind a forged head."""
    assert code_of(content) == "corrupt"


def test_a_file_cannot_be_made_to_look_larger_than_it_is() -> None:
    """A million buffers that are one and the same, or one that says it has four gigabytes."""
    count = 5_000
    # One table for all: a vector of offsets that lead to one buffer, which is as long as the file.
    table = struct.pack("<HHHHHHH", 14, 24, 4, 8, 12, 0, 16)
    root = struct.pack("<iIIIII", 16, 3, 20, 20, 12, 0)
    assert code_of(b"\x18\0\0\0TFL3" + table + b"\0\0" + root + struct.pack("<I", count) * count) is not None


@given(st.integers(0, len(HONEST) - 4), st.integers(0, 2**32 - 1))
def test_a_damaged_file_is_refused_or_read(place: int, number: int) -> None:
    """Whatever an offset says, nothing else is raised, and no more comes out than the file has."""
    content = HONEST[:place] + struct.pack("<I", number) + HONEST[place + 4 :]
    try:
        found = inspect_lite(content)
    except Refused:
        return
    assert sum(array.nbytes for array in found.arrays.values()) <= len(content)
