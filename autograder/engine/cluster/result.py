"""What grading one notebook yields, as one object of the shared storage, and back into the course.

    outcome.json             report, digests of essays
    notebook.ipynb           executed; absent when nothing was run
    evidence/manifest.json   as in the course's ``evidence/``; absent when nothing was run
    evidence/blobs/<SHA-256 of the content>

A worker is trusted, and its disk or network may fail all the same: names are those above and no others, sizes are
bounded, and each content is what its name says, before anything is put in its place.
"""

import hashlib
import json
import re
import shutil
import tarfile
from pathlib import Path
from typing import Any

import nbformat

from autograder.engine.cluster.storage import MAX_OBJECT
from autograder.engine.course import EVIDENCE, Course
from autograder.engine.grading import Graded
from autograder.engine.item import Item
from autograder.errors import GraderError
from autograder.evidence.bundle import Bundle
from autograder.outcome import NotebookReport

__all__ = ["settle", "write_result"]

_OUTCOME, _NOTEBOOK, _MANIFEST = "outcome.json", "notebook.ipynb", "evidence/manifest.json"
_BLOB = re.compile(r"evidence/blobs/([0-9a-f]{64})")
#: Bytes of a report, an executed notebook, or a manifest at most.
_MAX_TEXT = 256 * 2**20


def write_result(graded: Graded, evidence: Path, path: Path) -> None:
    """Write the object to the file ``path``.

    Args:
        graded: What ``grade_notebook`` returned.
        evidence: Folder of its evidence, which need not be there.
        path: A new file.

    Raises:
        OSError: The disk failed.
    """
    folder = path.parent
    outcome = {"report": graded.report.to_json(), "answers": dict(graded.answers)}
    (folder / _OUTCOME).write_text(json.dumps(outcome), encoding="utf-8")
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as archive:
        archive.add(folder / _OUTCOME, arcname=_OUTCOME)
        if graded.notebook is not None:
            (folder / _NOTEBOOK).write_text(json.dumps(graded.notebook), encoding="utf-8")
            archive.add(folder / _NOTEBOOK, arcname=_NOTEBOOK)
            archive.add(evidence / "manifest.json", arcname=_MANIFEST)
            for blob in sorted((evidence / "blobs").iterdir()):
                archive.add(blob, arcname=f"evidence/blobs/{blob.name}")


def settle(course: Course, item: Item, path: Path) -> Graded:
    """Read an object, put its evidence in its place in the course, and give back the rest.

    Raises:
        GraderError: It is not what a worker writes, belongs to another item, or the disk failed; nothing was
        settled.
    """
    bundle = Bundle.new(course.root / EVIDENCE)
    try:
        texts = _unpack(path, bundle)
        outcome = json.loads(texts[_OUTCOME])
        report = NotebookReport.from_json(outcome["report"])
        mine = (item.submission.student, course.assignment.name, item.template.name)
        if (report.student, report.assignment, report.notebook) != mine:
            raise ValueError(f"it is about {report.student}/{report.notebook}")
        notebook = nbformat.from_dict(json.loads(texts[_NOTEBOOK])) if _NOTEBOOK in texts else None
        graded = Graded(report, notebook, {str(k): str(v) for k, v in outcome["answers"].items()})
        if _MANIFEST in texts:
            (bundle.folder / "manifest.json").write_bytes(texts[_MANIFEST])
            kept = Bundle.read(bundle.folder)
            if kept is None:
                raise ValueError("its evidence is of another version")
            kept.settle(course.evidence(item.submission.student, item.template.name))
        return graded
    # KeyError, TypeError, AttributeError: JSON of another shape.
    except (OSError, ValueError, KeyError, TypeError, AttributeError, tarfile.TarError) as error:
        why = f"{type(error).__name__}: {error}"[:300]
        raise GraderError(f"The results for {item.name} cannot be read: {why}.") from error
    finally:
        bundle.discard()


def _unpack(path: Path, bundle: Bundle) -> dict[str, bytes]:
    """Write blobs into ``bundle``; the other contents by name."""
    texts: dict[str, bytes] = {}
    total = 0
    with tarfile.open(path, "r:") as archive:
        for member in archive:
            blob = _BLOB.fullmatch(member.name)
            total += member.size
            if not member.isreg() or total > MAX_OBJECT:
                raise ValueError(f"{member.name[:100]!r} is no file, or too large")
            source: Any = archive.extractfile(member)
            if blob is not None:
                _keep(source, blob[1], bundle.blobs / blob[1])
            elif member.name in (_OUTCOME, _NOTEBOOK, _MANIFEST) and member.size <= _MAX_TEXT:
                texts[member.name] = source.read()
            else:
                raise ValueError(f"{member.name[:100]!r} does not belong there, or is too large")
    return texts


def _keep(source: Any, digest: str, path: Path) -> None:
    with path.open("w+b") as file:
        shutil.copyfileobj(source, file, 1 << 20)
        file.seek(0)
        if hashlib.file_digest(file, "sha256").hexdigest() != digest:
            raise ValueError(f"evidence {digest[:12]}… is not what its name says")
    path.chmod(0o644)  # the judge is another user
