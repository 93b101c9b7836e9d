# ruff: noqa: E501  (lines of student code, and tables of cases: a case a row)
"""Whatever is handed in gets a score, a message that names the file, and delays nobody else.

One class of students who each hand in something else that is wrong is graded once; each has a test.
"""

import asyncio
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pytest
from courses import RIGHT, TinyCourse, cell_of, code
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from autograder.engine import Course, Graded, grade_all, items_of
from autograder.messages import using_language
from autograder.outcome import NotebookReport
from autograder.sandbox.client import Zygote
from autograder.submission import find

pytestmark = [pytest.mark.sandbox, pytest.mark.slow]

# pip alone takes 2 to 3 s of CPU time to find out that there is no network.
SETTINGS = """
language = "en"
[limits]
cell_cpu = 6
notebook_cpu = 12
wall_factor = 3
memory = 1500
disk = 64
processes = 64
output = 1
"""
SECRET = "canary-of-another-student"


@dataclass(frozen=True)
class Case:
    """What somebody hands in, and what must come of it (5 points by tests, 1 by the essay)."""

    make: Callable[[TinyCourse, str], Any]
    score: float = 5.0
    status: str = "graded"
    says: str = ""
    notice: str = ""


def raw(content: bytes) -> Callable[[TinyCourse, str], Any]:
    return lambda course, student: (course.folder(student) / "tiny.ipynb").write_bytes(content)


def edited(edit: Callable[[NotebookNode], Any]) -> Callable[[TinyCourse, str], Any]:
    return lambda course, student: course.submit(student, edit=edit)


def answering(**answers: str) -> Callable[[TinyCourse, str], Any]:
    return lambda course, student: course.submit(student, {**RIGHT, **answers})


def beside(put: Callable[[Path], Any]) -> Callable[[TinyCourse, str], Any]:
    """A right notebook with something in its folder."""

    def make(course: TinyCourse, student: str) -> None:
        put(course.submit(student).parent)

    return make


def instead(put: Callable[[Path], Any]) -> Callable[[TinyCourse, str], Any]:
    """Something in place of the notebook."""
    return lambda course, student: put(course.folder(student) / "tiny.ipynb")


