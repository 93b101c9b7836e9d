"""A call of a check and what the student then reads, as an SVG picture."""

import textwrap
from collections.abc import Iterable
from html import escape

__all__ = ["CHARACTERS", "Panel", "picture"]

#: Characters that a line has room for.
CHARACTERS = 88
_WIDTH, _MARGIN, _LINE = 760, 16, 20
_GREEN, _RED, _INK, _GREY = "#1a7f37", "#b42318", "#1f2328", "#f6f8fa"

#: The code of a test cell, and the lines that it prints.
Panel = tuple[str, list[str]]


def picture(panels: Iterable[Panel], *, title: str) -> str:
    """The panels below each other.

    Args:
        panels: Code and printed lines; a line that begins with ``✓`` is green, one with ``✗`` red.
        title: What a screen reader says.

    Example:
        >>> picture([("check.equal(2, 2)", ["✓ igual"])], title="check.equal").count("<text")
        2
    """
    parts: list[str] = []
    top = 0
    for code, printed in panels:
        rows = code.splitlines()
        height = _LINE * len(rows) + _MARGIN
        parts.append(f'<rect x="0" y="{top}" width="{_WIDTH}" height="{height}" fill="{_GREY}"/>')
        parts.extend(_text(row, top + _LINE * (i + 1), _INK) for i, row in enumerate(rows))
        top += height + _MARGIN // 2
        for line in printed:
            color = _GREEN if line.startswith("✓") else _RED
            for row in textwrap.wrap(line, CHARACTERS, subsequent_indent="  ", break_on_hyphens=False):
                parts.append(_text(row, top + _LINE - 6, color))
                top += _LINE
        top += _MARGIN
    size = f'width="{_WIDTH}" height="{top}" viewBox="0 0 {_WIDTH} {top}"'
    style = 'font-family="ui-monospace, Menlo, Consolas, monospace" font-size="13"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} {style} role="img">',
            f"<title>{escape(title)}</title>",
            f'<rect width="{_WIDTH}" height="{top}" fill="#ffffff"/>',
            *parts,
            "</svg>\n",
        ]
    )


def _text(row: str, y: int, color: str) -> str:
    return f'<text x="{_MARGIN}" y="{y}" fill="{color}" xml:space="preserve">{escape(row)}</text>'
