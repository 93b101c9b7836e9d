"""Kill whatever grades, at random moments, and see that no score is lost, doubled or wrong.

A class with known scores is graded again and again, while this program sends SIGKILL to a process chosen by
chance: the grader, a zygote, a keeper, a porter, a kernel, a judge or an inspector. For the last fifth of the
kills the class is graded on a Dask cluster of two workers, and these are killed too. A grader or a worker that was
killed is started again; whenever a grader ends by itself, a limit is changed, so that everything has to run once
more. At the end the gradebook must have every score, each as it was always, with what a person gave before still
there; and judging again from the evidence must find the same.

Options: ``--kills N --students N --seed N``. The last line is JSON; the exit status is 1 if a score is not as it
must be. Run by ``make bench``, and shortened by the test suite.
"""

import argparse
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
import psutil
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from nbgrader.api import Gradebook

from autograder.data.key import holdout_key
from autograder.nbgrader_bridge import generate_release
from autograder.sandbox.client import Zygote, runtime_dir

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
#: Half a second of work, so that there is something to be killed.
_WORK = "import time\nwhile time.process_time() < {seconds}: sum(range(1000))\n"
#: Answers, and what they are worth of 5.
ANSWERS = {
    "right": ("def dobro(x):\n    return 2 * x", "lista = [1, 2, 3]", 5.0),
    "half": ("def dobro(x):\n    return 4", "lista = [1, 2, 3]", 3.0),
    "other": ("def dobro(x):\n    return x + x", "lista = []", 2.0),
    "raises": ("raise RuntimeError('nao sei')", "lista = None", 0.0),
}
MARK, COMMENT = 0.5, "Lido antes."
_WHOSE = (
    "JOIN submitted_notebook sn ON sn.id = g.notebook_id JOIN submitted_assignment sa ON sa.id = sn.assignment_id"
)
#: How often each kind is chosen.
_WEIGHTS = {"grader": 4, "kernel": 4, "judge": 4, "keeper": 3, "porter": 2, "kernel zygote": 2, "judge zygote": 2}
_ON_CLUSTER = {"Dask worker": 5, "grader": 2, "kernel": 2, "kernel zygote": 1}


def build(course: Path, students: int) -> dict[str, float]:
    """A course with one exercise and an essay, handed in by each student; the scores that they deserve."""

    def cell(kind: str, source: str, name: str, **fields: object) -> nbformat.NotebookNode:
        known = {"grade": False, "solution": False, "locked": False, "task": False, "schema_version": 3}
        made = (new_code_cell if kind == "code" else new_markdown_cell)(source, id=f"id-{name}")
        made.metadata["nbgrader"] = {**known, "grade_id": name, **fields}
        return made

    solved = "### BEGIN SOLUTION\n{}\n### END SOLUTION"
    right = ANSWERS["right"]
    cells = [
        cell("code", solved.format(right[0]), "dobro", solution=True),
        cell("code", "assert dobro(2) == 4\n### BEGIN HIDDEN TESTS\nassert dobro(5) == 10\n### END HIDDEN TESTS",
             "dobro-test",
             grade=True, locked=True, points=2),
        cell("code", solved.format(right[1]), "lista", solution=True),
        cell("code", "assert len(lista) == 3", "lista-test", grade=True, locked=True, points=3),
        cell("markdown", "Porque sim.", "essay", grade=True, solution=True, points=1),
    ]  # fmt: skip
    spec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    path = course / "assignments" / "faults" / "tiny.ipynb"
    path.parent.mkdir(parents=True)
    nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": spec}), path)
    shutil.copy(ROOT / "nbgrader_config.py", course)
    holdout_key(ROOT)  # the repository's, so that no further view of the data sets has to be made
    shutil.copy(ROOT / ".holdout-key", course)
    limit(course, 60)
    generate_release(course, "faults")
    handed_in = nbformat.read(course / "release" / "faults" / "tiny.ipynb", as_version=4)
    deserved = {}
    for number in range(students):
        student, kind = f"s{number:02}", list(ANSWERS)[number % len(ANSWERS)]
        first, second, deserved[student] = ANSWERS[kind]
        for made in handed_in.cells:
            text = {"dobro": _WORK.format(seconds=0.5 + number % 3 / 2) + first, "lista": second, "essay": student}
            made.source = text.get(made.metadata.nbgrader.grade_id, made.source)
        folder = course / "submitted" / student / "faults"
        folder.mkdir(parents=True)
        nbformat.write(handed_in, folder / "tiny.ipynb")
        (folder / "timestamp.txt").write_text("2026-05-04 12:00:00 UTC")
    return deserved


