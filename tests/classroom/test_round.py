"""One round of a list in real browsers: release, fetch, work, validate, submit, collect, grade, review, feedback.

The tests follow one another, as the round does.
"""

import csv
import json
import re
import time

import nbformat
import pytest
from conftest import REPOSITORY, Hub, People, Person
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.hub, pytest.mark.timeout(900)]

LIST = "lista12"
ANA, BRUNO, TERESA, PAULO = "sala-ana", "sala-bruno", "sala-teresa", "sala-paulo"
SOLVED = "02_regressor_sequencial"


def button(person: Person, row: str, column: str, *, seconds: int = 120) -> str:
    """Press one of formgrader's buttons, and wait for its answer; what the log says."""
    page = person.page
    page.click(f"tr:has(td:has-text('{row}')) td.{column} a")
    page.wait_for_selector(".modal .modal-title", timeout=seconds * 1000)
    title, text = page.inner_text(".modal .modal-title"), page.inner_text(".modal .modal-body")
    assert title == "Success", text
    return text


def answered(released: str, answers: str) -> str:
    """The student's notebook with the answers of a solved one."""
    notebook, solved = nbformat.reads(released, 4), nbformat.read(answers, 4)
    ids = {c.metadata.get("nbgrader", {}).get("grade_id"): c.source for c in solved.cells}
    for cell in notebook.cells:
        mark = cell.metadata.get("nbgrader", {})
        if mark.get("solution") and not mark.get("locked"):
            cell.source = ids[mark["grade_id"]]
    return str(nbformat.writes(notebook))


def assignment_list(person: Person) -> Page:
    page = person.page
    tab = page.locator(".lm-TabBar-tabLabel:text-is('Assignments')")
    if tab.count():
        tab.click()
    else:
        person.menu("Nbgrader", "Assignment List")
    page.wait_for_selector("text=Released assignments")
    return page


def test_the_hub_is_there_in_a_minute(hub: Hub) -> None:
    assert hub.seconds < 60


def test_an_instructor_releases_the_list(people: People) -> None:
    paulo = people(PAULO)
    page = paulo.log_in("/services/tp555/formgrader/manage_assignments")
    page.wait_for_selector("td.name")
    paulo.picture("formgrader")
    button(paulo, LIST, "assign")
    page.reload()
    page.wait_for_selector("td.release a")
    button(paulo, LIST, "release")


@pytest.mark.parametrize("login", [ANA, BRUNO])
def test_a_student_fetches(people: People, login: str) -> None:
    student = people(login)
    student.lab()
    page = assignment_list(student)
    page.click("button:has-text('Fetch')")
    expect(page.locator("button:has-text('Submit')")).to_be_visible()
    if login == ANA:
        student.picture("tarefas")


def test_a_student_works_in_the_notebook(people: People) -> None:
    """Types an answer, runs it, saves it."""
    ana = people(ANA)
    page = ana.page
    page.goto(f"{ana.hub.url}/user/{ANA}/lab/tree/tp555/{LIST}/{SOLVED}.ipynb")
    page.wait_for_selector("text=Python 3 (ipykernel) | Idle", timeout=90_000)
    cell = page.locator(".jp-CodeCell:has-text('SEU CÓDIGO AQUI')").first
    cell.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.type("print(6 * 7)")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".jp-OutputArea-output:has-text('42')").first).to_be_visible(timeout=90_000)
    ana.picture("caderno")
    page.keyboard.press("Control+s")
    deadline = time.monotonic() + 20
    # From the disk: who asks Jupyter's server for a notebook while it is saved may take its place.
    saved = ana.hub.home / "homes" / ANA / "tp555" / LIST / f"{SOLVED}.ipynb"
    while "print(6 * 7)" not in saved.read_text():
        assert time.monotonic() < deadline, "the notebook was not saved"
        page.wait_for_timeout(500)


