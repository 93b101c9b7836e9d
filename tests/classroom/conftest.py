"""A hub of its own for the browser: installed below one folder, started once, and gone at the end.

Its environment stays where it is, so that only the first run installs it.
"""

import csv
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from hub.accounts import remove_accounts
from hub.settings import Settings, read_settings

REPOSITORY = Path(__file__).parents[2]
HOME = Path(os.environ.get("TP555_CLASSROOM", "/srv/tp555-classroom"))
#: Pictures that the tests take; the guides show some of them.
PICTURES = Path(os.environ.get("TP555_PICTURES", HOME / "pictures"))

ROSTER = """\
id,first_name,last_name,email,role
sala-ana,Ana,Souza,ana@example.edu,student
sala-bruno,Bruno,Lima,bruno@example.edu,student
sala-teresa,Teresa,Alves,teresa@example.edu,ta
sala-paulo,Paulo,Ramos,paulo@example.edu,instructor
"""
#: What is made anew for each run; environment, proxy and data sets stay.
_FRESH = ("course", "exchange", "state", "etc", "homes", "grader/gradebook", "roster.csv")


@dataclass(frozen=True)
class Hub:
    """A hub that runs.

    Args:
        url: Its address, without a slash at the end.
        home: Its folder.
        passwords: By login.
        seconds: From the command to the first login page, with everything installed.
    """

    url: str
    home: Path
    passwords: dict[str, str]
    seconds: float

    @property
    def formgrader(self) -> str:
        """Where the grader's server is."""
        return f"{self.url}/services/tp555"


@pytest.fixture(scope="session")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    if os.geteuid() != 0:
        pytest.fail("The classroom's tests start servers as other accounts: run them as root.")
    work = tmp_path_factory.mktemp("hub")
    port = _free_port()
    toml = work / "hub.toml"
    toml.write_text(
        f'home = "{HOME}"\n'
        f'[course]\ngrader = "sala-grader"\nport = 556\n'
        f'[hub]\nbind = "http://127.0.0.1:{port}"\nports = [583, 584]\n'
        '[login]\nkind = "demo"\n'
        '[spawner]\nkind = "local"\n'
        '[[profiles]]\nname = "cpu"\ntitle = "CPU"\ncpus = 2\nmemory = "4G"\ndefault = true\n'
    )
    people = work / "roster.csv"
    people.write_text(ROSTER)
    settings = read_settings(toml)
    _clear(settings)
    mode = REPOSITORY.stat().st_mode  # the hub closes it to other accounts
    command = [sys.executable, "-m", "hub"]
    subprocess.run([*command, "install", toml, "--roster", people], cwd=REPOSITORY, check=True)
    log = (work / "hub.log").open("w")
    began = time.monotonic()
    process = subprocess.Popen([*command, "up", toml], cwd=REPOSITORY, stdout=log, stderr=subprocess.STDOUT)
    try:
        url = f"http://127.0.0.1:{port}"
        seconds = _until_it_answers(url, process, began, work / "hub.log")
        passwords = dict(csv.reader((HOME / "state" / "demo-passwords.csv").read_text().splitlines()))
        yield Hub(url, HOME, passwords, seconds)
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            os.kill(int((HOME / "state" / "proxy.pid").read_text()), signal.SIGTERM)
        shutil.copyfile(work / "hub.log", HOME / "hub.log")
        REPOSITORY.chmod(mode)
        _clear(settings)


