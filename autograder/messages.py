"""Text for people, in their language: English in the code, Portuguese from ``locale/``.

The catalogue is a plain gettext ``.po`` file; it is compiled in memory when first used, so nothing
has to be built before the code runs.
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

__all__ = ["DEFAULT_LANGUAGE", "tr", "using_language"]

DEFAULT_LANGUAGE = "pt_BR"
_LOCALE = Path(__file__).parent / "locale"
_language: ContextVar[str] = ContextVar("language", default=DEFAULT_LANGUAGE)


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    path = _LOCALE / language / "LC_MESSAGES" / "autograder.po"
    if not path.exists():
        return gettext.NullTranslations()
    compiled = io.BytesIO()
    with path.open("rb") as source:
        write_mo(compiled, read_po(source, locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def tr(message: str, /, **values: object) -> str:
    """Translate ``message`` into the current language, then fill its ``{placeholders}``."""
    text = _catalogue(_language.get()).gettext(message)
    return text.format(**values) if values else text


@contextmanager
def using_language(language: str) -> Iterator[None]:
    """Speak ``language`` (``pt_BR`` or ``en``) inside the block."""
    token = _language.set(language)
    try:
        yield
    finally:
        _language.reset(token)
