"""What ``make bench`` prints: this project and stock nbgrader on the same generated class, in one run.

    python benchmarks/bench.py [--only light,training,…] [--quick] [--rounds N] [--write docs/benchmarks.json]

Parts: ``light`` and ``training`` (throughput against stock nbgrader, in turn), ``overhead`` (one more notebook
against the same cells in one warm process), ``memory`` (one more idle sandbox), ``growth`` (50 against 1,000
submissions), ``regrade`` (a changed test, judged from evidence), ``records`` (10,000 students with ten notebooks),
``faults``, ``cluster`` (what a notebook costs the command when others run it).
Medians; ratios are of times of the same run. The last line is JSON. Nothing else should run meanwhile.
"""

import argparse
import json
import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import generated
import psutil
from faults import Cluster
from generated import LIGHT, LIST, NOTEBOOK, TINY, TRAINING, Work, build, cells_of, make_stock, ours, stock

from autograder.sandbox.client import Zygote, runtime_dir
from autograder.terminal import err, out, table

HERE = Path(__file__).resolve().parent
CORES = len(os.sched_getaffinity(0))
MIB = 2**20
Found = dict[str, Any]


def say(text: str) -> None:
    """Tell how far it is."""
    err.print(f"{datetime.now():%H:%M:%S} {text}", highlight=False)


@contextmanager
def warm_zygotes(scratch: Path) -> Iterator[None]:
    """Zygotes of this run's own, warm when it begins, ended when it ends."""
    folder = tempfile.mkdtemp(prefix="b-")
    os.environ["XDG_RUNTIME_DIR"] = folder
    try:
        for role in ("kernel", "judge"):
            Zygote.connect(role)  # type: ignore[arg-type]
        ours(build(scratch / "warm", LIGHT, 1))  # makes the public view, reads everything once
        yield
    finally:
        for path in runtime_dir().glob("[jz]-*"):
            if path.is_socket():
                Zygote(path).stop()
        shutil.rmtree(folder, ignore_errors=True)


def against_stock(scratch: Path, name: str, work: Work, students: int, rounds: int) -> Found:
    """Throughput of one class under both, in turn; and what the run's own figures allow."""
    mine = build(scratch / f"{name}-ours", work, students)
    theirs = make_stock(build(scratch / f"{name}-stock", work, students))
    times: dict[str, list[float]] = {"ours": [], "stock": [], "warm": [], "together": []}
    for number in range(rounds):
        times["ours"].append(ours(mine))
        times["stock"].append(stock(theirs))
        times["warm"] += warm(scratch, work)
        times["together"] += warm(scratch, work, at_once=CORES)
        last = ", ".join(f"{kind} {taken[-1]:.1f} s" for kind, taken in times.items())
        say(f"{name}: round {number + 1} of {rounds}: {last}")
    middle = {kind: statistics.median(taken) for kind, taken in times.items()}
    per = {kind: middle[kind] / students for kind in ("ours", "stock")}
    return {
        f"{name}_ratio": round(per["stock"] / per["ours"], 2),
        # Of cores × stock seconds / work seconds: the seconds of stock cancel out.
        f"{name}_share_of_allowed": round(middle["warm"] / (CORES * per["ours"]), 3),
        f"{name}_share_of_reachable": round(middle["together"] / (CORES * per["ours"]), 3),
        f"{name}_students": students,
        f"{name}_stock_s": round(per["stock"], 2),
        f"{name}_ours_s": round(per["ours"], 2),
        f"{name}_work_s": round(middle["warm"], 2),
        f"{name}_together_s": round(middle["together"], 2),
        f"{name}_times": {kind: [round(value, 2) for value in taken] for kind, taken in times.items()},
    }


