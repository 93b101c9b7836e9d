"""Text for people, in their language: English in the code, Portuguese from ``locale/``.

The catalogue is a plain gettext ``.po`` file; it is compiled in memory when first used, so nothing has to be
built before the code runs. A process that will lose sight of the file calls ``preload`` before.
"""

import gettext
import io
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

__all__ = ["DEFAULT_LANGUAGE", "LANGUAGES", "preload", "printable", "speak", "tr", "using_language"]

DEFAULT_LANGUAGE = "pt_BR"
#: English is the language of the code: it has no catalogue.
LANGUAGES = ("pt_BR", "en")
_LOCALE = Path(__file__).parent / "locale"
_spoken = [DEFAULT_LANGUAGE]
_language: ContextVar[str | None] = ContextVar("language", default=None)


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    if language == "en":
        return gettext.NullTranslations()
    path = _LOCALE / language / "LC_MESSAGES" / "autograder.po"
    compiled = io.BytesIO()
    with path.open("rb") as source:
        write_mo(compiled, read_po(source, locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def tr(message: str, /, **values: object) -> str:
    """Translate ``message`` into the current language, then fill its ``{placeholders}``."""
    text = _catalogue(_language.get() or _spoken[0]).gettext(message)
    return text.format(**values) if values else text


def printable(text: str, limit: int = 80) -> str:
    """What somebody else wrote, fit for a terminal and a page: one line, nothing invisible, not too long.

    Example:
        >>> printable("a\\x1b[2J\\nb")
        'a\\\\x1b[2J b'
    """
    line = "".join(" " if c in "\t\n\r" else c if c.isprintable() else ascii(c)[1:-1] for c in text)
    return line if len(line) <= limit else line[: limit - 1] + "…"


def preload() -> None:
    """Read every catalogue now."""
    for language in LANGUAGES:
        _catalogue(language)


def speak(language: str) -> None:
    """Speak ``language`` from now on, in the whole process, outside of ``using_language``."""
    _spoken[0] = language


@contextmanager
def using_language(language: str) -> Iterator[None]:
    """Speak ``language`` (``pt_BR`` or ``en``) inside the block."""
    token = _language.set(language)
    try:
        yield
    finally:
        _language.reset(token)
