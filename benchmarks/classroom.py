"""Thirty students at once: log in, spawn, fetch, submit, on a hub of this machine.

    python benchmarks/classroom.py --students 30        (as root)

Everything is real but the browsers: each student is a client that makes the requests which JupyterLab's pages
make. Their servers are processes of their own accounts (the spawner ``local``); kernels are not started. The hub
lies below /srv/tp555-classroom, as that of the browser tests does.
"""

import argparse
import asyncio
import csv
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
import psutil

from autograder.terminal import err, out, table
from hub.accounts import account, remove_accounts
from hub.course import run_as_grader
from hub.settings import Settings, read_settings

ROOT = Path(__file__).resolve().parent.parent
HOME = Path(os.environ.get("TP555_CLASSROOM", "/srv/tp555-classroom"))
URL = "http://127.0.0.1:8755"
LIST = "lista12"


def main() -> None:
    """Measure and print; exit status 1 if anything failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--students", type=int, default=30)
    options = parser.parse_args()
    if os.geteuid() != 0:
        raise SystemExit("The hub starts servers as other accounts: run this as root.")
    with tempfile.TemporaryDirectory() as folder:
        toml, people = _settings(Path(folder), options.students)
        settings = read_settings(toml)
        _clear(settings)
        hub = [sys.executable, "-m", "hub"]
        subprocess.run([*hub, "install", toml, "--roster", people], cwd=ROOT, check=True)
        run_as_grader(settings, ["autograder", "release", LIST])
        run_as_grader(settings, ["nbgrader", "release_assignment", LIST])
        log = (Path(folder) / "hub.log").open("w")
        began = time.monotonic()
        process = subprocess.Popen([*hub, "up", toml], cwd=ROOT, stdout=log, stderr=subprocess.STDOUT)
        try:
            _wait(process, Path(folder) / "hub.log")
            out.print(f"Login page after {time.monotonic() - began:.1f} s", highlight=False)
            failed = asyncio.run(_class(settings, options.students))
        finally:
            process.terminate()
            process.wait(60)
            _clear(settings)
    raise SystemExit(1 if failed else 0)


def _settings(folder: Path, students: int) -> tuple[Path, Path]:
    toml, people = folder / "hub.toml", folder / "roster.csv"
    toml.write_text(
        f'home = "{HOME}"\n[course]\ngrader = "sala-grader"\nport = 557\n'
        f'[hub]\nbind = "{URL}"\nports = [585, 586]\n'
        '[login]\nkind = "demo"\n[spawner]\nkind = "local"\n'
        '[[profiles]]\nname = "cpu"\ntitle = "CPU"\ncpus = 2\nmemory = "4G"\ndefault = true\n'
    )
    rows = [f"sala-{n:03},Aluno,{n:03},,student\n" for n in range(students)]
    people.write_text("id,first_name,last_name,email,role\nsala-paulo,Paulo,Ramos,,instructor\n" + "".join(rows))
    return toml, people


def _clear(settings: Settings) -> None:
    remove_accounts(settings)
    for name in ("course", "exchange", "state", "etc", "homes", "roster.csv"):
        subprocess.run(["rm", "-rf", settings.home / name], check=True)


def _wait(process: "subprocess.Popen[bytes]", log: Path) -> None:
    for _ in range(600):
        try:
            if httpx.get(f"{URL}/hub/login").status_code == 200:
                return
        except httpx.TransportError:
            pass  # not yet
        if process.poll() is not None:
            break
        time.sleep(0.2)
    raise SystemExit(log.read_text()[-3000:])


async def _class(settings: Settings, number: int) -> int:
    passwords = dict(csv.reader((settings.folder("state") / "demo-passwords.csv").read_text().splitlines()))
    students = [_Student(login, passwords[login]) for login in sorted(passwords) if login != "sala-paulo"][:number]
    rows, failed = [], 0
    steps: list[tuple[str, Callable[[_Student], Awaitable[None]]]] = [
        ("log in", _Student.log_in), ("server ready", _Student.spawn), ("fetch", _Student.fetch),
        ("submit", _Student.submit),
    ]  # fmt: skip
    for name, step in steps:
        began = time.monotonic()
        results = await asyncio.gather(*(_timed(step, student) for student in students))
        wall = time.monotonic() - began
        times = [seconds for seconds, _ in results]
        errors = [error for _, error in results if error]
        failed += len(errors)
        for error in errors[:3]:
            err.print(f"{name}: {error}", highlight=False)
        rows.append(
            (name, str(len(errors)), f"{statistics.median(times):.1f} s", f"{max(times):.1f} s", f"{wall:.1f} s")
        )
    heads = (("step", "left"), ("errors", "right"), ("median", "right"), ("slowest", "right"), ("all", "right"))
    out.print(table(f"{number} students at once", heads, rows))
    uids = {account(student.login).uid for student in students}
    memory = [p.memory_full_info().pss for p in psutil.process_iter() if p.uids().real in uids]
    inbound = list((settings.folder("exchange") / settings.course.id / "inbound").iterdir())
    out.print(
        f"{len(memory)} processes of students, {sum(memory) / 2**20:.0f} MiB; {len(inbound)} submissions",
        highlight=False,
    )
    for student in students:
        await student.client.aclose()
    return failed + (len(inbound) != number)


async def _timed(step: "Callable[[_Student], Awaitable[None]]", student: "_Student") -> tuple[float, str]:
    began = time.monotonic()
    try:
        await step(student)
    except (httpx.HTTPError, AssertionError) as error:
        return time.monotonic() - began, f"{student.login}: {type(error).__name__}: {error}"
    return time.monotonic() - began, ""


class _Student:
    """A client with the cookies of one browser."""

    def __init__(self, login: str, password: str) -> None:
        self.login, self._password = login, password
        self.client = httpx.AsyncClient(base_url=URL, follow_redirects=True, timeout=180)

    async def log_in(self) -> None:
        page = await self.client.get("/hub/login")
        form = {"username": self.login, "password": self._password, "_xsrf": _token(page.text)}
        answer = await self.client.post("/hub/login?next=/hub/home", data=form)
        assert answer.status_code == 200, answer.status_code
        assert answer.url.path == "/hub/home", answer.url.path

    async def spawn(self) -> None:
        answer = await self.client.get("/hub/spawn")
        deadline = time.monotonic() + 180
        while not answer.url.path.startswith(f"/user/{self.login}/"):
            assert time.monotonic() < deadline, f"still at {answer.url.path}"
            await asyncio.sleep(0.5)
            answer = await self.client.get(f"/user/{self.login}/lab")
        assert answer.status_code == 200, answer.status_code

    async def fetch(self) -> None:
        await self._assignments("fetch")

    async def submit(self) -> None:
        await self._assignments("submit")

    async def _assignments(self, action: str) -> None:
        token = next((c.value for c in self.client.cookies.jar if c.name == "_xsrf" and "/user/" in c.path), "")
        form = {"course_id": "tp555", "assignment_id": LIST}
        answer = await self.client.post(
            f"/user/{self.login}/assignments/{action}", data=form, headers={"X-XSRFToken": token}
        )
        assert answer.status_code == 200, f"{answer.status_code} {answer.text[:200]}"
        assert answer.json()["success"], answer.text[:300]


def _token(page: str) -> str:
    found = re.search(r'name="_xsrf" value="([^"]+)"', page)
    assert found is not None, "the login page has no token"
    return found[1]


if __name__ == "__main__":
    main()