def warm(scratch: Path, work: Work, *, at_once: int = 1) -> list[float]:
    """Seconds of the same cells in a warm process with one thread, three times; in ``at_once`` processes at once.

    The first time of each, which starts TensorFlow's runtime, is left out.
    """
    path = scratch / "cells.json"
    path.write_text(json.dumps([text for text, _, _ in cells_of(work)]))
    threads = dict.fromkeys(
        ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"
    )
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "2", "TF_ENABLE_ONEDNN_OPTS": "0", **threads}
    command = [sys.executable, str(HERE / "warm.py"), str(path), "3"]
    running = [
        subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        for _ in range(at_once)
    ]
    taken: list[float] = []
    for process in running:
        said, _ = process.communicate()
        if process.returncode != 0:
            raise SystemExit("The cells failed in a process of their own.")
        taken += json.loads(said.splitlines()[-1])[1:]
    return taken


def overhead(scratch: Path, rounds: int) -> Found:
    """What one more notebook costs beside its work, one at a time; for a light one and for one of 20 s."""
    found: Found = {}
    for name, work, few, many in (("light", LIGHT, 2, 12), ("long", TRAINING, 1, 2)):
        courses = [build(scratch / f"o-{name}-{number}", work, number) for number in (few, many)]
        for course in courses:  # one at a time would get all cores, and the warm process has one thread
            (course / "assignments" / f"{LIST}.toml").write_text("threads = 1\n")
        more, work_seconds = [], []
        for _ in range(rounds):
            first, second = (ours(course, "--jobs", "1") for course in courses)
            more.append((second - first) / (many - few))
            work_seconds += warm(scratch, work)
        added = statistics.median(more) - statistics.median(work_seconds)
        found[f"overhead_{name}_s"] = round(added, 2)
        found[f"overhead_{name}_share"] = round(added / statistics.median(work_seconds), 3)
        say(f"overhead, {name}: {added:.2f} s beside {statistics.median(work_seconds):.2f} s")
    return {"overhead_s": max(found["overhead_light_s"], 0.0), **found}


def memory(empty: Path, count: int = 6) -> Found:
    """Private memory of one more idle sandbox with TensorFlow imported: kernel, keeper and porter together."""
    import asyncio

    from jupyter_client.manager import AsyncKernelManager

    async def started() -> list[AsyncKernelManager]:
        managers = []
        for _ in range(count):
            manager = AsyncKernelManager(kernel_name="autograder")
            await manager.start_kernel(cwd=str(empty))
            client = manager.client()
            client.start_channels()
            await client.wait_for_ready(timeout=60)
            client.execute("import tensorflow, keras")
            await client.get_shell_msg(timeout=60)
            client.stop_channels()
            managers.append(manager)
        return managers

    async def measured() -> list[int]:
        managers = await started()
        await asyncio.sleep(2)
        answer = Zygote.connect().ping()
        assert answer is not None
        sizes = []
        for keeper in psutil.Process(answer["pid"]).children():
            sizes.append(sum(_private(p.pid) for p in [keeper, *keeper.children(recursive=True)]))
        for manager in managers:
            await manager.shutdown_kernel(now=True)
        return sizes

    sizes = asyncio.run(measured())
    return {
        "private_mb": round(statistics.median(sizes) / MIB, 1),
        "private_mb_largest": round(max(sizes) / MIB, 1),
    }


def _private(pid: int) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Private_"))


