"""Grade an assignment from end to end: find, run, judge, record, show. What ``autograder grade`` does."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from textwrap import shorten
from typing import Any

from autograder.assignment import Assignment, Template, load
from autograder.engine import Course, Graded, Item, grade_all, items_of
from autograder.engine.observer import Observer, Silent
from autograder.errors import SubmissionError, UsageError
from autograder.messages import printable, using_language
from autograder.notebook import read_bytes, write
from autograder.outcome import NotebookReport
from autograder.sandbox import doctor
from autograder.sandbox.client import Zygote
from autograder.submission import Submission, find
from autograder.terminal import Meter, err, out, progress, table
from gradebook.records import Graded as Recorded
from gradebook.records import Records

__all__ = ["Options", "Result", "chosen", "grade", "grade_items", "keep"]

#: Notebooks beside which a table of 80 columns has room for a sentence.
_NARROW = 4


@dataclass(frozen=True)
class Options:
    """What to grade, and how.

    Args:
        students: Only these; empty for all.
        notebooks: Only these; empty for all.
        jobs: Notebooks at once.
        allow_weak_sandbox: Go on where the host cannot isolate.
        engine: Where notebooks run: ``local``, or ``dask://HOST:PORT``.
        storage: What a cluster and this machine share; empty for a folder of the course.
        allow_plain_cluster: Go to a cluster on other machines without TLS.
    """

    students: tuple[str, ...] = ()
    notebooks: tuple[str, ...] = ()
    jobs: int = 1
    allow_weak_sandbox: bool = False
    engine: str = "local"
    storage: str = ""
    allow_plain_cluster: bool = False


@dataclass(frozen=True)
class Result:
    """What a run graded, as the gradebook has it now: what TAs gave before counts."""

    assignment: Assignment
    graded: tuple[Recorded, ...]

    @classmethod
    def of(cls, assignment: Assignment, items: Sequence[Item], records: Records) -> "Result":
        """What the gradebook has of ``items``."""
        done = {(item.submission.student, item.template.name) for item in items}
        graded = [g for g in records.reports(assignment.name) if (g.report.student, g.report.notebook) in done]
        return cls(assignment, tuple(sorted(graded, key=lambda g: (g.report.student, g.report.notebook))))

    @property
    def needs_review(self) -> bool:
        """Whether the grader failed anywhere."""
        return any(g.report.needs_review for g in self.graded)

    def rows(self) -> list[dict[str, Any]]:
        """One object a submission and notebook, for ``--json``."""
        return [
            {
                "student": g.report.student,
                "notebook": g.report.notebook,
                "score": g.score,
                "max_score": g.max_score,
                "needs_review": g.report.needs_review,
                "error": _error(g.report),
                "seconds": g.report.seconds,
            }
            for g in self.graded
        ]

    def show(self) -> None:
        """Print a table: a row a student, a column a notebook."""
        names = [
            t.name for t in self.assignment.notebooks if any(g.report.notebook == t.name for g in self.graded)
        ]
        short = _short(names)
        by_key = {(g.report.student, g.report.notebook): g for g in self.graded}
        points = {n: self.assignment.notebook(n).max_score for n in names}
        # Many notebooks: the headings stay short, and what is to be said of a student stands below the table.
        dense = len(names) > _NARROW
        alike = dense and len(set(points.values())) == 1
        rows, notes = [], []
        for student in sorted({g.report.student for g in self.graded}):
            mine = [by_key[student, name] for name in names if (student, name) in by_key]
            cells = (_cell(by_key.get((student, name))) for name in names)
            rows.append((student, *cells, f"{sum(g.score for g in mine):g}"))
            notes.append(_notes(mine, short))
        columns = [
            ("student", "left"),
            *((short[n] if alike else f"{short[n]} /{points[n]:g}", "right") for n in names),
            ("total" if alike else f"total /{sum(points.values()):g}", "right"),
        ]
        title = self.assignment.settings.title or self.assignment.name
        if dense:
            each = f" ({points[names[0]]:g} points each)" if alike else ""
            out.print(table(title + each, columns, rows, dense=True))
            said = [(row[0], note) for row, note in zip(rows, notes, strict=True) if note]
            if said:
                out.print(table("", [("student", "left"), ("notes", "fold")], said))
        else:
            columns.append(("", "fold"))
            out.print(table(title, columns, [(*row, note) for row, note in zip(rows, notes, strict=True)]))
        waiting = sum(g.pending for g in self.graded)
        seconds = sum(g.report.cpu_seconds for g in self.graded)
        handed_in = sum(g.report.status != "missing" for g in self.graded)
        text = f"{handed_in} notebooks, {seconds:.0f} s of student CPU time."
        if waiting:
            text += f" + marks essays: {waiting:g} points wait for a TA."
        out.print(text, highlight=False)
        if self.needs_review:
            out.print("? marks notebooks where the grader failed; a person must look.", style="bold red")


def _notes(mine: Sequence[Recorded], short: Mapping[str, str]) -> str:
    late = max((g.late_seconds or 0.0 for g in mine if g.report.status != "missing"), default=0.0)
    notes = [f"late {_span(late)}"] if late else []
    if mine and all(g.report.status == "missing" for g in mine):
        return "; ".join([*notes, "nothing handed in"])
    for report in (g.report for g in mine):
        if report.status != "missing" and (why := _error(report) or _lost(report)):
            notes.append(f"{short[report.notebook]}: {shorten(why, 90, placeholder=' …')}")
    return "; ".join(notes)


def _cell(graded: Recorded | None) -> str:
    if graded is None:
        return ""
    if graded.report.status == "missing":
        return "–"
    mark = "?" if graded.report.needs_review else "+" if graded.pending else ""
    return f"{graded.score:g}{mark}"


def _short(names: Sequence[str]) -> dict[str, str]:
    """Headings that fit: the number before the first underscore, when that tells the notebooks apart."""
    heads = {name: name.partition("_")[0] for name in names}
    return heads if len(set(heads.values())) == len(names) else {name: name for name in names}


def _error(report: NotebookReport) -> str:
    if report.error:
        return printable(report.error, 300)
    broken = next((v for v in report.verdicts if v.needs_review), None)
    return printable(f"{broken.grade_id}: {broken.reason}", 300) if broken is not None else ""


def _lost(report: NotebookReport) -> str:
    """What cost points: the first check that failed, and how many more did."""
    failed = [o.title for v in report.verdicts for o in v.outcomes if not o.passed]
    failed += [
        f"{v.grade_id}: {v.reason}" for v in report.verdicts if v.reason and not v.outcomes and not v.manual
    ]
    if not failed:
        return ""
    return f"✗ {failed[0]}" + (f" (+{len(failed) - 1})" if len(failed) > 1 else "")


def _span(seconds: float) -> str:
    hours = seconds / 3600
    return f"{hours / 24:.1f} d" if hours >= 48 else f"{hours:.1f} h" if hours >= 1 else f"{seconds / 60:.0f} min"


def grade(root: Path, name: str, records: Records, options: Options) -> Result:
    """Grade, record as results come in, and write ``autograded/``.

    Raises:
        UsageError: There is nothing to grade, or the host or the course is not ready; nothing was graded.
    """
    assignment = load(root, name)
    # On a cluster each worker looks for itself.
    weakened = doctor.require(allow_weak=options.allow_weak_sandbox) if options.engine == "local" else ()
    if weakened:
        err.print(f"[bold yellow]Student code is not isolated[/]: no {', '.join(weakened)}. Recorded.")
    course = Course.open(root, assignment, weakened=weakened, jobs=options.jobs)
    if options.engine == "local":
        course.view()  # fails now, not in the middle, when the data sets are not there
    submissions, templates = chosen(root, assignment, records, options)
    records.sync(assignment)
    items = items_of(submissions, templates)
    grade_items(course, items, records, options)
    return Result.of(assignment, items, records)


def chosen(
    root: Path, assignment: Assignment, records: Records, options: Options
) -> tuple[list[Submission], list[Template]]:
    """The submissions and notebooks that the options name.

    Raises:
        UsageError: They name a student or a notebook that does not exist.
    """
    with using_language(assignment.settings.language):
        submissions = find(root, assignment.name, roster=records.students())
    unknown = set(options.students) - {s.student for s in submissions}
    if unknown:
        raise UsageError(
            f"No submission and no student called {sorted(unknown)[0]!r}.",
            f"There are: {', '.join(s.student for s in submissions)}.",
        )
    templates = [assignment.notebook(n) for n in options.notebooks] or list(assignment.notebooks)
    return [s for s in submissions if not options.students or s.student in options.students], templates


def grade_items(course: Course, items: Sequence[Item], records: Records, options: Options) -> None:
    """Grade ``items``; record each as it is done, and write its notebook."""
    records.enrol(item.submission.student for item in items)
    if options.engine == "local":
        for role in ("kernel", "judge"):
            Zygote.connect(role, progress=lambda text: err.print(text, highlight=False))
    asyncio.run(_run(course.root, course, items, records, options))


async def _run(root: Path, course: Course, items: Sequence[Item], records: Records, options: Options) -> None:
    done_cells: dict[str, int] = {}
    count = 0
    with progress("Grading", sum(item.cells for item in items)) as meter:

        def on_cell(item: Item) -> None:
            if done_cells.get(item.name, 0) < item.cells:
                done_cells[item.name] = done_cells.get(item.name, 0) + 1
                meter.advance()

        if options.engine == "local":
            results = grade_all(course, items, jobs=options.jobs, on_cell=on_cell)
        else:
            results = _on_cluster(course, items, options, _Cells(on_cell, meter))
        async for item, graded in results:
            graded = keep(root, item, graded)
            records.record(
                graded.report, submitted_at=item.submission.submitted_at, answers=graded.answers, reason="grading"
            )
            count += 1
            meter.advance(item.cells - done_cells.get(item.name, 0))
            meter.say(f"Graded {count} of {len(items)}")
            if not err.is_terminal:
                err.print(f"{count}/{len(items)} {item.name}: {graded.report.score:g}", highlight=False)


class _Cells(Silent):
    """Moves the bar on, and says what was begun anew."""

    def __init__(self, on_cell: Callable[[Item], None], meter: Meter) -> None:
        self._on_cell = on_cell
        self._meter = meter

    def cell(self, item: Item) -> None:
        """A cell of it has run."""
        self._on_cell(item)

    def retried(self, item: Item, why: str) -> None:
        """Said above the bar."""
        self._meter.line(f"{printable(item.name)} begins anew: {printable(why, 200)}.")


def _on_cluster(
    course: Course, items: Sequence[Item], options: Options, observer: Observer
) -> AsyncIterator[tuple[Item, Graded]]:
    try:
        from autograder.engine.cluster import grade_on_cluster  # an extra, and a second of imports
    except ModuleNotFoundError as error:
        raise UsageError(
            f"{error.name} is not installed.", "Install the extra: tp555-autograder[dask]."
        ) from error
    return grade_on_cluster(
        course, items, address=options.engine, storage=options.storage, observer=observer,
        allow_weak=options.allow_weak_sandbox, allow_plain=options.allow_plain_cluster,
    )  # fmt: skip


def keep(root: Path, item: Item, graded: Graded) -> Graded:
    """``graded`` with its notebook written; where that fails, the grader's failure, and the run goes on."""
    try:
        _write_autograded(root, item, graded)
    except (OSError, ValueError, RecursionError, SubmissionError) as error:
        why = f"autograded/{item.submission.student}: {error}"[:300]
        return replace(graded, report=replace(graded.report, status="failed", error=why))
    return graded


def _write_autograded(root: Path, item: Item, graded: Graded) -> None:
    """The executed notebook, where formgrader looks for it; none when there was nothing to run."""
    if item.submission.folder is None:
        return
    folder = root / "autograded" / item.submission.student / graded.report.assignment
    path = folder / f"{graded.report.notebook}.ipynb"
    if graded.notebook is None:
        path.unlink(missing_ok=True)
        return
    write(graded.notebook, path)
    if item.submission.submitted_at is not None:
        # nbgrader leaves its own copy read-only: put a new file in its place.
        partial = folder / "timestamp.txt.partial"
        partial.write_bytes(read_bytes(item.submission.folder / "timestamp.txt", max_bytes=200))
        partial.replace(folder / "timestamp.txt")
