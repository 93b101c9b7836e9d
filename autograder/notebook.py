"""Reading and writing notebooks that somebody else wrote.

A submitted notebook is untrusted data: the file may be a link or a pipe, huge, truncated, of another
format, or well-formed JSON that no notebook ever was. ``read`` returns a valid version 4 notebook or says
what is wrong with it; it never follows a link and never blocks.
"""

import json
import os
import re
import stat
from pathlib import Path
from typing import Any, cast

import nbformat
from nbformat import NotebookNode

from autograder.errors import SubmissionError
from autograder.messages import printable, tr

__all__ = [
    "MAX_BYTES",
    "grade_id_of",
    "is_notebook_name",
    "nbgrader_metadata",
    "read",
    "read_bytes",
    "write",
]

#: Larger notebooks are refused, in bytes.
MAX_BYTES = 50 * 1024 * 1024
#: A notebook has fewer cells than this; more is somebody testing us.
MAX_CELLS = 5000
_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_MAX_WHY = 200


def is_notebook_name(name: str) -> bool:
    """Whether a directory entry is a notebook that a person saved (not a checkpoint, not a hidden file)."""
    return name.endswith(".ipynb") and not name.startswith(".")


def read_bytes(path: Path, *, max_bytes: int = MAX_BYTES) -> bytes:
    """The content of a regular file, without following links.

    Raises:
        SubmissionError: The path is no regular file, is missing, unreadable, or larger than ``max_bytes``.
    """
    name = printable(path.name)
    try:
        # O_NONBLOCK: opening a named pipe would wait for a writer for ever.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        if path.is_symlink():
            raise SubmissionError(
                tr("{name} is a link, not a file.", name=name), tr("Hand in the notebook itself.")
            ) from error
        raise SubmissionError(tr("{name} cannot be read: {why}.", name=name, why=error.strerror)) from error
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        raise SubmissionError(tr("{name} is not a regular file.", name=name), tr("Hand in the notebook itself."))
    with os.fdopen(descriptor, "rb") as file:
        content = file.read(max_bytes + 1)
    if len(content) > max_bytes:
        raise SubmissionError(
            tr(
                "{name} has {size} MB; the limit is {limit} MB.",
                name=name,
                size=max(status.st_size, len(content)) // 2**20,
                limit=max_bytes // 2**20,
            ),
            tr("Clear the outputs (Kernel > Restart Kernel and Clear Outputs), save and hand it in again."),
        )
    return content


def read(path: Path, *, max_bytes: int = MAX_BYTES) -> NotebookNode:
    """Read a submitted notebook as a valid notebook of format 4.

    Older formats are converted. Cells without an id get one that no template has. Outputs are dropped: they
    are the student's claim, and what counts is what the sandbox runs. Every string in it can be encoded.

    Raises:
        SubmissionError: The file is no notebook; the message names the file, what is wrong and where.
    """
    name = printable(path.name)
    content = read_bytes(path, max_bytes=max_bytes)
    try:
        data = json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise SubmissionError(
            tr("{name} is not a notebook: it is not UTF-8 text (byte {where}).", name=name, where=error.start)
        ) from error
    except json.JSONDecodeError as error:
        what = (
            tr("{name} is empty.", name=name)
            if not content.strip()
            else tr(
                "{name} is not a valid notebook: its JSON breaks at line {line}, column {column}.",
                name=name,
                line=error.lineno,
                column=error.colno,
            )
        )
        raise SubmissionError(
            what, tr("The file may have been cut off while it was saved or sent; hand it in again.")
        ) from error
    except (RecursionError, ValueError) as error:
        why = printable(str(error), _MAX_WHY)
        raise SubmissionError(tr("{name} is not a valid notebook: {why}.", name=name, why=why)) from error
    return _upgrade(data, name)


