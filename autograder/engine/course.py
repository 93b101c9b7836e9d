"""What the graders of one run know of the course: its assignment, its data, and who judges."""

import hashlib
import os
import platform
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
from nbformat import NotebookNode

from autograder import data
from autograder.assignment import Assignment, Template
from autograder.check.claim import outcome_of_claim
from autograder.data.datasets import Name
from autograder.engine.examine import Examiner, versions_of
from autograder.engine.seats import JudgeSettings
from autograder.errors import UsageError
from autograder.evidence.bundle import Bundle
from autograder.outcome import Outcome
from autograder.sandbox.client import runtime_dir

_HOLDOUT = "autograder-holdout-"
_LIBRARIES = (
    "tensorflow", "tensorflow-cpu", "keras", "numpy", "scikit-learn", "pandas", "matplotlib", "scipy", "ipykernel",
    "scikeras", "keras-tuner", "optuna", "xgboost",
)  # fmt: skip

__all__ = ["DATASETS", "EVIDENCE", "Course"]

DATASETS: tuple[Name, ...] = ("fashion_mnist", "california_housing")
#: Folder of the course that keeps the evidence.
EVIDENCE = "evidence"


@dataclass(frozen=True)
class Course:
    """What the graders need of a course; made once a run.

    Args:
        root: The course's folder.
        assignment: What is graded.
        released: The student version of each notebook, by name.
        weakened: Isolation layers that are missing, when the operator allowed that.
        threads: Threads that TensorFlow uses in a notebook.
        judged: Whether a judge runs the test cells; otherwise all run in the student's kernel, as in a drop-in
            course, which is what the judge is compared with.
        until_lost: Whether a notebook ends at the first judged cell that lost points; a report then has no
            verdict on what was left.
    """

    root: Path
    assignment: Assignment
    released: Mapping[str, NotebookNode]
    weakened: tuple[str, ...] = ()
    threads: int = 1
    judged: bool = True
    until_lost: bool = False
    _holdouts: dict[str, data.Holdout] = field(default_factory=dict)
    _folders: list["tempfile.TemporaryDirectory[str]"] = field(default_factory=list)
    _digests: dict[str, str] = field(default_factory=dict)

    @classmethod
    def open(
        cls, root: Path, assignment: Assignment, *, weakened: tuple[str, ...] = (), jobs: int | None = 1
    ) -> "Course":
        """Read the released notebooks.

        Args:
            root: Of the course.
            assignment: What is graded.
            weakened: Layers of isolation that are missing.
            jobs: Notebooks that share the cores; ``None``: at least one a core.

        Raises:
            UsageError: One is missing or cannot be read.
        """
        released: dict[str, NotebookNode] = {}
        for template in assignment.notebooks:
            path = root / "release" / assignment.name / f"{template.name}.ipynb"
            try:
                released[template.name] = nbformat.read(path, as_version=4)
            except (OSError, ValueError, nbformat.ValidationError) as error:
                raise UsageError(
                    f"{path}, the student version, cannot be read: {error}.",
                    f"Make it: autograder release {assignment.name}",
                ) from error
        cores = len(os.sched_getaffinity(0))
        threads = assignment.settings.threads or max(1, cores // (jobs or cores))
        return cls(root, assignment, released, weakened, threads)

    def examiner(self, template: Template, bundle: Bundle) -> Examiner:
        """Who judges the test cells of ``template``, on evidence in ``bundle``."""
        settings = JudgeSettings(
            self.assignment.settings.language, self._holdout_folder(), bool(self.weakened), self.threads
        )
        examiner = Examiner(
            template,
            bundle,
            settings,
            versions=self.judged_by + self.holdout_digest,
            secret=data.holdout_key(self.root),
        )
        if not self.judged:
            examiner.leave_in_kernel()
        return examiner

    def evidence(self, student: str, notebook: str) -> Path:
        """Where the evidence of one notebook of one submission is kept."""
        return self.root / EVIDENCE / self.assignment.name / student / notebook

    def prepare(self) -> None:
        """Make what the first notebook would have to wait for.

        Raises:
            UsageError: The data sets are not on this machine, or are damaged.
        """
        self.view()
        self._holdout_folder()
        _ = self.judged_by

    def _holdout_folder(self) -> Path:
        """Held-out inputs and labels for judges: in a folder of this user's, for as long as this course is
        open."""
        if not self._folders:
            # The judge is another user. The folder above keeps all others out; where the judge could not pass it
            # either, for want of a mount namespace, its name does, which nobody can guess or list.
            place = Path(tempfile.gettempdir()) if self.weakened else runtime_dir()
            _sweep(place)
            folder = tempfile.TemporaryDirectory(prefix=f"{_HOLDOUT}{os.getpid()}-", dir=place)
            Path(folder.name).chmod(0o711)
            used = {
                name for t in self.assignment.notebooks for c in t.cells for name in DATASETS if name in c.source
            }
            for name in used:
                drawn = self.holdout(name)
                np.savez(Path(folder.name) / f"{name}.npz", X=drawn.X, y=drawn.y)
                (Path(folder.name) / f"{name}.npz").chmod(0o644)
            self._folders.append(folder)
        return Path(self._folders[0].name)

    @property
    def judged_by(self) -> str:
        """A digest of what judges: libraries and our own code."""
        return self.digest("judged by", lambda: [_code("check", "evidence", "judge")])

    @property
    def run_by(self) -> str:
        """A digest of what runs notebooks: Python, libraries and our own code."""
        code = ("evidence", "sandbox", "sanitise.py")
        return self.digest("run by", lambda: [platform.python_version(), _code(*code), *self.weakened])

    @property
    def holdout_digest(self) -> str:
        """Tells the held-out rows from others', without telling which they are."""
        return self.digest("holdout", lambda: [data.holdout_key(self.root).hex()])

    def digest(self, name: str, texts: Callable[[], Iterable[str]]) -> str:
        """A digest of ``texts``, computed once."""
        if name not in self._digests:
            self._digests[name] = hashlib.sha256("\0\0".join(texts()).encode()).hexdigest()
        return self._digests[name]

    def close(self) -> None:
        """Remove what judges were given of held-out data; a run that ends with its process need not ask."""
        while self._folders:
            self._folders.pop().cleanup()

    def view(self) -> Path:
        """The datasets as student code sees them."""
        return data.public_view(self.root)

    def holdout(self, name: str) -> data.Holdout:
        """The held-out rows of a dataset.

        Raises:
            ValueError: There is no such dataset.
        """
        for known in DATASETS:
            if known == name:
                if known not in self._holdouts:
                    self._holdouts[known] = data.holdout(self.root, known)
                return self._holdouts[known]
        raise ValueError(f"no dataset {name!r}")

    def settle(self, claim: Mapping[str, Any]) -> Outcome:
        """Judge predictions on held-out inputs.

        Raises:
            ValueError: The claim is not one.
        """
        return outcome_of_claim(claim, self.holdout(str(claim.get("dataset"))).y)


def _sweep(place: Path) -> None:
    """Remove held-out data of graders that were killed."""
    for left in place.glob(f"{_HOLDOUT}*"):
        owner = left.name.removeprefix(_HOLDOUT).partition("-")[0]
        if owner.isdigit() and not Path(f"/proc/{owner}").exists() and left.lstat().st_uid == os.geteuid():
            shutil.rmtree(left, ignore_errors=True)


def _code(*parts: str) -> str:
    ours = Path(__file__).parent.parent
    return versions_of(_LIBRARIES, [ours / name for name in parts])