def _clear(settings: Settings) -> None:
    """Remove the people of an earlier hub here, and what they had."""
    remove_accounts(settings)
    for name in _FRESH:
        path = settings.home / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _until_it_answers(url: str, process: "subprocess.Popen[bytes]", began: float, log: Path) -> float:
    while time.monotonic() - began < 180:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{url}/hub/login", timeout=5) as answer:
                if answer.status == 200:
                    return time.monotonic() - began
        except OSError:
            pass  # not yet
        time.sleep(0.2)
    pytest.fail(f"The hub does not answer:\n{log.read_text()[-4000:]}")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    program = shutil.which("chromium")
    if program is None:
        pytest.fail("The classroom's tests drive Chromium: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()


class Person:
    """Somebody at a browser of their own.

    Args:
        hub: Where.
        context: Their browser.
        login: Who.
    """

    def __init__(self, hub: Hub, context: BrowserContext, login: str) -> None:
        self.hub, self.login = hub, login
        context.set_default_timeout(60_000)
        self.page: Page = context.new_page()

    def log_in(self, path: str = "") -> Page:
        """Log in, and go where ``path`` leads."""
        page = self.page
        page.goto(f"{self.hub.url}/hub/login")
        if page.locator("#username_input").count():  # not logged in yet
            page.fill("#username_input", self.login)
            page.fill("#password_input", self.hub.passwords[self.login])
            page.click("#login_submit")
        page.wait_for_url("**/user/**" if not path else "**", timeout=90_000)
        if path:
            page.goto(f"{self.hub.url}{path}")
        return page

    def lab(self) -> Page:
        """JupyterLab, once it can be used."""
        page = self.log_in()
        page.wait_for_selector("#jp-main-dock-panel", timeout=120_000)
        page.wait_for_selector("#jupyterlab-splash", state="detached")
        return page

    def menu(self, *names: str) -> None:
        """Choose from JupyterLab's menu."""
        bar, *items = names
        self.page.click(f".lm-MenuBar-itemLabel:text-is('{bar}')")
        for name in items:
            self.page.click(f".lm-Menu-itemLabel:text-is('{name}')")

    def picture(self, name: str) -> None:
        """Take one, for the guides and for whoever looks at a failure."""
        PICTURES.mkdir(parents=True, exist_ok=True)
        self.page.wait_for_timeout(500)  # an animation ends
        file = PICTURES / f"{name}.png"
        self.page.screenshot(path=file)
        with Image.open(file) as picture:
            picture.convert("RGB").quantize(128).save(file, optimize=True)  # a third of the bytes

    def api(self, method: str, path: str, **how: object) -> "Answer":
        """Ask something of their own server, as a page of it would."""
        return self._ask(method, f"{self.hub.url}/user/{self.login}/api/{path}", **how)

    def fetch(self, url: str) -> int:
        """The status of any address of the hub."""
        return self._ask("GET", url).status

    def _ask(self, method: str, url: str, **how: object) -> "Answer":
        cookies = {c["name"]: c for c in self.page.context.cookies(url) if "name" in c}
        token = cookies.get("_xsrf", {}).get("value", "")
        reply = self.page.request.fetch(url, method=method, headers={"X-XSRFToken": token}, **how)  # type: ignore[arg-type]
        return Answer(reply.status, reply.text())


@dataclass(frozen=True)
class Answer:
    """What a server said."""

    status: int
    text: str


class People:
    """Everybody, each with a browser; who comes back finds it as they left it."""

    def __init__(self, hub: Hub, browser: Browser) -> None:
        self._hub, self._browser = hub, browser
        self._known: dict[str, Person] = {}

    def __call__(self, login: str) -> Person:
        """Somebody, by login."""
        if login not in self._known:
            context = self._browser.new_context(viewport={"width": 1280, "height": 800}, locale="pt-BR")
            self._known[login] = Person(self._hub, context, login)
        return self._known[login]

    def pictures(self, name: str) -> None:
        """One of everybody's page."""
        for login, person in self._known.items():
            person.picture(f"{name}-{login}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """What everybody sees when a test fails."""
    report = yield
    people = getattr(item, "funcargs", {}).get("people")
    if report.failed and isinstance(people, People):
        people.pictures("failed")
    return report


@pytest.fixture(scope="session")
def people(hub: Hub, chromium: Browser) -> People:
    return People(hub, chromium)