def growth(scratch: Path, few: int, many: int) -> Found:
    """Time of a submission in a small and in a large class, and the grader's own memory meanwhile."""
    per, peak = {}, {}
    for students in (few, many):
        course = build(scratch / f"growth-{students}", TINY, students)
        taken, samples = _watched(course)
        per[students] = taken / students
        peak[students] = samples
        say(f"growth: {students} submissions, {per[students]:.3f} s each")
    # Of the large class: its memory after a tenth and at the end.
    samples = peak[many]
    early, late = samples[len(samples) // 10], max(samples[-len(samples) // 10 :])
    # Starting the command is no submission's time.
    start = _start_seconds(scratch)
    small, large = ((per[n] * n - start) / n for n in (few, many))
    return {
        "growth_pct": round(100 * (large / small - 1), 1),
        "growth_s": {str(few): round(small, 3), str(many): round(large, 3)},
        "growth_memory_mb": {"early": round(early / MIB), "late": round(late / MIB)},
    }


def _watched(course: Path) -> tuple[float, list[int]]:
    """Seconds that grading took, and the grader's resident memory every second."""
    command = [str(generated.BIN / "autograder"), "grade", LIST]
    began = time.monotonic()
    samples: list[int] = []
    with subprocess.Popen(command, cwd=course, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as grader:
        process = psutil.Process(grader.pid)
        while grader.poll() is None:
            try:
                samples.append(process.memory_info().rss)
            except psutil.NoSuchProcess:
                break
            time.sleep(0.5)
        if grader.wait() != 0:
            raise SystemExit("The grader failed.")
    return time.monotonic() - began, samples[6:-2]  # it imports for some seconds, and prints at the end


def _start_seconds(scratch: Path) -> float:
    """Seconds of the command where nothing has to be run."""
    course = build(scratch / "start", TINY, 1)
    ours(course)
    command = [str(generated.BIN / "autograder"), "grade", LIST]
    return statistics.median(generated.run(command, course) for _ in range(3))


def regrade(scratch: Path, students: int) -> Found:
    """Grading a class that trains, and judging it again after one hidden test was changed; both in seconds."""
    course = build(scratch / "regrade", TRAINING, students)
    graded = ours(course)
    path = course / "assignments" / LIST / f"{NOTEBOOK}.ipynb"
    path.write_text(path.read_text().replace("mean() > 0.6", "mean() > 0.65"))
    again = generated.run([str(generated.BIN / "autograder"), "regrade", LIST], course)
    return {
        "regrade_ratio": round(graded / again, 1),
        "regrade_students": students,
        "regrade_s": {"grade": round(graded, 1), "regrade": round(again, 2)},
    }


def script(name: str, *options: str) -> Found:
    """The JSON that another benchmark prints as its last line."""
    done = subprocess.run(
        [sys.executable, str(HERE / name), *options],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
        cwd=HERE.parent,
    )
    if not done.stdout.strip():
        raise SystemExit(f"{name} failed with {done.returncode}.")
    found: Found = json.loads(done.stdout.splitlines()[-1])
    return found


def faults(kills: int) -> Found:
    """Scores that were lost, doubled or wrong after that many kills."""
    found = script("faults.py", "--kills", str(kills))
    lost = sum(found[name] for name in ("lost", "doubled", "wrong", "marks_lost"))
    return {"lost": lost, "kills": found["kills"], "faults_s": found["seconds"]}


def cluster(scratch: Path, few: int, many: int) -> Found:
    """CPU seconds of the command a notebook, where a Dask cluster runs them: what it packs, fetches, records."""
    used = {}
    with tempfile.TemporaryDirectory(prefix="bench-dask-") as folder, Cluster(Path(folder)) as dask:
        for students in (few, many):
            course = build(scratch / f"cluster-{students}", TINY, students)
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            ours(course, "--engine", f"dask://{dask.address}")
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            used[students] = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"cluster_command_s": round((used[many] - used[few]) / (many - few), 3)}


def records(students: int) -> Found:
    """Recording into, and reading, a large gradebook."""
    return script("records.py", "--students", str(students))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", help="parts, with commas between them")
    parser.add_argument("--quick", action="store_true", help="small classes, few rounds: to try the program")
    parser.add_argument("--rounds", type=int, help="of light, training and overhead: 3; 1 with --quick")
    parser.add_argument(
        "--write", type=Path, help="write what was found to this file as well; with --only, beside what it holds"
    )
    options = parser.parse_args()
    quick = options.quick
    rounds = options.rounds or (1 if quick else 3)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, warm_zygotes(Path(folder)):
        scratch = Path(folder)
        parts: dict[str, Callable[[], Found]] = {
            "light": lambda: against_stock(scratch, "light", LIGHT, 3 if quick else 24, rounds),
            "training": lambda: against_stock(scratch, "training", TRAINING, 2 if quick else 8, rounds),
            "overhead": lambda: overhead(scratch, rounds),
            "memory": lambda: memory(Path(tempfile.mkdtemp(dir=scratch))),
            "growth": lambda: growth(scratch, 20 if quick else 50, 60 if quick else 1000),
            "regrade": lambda: regrade(scratch, 2 if quick else 6),
            "records": lambda: records(200 if quick else 10_000),
            "faults": lambda: faults(5 if quick else 50),
            "cluster": lambda: cluster(scratch, 4, 10 if quick else 44),
        }
        wanted = options.only.split(",") if options.only else list(parts)
        if unknown := set(wanted) - set(parts):
            parser.error(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(parts)}")
        found: Found = {}
        if options.write is not None and options.only and options.write.exists():
            found = json.loads(options.write.read_text())  # parts of another run of it stay
        for name in wanted:
            say(name)
            at = datetime.now(UTC).isoformat(timespec="seconds")
            found |= parts[name]()
            found.setdefault("parts", {})[name] = {"at": at, "rounds": rounds, "quick": quick}
    found["machine"] = {
        "cores": CORES,
        "memory_gb": round(psutil.virtual_memory().total / 1e9), "python": platform.python_version(),
    }  # fmt: skip
    out.print(table("make bench", (("measure", "fold"), ("found", "right"), ("goal", "left")), list(_rows(found))))
    if options.write is not None:
        options.write.write_text(json.dumps(found, indent=1) + "\n")
    print(json.dumps(found))


def _rows(found: Found) -> Iterator[tuple[str, str, str]]:
    for name, what in (("light", "light class"), ("training", "training class")):
        if f"{name}_ratio" in found:
            each = f"{found[f'{name}_stock_s']:.1f} s → {found[f'{name}_ours_s']:.2f} s a notebook"
            yield (
                f"{what}, against stock nbgrader: {each}",
                f"{found[f'{name}_ratio']:.1f} ×",
                ("≥ 12 ×" if name == "light" else "≥ 3.5 ×"),
            )
            share = f"{found[f'{name}_share_of_allowed']:.0%}"
            yield (
                f"… of cores × stock seconds / work seconds ({found[f'{name}_work_s']:.1f} s)",
                share,
                ("" if name == "light" else "≥ 95%"),
            )
            share = f"{found[f'{name}_share_of_reachable']:.0%}"
            work = f"{found[f'{name}_together_s']:.1f} s"
            yield f"… with the work of as many processes at once as cores ({work})", share, ""
    if "overhead_s" in found:
        yield "one more notebook, beside a light one's work", f"{found['overhead_light_s']:.2f} s", "≤ 0.8 s"
        yield "… beside one that trains", f"{found['overhead_long_share']:.1%}", "≤ 10%"
    if "private_mb" in found:
        yield "private memory of one more idle sandbox", f"{found['private_mb']:.0f} MB", "≤ 40 MB"
    if "growth_pct" in found:
        few, many = found["growth_s"]
        sizes = found["growth_memory_mb"]
        yield f"time of a submission, {many} against {few}", f"{found['growth_pct']:+.1f}%", "± 10%"
        yield "grader's own memory, early and at the end", f"{sizes['early']} MB, {sizes['late']} MB", "flat"
    if "regrade_ratio" in found:
        yield "judging again against grading, a changed test", f"{found['regrade_ratio']:.0f} ×", ""
    if "record_ms" in found:
        yield (
            f"recording a notebook, {found['records_students']} students",
            f"{found['record_ms']:.1f} ms",
            "≤ 25 ms",
        )
        yield "class statistics", f"{found['statistics_s']:.1f} s", "≤ 5 s"
    if "cluster_command_s" in found:
        yield "CPU of the command a notebook that a cluster runs", f"{found['cluster_command_s']:.3f} s", ""
    if "lost" in found:
        yield f"scores lost, doubled or wrong after {found['kills']} kills", f"{found['lost']}", "0"


if __name__ == "__main__":
    main()
