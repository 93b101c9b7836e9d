"""Reading what somebody else saved: a valid notebook or a SubmissionError that names the file, nothing else."""

import json
import os
import socket
from contextlib import suppress
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nbformat.v3 import new_code_cell, new_notebook, new_worksheet

from autograder import notebook as notebooks
from autograder.errors import SubmissionError
from autograder.messages import using_language
from autograder.notebook import grade_id_of, is_notebook_name, read, read_bytes, write


def saved(path: Path, content: Any) -> Path:
    """Write bytes, text or JSON data."""
    data = content if isinstance(content, bytes) else content if isinstance(content, str) else json.dumps(content)
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


def minimal(*cells: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": list(cells), **fields}


def code_cell(source: Any = "x = 1", **fields: Any) -> dict[str, Any]:
    cell = {"cell_type": "code", "source": source, "metadata": {}, "outputs": [], "execution_count": None}
    return {**cell, **fields}


def refusal(path: Path, **options: Any) -> str:
    """The message of the refusal, in English; it names the file."""
    with using_language("en"), pytest.raises(SubmissionError) as caught:
        read(path, **options)
    assert path.name[:20] in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b" \n\t", "is empty"),
        (b'{"cells": [', "breaks at line 1, column 12"),
        (b"not json", "breaks at line 1"),
        (b"\xff\xfe{\x00}\x00", "not UTF-8 text (byte 0)"),
        (b'{"cells": "\xe7"}', "not UTF-8 text (byte 11)"),
        (b"[1, 2]", "no nbformat version"),
        (b"null", "no nbformat version"),
        (b"{}", "no nbformat version"),
        (b'{"nbformat": true}', "no nbformat version"),
        (b'{"nbformat": "4"}', "no nbformat version"),
        (b'{"nbformat": 1}', "format 1"),
        (b'{"nbformat": 5}', "format 5"),
        (b'{"nbformat": 4}', "no list of cells"),
        (b'{"nbformat": 4, "cells": {}}', "no list of cells"),
        (b'{"nbformat": 4, "cells": [7]}', "cell 0 is no object"),
        (b'{"nbformat": 3}', "not a valid notebook"),
        (b'{"nbformat": 3, "worksheets": 3}', "not a valid notebook"),
        (b'{"nbformat": 2, "worksheets": [{"cells": 1}]}', "not a valid notebook"),
        (b"[" * 100_000, "not a valid notebook"),
        (b'{"nbformat": ' + b"9" * 5000 + b"}", "not a valid notebook"),
    ],
)
def test_what_is_no_notebook_is_refused_and_says_why(tmp_path: Path, content: bytes, says: str) -> None:
    assert says in refusal(saved(tmp_path / "ex.ipynb", content))


