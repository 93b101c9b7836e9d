"""What an instructor wrote: an assignment, its notebooks, their cells, and the settings beside them."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, Self

import nbformat
from nbformat import NotebookNode
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from autograder.errors import UsageError
from autograder.notebook import is_notebook_name, nbgrader_metadata
from autograder.rubric import Rubric
from autograder.toml_file import read_toml

__all__ = ["Assignment", "Limits", "Settings", "Template", "TemplateCell", "Watch", "load"]


class Limits(BaseModel):
    """What one notebook may use. Times count the CPU, so that a busy machine fails nobody."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    cell_cpu: float = Field(120.0, gt=0, description="CPU seconds a cell")
    notebook_cpu: float = Field(300.0, gt=0, description="CPU seconds a notebook")
    wall_factor: float = Field(4.0, ge=1, description="backstop: wall time is this many times the CPU limit")
    memory: int = Field(6144, ge=256, description="MiB that all processes of a notebook may use together")
    disk: int = Field(1024, ge=16, description="MiB that a notebook may write")
    processes: int = Field(256, ge=8, description="processes and threads")
    open_files: int = Field(1024, ge=64, description="open files a process")
    output: int = Field(2, ge=1, description="MiB of output kept a cell")
    gpu: Literal["no", "if there", "required"] = Field("no", description="whether notebooks train on a GPU")
    gpu_memory: int | None = Field(
        None, ge=1024, description="MiB of a GPU that a notebook gets, so that several share one; None: all of it"
    )

    @model_validator(mode="after")
    def _of_a_gpu(self) -> Self:
        if self.gpu_memory is not None and self.gpu == "no":
            raise ValueError('gpu_memory is of no use without gpu = "if there" or "required"')
        return self


class Watch(BaseModel):
    """What ``autograder watch`` does by itself."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    graded_a_day: int | Literal["unlimited"] = Field(
        3, description="submissions of a student that are graded on one day"
    )
    feedback: bool = Field(False, description="release the feedback of what was graded at once")
    show: Literal["all", "checks"] = Field(
        "all", description="what that feedback shows; checks: no number measured on held-out data"
    )

    @field_validator("graded_a_day", mode="before")
    @classmethod
    def _some(cls, value: object) -> object:
        if value != "unlimited" and not (type(value) is int and value >= 1):
            raise ValueError('a whole number from 1 on, or "unlimited"')
        return value

    @property
    def a_day(self) -> int | None:
        """``graded_a_day`` as a number; ``None`` for any."""
        return None if self.graded_a_day == "unlimited" else self.graded_a_day


class Settings(BaseModel):
    """The file ``assignments/<name>.toml``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str = ""
    language: Literal["pt_BR", "en"] = "pt_BR"
    due: datetime | None = None
    threads: int | None = Field(
        None, ge=1, description="threads that TensorFlow uses in a notebook; None: the cores not used by others"
    )
    limits: Limits = Limits()
    watch: Watch = Watch()
    set_aside: tuple[str, ...] = Field(
        (
            "*.h5",
            "*.hdf5",
            "*.keras",
            "*.ckpt*",
            "*.tflite",
            "*.pb",
            "*.pkl",
            "*.joblib",
            "*.npz",
            "*.npy",
            "*tfevents*",
            ".*",
        ),
        description="submitted files that are not given to the run: it has to make its own",
    )
    rubrics: dict[str, dict[str, Rubric]] = Field(
        default_factory=dict, description="how people mark: by notebook, then by the id of the cell"
    )


@dataclass(frozen=True)
class TemplateCell:
    """One cell of a source notebook that nbgrader knows by an id.

    Args:
        grade_id: nbgrader's id.
        cell_type: ``code``, ``markdown`` or ``raw``.
        source: The full text, hidden tests and solution included.
        points: What it is worth; 0 when it is not graded.
        grade: Whether it is graded.
        solution: Whether the student writes in it.
        locked: Whether the student's text is replaced by ``source``.
        task: Whether it is one of nbgrader's task cells, graded by hand.
    """

    grade_id: str
    cell_type: str
    source: str
    points: float
    grade: bool
    solution: bool
    locked: bool
    task: bool
    metadata: dict[str, Any]

    @property
    def graded(self) -> bool:
        """Whether points hang on this cell."""
        return self.grade or self.task

    @property
    def manual(self) -> bool:
        """Whether a person grades it."""
        return self.task or (self.grade and (self.solution or self.cell_type != "code"))

    @property
    def is_test(self) -> bool:
        """Whether it is a locked code cell that scores by being run."""
        return self.grade and not self.solution and self.cell_type == "code"


@dataclass(frozen=True)
class Template:
    """A source notebook as the graders see it."""

    name: str
    notebook: NotebookNode
    cells: tuple[TemplateCell, ...]

    @cached_property
    def by_id(self) -> dict[str, TemplateCell]:
        """The cells by their nbgrader id."""
        return {cell.grade_id: cell for cell in self.cells}

    @property
    def max_score(self) -> float:
        """Points to be had."""
        return sum(cell.points for cell in self.cells if cell.graded)