@pytest.mark.parametrize("login", [ANA, BRUNO])
def test_a_student_validates_and_submits(people: People, login: str) -> None:
    """Ana has solved one notebook, Bruno none."""
    student = people(login)
    page = student.page
    if login == ANA:
        path = f"contents/tp555/{LIST}/{SOLVED}.ipynb"
        released = REPOSITORY / "release" / LIST / f"{SOLVED}.ipynb"
        text = answered(released.read_text(), str(REPOSITORY / "solutions" / LIST / f"{SOLVED}.ipynb"))
        body = {"type": "notebook", "format": "json", "content": json.loads(text)}
        assert student.api("PUT", path, data=body).status == 200
        page.goto(f"{student.hub.url}/user/{login}/lab/tree/tp555/{LIST}/{SOLVED}.ipynb?reset")
        page.click(".jp-Toolbar >> text=Validate", timeout=90_000)
        dialog = page.locator(".jp-Dialog:has-text('Validation Results')")
        expect(dialog).to_contain_text("Success", timeout=180_000)
        student.picture("validate")
        dialog.locator("button").last.click()
    assignment_list(student)
    page.click("button:has-text('Submit')")
    expect(page.locator("button:has-text('Fetch Feedback')")).to_be_visible(timeout=60_000)
    if login == ANA:
        student.picture("entregue")
    receipts = json.loads(student.api("GET", "contents/tp555/recibos").text)["content"]
    text = json.loads(student.api("GET", f"contents/{receipts[0]['path']}").text)["content"]
    assert re.search(r"Código: [0-9a-f]{64}", text)
    assert f"{SOLVED}.ipynb" in text
    if login == ANA:
        page.goto(f"{student.hub.url}/user/{login}/lab/tree/{receipts[0]['path']}")
        page.wait_for_selector(".cm-content:has-text('Recibo')")
        student.picture("recibo")


def test_a_student_sees_nothing_of_others(people: People) -> None:
    """Not by the hub's addresses, and not from a terminal of their own server."""
    bruno = people(BRUNO)
    hub = bruno.hub
    for url in (
        f"{hub.formgrader}/formgrader", f"{hub.formgrader}/review", f"{hub.formgrader}/review/api/queue",
        f"{hub.formgrader}/api/contents", f"{hub.url}/user/{ANA}/lab", f"{hub.url}/user/{ANA}/api/contents",
        f"{hub.url}/hub/admin", f"{hub.url}/hub/api/users",
    ):  # fmt: skip
        assert bruno.fetch(url) in (403, 404), url
    inbound = hub.home / "exchange" / "tp555" / "inbound"
    hers = next(inbound.glob(f"{ANA}+*"))
    looks = [
        f"ls {hub.home}/course", f"cat {hub.home}/course/gradebook.db", f"ls {hub.home}/homes/{ANA}",
        f"ls {inbound}", f"cat '{hers}'/*.ipynb", f"cat {hub.home}/state/demo-passwords.csv",
        f"ls {REPOSITORY}", f"cat {hub.home}/roster.csv", f"ls {hub.home}/grader",
    ]  # fmt: skip
    said = in_terminal(bruno, looks)
    assert [n for n, status in said.items() if status == 0] == []
    allowed = ["ls ~", "nbgrader --version", "autograder --help"]
    assert in_terminal(bruno, allowed) == dict.fromkeys(allowed, 0)


def in_terminal(person: Person, commands: list[str]) -> dict[str, int]:
    """Exit statuses of commands, typed into a terminal of somebody's own server."""
    page, found = person.page, {}
    open_terminal(page, f"{person.hub.url}/user/{person.login}/lab?reset")
    for number, command in enumerate(commands):
        file = f"status-{number}-{time.monotonic_ns()}"
        page.keyboard.type(f"{command} >/dev/null 2>&1; echo $? > {file}\n")
        deadline = time.monotonic() + 30
        while (answer := person.api("GET", f"contents/{file}")).status != 200:
            assert time.monotonic() < deadline, command
            page.wait_for_timeout(300)
        found[command] = int(json.loads(answer.text)["content"])
    return found


def open_terminal(page: Page, lab: str) -> None:
    """One of the server whose JupyterLab is at an address; the keyboard types there."""
    page.goto(lab)
    page.wait_for_selector("#jupyterlab-splash", state="detached")
    page.click(
        ".jp-LauncherCard[data-category='Other']:has-text('Terminal'), .jp-LauncherCard:has-text('Terminal')"
    )
    page.locator(".jp-Terminal .xterm-screen").click()


def test_an_instructor_collects_and_grades(people: People, hub: Hub) -> None:
    """While one submission is graded, another page comes at once."""
    paulo = people(PAULO)
    page = paulo.log_in("/services/tp555/formgrader/manage_assignments")
    page.wait_for_selector("td.collect a")
    button(paulo, LIST, "collect")
    page.goto(f"{hub.formgrader}/formgrader/manage_submissions/{LIST}")
    page.wait_for_selector("td.autograde a")
    paulo.picture("entregas")
    page.click("tr:has(td:has-text('Souza, Ana')) td.autograde a")
    page.wait_for_timeout(3000)
    other = page.context.new_page()
    began = time.monotonic()
    other.goto(f"{hub.formgrader}/formgrader/gradebook", wait_until="domcontentloaded")
    assert time.monotonic() - began < 2
    other.close()
    page.wait_for_selector(".modal .modal-title", timeout=300_000)
    assert page.inner_text(".modal .modal-title") == "Success"
    paulo.picture("autograde")
    page.reload()
    page.wait_for_selector("td.autograde a")
    button(paulo, "Lima, Bruno", "autograde", seconds=300)
    page.reload()
    score = page.locator("tr:has(td:has-text('Souza, Ana')) td.score")
    expect(score).to_contain_text("8")  # of 10: the essay is still to be read


