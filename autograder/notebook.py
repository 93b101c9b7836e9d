"""Reading and writing notebooks that somebody else wrote.

A submitted notebook is untrusted data: the file may be a link or a pipe, huge, truncated, of another
format, or well-formed JSON that no notebook ever was. ``read`` returns a valid version 4 notebook or says
what is wrong with it; it never follows a link and never blocks.
"""

import json
import os
import stat
from pathlib import Path
from typing import Any, cast

import nbformat
from nbformat import NotebookNode

from autograder.errors import SubmissionError
from autograder.messages import tr

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


def is_notebook_name(name: str) -> bool:
    """Whether a directory entry is a notebook that a person saved (not a checkpoint, not a hidden file)."""
    return name.endswith(".ipynb") and not name.startswith(".")


def read_bytes(path: Path, *, max_bytes: int = MAX_BYTES) -> bytes:
    """The content of a regular file, without following links.

    Raises:
        SubmissionError: The path is no regular file, is missing, unreadable, or larger than ``max_bytes``.
    """
    name = path.name
    try:
        # O_NONBLOCK: opening a named pipe would wait for a writer for ever.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        if path.is_symlink():
            raise SubmissionError(
                tr("{name} is a link, not a file.", name=name), tr("Hand in the notebook itself.")
            ) from error
        raise SubmissionError(tr("{name} cannot be read: {why}.", name=name, why=error.strerror)) from error
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise SubmissionError(
                tr("{name} is not a regular file.", name=name), tr("Hand in the notebook itself.")
            )
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

    Older formats are converted. Cells without an id get one. Outputs are dropped: they are the student's
    claim, and what counts is what the sandbox runs.

    Raises:
        SubmissionError: The file is no notebook; the message names the file, what is wrong and where.
    """
    name = path.name
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
        raise SubmissionError(tr("{name} is not a valid notebook: {why}.", name=name, why=error)) from error
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
        if version == 4:
            notebook = cast(NotebookNode, nbformat.from_dict(data))
        else:
            notebook = cast(NotebookNode, nbformat.convert(nbformat.from_dict(data), 4))
        _repair(notebook)
        nbformat.validate(notebook, relax_add_props=True)
    except SubmissionError:
        raise
    except nbformat.ValidationError as error:
        where = "/".join(str(part) for part in error.absolute_path)
        raise SubmissionError(
            tr(
                "{name} is not a valid notebook: {why} (at {where}).",
                name=name,
                why=str(error.message)[:200],
                where=where or "/",
            )
        ) from error
    # The converters of old formats index into whatever the file holds; any shape may come.
    except (KeyError, TypeError, AttributeError, ValueError, IndexError, RecursionError) as error:
        raise SubmissionError(
            tr(
                "{name} is not a valid notebook: {why}.",
                name=name,
                why=f"{type(error).__name__}: {error}"[:200],
            )
        ) from error
    return notebook


def _repair(notebook: NotebookNode) -> None:
    """Mend what honest editors get wrong and drop what is never used, in place."""
    cells = notebook.get("cells")
    if not isinstance(cells, list):
        raise KeyError("cells")
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
        if not (isinstance(identity, str) and 0 < len(identity) <= 64) or identity in seen:
            identity = f"cell-{index}"
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
    partial.write_text(nbformat.writes(notebook), encoding="utf-8")
    partial.replace(path)
