"""Making strings that somebody else wrote fit for a page.

Names, values and messages come from students. HTML escaping is the templates' work; what escaping does
not stop is removed here: terminal escapes, control and bidirectional characters, floods, and lines of hidden
tests that found their way into a message.
"""

import re
import unicodedata
from collections.abc import Iterable
from datetime import datetime, tzinfo

from babel.dates import format_date, format_time, get_timezone_gmt

from autograder.assignment import Template
from autograder.messages import tr

__all__ = ["Redactor", "clean", "duration", "moment"]

_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")
#: Categories that are invisible, change direction, or are no characters at all.
_UNFIT = {"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"}
#: Those of them that text needs: line breaks, tabs, and what joins emoji and letters.
_FIT = "\n\t\u200c\u200d"
_MAX_MARKS = 4


def clean(text: str, *, limit: int = 600) -> str:
    """``text`` without what could deceive or flood a reader, at most ``limit`` characters of it.

    Line breaks and tabs stay. Other invisible characters are shown as ``⟨U+202E⟩``.
    """
    # Cut before looking at each character: the string may have millions.
    length, cut = len(text), 2 * limit
    text = _ANSI.sub("", text[:cut]).replace("\r\n", "\n").replace("\r", "\n")
    shown: list[str] = []
    marks = 0
    for character in text[:limit]:
        category = unicodedata.category(character)
        marks = marks + 1 if category.startswith("M") else 0
        if category in _UNFIT and character not in _FIT:
            shown.append(f"⟨U+{ord(character):04X}⟩")
        elif marks <= _MAX_MARKS:
            shown.append(character)
    if length > cut or len(text) > limit:
        shown.append(" … " + tr("({count} more characters)", count=length - min(limit, len(text))))
    return "".join(shown)


def moment(time: datetime, zone: tzinfo | None, *, locale: str) -> str:
    """Date, time and zone, by the clock of ``zone``; by this machine's if it is ``None``."""
    local = time.astimezone(zone)
    return tr(
        "{date}, {time} ({zone})",
        date=format_date(local.date(), "long", locale=locale),
        time=format_time(local.timetz(), "HH:mm", tzinfo=local.tzinfo, locale=locale),
        zone=get_timezone_gmt(local, locale=locale),
    )


def duration(minutes: int) -> str:
    """Days, hours and minutes; one minute at least."""
    days, rest = divmod(max(1, minutes), 24 * 60)
    hours, minutes = divmod(rest, 60)
    parts = ((days, "d"), (hours, "h"), (minutes, "min"))
    return " ".join(f"{count} {unit}" for count, unit in parts if count)


class Redactor:
    """Takes lines of hidden tests out of text.

    The grader cleans its messages already; this is a second lock on the same door.

    Args:
        secrets: The lines that must not be shown.
    """

    #: Shorter lines (``)``, ``x = 1``) say nothing and occur everywhere.
    MIN_LENGTH = 12

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        lines = {line.strip() for line in secrets}
        self._secrets = sorted((s for s in lines if len(s) >= self.MIN_LENGTH), key=len, reverse=True)

    @classmethod
    def of(cls, template: Template) -> "Redactor":
        """A redactor for the hidden tests of a source notebook."""
        return cls(line for cell in template.cells if cell.is_test for line in _hidden_lines(cell.source))

    def __call__(self, text: str) -> str:
        """``text`` with every secret line replaced."""
        for secret in self._secrets:
            text = text.replace(secret, "[…]")
        return text


def _hidden_lines(source: str) -> Iterable[str]:
    hidden = False
    for line in source.splitlines():
        if "BEGIN HIDDEN TESTS" in line:
            hidden = True
        elif "END HIDDEN TESTS" in line:
            hidden = False
        elif hidden:
            yield line
