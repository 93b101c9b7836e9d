"""The class report in a real browser: what a teacher does with it, with a mouse, a keyboard, and a phone."""

import importlib.util
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from seen import Seen

from autograder.assignment import load
from gradebook.report.write import read_report, render, write_report

pytestmark = pytest.mark.hub
REPOSITORY = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of an invented class of 40."""
    course = tmp_path_factory.mktemp("course")
    shutil.copytree(REPOSITORY / "assignments", course / "assignments")
    shutil.copy(REPOSITORY / "nbgrader_config.py", course)
    spec = importlib.util.spec_from_file_location(
        "invented_class", REPOSITORY / "benchmarks" / "invented_class.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    source = load(course, "lista12")
    module.invent(course, source, 40)
    found = read_report(source, course=course, url=f"sqlite:///{course / 'gradebook.db'}")
    return write_report(render(found, source), source, course=course)


@pytest.fixture
def page(chromium: Browser, file: Path) -> Iterator[Page]:
    """The report, open; nothing but the file was asked for, and nothing complained."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    seen = Seen(context.new_page())
    seen.page.goto(file.as_uri())
    yield seen.page
    context.close()
    assert seen.requests == [file.as_uri()]
    assert seen.complaints == []


def column(page: Page, number: int) -> list[str]:
    """The texts of a column of the table of students, of the rows that are shown."""
    rows = page.locator("#pupils-table tbody tr:visible")
    return [row.locator("th, td").nth(number).inner_text().strip() for row in rows.all()]


def test_every_column_of_numbers_sorts(page: Page) -> None:
    """Whatever unit is written after them, and in the table of times by it."""
    heads = page.locator("th[data-sort=num]")
    assert heads.count() > 15
    for head in heads.all():
        place = head.evaluate("head => head.cellIndex")
        for cell in head.locator(f"xpath=ancestor::table/tbody/tr/*[{place + 1}]").all():
            text = cell.text_content() or ""
            known = cell.get_attribute("data-v")
            number = text.strip().replace(",", ".").replace("\u2212", "-").replace("%", "").strip()
            if number not in ("", "–"):
                float(number if known is None else known)
    times = page.locator("table", has=page.locator("#time-caption"))
    times.locator("thead th").nth(1).locator("button").click()
    seconds = [
        float(cell.get_attribute("data-v") or "nan") for cell in times.locator("tbody td:nth-child(2)").all()
    ]
    assert len(set(seconds)) > 1
    assert seconds == sorted(seconds, reverse=True)


def test_tables_sort_by_keyboard(page: Page) -> None:
    """Tab to a heading, Enter: largest first; again: smallest first. The heading says so to a screen reader."""
    head = page.locator("#pupils-table thead th").nth(2)
    head.locator("button").focus()
    page.keyboard.press("Enter")
    expect(head).to_have_attribute("aria-sort", "descending")
    points = [float(text.replace(",", ".")) for text in column(page, 2)]
    assert points == sorted(points, reverse=True)
    page.keyboard.press("Space")
    expect(head).to_have_attribute("aria-sort", "ascending")
    points = [float(text.replace(",", ".")) for text in column(page, 2)]
    assert points == sorted(points)
    page.locator("#pupils-table thead th button").first.focus()
    page.keyboard.press("Enter")
    expect(head).to_have_attribute("aria-sort", "none")
    assert column(page, 0) == sorted(column(page, 0))


def test_a_table_is_filtered_by_text(page: Page) -> None:
    """Accents and case do not matter; how many rows are left is said."""
    tools = page.locator("#pupils .tools")
    tools.get_by_label("Filtrar estudantes").focus()
    page.keyboard.type("ALUNO00007")
    expect(page.locator("#pupils-table tbody tr:visible")).to_have_count(1)
    expect(tools.locator("output")).to_have_text("1 de 40 linhas")
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    expect(page.locator("#pupils-table tbody tr:visible")).to_have_count(40)


def test_a_bar_lists_who_is_in_it(page: Page) -> None:
    """By keyboard: arrows walk from bar to bar and show the values, Enter filters, and a button ends that."""
    bars = page.locator("svg.hist.tall .bin")
    bars.first.focus()
    tip = page.locator("#tip")
    expect(tip).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(bars.nth(1)).to_be_focused()
    said = tip.inner_text()
    found = re.fullmatch(r"(\d+)–(\d+)%: (\d+) estudante\(s\)", said)
    assert found is not None
    page.keyboard.press("Enter")
    expect(bars.nth(1)).to_have_attribute("aria-pressed", "true")
    shares = [int(text.rstrip("%")) for text in column(page, 3)]
    assert len(shares) == int(found[3])
    assert all(int(found[1]) <= share <= int(found[2]) for share in shares)
    page.get_by_role("button", name="Mostrar todos").press("Enter")
    expect(page.locator("#pupils-table tbody tr:visible")).to_have_count(40)
    page.locator("#questions-caption").scroll_into_view_if_needed()
    bar = page.locator("[aria-labelledby=questions] svg.hist .bin").last
    bar.click()
    assert 0 < len(column(page, 0)) < 40


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_no_page_is_wider_than_its_window(page: Page, width: int) -> None:
    """On a phone tables scroll in a box of their own, which the keyboard reaches."""
    page.set_viewport_size({"width": width, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    boxes = page.locator(".scroll").all()
    assert len(boxes) >= 5
    assert all(box.get_attribute("tabindex") == "0" for box in boxes)


def test_everything_is_there_without_a_script(chromium: Browser, file: Path) -> None:
    """All rows; no box or button that would do nothing."""
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(file.as_uri())
    expect(page.locator("#pupils-table tbody tr")).to_have_count(40)
    expect(page.locator("thead button, .tools input:visible")).to_have_count(0)
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_report_is_accessible(chromium: Browser, file: Path, scheme: Literal["light", "dark"]) -> None:
    """axe finds nothing: contrast, names of pictures and boxes, headings, tables."""
    # axe is a script, which the page itself would forbid.
    context = chromium.new_context(bypass_csp=True, color_scheme=scheme)
    page = context.new_page()
    page.goto(file.as_uri())
    found = Axe().run(page)
    context.close()
    assert found.violations_count == 0, found.generate_report()
