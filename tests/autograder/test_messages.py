"""Text for people: Portuguese unless asked otherwise, whole, and safe to show."""

import re
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st

import autograder
from autograder.messages import printable, tr, using_language

PACKAGE = Path(autograder.__file__).parent
CATALOGUE = PACKAGE / "locale" / "pt_BR" / "LC_MESSAGES" / "autograder.po"


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_portuguese_is_the_default_and_english_can_be_asked_for() -> None:
    assert tr("{name} is empty.", name="a.ipynb") == "a.ipynb está vazio."
    with using_language("en"):
        assert tr("{name} is empty.", name="a.ipynb") == "a.ipynb is empty."
    assert "vazio" in tr("{name} is empty.", name="a.ipynb")


def test_an_unknown_message_is_shown_as_it_is() -> None:
    assert tr("not in the catalogue {x}", x=1) == "not in the catalogue 1"


def test_every_translation_fills_the_same_places() -> None:
    """A placeholder that is lost or misspelt would break a message when it is needed."""
    with CATALOGUE.open("rb") as source:
        messages = [m for m in read_po(source) if m.id]
    assert len(messages) > 50
    for message in messages:
        assert message.string, f"no translation: {message.id}"
        assert fields(message.string) == fields(message.id), message.id


def test_every_message_of_the_grading_pipeline_has_a_translation() -> None:
    with CATALOGUE.open("rb") as source:
        known = {m.id for m in read_po(source)}
    call = re.compile(r"""\btr\(\s*("(?:[^"\\]|\\.)*")""")
    used = {
        eval(text) for path in PACKAGE.rglob("*.py") for text in call.findall(path.read_text(encoding="utf-8"))
    }
    used.discard("English text {x}")
    assert used - known == set()


@given(st.text(st.characters()))
def test_printable_text_is_one_short_line_that_can_be_encoded(text: str) -> None:
    shown = printable(text)
    assert shown.isprintable()
    assert len(shown) <= 80
    shown.encode()


@pytest.mark.parametrize(
    ("text", "shown"), [("ação", "ação"), ("a\x1b[2J", "a\\x1b[2J"), ("a\nb", "a b"), ("\udcff", "\\udcff")]
)
def test_printable_escapes_what_cannot_be_seen(text: str, shown: str) -> None:
    assert printable(text) == shown