@dataclass(frozen=True)
class Assignment:
    """An assignment: its notebooks in order, and its settings."""

    name: str
    path: Path
    settings: Settings
    notebooks: tuple[Template, ...]

    def notebook(self, name: str) -> Template:
        """The notebook called ``name``.

        Raises:
            UsageError: There is none; the message lists those that exist.
        """
        for template in self.notebooks:
            if template.name == name:
                return template
        names = ", ".join(t.name for t in self.notebooks)
        raise UsageError(f"{self.name} has no notebook {name!r}.", f"It has: {names}.")


def load(course: Path, name: str) -> Assignment:
    """Load ``assignments/<name>/*.ipynb`` and ``assignments/<name>.toml`` of the course at ``course``.

    Raises:
        UsageError: A file is missing or wrong; the message says which, where in it, and how to mend it.
    """
    folder = course / "assignments" / name
    if not folder.is_dir():
        there = sorted(p.name for p in (course / "assignments").glob("*/") if p.is_dir())
        raise UsageError(
            f"No assignment {name!r}: {folder} does not exist.",
            f"Assignments here: {', '.join(there) or 'none'}. Is this the root of the course?",
        )
    templates = tuple(template_of(path) for path in sorted(folder.iterdir()) if is_notebook_name(path.name))
    if not templates:
        raise UsageError(f"{folder} holds no notebook.", "Put the source notebooks (*.ipynb) there.")
    path = course / "assignments" / f"{name}.toml"
    settings = load_settings(path)
    _refuse_misplaced(settings, templates, path)
    return Assignment(name, folder, settings, templates)


def load_settings(path: Path) -> Settings:
    """Parse a settings file; a missing one means the defaults.

    Raises:
        UsageError: The file is not TOML, or a field is unknown or out of range.
    """
    return read_toml(path, Settings)


def _refuse_misplaced(settings: Settings, templates: tuple[Template, ...], path: Path) -> None:
    """Each rubric is that of a cell which a person grades, and its points are that cell's."""
    manual = {(t.name, c.grade_id): c.points for t in templates for c in t.cells if c.manual}
    for notebook, rubrics in settings.rubrics.items():
        for identity, rubric in rubrics.items():
            points = manual.get((notebook, identity))
            if points is None:
                there = ", ".join(".".join(key) for key in manual) or "none"
                raise UsageError(
                    f"{path}: rubrics.{notebook}.{identity} is for no cell that a person grades.",
                    f"Those are: {there}.",
                )
            if abs(points - rubric.points) > 1e-9:
                raise UsageError(
                    f"{path}: the criteria of rubrics.{notebook}.{identity} add up to {rubric.points:g} points, "
                    f"the cell is worth {points:g}."
                )


def template_of(path: Path) -> Template:
    """Read a source notebook.

    Raises:
        UsageError: It is no notebook, or a cell's nbgrader metadata is missing, doubled or out of range.
    """
    try:
        notebook = nbformat.read(path, as_version=4)
    # AttributeError, KeyError and TypeError: JSON of another shape.
    except (OSError, ValueError, nbformat.ValidationError, AttributeError, KeyError, TypeError) as error:
        raise UsageError(f"{path} is not a valid notebook: {error}.") from error
    cells: list[TemplateCell] = []
    seen: set[str] = set()
    for index, cell in enumerate(notebook.cells):
        metadata = nbgrader_metadata(cell)
        if not metadata:
            continue
        identity = metadata.get("grade_id")
        if not isinstance(identity, str) or not identity:
            raise UsageError(f"{path}: cell {index} has nbgrader metadata without a grade_id.")
        if identity in seen:
            raise UsageError(f"{path}: two cells have the grade_id {identity!r}.", "Rename one of them.")
        seen.add(identity)
        grade, solution, task = (bool(metadata.get(key)) for key in ("grade", "solution", "task"))
        points = _points(metadata, path, identity) if grade or task else 0.0
        # The rule of nbgrader: what is graded without being a solution is locked; so is what says it.
        locked = not solution and (grade or bool(metadata.get("locked")))
        cells.append(
            TemplateCell(identity, cell.cell_type, cell.source, points, grade, solution, locked, task, metadata)
        )
    return Template(path.stem, notebook, tuple(cells))


def _points(metadata: dict[str, Any], path: Path, identity: str) -> float:
    try:
        points = float(metadata["points"])
    except (KeyError, TypeError, ValueError) as error:
        raise UsageError(f"{path}: the graded cell {identity!r} has no points.") from error
    if not 0 <= points < float("inf"):
        raise UsageError(f"{path}: the points of {identity!r} are {points}; they must be finite and ≥ 0.")
    return points
