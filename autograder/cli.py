"""The command line ``autograder``. Parses arguments, calls the engine, records, prints."""

import json
import math
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.markup import escape

import autograder.startup  # noqa: F401
from autograder import data
from autograder import release as releases
from autograder.assignment import load
from autograder.calibrate import calibrate
from autograder.calibration_report import summarise, write_report
from autograder.engine.solutions import write_solutions
from autograder.errors import AutograderError, UsageError
from autograder.grade import Options, grade
from autograder.handout import write_handout
from autograder.new import scaffold
from autograder.regrade import Regraded, regrade
from autograder.result import Result
from autograder.sandbox import doctor as sandbox_doctor
from autograder.sandbox import gpu_doctor
from autograder.sandbox.client import Zygote
from autograder.terminal import err, out, table
from gradebook.records import Records
from gradebook.records.location import database_url

__all__ = ["app", "main"]

app = typer.Typer(
    no_args_is_help=True, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False,
    help="Grade notebooks of a deep-learning course in warm sandboxed kernels.",
)  # fmt: skip

_CORES = len(os.sched_getaffinity(0))
CourseOption = Annotated[Path, typer.Option("--course", help="Root of the course.", show_default="this folder")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
StudentOption = Annotated[list[str] | None, typer.Option("--student", help="Only this student (repeatable).")]
NotebookOption = Annotated[list[str] | None, typer.Option("--notebook", help="Only this notebook (repeatable).")]
_JOBS = ("--jobs", "-j")
JobsOption = Annotated[int, typer.Option(*_JOBS, min=1, help="Notebooks at once.")]
BestJobsOption = Annotated[
    int | None, typer.Option(*_JOBS, min=1, help="Notebooks at once.", show_default="by the cores")
]
DbOption = Annotated[
    str,
    typer.Option("--db", help="URL of the gradebook.", show_default="that of nbgrader_config.py, or gradebook.db"),
]
WeakOption = Annotated[
    bool,
    typer.Option("--allow-weak-sandbox", help="Grade even where student code cannot be isolated. Recorded."),
]


def main() -> None:
    """Run the command line; errors that were foreseen end with a message and status 2."""
    try:
        app()
    except AutograderError as error:
        err.print(f"[bold red]error:[/] {escape(error.what)}", highlight=False)
        if error.hint:
            err.print(f"  {escape(error.hint)}", highlight=False)
        sys.exit(2)


def gradebook_of(course: Path, db: str) -> str:
    """The URL of the course's gradebook, which may be one that is not there yet."""
    return database_url(course, db, must_exist=False)


@app.command()
def doctor(as_json: JsonOption = False, course: CourseOption = Path()) -> None:
    """Tell which isolation layers, GPUs, data sets and versions are there, and which tests cannot be judged from
    outside."""
    layers = sandbox_doctor.layers()
    gpus = gpu_doctor.report(os.environ.get("CUDA_VISIBLE_DEVICES"))
    datasets = [_dataset_line(name) for name in ("fashion_mnist", "california_housing")]
    versions = _versions()
    unjudged = _not_judged(course.resolve())
    if as_json:
        payload = {
            "protection": sandbox_doctor.protection(layers),
            "weaknesses": sandbox_doctor.weaknesses(layers),
            "layers": [{"name": x.name, "required": x.required, "problem": x.problem} for x in layers],
            "gpus": gpus.to_json(),
            "datasets": dict(datasets),
            "versions": versions,
            "not_judged": unjudged,
        }
        print(json.dumps(payload, indent=2))
    else:
        rows = [
            (x.name, "ok" if x.available else "MISSING" if x.required else "no", x.problem or x.note)
            for x in layers
        ]
        rows += gpus.rows()
        rows += [
            (f"data {name}", "ok" if problem is None else "MISSING", problem or "") for name, problem in datasets
        ]
        out.print(table("This host", (("layer", "left"), ("", "left"), ("", "fold")), rows))
        out.print(f"Student code is held: {sandbox_doctor.protection(layers)}.", highlight=False)
        for weakness in sandbox_doctor.weaknesses(layers):
            out.print(f"  It {weakness}.", highlight=False)
        for line in unjudged:
            out.print(f"Runs in the student's kernel, not judged: {line}", highlight=False)
        out.print(", ".join(f"{name} {version}" for name, version in versions.items()), highlight=False)
    missing = any(x.required and not x.available for x in layers) or any(p is not None for _, p in datasets)
    raise typer.Exit(1 if missing else 0)


def _not_judged(course: Path) -> list[str]:
    """Test cells of the course's assignments that the judge cannot have."""
    folders = sorted(path for path in (course / "assignments").glob("*") if path.is_dir())
    return [
        f"{folder.name}/{line}" for folder in folders for line in releases.not_judged(load(course, folder.name))
    ]


def _dataset_line(name: data.Name) -> tuple[str, str | None]:
    try:
        data.load(name)
    except UsageError as error:
        return name, str(error)
    return name, None


def _versions() -> dict[str, str]:
    from importlib import metadata

    found = {"python": sys.version.split()[0]}
    for name in ("tensorflow", "tensorflow-cpu", "keras", "nbgrader", "nbclient", "ipykernel", "jupyterlab"):
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue  # tensorflow comes under one of two names
    return found


@app.command("data")
def data_command(course: CourseOption = Path()) -> None:
    """Fetch and verify the data sets; make the public view of this course."""
    store = data.ensure(progress=lambda text: err.print(text, highlight=False))
    data.install(store, progress=lambda text: err.print(text, highlight=False))
    view = data.public_view(course.resolve())
    out.print(f"Data sets verified in {store.root}", highlight=False, soft_wrap=True)
    out.print(f"Public view: {view}", highlight=False, soft_wrap=True)


@app.command()
def release(
    assignment: str,
    solutions: Annotated[bool, typer.Option("--solutions", help="Run the solved notebooks too.")] = False,
    to: Annotated[
        Path | None, typer.Option("--to", metavar="DIR", help="Write what students may have, to publish it.")
    ] = None,
    course: CourseOption = Path(),
    db: DbOption = "",
) -> None:
    """Make the student version of ASSIGNMENT and look for leaks in it."""
    from autograder.nbgrader_bridge import generate_release  # a second of imports that no other command needs

    course = course.resolve()
    loaded = load(course, assignment)
    generate_release(course, assignment)
    problems = releases.problems(course, loaded)
    for problem in problems:
        err.print(f"[bold red]problem:[/] {escape(problem)}", highlight=False)
    if problems:
        raise typer.Exit(1)
    with Records(gradebook_of(course, db)) as records:
        records.sync(loaded)
    for line in releases.not_judged(loaded):
        err.print(f"[bold yellow]not judged:[/] {escape(line)}", highlight=False)
    names = ", ".join(f"{t.name} ({t.max_score:g} points)" for t in loaded.notebooks)
    out.print(
        f"release/{assignment}: {names}. No solution, no hidden test in it.", highlight=False, soft_wrap=True
    )
    if solutions:
        sandbox_doctor.require(allow_weak=False)
        for path in write_solutions(course, loaded):
            out.print(
                f"{path.relative_to(course)}: to publish after the deadline.", highlight=False, soft_wrap=True
            )
    if to is not None:
        handout = write_handout(course, loaded, to)
        out.print(
            f"{handout.root}: {len(handout.files)} files, nothing of tests, solutions or held-out data in them.",
            highlight=False, soft_wrap=True,
        )  # fmt: skip


@app.command()
def new(
    assignment: str,
    notebook: Annotated[str, typer.Argument(help="Name of the notebook, without .ipynb.")] = "01_exercise",
    language: Annotated[str, typer.Option("--language", help="pt_BR or en.")] = "pt_BR",
    course: CourseOption = Path(),
) -> None:
    """Start an exercise in ASSIGNMENT: a small complete one, with its tests, rubric and exemplars, to change."""
    course = course.resolve()
    for path in scaffold(course, assignment, notebook, language=language):
        out.print(path.relative_to(course), highlight=False, soft_wrap=True)
    out.print(f"Next: autograder release {assignment}", highlight=False)


@app.command("grade")
def grade_command(
    assignment: str,
    student: StudentOption = None,
    notebook: NotebookOption = None,
    jobs: BestJobsOption = None,
    as_json: JsonOption = False,
    course: CourseOption = Path(),
    db: DbOption = "",
    allow_weak_sandbox: WeakOption = False,
    force: Annotated[bool, typer.Option("--force", help="Run also what is unchanged since it ran.")] = False,
    gpus: Annotated[str | None, typer.Option("--gpus", metavar="N|none", help="GPUs to use at most.")] = None,
    engine: Annotated[
        str, typer.Option("--engine", metavar="local|dask://HOST:PORT", help="Where notebooks run.")
    ] = "local",
    storage: Annotated[
        str,
        typer.Option(
            "--storage",
            metavar="URL",
            help="Folder or URL that a cluster and this machine share.",
            show_default="<course>/.cluster",
        ),
    ] = "",
    allow_plain_cluster: Annotated[
        bool, typer.Option("--allow-plain-cluster", help="Use a cluster on other machines without TLS.")
    ] = False,
) -> None:
    """Grade the submissions of ASSIGNMENT and record the scores. What is unchanged since it was graded is kept."""
    course = course.resolve()
    with Records(gradebook_of(course, db)) as records:
        options = Options(
            tuple(student or ()), tuple(notebook or ()), jobs, allow_weak_sandbox, force, gpus, engine, storage,
            allow_plain_cluster,
        )  # fmt: skip
        with _stoppable("What had been graded is recorded"):
            result = grade(course, assignment, records, options)
    _finish(result, result, as_json=as_json)


@app.command("regrade")
def regrade_command(
    assignment: str,
    student: StudentOption = None,
    notebook: NotebookOption = None,
    jobs: BestJobsOption = None,
    as_json: JsonOption = False,
    course: CourseOption = Path(),
    db: DbOption = "",
    allow_weak_sandbox: WeakOption = False,
) -> None:
    """Judge the submissions of ASSIGNMENT again from evidence, after tests or points changed; train nothing."""
    course = course.resolve()
    with Records(gradebook_of(course, db)) as records:
        options = Options(tuple(student or ()), tuple(notebook or ()), jobs, allow_weak_sandbox)
        with _stoppable("What had been judged is recorded"):
            done = regrade(course, assignment, records, options)
    _finish(done.result, done, as_json=as_json)


@app.command("watch")
def watch_command(
    assignment: str,
    once: Annotated[bool, typer.Option("--once", help="Collect and grade once, and end.")] = False,
    interval: Annotated[float, typer.Option("--interval", min=1, metavar="SECONDS", help="Between looks.")] = 15,
    jobs: BestJobsOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON object a graded submission.")] = False,
    course: CourseOption = Path(),
    db: DbOption = "",
    allow_weak_sandbox: WeakOption = False,
) -> None:
    """Collect submissions of ASSIGNMENT from the exchange as they come, and grade them; until Ctrl-C or SIGTERM.

    How many a day, and whether feedback goes out at once, the table [watch] of its settings says.
    """
    from autograder.watch.command import watch  # nbgrader is a second of imports that no other command needs

    course = course.resolve()
    options = Options(jobs=jobs, allow_weak_sandbox=allow_weak_sandbox)
    status = watch(
        course, assignment, gradebook_of(course, db), options, once=once, interval=interval, as_json=as_json
    )
    raise typer.Exit(status)


@contextmanager
def _stoppable(kept: str) -> Iterator[None]:
    """Answer Ctrl-C here, because typer would before `main` could; ``kept`` says what is not lost."""
    try:
        yield
    except KeyboardInterrupt:
        err.print(f"Stopped. {kept}; run the same command again for the rest.")
        raise typer.Exit(130) from None


def _finish(result: Result, shown: Result | Regraded, *, as_json: bool) -> NoReturn:
    """Print what a run did, and exit with 1 if the grader failed anywhere."""
    if as_json:
        print(json.dumps(result.rows(), ensure_ascii=False, indent=2))
    else:
        shown.show()
    raise typer.Exit(1 if result.needs_review else 0)


@app.command("calibrate")
def calibrate_command(
    assignment: str,
    seeds: Annotated[int, typer.Option("--seeds", min=2, help="Runs an answer.")] = 20,
    notebook: NotebookOption = None,
    jobs: JobsOption = _CORES,
    report: Annotated[Path | None, typer.Option("--report", metavar="DIR", help="Write tables and plots.")] = None,
    course: CourseOption = Path(),
) -> None:
    """Train right and weak answers of ASSIGNMENT with many seeds: are its thresholds safe?"""
    course = course.resolve()
    with _stoppable("What has run is written down"):
        runs = calibrate(course, assignment, seeds=seeds, notebooks=tuple(notebook or ()), jobs=jobs)
    thresholds = summarise(runs)
    rows = [
        (t.notebook[:2], t.cell, t.metric, f"{t.value:g}",
         "none" if math.isnan(t.proposed) else f"{t.proposed:.3g}", f"{t.worst_bound:.2g}",
         "ok" if t.safe else "NOT SAFE")
        for t in thresholds
    ]  # fmt: skip
    heads = (("nb", "left"), ("test", "left"), ("metric", "left"), ("now", "right"), ("safe", "right"),
             ("fails at most", "right"), ("", "left"))  # fmt: skip
    out.print(table("Thresholds", heads, rows))
    if report is not None:
        out.print(f"Report: {write_report(thresholds, report, assignment)}", highlight=False, soft_wrap=True)
    raise typer.Exit(0 if all(t.safe for t in thresholds) else 1)


@app.command("audit")
def audit_command(
    assignment: str,
    notebook: NotebookOption = None,
    exemplar: Annotated[
        list[str] | None,
        typer.Option("--exemplar", metavar="PATTERN", help="Only these, as 03-rejected."),
    ] = None,
    mutants: Annotated[bool, typer.Option("--mutants", help="Only mutants of the solutions.")] = False,
    everything: Annotated[bool, typer.Option("--all", help="The bank, then mutants of the solutions.")] = False,
    fresh: Annotated[bool, typer.Option("--fresh", help="Run what is known from before as well.")] = False,
    jobs: JobsOption = 1,
    report: Annotated[Path | None, typer.Option("--report", metavar="FILE", help="Write Markdown.")] = None,
    as_json: JsonOption = False,
    course: CourseOption = Path(),
) -> None:
    """Test the tests of ASSIGNMENT: is the bank of exemplars graded as it declares, are broken solutions
    noticed?"""
    from autograder.audit.command import audit  # nbgrader is a second of imports that no other command needs

    with _stoppable("What has been graded is known"):
        good = audit(
            course.resolve(), assignment, notebooks=tuple(notebook or ()), patterns=tuple(exemplar or ()),
            of_bank=everything or not mutants, of_mutants=everything or mutants, fresh=fresh, jobs=jobs,
            report=report, as_json=as_json,
        )  # fmt: skip
    raise typer.Exit(0 if good else 1)


@app.command(hidden=True)
def demo(
    course: Annotated[Path, typer.Option(help="Where to build the demo class.")] = Path("demo-class"),
) -> None:
    """Build a small class from the exemplar bank, grade it and write its feedback (``make demo``)."""
    from autograder.demo import run_demo

    run_demo(Path.cwd(), course.resolve())


@app.command(hidden=True)
def zygote(stop: Annotated[bool, typer.Option("--stop")] = False) -> None:
    """Start the process that kernels are forked from, or stop it."""
    running = Zygote.connect(progress=lambda text: err.print(text))
    if stop:
        running.stop()
    else:
        out.print(running.ping())