def _upgrade(data: Any, name: str) -> NotebookNode:
    version = data.get("nbformat") if isinstance(data, dict) else None
    if isinstance(version, bool) or not isinstance(version, int):
        raise SubmissionError(tr("{name} is JSON, but not a notebook: it has no nbformat version.", name=name))
    if not 2 <= version <= 4:
        raise SubmissionError(
            tr(
                "{name} is of notebook format {version}, which does not exist here.",
                name=name,
                version=version,
            ),
            tr("Save it in JupyterLab (format 4) and hand it in again."),
        )
    try:
        data = _encodable(data)
        if version == 4:
            notebook = cast(NotebookNode, nbformat.from_dict(data))
        else:  # read by the module of that format, which knows its ways to split texts into lines
            notebook = cast(NotebookNode, nbformat.convert(nbformat.versions[version].to_notebook_json(data), 4))
        _repair(notebook)
        nbformat.validate(notebook, relax_add_props=True)
    except nbformat.ValidationError as error:
        where = "/".join(str(part) for part in error.absolute_path)
        raise SubmissionError(
            tr(
                "{name} is not a valid notebook: {why} (at {where}).",
                name=name,
                why=printable(str(error.message), _MAX_WHY),
                where=printable(where) or "/",
            )
        ) from error
    # The converters of old formats index into whatever the file holds: any shape may come, and any error.
    except Exception as error:
        why = printable(f"{type(error).__name__}: {error}", _MAX_WHY)
        raise SubmissionError(tr("{name} is not a valid notebook: {why}.", name=name, why=why)) from error
    return notebook


def _encodable(data: Any) -> Any:
    """The same JSON data without lone surrogates, which JSON can express and UTF-8 cannot."""
    if isinstance(data, str):
        return data.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(data, list):
        return [_encodable(item) for item in data]
    if isinstance(data, dict):
        return {_encodable(key): _encodable(value) for key, value in data.items()}
    return data


def _repair(notebook: NotebookNode) -> None:
    """Mend what honest editors get wrong and drop what is never used, in place."""
    cells = notebook.get("cells")
    if not isinstance(cells, list):
        raise TypeError("no list of cells")
    if len(cells) > MAX_CELLS:
        raise ValueError(f"{len(cells)} cells")
    if not isinstance(notebook.get("metadata"), dict):
        notebook["metadata"] = nbformat.from_dict({})
    notebook["nbformat"], notebook["nbformat_minor"] = 4, 5
    seen: set[str] = set()
    for index, cell in enumerate(cells):
        if not isinstance(cell, dict):
            raise TypeError(f"cell {index} is no object")
        source = cell.get("source", "")
        cell["source"] = "".join(map(str, source)) if isinstance(source, list) else source
        if not isinstance(cell.get("metadata"), dict):
            cell["metadata"] = nbformat.from_dict({})
        identity = cell.get("id")
        if not (isinstance(identity, str) and _ID.fullmatch(identity)) or identity in seen:
            # Not "cell-3": an instructor's cell may be called that, and cells are matched by their ids.
            identity = f"unnamed-{index}"
            while identity in seen:
                identity += "x"
        seen.add(identity)
        cell["id"] = identity
        if cell.get("cell_type") == "code":
            cell["outputs"], cell["execution_count"] = [], None
            cell.pop("attachments", None)
        else:
            cell.pop("outputs", None)
            cell.pop("execution_count", None)


def nbgrader_metadata(cell: NotebookNode) -> dict[str, Any]:
    """The cell's ``nbgrader`` metadata, or an empty dict when it has none worth the name."""
    metadata = cell.metadata.get("nbgrader")
    return dict(metadata) if isinstance(metadata, dict) else {}


def grade_id_of(cell: NotebookNode) -> str | None:
    """The cell's nbgrader id, if it has one."""
    identity = nbgrader_metadata(cell).get("grade_id")
    return identity if isinstance(identity, str) and identity else None


def write(notebook: NotebookNode, path: Path) -> None:
    """Write a notebook so that a reader sees the old file or the new one, never half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    # A kernel can send half a surrogate pair, which no encoding has.
    partial.write_bytes(nbformat.writes(notebook).encode("utf-8", "replace"))
    partial.replace(path)