def huge(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(51 * 2**20)


def truncated(course: TinyCourse, student: str) -> None:
    path = course.submit(student)
    path.write_bytes(path.read_bytes()[:-700])


def renamed(course: TinyCourse, student: str) -> None:
    path = course.submit(student)
    path.rename(path.with_name("Tiny (cópia).ipynb"))


def format_3(course: TinyCourse, student: str) -> None:
    """Format 3 has no cell metadata that nbgrader knows; its text is there all the same."""
    path = course.submit(student)
    old = nbformat.convert(nbformat.read(path, as_version=4), 3)
    path.write_text(nbformat.v3.writes_json(old))


def device(path: Path) -> None:
    if os.geteuid() == 0:
        os.mknod(path, 0o20666, os.makedev(1, 5))  # /dev/zero
    else:
        path.symlink_to("/dev/zero")


def odd_names(folder: Path) -> None:
    (folder / "a\x1b[31m\n.csv").touch()
    (folder / ("x" * 250)).touch()
    Path(os.fsdecode(os.fsencode(folder) + b"/\xff\xfe")).touch()


def links(folder: Path) -> None:
    (folder / "secret.csv").symlink_to("/etc/shadow")
    (folder / "others").symlink_to(folder.parent.parent)
    os.mkfifo(folder / "pipe")
    (folder / "planted.h5").write_bytes(b"\x89HDF")


def deep(folder: Path) -> None:
    for _ in range(40):
        folder = folder / "d"
        folder.mkdir()


def clash(folder: Path) -> None:
    """A file where the instructor has a folder, and the other way round."""
    (folder / "given").write_text("not a folder")
    (folder / "given.csv").mkdir()


def strip(notebook: NotebookNode) -> None:
    for cell in notebook.cells:
        cell.metadata = {}


def each(notebook: NotebookNode, change: Callable[[NotebookNode], Any]) -> None:
    for cell in notebook.cells:
        change(cell)


LOOP = "while True: pass"
PEEK = (
    "import os\nseen = []\nfor top in ('/home', '/tmp', '/root', '/work', '/run', '/var', '/srv', '/mnt', '/etc'):\n"
    "    for folder, inside, files in os.walk(top):\n        inside[:] = [] if folder.endswith('/lib') else inside\n"
    "        seen += [f for f in files if f.endswith(('.ipynb', '.db', '.toml'))]\n"
    "assert not seen, seen\nsquare = [n ** 2 for n in range(10)]"
)
ODD = [t.encode() for t in ("[]", "{}", '{"nbformat": 4}', '{"nbformat": 4, "cells": [{}]}')]

CASES = {
    # the file
    "right": Case(answering()),
    "empty": Case(raw(b""), 0, "refused", "tiny.ipynb is empty"),
    "malformed": Case(raw(b"{'cells': []}"), 0, "refused", "tiny.ipynb is not a valid notebook: its JSON breaks at line 1"),
    "truncated": Case(truncated, 0, "refused", "tiny.ipynb is not a valid notebook: its JSON breaks"),
    "not-utf8": Case(raw(b'{"cells": "\xe7\xe3o"}'), 0, "refused", "tiny.ipynb is not a notebook: it is not UTF-8"),
    **{f"odd-json-{n}": Case(raw(content), 0, "refused", "tiny.ipynb") for n, content in enumerate(ODD)},
    "deep-json": Case(raw(b"[" * 100_000), 0, "refused", "tiny.ipynb"),
    "format-1": Case(raw(b'{"nbformat": 1}'), 0, "refused", "notebook format 1"),
    "format-5": Case(raw(b'{"nbformat": 5, "cells": []}'), 0, "refused", "notebook format 5"),
    "format-3": Case(format_3),
    "huge": Case(instead(huge), 0, "refused", "tiny.ipynb has 51 MB; the limit is 50 MB"),
    "link": Case(instead(lambda p: p.symlink_to("/etc/passwd")), 0, "refused", "tiny.ipynb is a link"),
    "pipe": Case(instead(os.mkfifo), 0, "refused", "tiny.ipynb is not a regular file"),
    "folder": Case(instead(Path.mkdir), 0, "refused", "tiny.ipynb is not a regular file"),
    "device": Case(instead(device), 0, "refused", "tiny.ipynb is"),
    "nothing": Case(lambda course, student: course.folder(student), 0, "missing", "tiny.ipynb was not handed in"),
    "renamed": Case(renamed, notice="handed in as “Tiny (cópia).ipynb”"),
    "odd-names": Case(beside(odd_names), notice="has a name that cannot be used"),
    "links": Case(beside(links), notice="“secret.csv” is a link"),
    "deep-folders": Case(beside(deep), notice="is too large"),
    "clash": Case(beside(clash)),
    # the cells
    "deleted-test": Case(edited(lambda nb: nb.cells.remove(cell_of(nb, "square-test"))), notice="“square-test” was missing"),
    "deleted-all": Case(edited(lambda nb: nb.cells.clear()), 0),
    "doubled-test": Case(
        edited(lambda nb: nb.cells.append({**cell_of(nb, "square-test"), "id": "copy"})), notice="is there twice"
    ),
    "edited-test": Case(
        edited(lambda nb: (cell_of(nb, "square-test").update(source="pass"), cell_of(nb, "square").update(source=""))),
        2, notice="“square-test” had been edited",
    ),
    "moved": Case(edited(lambda nb: nb.cells.reverse())),
    "points": Case(
        edited(lambda nb: cell_of(nb, "square-test").metadata["nbgrader"].update(points=1000)),
        notice="points of the cell “square-test”",
    ),
    "points-nan": Case(edited(lambda nb: each(nb, lambda c: c.metadata.get("nbgrader", {}).update(points=float("nan"))))),
    "ids": Case(edited(lambda nb: each(nb, lambda c: c.metadata.get("nbgrader", {}).update(grade_id="x")))),
    "stripped": Case(edited(strip)),
    "kernelspec": Case(edited(lambda nb: nb.metadata.update(kernelspec={"name": "ir", "display_name": "R", "language": "R"}))),
    "skip-tags": Case(edited(lambda nb: each(nb, lambda c: c.metadata.update(tags=["skip-execution"])))),
    "surrogate": Case(edited(lambda nb: nb.cells.append({**code("", "s"), "source": "s = '\ud800'", "id": "s\ud800"}))),
    # the code
    "loop": Case(answering(double=LOOP), 3),
    "sleeper": Case(answering(double="import time\ntime.sleep(600)"), 3),
    "stubborn": Case(
        answering(double=f"try:\n    n = 0\n    {LOOP.replace('pass', 'n += 1')}\nexcept BaseException:\n    " + LOOP.replace("pass", "n += 1")),
        3,
    ),
    "hog": Case(answering(double="x = []\nwhile True: x.append(bytearray(2**26))"), 3),
    "crash": Case(answering(square="import os\nos._exit(1)"), 2, says="ended its kernel"),
    "kill": Case(answering(square="import os\nos.kill(os.getpid(), 11)\nos.kill(1, 9)\nos.abort()"), 2, says="crashed"),
    "segfault": Case(answering(square="import ctypes\nctypes.string_at(0)"), 2, says="crashed"),
    "flood": Case(answering(double="for n in range(50_000): print('x' * 100)\n" + RIGHT["double"])),
    "asks": Case(answering(double="n = input()"), 3),
    "exits": Case(answering(double="import sys\nsys.exit()"), 3),
    "quits": Case(answering(double=RIGHT["double"] + "\nexit()")),
    "raises": Case(answering(double="raise RuntimeError('\x1b[2J')"), 3),
    "syntax": Case(answering(double="def double(x"), 3),
    "pip": Case(answering(double="%pip install keras-tuner\n" + RIGHT["double"])),
    "disk": Case(answering(double="open('x', 'wb').write(bytes(2**28))"), 3),
    "peeks": Case(answering(square=PEEK)),
    "warns": Case(answering(square="import sys\nprint('WARNING', file=sys.stderr)\n" + RIGHT["square"])),
}  # fmt: skip


@pytest.fixture(scope="module")
def graded(zygote: Zygote, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Graded]:
    """Everybody, graded in one run; somebody of the roster handed in nothing at all."""
    course = TinyCourse(tmp_path_factory.mktemp("bad") / "course", settings=SETTINGS)
    given = course.root / "assignments" / "lista" / "given"
    given.mkdir()
    (given / "a.csv").write_text("1")
    given.with_suffix(".csv").write_text("2")
    for student, case in CASES.items():
        case.make(course, student)

    async def run() -> dict[str, Graded]:
        opened = Course.open(course.root, course.assignment)
        items = items_of(find(course.root, "lista", roster=("absent",)), course.assignment.notebooks)
        return {item.submission.student: result async for item, result in grade_all(opened, items, jobs=2)}

    return asyncio.run(run())


def test_nobody_is_left_out(graded: dict[str, Graded]) -> None:
    assert sorted(graded) == sorted([*CASES, "absent"])
    assert (graded["absent"].report.status, graded["absent"].report.score) == ("missing", 0)


@pytest.mark.parametrize("student", CASES)
def test_everybody_gets_the_score_they_deserve_and_a_clear_message(
    graded: dict[str, Graded], student: str
) -> None:
    case, report = CASES[student], graded[student].report
    assert (report.status, report.score, report.needs_review) == (case.status, case.score, False), report
    assert report.max_score == 6
    assert case.says in (report.error or "")
    assert case.notice in "\n".join(report.notices)
    assert all(notice.isprintable() for notice in report.notices)
    assert NotebookReport.from_json(json.loads(json.dumps(report.to_json()))) == report
    json.dumps(report.to_json(), ensure_ascii=False).encode()
    assert (graded[student].notebook is None) == (case.status != "graded")


def test_planted_models_are_set_aside_and_named(graded: dict[str, Graded]) -> None:
    assert any("“planted.h5” was set aside" in notice for notice in graded["links"].report.notices)


def test_an_essay_waits_for_its_reader_unless_there_is_none(graded: dict[str, Graded]) -> None:
    assert graded["right"].report.pending_manual == 1
    assert graded["deleted-all"].report.pending_manual == 0


def test_nobody_waited_for_the_others_loops(graded: dict[str, Graded]) -> None:
    assert graded["right"].report.seconds < 20
    assert all(result.report.seconds < 60 for result in graded.values())


def test_no_traceback_of_a_hidden_test_is_in_a_report(graded: dict[str, Graded]) -> None:
    for result in graded.values():
        assert "canary_of_the_hidden_test" not in json.dumps(result.report.to_json())


def test_our_own_failure_is_no_zero(zygote: Zygote, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bug of the grader leaves the score open, says so, and the next student is graded."""
    from autograder.engine import grading

    course = TinyCourse(tmp_path / "course", settings=SETTINGS)
    course.submit("ana")
    course.submit("bia")
    original = grading.sanitise

    def broken(notebook: NotebookNode, *rest: Any) -> Any:
        if any("bug" in c.source for c in notebook.cells):
            raise KeyError("ours")
        return original(notebook, *rest)

    monkeypatch.setattr(grading, "sanitise", broken)
    course.submit("bia", edit=lambda nb: nb.cells.append(new_code_cell("# bug")))

    async def run() -> dict[str, Graded]:
        items = items_of(find(course.root, "lista"), course.assignment.notebooks)
        opened = Course.open(course.root, course.assignment)
        return {item.submission.student: result async for item, result in grade_all(opened, items, jobs=1)}

    results = asyncio.run(run())
    assert results["ana"].report.score == 5
    assert results["bia"].report.status == "failed"
    assert results["bia"].report.needs_review
    assert [v.score for v in results["bia"].report.verdicts] == [None] * 3
    with using_language("en"):
        assert "KeyError" in str(results["bia"].report.error)