def test_a_truncated_notebook_says_where_it_breaks_and_what_to_do(tmp_path: Path) -> None:
    text = json.dumps(minimal(code_cell()), indent=1)
    message = refusal(saved(tmp_path / "ex.ipynb", text[: len(text) // 2]))
    assert "breaks at line" in message
    assert "hand it in again" in message


@pytest.mark.parametrize(
    "cell",
    [
        code_cell(7),
        code_cell(None),
        {"cell_type": "heading", "source": "x", "metadata": {}},
        {"cell_type": ["code"], "source": "x", "metadata": {}},
        {"source": "x"},
    ],
)
def test_a_cell_of_the_wrong_shape_is_refused(tmp_path: Path, cell: dict[str, Any]) -> None:
    assert "not a valid notebook" in refusal(saved(tmp_path / "ex.ipynb", minimal(cell)))


def test_more_cells_than_a_person_writes_are_refused(tmp_path: Path) -> None:
    cells = [code_cell()] * (notebooks.MAX_CELLS + 1)
    assert "5001 cells" in refusal(saved(tmp_path / "ex.ipynb", minimal(*cells)))


def test_format_3_is_converted(tmp_path: Path) -> None:
    """Notebooks of 2014 still work, with their text."""
    old = new_notebook(worksheets=[new_worksheet(cells=[new_code_cell(input="x = 3\ny = 4")])])
    found = read(saved(tmp_path / "ex.ipynb", nbformat.v3.writes_json(old)))
    assert (found.nbformat, found.cells[0].source) == (4, "x = 3\ny = 4")


def test_a_byte_order_mark_is_no_problem(tmp_path: Path) -> None:
    """Windows editors write one."""
    path = saved(tmp_path / "ex.ipynb", b"\xef\xbb\xbf" + json.dumps(minimal(code_cell())).encode())
    assert len(read(path).cells) == 1


def test_what_honest_editors_get_wrong_is_mended(tmp_path: Path) -> None:
    """Sources as lists, no metadata, missing, doubled or odd ids, stray outputs."""
    cells = [
        code_cell(["a\n", "b"], id="same"),
        code_cell(id="same"),
        {"cell_type": "code", "source": "c"},
        {"cell_type": "markdown", "source": "d", "outputs": [], "execution_count": 3, "id": "ção inválida"},
        code_cell(outputs=[{"nonsense": 1}], id="x" * 65),
    ]
    found = read(saved(tmp_path / "ex.ipynb", minimal(*cells, metadata=None, nbformat_minor=2)))
    nbformat.validate(found)
    assert [c.source for c in found.cells] == ["a\nb", "x = 1", "c", "d", "x = 1"]
    assert len({c.id for c in found.cells}) == 5
    assert found.cells[0].id == "same"
    assert all(c.get("outputs", []) == [] for c in found.cells)


def test_lone_surrogates_do_not_come_through(tmp_path: Path) -> None:
    r"""JSON can say "\ud800"; UTF-8, databases and pages cannot. Pairs are real characters and stay."""
    text = json.dumps(minimal(code_cell("SOURCE", id="a")))
    found = read(saved(tmp_path / "ex.ipynb", text.replace("SOURCE", r"a\ud800b \ud83d\ude00")))
    assert found.cells[0].source == "a\ufffdb 😀"


def test_messages_hold_no_control_characters(tmp_path: Path) -> None:
    """They are shown on an instructor's terminal."""
    evil = minimal({"cell_type": "\x1b[2Jpwned\ud800", "source": "", "metadata": {}})
    path = saved(tmp_path / "a\x1b[31m.ipynb", evil)
    with pytest.raises(SubmissionError) as caught:
        read(path)
    assert str(caught.value).isprintable()
    str(caught.value).encode()


def test_a_huge_notebook_is_refused_without_being_parsed(tmp_path: Path) -> None:
    path = tmp_path / "ex.ipynb"
    with path.open("wb") as file:
        file.truncate(51 * 2**20)
    message = refusal(path)
    assert "has 51 MB; the limit is 50 MB" in message
    assert "Clear the outputs" in message


def test_exactly_the_limit_is_accepted(tmp_path: Path) -> None:
    path = saved(tmp_path / "ex.ipynb", b"x" * 100)
    assert len(read_bytes(path, max_bytes=100)) == 100
    with pytest.raises(SubmissionError):
        read_bytes(path, max_bytes=99)


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    secret = saved(tmp_path / "secret.ipynb", minimal())
    (tmp_path / "ex.ipynb").symlink_to(secret)
    assert "is a link" in refusal(tmp_path / "ex.ipynb")


def test_a_dangling_link_is_a_link(tmp_path: Path) -> None:
    (tmp_path / "ex.ipynb").symlink_to("nowhere")
    assert "is a link" in refusal(tmp_path / "ex.ipynb")


@pytest.mark.timeout(10)
def test_a_pipe_does_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "ex.ipynb")
    assert "not a regular file" in refusal(tmp_path / "ex.ipynb")


def test_a_folder_is_refused_and_leaks_no_descriptor(tmp_path: Path) -> None:
    (tmp_path / "ex.ipynb").mkdir()
    before = len(os.listdir("/proc/self/fd"))
    assert "not a regular file" in refusal(tmp_path / "ex.ipynb")
    assert len(os.listdir("/proc/self/fd")) == before


def test_a_socket_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # the path of a socket is limited
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("ex.ipynb")
        assert "cannot be read" in refusal(tmp_path / "ex.ipynb")


def test_a_device_is_refused() -> None:
    """An endless one, at that."""
    assert "not a regular file" in refusal(Path("/dev/zero"))


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    assert "cannot be read" in refusal(tmp_path / "ex.ipynb")


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=300))
def test_read_raises_nothing_else_for_any_bytes(tmp_path: Path, content: bytes) -> None:
    with suppress(SubmissionError):
        read(saved(tmp_path / "ex.ipynb", content))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
CELL = st.fixed_dictionaries(
    {},
    optional={
        "cell_type": st.sampled_from(["code", "markdown", "raw", "heading"]) | JSON,
        "source": st.text(max_size=9) | st.lists(st.text(max_size=5), max_size=3) | JSON,
        "input": JSON,
        "level": JSON,
        "id": st.sampled_from(["a", "b", "unnamed-0", "unnamed-1"]) | JSON,
        "metadata": st.fixed_dictionaries({}, optional={"nbgrader": JSON, "tags": JSON}) | JSON,
        "outputs": st.lists(st.fixed_dictionaries({}, optional={"output_type": JSON, "data": JSON})) | JSON,
        "attachments": JSON,
        "prompt_number": JSON,
        "collapsed": JSON,
    },
)
CELLS = st.lists(CELL, max_size=4) | JSON
NOTEBOOK = st.fixed_dictionaries(
    {"nbformat": st.sampled_from([2, 3, 4, 4, 4]) | JSON},
    optional={
        "nbformat_minor": st.integers(0, 6) | JSON,
        "metadata": JSON,
        "cells": CELLS,
        "worksheets": st.lists(st.fixed_dictionaries({"cells": CELLS}), max_size=2) | JSON,
        "orig_nbformat": JSON,
    },
)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=NOTEBOOK)
def test_read_gives_a_valid_notebook_or_refuses_any_json(tmp_path: Path, data: Any) -> None:
    path = saved(tmp_path / "ex.ipynb", data)
    refused: list[str] = []
    try:
        found = read(path)
    except SubmissionError as error:
        refused.append(str(error))
    if refused:
        assert refused[0].isprintable()
        return
    nbformat.validate(found, relax_add_props=True)
    assert len({c.id for c in found.cells}) == len(found.cells)
    nbformat.writes(found).encode()
    assert all(isinstance(grade_id_of(c), str | None) for c in found.cells)


def test_write_leaves_no_half_written_file(tmp_path: Path) -> None:
    """A reader sees the old file or the new one."""
    path = tmp_path / "new" / "ex.ipynb"
    notebook = read(saved(tmp_path / "in.ipynb", minimal(code_cell("x = 2", id="a"))))
    write(notebook, path)
    write(notebook, path)
    assert read(path).cells[0].source == "x = 2"
    assert [p.name for p in path.parent.iterdir()] == ["ex.ipynb"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [("a.ipynb", True), (".a.ipynb", False), ("a-checkpoint.txt", False), ("a.ipynb.txt", False)],
)
def test_hidden_files_and_other_types_are_no_notebooks(name: str, expected: bool) -> None:
    assert is_notebook_name(name) is expected
