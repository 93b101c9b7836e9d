"""What nbgrader plugs in: execution in the sandbox, the strict scoring, and the release of an assignment.

``configure`` replaces two of ``nbgrader autograde``'s preprocessors, so the command line and formgrader's button
change their behaviour without being subclassed. The test cells then still run in the student's (sandboxed)
kernel: fast and contained, not proof against forging.

Each command that reads a course's configuration imports this module; what only the preprocessors need, they import
when they run.
"""

import logging
import os
import sysconfig
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_core.utils import run_sync
from nbformat import NotebookNode
from nbgrader import utils
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import (
    AssignLatePenalties,
    CheckCellMetadata,
    IgnorePattern,
    LimitOutput,
    NbGraderPreprocessor,
    SaveAutoGrades,
)
from traitlets import Bool, Float, Int, Unicode
from traitlets.config import Config, PyFileConfigLoader

from autograder.assignment import Limits, TemplateCell
from autograder.data import public_view
from autograder.errors import UsageError
from autograder.notebook import nbgrader_metadata
from autograder.outcome import Outcome

if TYPE_CHECKING:
    from autograder.sandbox.run import CellRun

__all__ = ["SandboxExecute", "StrictSaveAutoGrades", "configure", "generate_release"]

_DEFAULTS = Limits()
_RUNS = "autograder_runs"


def configure(config: Any, **settings: Any) -> None:
    """See ``autograder.configure``.

    Raises:
        TypeError: A setting does not exist.
    """
    unknown = sorted(set(settings) - set(SandboxExecute.class_own_traits()))
    if unknown:
        known = ", ".join(sorted(SandboxExecute.class_own_traits(config=True)))
        raise TypeError(f"autograder.configure: no setting {unknown[0]!r}; there are: {known}")
    config.Autograde.autograde_preprocessors = [
        SandboxExecute, IgnorePattern, LimitOutput, StrictSaveAutoGrades, AssignLatePenalties, CheckCellMetadata,
    ]  # fmt: skip
    config.OverwriteCells.add_missing_cells = True  # or a deleted test would wait for a person for ever
    for name, value in settings.items():
        setattr(config.SandboxExecute, name, value)


class SandboxExecute(NbGraderPreprocessor):  # type: ignore[misc]
    """Runs a submitted notebook in a sandboxed fork of a warm kernel; takes the place of nbgrader's Execute."""

    cell_cpu = Float(_DEFAULTS.cell_cpu, help="CPU seconds a cell may use").tag(config=True)
    notebook_cpu = Float(_DEFAULTS.notebook_cpu, help="CPU seconds a notebook may use").tag(config=True)
    memory = Int(_DEFAULTS.memory, help="MiB all processes of a notebook may use").tag(config=True)
    threads = Int(len(os.sched_getaffinity(0)), help="threads that TensorFlow and BLAS use").tag(config=True)
    course = Unicode("", help="root of a course whose data sets the kernel shall see (`autograder data`)").tag(
        config=True
    )
    allow_weak_sandbox = Bool(False, help="run even where the host cannot isolate").tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Execute ``nb`` in place.

        Raises:
            UsageError: The host cannot isolate, and that is not allowed.
            GraderError: The sandbox could not be started.
        """
        from autograder.sandbox import doctor
        from autograder.sandbox.run import run_notebook

        missing = doctor.require(allow_weak=self.allow_weak_sandbox)
        if missing:
            self.log.warning("Grading without isolation (%s missing), as allowed.", ", ".join(missing))
        limits = Limits(cell_cpu=self.cell_cpu, notebook_cpu=self.notebook_cpu, memory=self.memory)
        report = run_sync(run_notebook)(
            nb,
            work=Path(resources["metadata"]["path"]),
            limits=limits,
            config={"threads": self.threads, "datasets": self._view(), "weak": bool(missing)},
        )
        resources[_RUNS] = report.cells
        return nb, resources

    def _view(self) -> str:
        return str(public_view(Path(self.course))) if self.course else ""


class StrictSaveAutoGrades(SaveAutoGrades):  # type: ignore[misc]
    """Scores test cells strictly; takes the place of nbgrader's SaveAutoGrades."""

    def preprocess_cell(self, cell: NotebookNode, resources: Any, cell_index: int) -> tuple[NotebookNode, Any]:
        """Score one cell; what is not a test is nbgrader's business as before."""
        if not (utils.is_grade(cell) and not utils.is_solution(cell) and cell.cell_type == "code"):
            cell, resources = super().preprocess_cell(cell, resources, cell_index)
            return cell, resources
        from autograder.engine.evidence import evidence_of
        from autograder.judge import judge_cell

        runs: Mapping[int, CellRun] = resources[_RUNS]
        run = runs[cell_index]
        metadata = nbgrader_metadata(cell)
        template = TemplateCell(
            metadata["grade_id"], cell.cell_type, cell.source, float(metadata["points"]),
            grade=True, solution=False, locked=True, task=False, metadata=metadata,
        )  # fmt: skip
        verdict = judge_cell(template, evidence_of(cell, run), _no_claims)
        grade = self.gradebook.find_grade(template.grade_id, self.notebook_id, self.assignment_id, self.student_id)
        grade.auto_score = verdict.score
        grade.needs_manual_grade = verdict.score is None or grade.manual_score is not None
        if verdict.needs_review:
            self.log.warning("%s needs review: %s", template.grade_id, verdict.reason)
        self.gradebook.db.commit()
        return cell, resources


def _no_claims(claim: Mapping[str, Any]) -> Outcome:
    raise ValueError("a claim on held-out data, which only `autograder grade` can settle")


def generate_release(course: Path, assignment: str) -> None:
    """Write ``release/<assignment>/``: the source notebooks without solutions and hidden tests.

    nbgrader does it, with a throw-away database: the gradebook is the records' business.

    Raises:
        UsageError: nbgrader found something wrong with the source; the message holds what it logged.
    """
    from nbgrader.apps.api import NbGraderAPI

    with tempfile.TemporaryDirectory() as scratch, _scripts_on_path():
        config = _course_config(course)
        config.CourseDirectory.root = str(course)
        config.CourseDirectory.db_url = f"sqlite:///{scratch}/gradebook.db"
        api = NbGraderAPI(coursedir=CourseDirectory(config=config), config=config)
        api.log.setLevel(logging.ERROR)
        result = api.generate_assignment(assignment, force=True, create=True)
    if not result["success"]:
        log = str(result.get("error") or result.get("log") or "").strip()
        raise UsageError(f"nbgrader could not make the student version of {assignment}:\n{log}")


@contextmanager
def _scripts_on_path() -> Iterator[None]:
    """nbgrader runs ``alembic`` by its name; in an environment that is not activated it would not be found."""
    before = os.environ.get("PATH", os.defpath)
    os.environ["PATH"] = f"{sysconfig.get_path('scripts')}{os.pathsep}{before}"
    try:
        yield
    finally:
        os.environ["PATH"] = before


def _course_config(course: Path) -> Config:
    """The course's own ``nbgrader_config.py``: its stubs and delimiters decide what students get.

    Raises:
        UsageError: It cannot be loaded.
    """
    path = course / "nbgrader_config.py"
    if not path.exists():
        raise UsageError(f"{path} does not exist.", "Is this the root of the course?")
    try:
        return PyFileConfigLoader(path.name, path=str(course)).load_config()
    except Exception as error:  # it is a program: anything may come out of it
        raise UsageError(f"{path} cannot be loaded: {type(error).__name__}: {error}.") from error