def limit(course: Path, seconds: int) -> None:
    """Change what a notebook may use: what ran under another limit has to run again."""
    (course / "assignments" / "faults.toml").write_text(f"[limits]\ncell_cpu = {seconds}\nnotebook_cpu = 300\n")


def give_marks(course: Path, students: list[str]) -> None:
    """Mark essays, as formgrader does."""
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as book:
        for student in students:
            mark = book.find_grade("essay", "tiny", "faults", student)
            mark.manual_score, mark.needs_manual_grade = MARK, False
            book.find_comment("essay", "tiny", "faults", student).manual_comment = COMMENT
        book.db.commit()


def start(course: Path, log: Path, *options: str, verb: str = "grade") -> "subprocess.Popen[bytes]":
    """The grader, as an instructor starts it."""
    command = [str(BIN / "autograder"), verb, "faults", "--jobs", "2", *options]
    with log.open("ab") as file:
        return subprocess.Popen(command, cwd=course, stdin=subprocess.DEVNULL, stdout=file, stderr=file)


class Cluster:
    """A scheduler and two workers on this machine; they end with the block."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._where = folder / "scheduler.json"
        file = str(self._where)
        self._scheduler = self._start("scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", file)
        deadline = time.monotonic() + 60
        while not self.address:
            if time.monotonic() > deadline:
                raise SystemExit("The scheduler did not start.")
            time.sleep(0.2)
        self._workers: list[subprocess.Popen[bytes]] = []
        self.revive()

    def __enter__(self) -> "Cluster":
        return self

    def __exit__(self, *_: object) -> None:
        for process in (*self._workers, self._scheduler):
            process.terminate()
        for process in (*self._workers, self._scheduler):
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    @property
    def address(self) -> str:
        """``HOST:PORT``; empty until it is known."""
        try:
            return str(json.loads(self._where.read_text())["address"]).partition("://")[2]
        except (OSError, ValueError):
            return ""

    @property
    def workers(self) -> list[int]:
        """Processes of the workers that live."""
        return [process.pid for process in self._workers if process.poll() is None]

    def revive(self) -> None:
        """Start what workers are missing."""
        self._workers = [process for process in self._workers if process.poll() is None]
        while len(self._workers) < 2:
            self._workers.append(
                self._start("worker", self.address, "--nthreads", "1", "--no-nanny",
                            "--local-directory", str(self._folder))
            )  # fmt: skip

    def _start(self, *command: str) -> "subprocess.Popen[bytes]":
        with (self._folder / "dask.log").open("ab") as file:
            return subprocess.Popen(
                [str(BIN / "dask"), *command, "--no-dashboard"],
                cwd=self._folder, stdin=subprocess.DEVNULL, stdout=file, stderr=file,
            )  # fmt: skip


def targets(grader: int, workers: list[int]) -> dict[str, list[int]]:
    """Who can be killed now, by kind."""
    found: dict[str, list[int]] = {"grader": [grader], "Dask worker": workers}
    for letter, role in (("z", "kernel"), ("j", "judge")):
        for path in runtime_dir().glob(f"{letter}-*"):
            answer = Zygote(path).ping() if path.is_socket() else None
            if answer is None:
                continue
            found.setdefault(f"{role} zygote", []).append(answer["pid"])
            try:
                keepers = psutil.Process(answer["pid"]).children()
                for keeper in keepers:
                    found.setdefault("keeper", []).append(keeper.pid)
                    for child in keeper.children():
                        kind = role if _is_first_of_its_namespace(child.pid) else "porter"
                        found.setdefault(kind, []).append(child.pid)
            except psutil.NoSuchProcess:
                continue  # it ended while we looked
    return found


def _is_first_of_its_namespace(pid: int) -> bool:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return next(line for line in lines if line.startswith("NSpid:")).split()[-1] == "1"


def kill_one(chance: random.Random, grader: int, cluster: Cluster | None, kind: str | None = None) -> str | None:
    """Kill a process by chance; its kind, or ``None`` if nobody of that kind is there within two seconds."""
    weights = _WEIGHTS if cluster is None else _ON_CLUSTER
    kind = kind or chance.choices(list(weights), list(weights.values()))[0]
    deadline = time.monotonic() + 2
    while time.monotonic() < deadline:
        there = targets(grader, [] if cluster is None else cluster.workers).get(kind)
        if there:
            try:
                os.kill(chance.choice(there), signal.SIGKILL)
            except ProcessLookupError:
                continue
            return kind
        time.sleep(0.05)
    return None


def found_wrong(course: Path, deserved: dict[str, float], marked: list[str]) -> dict[str, int]:
    """Scores that are not as they must be: lost, doubled, wrong; and manual marks that were lost."""
    book = sqlite3.connect(course / "gradebook.db")
    reports = Counter(row[0] for row in book.execute("SELECT student FROM autograder_report"))
    scores = dict(
        book.execute(
            f"SELECT sa.student_id, SUM(g.auto_score) FROM grade g {_WHOSE} JOIN base_cell c ON c.id = g.cell_id "  # noqa: S608
            "WHERE c.name LIKE '%-test' AND g.auto_score IS NOT NULL GROUP BY sa.student_id"
        )
    )
    kept = dict(
        book.execute(
            f"SELECT sa.student_id, g.manual_score FROM grade g {_WHOSE} JOIN base_cell c ON c.id = g.cell_id "  # noqa: S608
            "WHERE c.name = 'essay'"
        )
    )
    comments = dict(
        book.execute(
            f"SELECT sa.student_id, g.manual_comment FROM comment g {_WHOSE} WHERE g.manual_comment IS NOT NULL"  # noqa: S608
        )
    )
    # Also for a moment, no other score may have been there: the history knows.
    ever = Counter(
        (student, cell, score)
        for student, cell, score in book.execute(
            "SELECT student, cell, new_auto FROM autograder_history WHERE new_auto IS NOT NULL"
        )
    )
    deserved_cells = {
        (student, name): score
        for number, student in enumerate(deserved)
        for name, score in zip(("dobro-test", "lista-test"), _cells(number), strict=True)
    }
    wrong = sum(deserved_cells.get((student, cell), 0.0) != score for student, cell, score in ever)
    attempts = book.execute("SELECT COUNT(*) FROM autograder_attempt").fetchone()[0]
    book.close()
    return {
        "lost": sum(student not in scores for student in deserved),
        "doubled": sum(number > 1 for number in reports.values()) + attempts,
        "wrong": wrong + sum(scores.get(student, score) != score for student, score in deserved.items()),
        "marks_lost": sum(kept.get(s) != MARK or comments.get(s) != COMMENT for s in marked)
        + sum(kept.get(s) is not None for s in deserved if s not in marked),
    }


def _cells(number: int) -> tuple[float, float]:
    kind = list(ANSWERS)[number % len(ANSWERS)]
    return {"right": (2.0, 3.0), "half": (0.0, 3.0), "other": (2.0, 0.0), "raises": (0.0, 0.0)}[kind]


@contextmanager
def folders() -> Iterator[tuple[Path, Path]]:
    """A course and a runtime folder of its own, whose zygotes end with it."""
    with tempfile.TemporaryDirectory(prefix="faults-") as scratch, tempfile.TemporaryDirectory(prefix="f-") as run:
        Path(run).chmod(0o700)
        os.environ["XDG_RUNTIME_DIR"] = run
        try:
            yield Path(scratch), runtime_dir()
        finally:
            for path in runtime_dir().glob("[jz]-*"):
                if path.is_socket():
                    Zygote(path).stop()


class Trial:
    """A class that is graded while something is killed again and again.

    Args:
        course: Whose class; its reports are there after a first grading.
        chance: Decides whom and when.
    """

    def __init__(self, course: Path, chance: random.Random) -> None:
        self.killed: Counter[str] = Counter()
        self.starts = 0
        self._course = course
        self._chance = chance
        self._log = course / "log.txt"
        self._rounds = 0

    def kill(self, times: int, wanted: int, cluster: Cluster | None = None) -> None:
        """Kill ``times`` times, then let the last grader end. ``wanted`` is told with each kill."""
        until = self.killed.total() + times
        grader = self._again(cluster)
        while self.killed.total() < until:
            time.sleep(self._chance.uniform(0.05, 1.5))
            if cluster is not None:
                cluster.revive()
            if grader.poll() is not None:
                if grader.returncode not in (0, 1, -signal.SIGKILL):
                    said = self._log.read_text(errors="replace")[-3000:]
                    raise SystemExit(f"The grader ended with {grader.returncode}:\n{said}")
                if grader.returncode == 0:  # all is done: make work
                    self._rounds += 1
                    limit(self._course, 60 + self._rounds)
                grader = self._again(cluster)
                time.sleep(self._chance.uniform(0.0, 6.0))  # it imports for some seconds: nothing can be lost
                continue
            # Also the shortest run takes a worker of the cluster along.
            first = "Dask worker" if cluster is not None and not self.killed["Dask worker"] else None
            kind = kill_one(self._chance, grader.pid, cluster, first)
            if kind is not None:
                self.killed[kind] += 1
                print(f"{self.killed.total()}/{wanted} {kind}", file=sys.stderr, flush=True)
        if cluster is not None:
            cluster.revive()
        grader.wait()

    def _again(self, cluster: Cluster | None) -> "subprocess.Popen[bytes]":
        self.starts += 1
        options = () if cluster is None else ("--engine", f"dask://{cluster.address}")
        return start(self._course, self._log, *options)


def main() -> int:
    """Kill, look, print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--kills", type=int, default=50)
    options.add_argument("--students", type=int, default=12)
    options.add_argument("--seed", type=int, default=1)
    chosen = options.parse_args()
    chance = random.Random(chosen.seed)  # noqa: S311
    on_cluster = max(1, chosen.kills // 5)
    began = time.monotonic()
    with folders() as (course, _):
        log = course / "log.txt"
        deserved = build(course, chosen.students)
        marked = list(deserved)[:3]
        first = start(course, log, *(f"--student={student}" for student in marked))
        if first.wait() != 0:
            raise SystemExit(log.read_text()[-3000:])
        give_marks(course, marked)
        trial = Trial(course, chance)
        trial.kill(chosen.kills - on_cluster, chosen.kills)
        with tempfile.TemporaryDirectory(prefix="faults-dask-") as folder, Cluster(Path(folder)) as cluster:
            limit(course, 59)  # so that there is work for it
            trial.kill(on_cluster, chosen.kills, cluster)
        tries = 0
        while (status := start(course, log).wait()) != 0 and tries < 3:
            tries += 1
        found = found_wrong(course, deserved, marked)
        again = start(course, log, verb="regrade").wait()
        after = found_wrong(course, deserved, marked)
        said = log.read_text(errors="replace")
    seconds = time.monotonic() - began
    bad = {name: max(found[name], after[name]) for name in found}
    for kind, number in trial.killed.most_common():
        print(f"{kind:<16}{number:>4}")
    tried = said.count("is tried again")
    print(f"{trial.starts} starts of the grader after a kill or an end; {tried} notebooks tried again")
    result = {"kills": trial.killed.total(), **bad, "grade_status": status, "regrade_status": again}
    result["killed"] = dict(trial.killed)
    result["seconds"] = round(seconds)
    print(json.dumps(result))
    return 1 if any(bad.values()) or status or again else 0


if __name__ == "__main__":
    sys.exit(main())
