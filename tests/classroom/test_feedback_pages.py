"""What a student may rely on when a feedback page is opened in a real browser, on a desk or a phone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from invented import LIST, build
from playwright.sync_api import Browser
from seen import Seen

from autograder.assignment import load
from gradebook.feedback.write import write_all

pytestmark = pytest.mark.hub

POLICIES = '[default]\nscale = 10\nlate = { lose = 0.1, every = "12h" }\n[lista12]\ndrop_lowest = 1\n'
PAGES = ("index", "01_classificador_sequencial", "03_api_funcional")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages of one student of a class of twelve."""
    course = tmp_path_factory.mktemp("course")
    url = build(course, 12, policies=POLICIES)
    list(write_all(load(course, LIST), course=course, db=url))
    return course / "feedback" / "aluna03" / LIST


@pytest.fixture
def seen(chromium: Browser) -> Iterator[Seen]:
    page = chromium.new_page(viewport={"width": 390, "height": 844})
    yield Seen(page)
    page.close()


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_loaded_from_anywhere(seen: Seen, folder: Path, name: str) -> None:
    """One request, for the page itself; and the browser has nothing to complain about."""
    seen.page.goto((folder / f"{name}.html").as_uri())
    assert seen.requests == [(folder / f"{name}.html").as_uri()]
    assert seen.complaints == []


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_nothing_is_wider_than_the_screen(seen: Seen, folder: Path, name: str, width: int) -> None:
    """Nobody scrolls sideways; drawings are drawn, and their smallest text has 8 pixels or more on a phone."""
    seen.page.set_viewport_size({"width": width, "height": 800})
    seen.page.goto((folder / f"{name}.html").as_uri())
    seen.page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true })")
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= width
    sizes = seen.page.evaluate(
        "[...document.querySelectorAll('svg.pic text')].map(text => text.getBoundingClientRect().height)"
    )
    assert bool(sizes) == (name != "index")
    if width >= 390:
        assert min(sizes, default=8) >= 8


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_pages_are_accessible(chromium: Browser, folder: Path, name: str, scheme: str) -> None:
    """axe finds nothing: contrast, names of pictures, headings, landmarks."""
    # axe is a script, which the page itself would forbid.
    context = chromium.new_context(bypass_csp=True, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto((folder / f"{name}.html").as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true })")
    found = Axe().run(page)
    context.close()
    assert found.violations_count == 0, found.generate_report()


def test_the_whole_list_opens_by_keyboard(seen: Seen, folder: Path) -> None:
    """Tab reaches it, Enter opens it; the focus can be seen."""
    seen.page.goto((folder / f"{PAGES[1]}.html").as_uri())
    whole = seen.page.locator("details.whole")
    assert whole.get_attribute("open") is None
    seen.page.keyboard.press("Tab")
    assert seen.page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    seen.page.keyboard.press("Enter")
    assert whole.get_attribute("open") is not None


def test_the_lists_page_leads_to_the_notebooks(seen: Seen, folder: Path) -> None:
    """By a click, also when the folder lies on a disk."""
    seen.page.goto((folder / "index.html").as_uri())
    seen.page.get_by_role("link").first.click()
    assert seen.page.url.endswith(".html")
    assert not seen.page.url.endswith("index.html")


def test_it_prints_without_colour(seen: Seen, folder: Path) -> None:
    """Black on white, whatever the screen shows."""
    seen.page.emulate_media(media="print", color_scheme="dark")
    seen.page.goto((folder / f"{PAGES[1]}.html").as_uri())
    assert seen.page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    assert seen.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


def test_paper_has_the_whole_list_although_it_is_closed_on_the_screen(seen: Seen, folder: Path) -> None:
    seen.page.goto((folder / f"{PAGES[1]}.html").as_uri())
    shown = (
        "[...document.querySelectorAll('details.whole li, details.whole td')].map(one => one.checkVisibility())"
    )
    assert not any(seen.page.evaluate(shown))
    seen.page.emulate_media(media="print")
    assert seen.page.evaluate(shown)
    assert all(seen.page.evaluate(shown))
