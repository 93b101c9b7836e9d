"""What became of an answer when it was graded, and the cache of it.

A fate is kept under a digest of all that it depends on: the answer, the source notebook with its tests, the files
beside it, the limits, the code that it can reach (``closure``), the installed packages and the held-out rows. So
what is in the cache need not run again; whatever changes runs.
"""

import hashlib
import json
import os
import platform
import secrets
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from autograder.assignment import Assignment, Template
from autograder.audit.closure import code_digest, words_of
from autograder.data.store import default_root
from autograder.outcome import NotebookReport, Outcome

__all__ = ["Fate", "Store", "digest_of"]

_PROJECT = "tp555-autograder"
#: Extras of this project that notebooks run with.
_EXTRAS = ("cpu", "gpu")
#: Part of every digest; changes with what `autograder.audit` writes down of a fate.
_VERSION = "1"


@dataclass(frozen=True)
class Fate:
    """How one answer was graded.

    Args:
        scores: Points of the automatically graded cells, by id; ``None`` where the grader has none.
        failed: Outcomes that did not pass, each with the cell it belongs to.
        said: Why cells have the score they have where no outcome tells, and the notebook's notices.
        needs_review: The grader itself failed somewhere.
        in_kernel: Test cells that were not judged from outside.
        cpu_seconds: CPU time that the answer took.
    """

    scores: Mapping[str, float | None]
    failed: tuple[tuple[str, Outcome], ...] = ()
    said: tuple[str, ...] = ()
    needs_review: bool = False
    in_kernel: tuple[str, ...] = ()
    cpu_seconds: float = 0.0

    @classmethod
    def of(cls, report: NotebookReport) -> "Fate":
        """What a report says."""
        reasons = tuple(f"{v.grade_id}: {v.reason}" for v in report.verdicts if v.reason and not v.manual)
        return cls(
            {v.grade_id: v.score for v in report.verdicts if not v.manual},
            tuple((v.grade_id, o) for v in report.verdicts for o in v.outcomes if not o.passed),
            (*reasons, *report.notices, *([report.error] if report.error else [])),
            report.needs_review,
            tuple(report.sandbox.get("in_kernel", ())),
            report.cpu_seconds,
        )

    def to_json(self) -> dict[str, Any]:
        """As the cache keeps it."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Fate":
        """Read what ``to_json`` wrote."""
        failed = tuple((cell, Outcome.from_json(outcome)) for cell, outcome in data["failed"])
        return cls(
            data["scores"], failed, tuple(data["said"]), data["needs_review"], tuple(data["in_kernel"]),
            data["cpu_seconds"],
        )  # fmt: skip


class Store:
    """The cache: a file a fate.

    Args:
        folder: Where; ``None`` for ``audit`` in the user's cache folder.
        fresh: Read nothing of it; what is found out is written all the same.
    """

    def __init__(self, folder: Path | None = None, *, fresh: bool = False) -> None:
        self.folder = folder or default_root() / "audit"
        self._fresh = fresh

    def get(self, digest: str) -> Fate | None:
        """What is known."""
        if self._fresh:
            return None
        try:
            return Fate.from_json(json.loads((self.folder / f"{digest}.json").read_bytes()))
        except (OSError, ValueError, KeyError, TypeError):
            return None  # not there, or not whole: it is found out again

    def put(self, digest: str, fate: Fate) -> None:
        """Keep a fate, unless the grader failed: that says nothing of the answer."""
        if fate.needs_review:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        partial = self.folder / f".{digest}-{secrets.token_hex(4)}"
        partial.write_text(json.dumps(fate.to_json()), encoding="utf-8")
        partial.rename(self.folder / f"{digest}.json")


def digest_of(
    answer: NotebookNode,
    template: Template,
    released: NotebookNode,
    assignment: Assignment,
    world: str,
    judged: bool,
) -> str:
    """A digest of all that a fate depends on.

    Args:
        answer: The notebook as handed in.
        template: The source notebook.
        released: The student version.
        assignment: Its settings and the files beside the notebooks.
        world: What does not depend on the notebook: the name of the data's view.
        judged: Whether a judge runs the tests.
    """
    settings = assignment.settings.model_dump(mode="json", include={"language", "threads", "limits", "set_aside"})
    parts = [
        _VERSION, template.name, _cells(answer), _cells(template.notebook), _cells(released), settings,
        _given(assignment.path), world, judged, code_digest(_words(answer, template)), _packages(),
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _words(answer: NotebookNode, template: Template) -> frozenset[str]:
    return words_of(cell.source for notebook in (answer, template.notebook) for cell in notebook.cells)


def _cells(notebook: NotebookNode) -> list[Any]:
    return [[cell.cell_type, cell.source, cell.metadata, cell.get("id")] for cell in notebook.cells]


def _given(folder: Path) -> list[list[str]]:
    """The files that a notebook finds beside it."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix != ".ipynb")
    return [[str(path.relative_to(folder)), hashlib.sha256(path.read_bytes()).hexdigest()] for path in files]


@cache
def _packages() -> list[str]:
    """What is installed for the notebooks, and on what machine: a developer's tools change no fate."""
    host = [sys.version, platform.machine(), os.environ.get("OPENBLAS_CORETYPE", "")]
    found = _installed(_PROJECT, frozenset(("", *_EXTRAS)))
    if not found:  # this project is not installed itself
        found = {f"{d.metadata['Name']} {d.version}" for d in metadata.distributions()}
    return [*host, *sorted(found)]


def _installed(root: str, extras: frozenset[str]) -> set[str]:
    """The distributions that ``root`` with ``extras`` asks for, directly or not, as ``name version``."""
    found: set[str] = set()
    waiting = {(root, extra) for extra in extras}
    seen = set(waiting)
    while waiting:
        name, extra = waiting.pop()
        try:
            distribution = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue  # only another platform needs it
        found.add(f"{name} {distribution.version}")
        for requirement in map(Requirement, distribution.requires or ()):
            if requirement.marker is None or requirement.marker.evaluate({"extra": extra}):
                wanted = {(canonicalize_name(requirement.name), e) for e in ("", *requirement.extras)}
                waiting |= wanted - seen
                seen |= wanted
    return found