def test_a_ta_reads_the_essays(people: People, hub: Hub) -> None:
    """The instructor deals them; keys alone do the rest."""
    paulo = people(PAULO)
    page = paulo.log_in("/services/tp555/formgrader/manage_assignments")
    page.click("text=Essay review")
    page.fill("#readers", TERESA)
    page.fill("#double", "0")
    page.click("#deal button")
    expect(page.locator("#undealt")).to_have_text(re.compile("^0 "))
    teresa = people(TERESA)
    page = teresa.log_in("/services/tp555/review")
    page.wait_for_selector("#criteria fieldset")
    expect(page.locator("body")).not_to_contain_text("Souza")
    page.click("nav div:has(h2:has-text('regressor')) button >> nth=0")
    expect(page.locator("main")).to_have_attribute("aria-busy", "false")
    total = int(page.inner_text("#count").split("/")[1])
    for criterion in range(page.locator("#criteria fieldset").count()):
        page.keyboard.press("1" if criterion else "2")
    page.keyboard.press("c")
    page.keyboard.type("Cite os valores do seu history.")
    page.check("#keep")
    page.evaluate("window.scrollTo(0, 0)")
    teresa.picture("correcao")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#count")).to_have_text(f"1 / {total}")
    expect(page.locator("#notice")).to_contain_text("Salvo")


def test_formgrader_draws_formulas_without_a_network(people: People) -> None:
    teresa = people(TERESA)
    asked: list[str] = []
    teresa.page.on("request", lambda request: asked.append(request.url))
    page = teresa.log_in("/services/tp555/formgrader/gradebook/lista12/00_tensorflow_basico")
    page.click("td a >> nth=0")
    expect(page.locator(".MathJax").first).to_be_visible()
    assert [url for url in asked if not url.startswith((teresa.hub.url, "data:", "about:"))] == []


def test_feedback_comes_back(people: People, hub: Hub) -> None:
    paulo = people(PAULO)
    page = paulo.log_in("/services/tp555/formgrader/manage_assignments")
    page.wait_for_selector("td.generate-feedback a")
    button(paulo, LIST, "generate-feedback", seconds=300)
    page.reload()
    page.wait_for_selector("td.release-feedback a")
    button(paulo, LIST, "release-feedback", seconds=300)
    ana = people(ANA)
    page = ana.lab()
    assignment_list(ana)
    page.click("button:has-text('Fetch Feedback')")
    expect(page.locator("a:has-text('view feedback'), :text('(view feedback)')").first).to_be_visible(
        timeout=60_000
    )
    ana.picture("devolutiva-buscada")
    folder = json.loads(ana.api("GET", f"contents/tp555/{LIST}/feedback").text)["content"][0]["path"]
    pages = json.loads(ana.api("GET", f"contents/{folder}").text)["content"]
    mine = next(f["path"] for f in pages if f["name"] == f"{SOLVED}.html")
    text = json.loads(ana.api("GET", f"contents/{mine}").text)["content"]
    assert "Cite os valores do seu history." in text
    page.goto(f"{hub.url}/user/{ANA}/files/{mine}")
    ana.picture("devolutiva")


def test_an_instructor_takes_the_grades_along(people: People, hub: Hub) -> None:
    """In a terminal of the course's server; 9.5 points of Ana's 100, none of Bruno's."""
    paulo = people(PAULO)
    open_terminal(paulo.log_in("/services/tp555/lab"), f"{hub.formgrader}/lab?reset")
    paulo.page.keyboard.type(f"gradebook export {LIST}\n")
    exported, deadline = hub.home / "course" / "exports" / f"{LIST}.csv", time.monotonic() + 60
    while not exported.exists():
        assert time.monotonic() < deadline, "nothing was exported"
        paulo.page.wait_for_timeout(500)
    paulo.page.wait_for_timeout(500)  # it is written at once
    with exported.open(encoding="utf-8-sig") as file:
        totals = {row["student"]: (row["total"], row["max_total"]) for row in csv.DictReader(file)}
    assert totals == {ANA: ("9.5", "100"), BRUNO: ("0", "100")}
