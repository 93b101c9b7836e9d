"""Grade answers that were not handed in by anybody, in a course of their own that is gone afterwards.

The held-out rows of that course are drawn by a fixed key: fates can be compared and kept, and no real course's
key is spent on them.
"""

import asyncio
import hashlib
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from nbformat import NotebookNode

from autograder.assignment import Assignment, load
from autograder.audit.fates import Fate, Store, digest_of
from autograder.data.key import KEY_FILE
from autograder.engine import Course, Item, grade_all
from autograder.exemplar import Exemplar, submission
from autograder.nbgrader_bridge import generate_release
from autograder.notebook import write
from autograder.sandbox import doctor
from autograder.sandbox.client import Zygote
from autograder.submission import Submission
from autograder.terminal import Meter, err, progress

__all__ = ["Answer", "Bench", "matching"]


@dataclass(frozen=True)
class Answer:
    """One answer to grade.

    Args:
        exemplar: The cells in which it differs from the reference.
        name: What it is called; with the notebook's name, no two answers have the same.
        cell_cpu: CPU seconds that one of its cells may use.
    """

    exemplar: Exemplar
    name: str
    cell_cpu: float


class Bench:
    """An assignment as it is in the course now, released anew; grades answers to it.

    Args:
        root: The course.
        name: The assignment.
        notebooks: Which notebooks; none for all.
        folder: Where its own course is; somebody else removes it.

    Raises:
        UsageError: The assignment or the host is not ready.
    """

    def __init__(self, root: Path, name: str, notebooks: Sequence[str], folder: Path) -> None:
        assignment = load(root, name)
        chosen = tuple(matching(assignment, wanted) for wanted in notebooks)
        templates = tuple(t for t in assignment.notebooks if not chosen or t.name in chosen)
        self.assignment: Assignment = replace(assignment, notebooks=templates)
        self._folder = folder
        _copy(root, name, [t.name for t in templates], folder)
        generate_release(folder, name)
        key = folder / KEY_FILE
        key.touch(mode=0o600)
        key.write_text(hashlib.sha256(f"audit {name}".encode()).hexdigest() + "\n")
        self.released = Course.open(folder, self.assignment).released

    def filled(self, exemplar: Exemplar) -> NotebookNode:
        """The notebook that is handed in.

        Raises:
            UsageError: The exemplar names a cell that does not exist.
        """
        source = self.assignment.notebook(exemplar.notebook).notebook
        return submission(exemplar, source, self.released[exemplar.notebook])

    def grade(
        self,
        answers: Sequence[Answer],
        *,
        store: Store,
        jobs: int = 1,
        judged: bool = True,
        until_lost: bool = False,
        text: str = "Grading",
        on_fate: Callable[[Answer, Fate, Meter], None] | None = None,
    ) -> dict[tuple[str, str], Fate]:
        """The fates of ``answers`` by notebook and name; only those that are not in ``store`` run.

        Args:
            answers: In the order in which they start.
            store: The cache.
            jobs: Notebooks at once.
            judged: Whether a judge runs the tests, or the student's kernel does, as in a drop-in course.
            until_lost: Whether an answer ends where it first loses points: its fate has no more cells.
            text: Beside the progress bar.
            on_fate: Told of each when it is known.
        """
        with progress(text, len(answers)) as meter:
            fates: dict[tuple[str, str], Fate] = {}
            todo: dict[float, list[tuple[Answer, NotebookNode, str]]] = {}

            def known(answer: Answer, fate: Fate) -> None:
                fates[answer.exemplar.notebook, answer.name] = fate
                meter.advance()
                if on_fate is not None:
                    on_fate(answer, fate, meter)

            for answer in answers:
                filled = self.filled(answer.exemplar)
                digest = self._digest(answer, filled, judged)
                fate = store.get(digest)  # the whole tells more than what was asked
                if until_lost:
                    digest += "-part"
                    fate = fate or store.get(digest)
                if fate is not None:
                    known(answer, fate)
                else:
                    todo.setdefault(answer.cell_cpu, []).append((answer, filled, digest))
            if todo:
                doctor.require(allow_weak=False)
                for role in ("kernel", "judge"):
                    Zygote.connect(role, progress=lambda line: err.print(line, highlight=False))
            for cell_cpu, batch in todo.items():
                asyncio.run(self._run(batch, cell_cpu, store, jobs, judged, until_lost, known))
        return fates

    async def _run(
        self,
        batch: Sequence[tuple[Answer, NotebookNode, str]],
        cell_cpu: float,
        store: Store,
        jobs: int,
        judged: bool,
        until_lost: bool,
        known: Callable[[Answer, Fate], None],
    ) -> None:
        assignment = self._limited(cell_cpu)
        course = Course.open(self._folder, assignment, jobs=jobs)
        course = replace(course, judged=judged, until_lost=until_lost)
        planned: dict[tuple[str, str], tuple[Answer, str]] = {}
        items = []
        for answer, filled, digest in batch:
            template = assignment.notebook(answer.exemplar.notebook)
            path = self._folder / "submitted" / answer.name / assignment.name
            write(filled, path / f"{template.name}.ipynb")
            planned[answer.name, template.name] = answer, digest
            items.append(Item(Submission(answer.name, path, None), template))
        async for item, graded in grade_all(course, items, jobs=jobs):
            answer, digest = planned[item.submission.student, item.template.name]
            fate = Fate.of(graded.report)
            store.put(digest, fate)
            known(answer, fate)

    def _limited(self, cell_cpu: float) -> Assignment:
        """With a limit for each cell, and one thread a notebook, so that ``jobs`` changes no fate."""
        settings = self.assignment.settings
        limits = settings.limits.model_copy(update={"cell_cpu": cell_cpu})
        return replace(self.assignment, settings=settings.model_copy(update={"limits": limits, "threads": 1}))

    def _digest(self, answer: Answer, filled: NotebookNode, judged: bool) -> str:
        course = Course(self._folder, self.assignment, self.released)
        name = answer.exemplar.notebook
        return digest_of(
            filled, self.assignment.notebook(name), self.released[name], self._limited(answer.cell_cpu),
            course.view().name, judged,
        )  # fmt: skip


def matching(assignment: Assignment, wanted: str) -> str:
    """The one notebook called ``wanted``, or whose name begins with it: ``03`` is enough.

    Raises:
        UsageError: There is none, or more than one.
    """
    found = [t.name for t in assignment.notebooks if t.name.startswith(wanted)]
    return found[0] if len(found) == 1 else assignment.notebook(wanted).name


def _copy(root: Path, name: str, notebooks: Sequence[str], folder: Path) -> None:
    """The sources and what nbgrader needs to make the student version of them."""
    source = root / "assignments" / name
    skip = {p.name for p in source.glob("*.ipynb") if p.stem not in notebooks}
    shutil.copytree(source, folder / "assignments" / name, ignore=lambda _, names: skip & set(names))
    for extra in (root / "nbgrader_config.py", root / "assignments" / f"{name}.toml"):
        if extra.exists():
            shutil.copyfile(extra, folder / extra.relative_to(root))
