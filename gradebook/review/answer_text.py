"""A student's text as HTML that can do nothing: Markdown, formulas and pictures, no script, no address."""

import re
from collections.abc import Mapping
from pathlib import Path

import bleach
import nbformat
from bleach.css_sanitizer import CSSSanitizer
from nbconvert.filters.markdown_mistune import InvalidNotebook, IPythonRenderer, MarkdownWithMath
from pygments.token import STANDARD_TYPES

from autograder.notebook import grade_id_of

__all__ = ["as_html", "harmless", "read_answer"]

_WORDS = """
    a abbr b blockquote br code dd del div dl dt em h1 h2 h3 h4 h5 h6 hr i img kbd li ol p pre s span strong sub
    sup table tbody td tfoot th thead tr u ul
"""
_TAGS = frozenset(_WORDS.split())
_PICTURE = re.compile(r"data:image/(png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]*$")
_MAX = 200_000
_COLOURS = frozenset(name for name in STANDARD_TYPES.values() if name)


def read_answer(path: Path, cell: str) -> str | None:
    """The HTML of one cell of a graded notebook; ``None`` if notebook or cell is not there."""
    try:
        notebook = nbformat.read(path, as_version=4)
    except (OSError, ValueError):
        return None
    for there in notebook.cells:
        if grade_id_of(there) == cell:
            return as_html(there.source, there.get("attachments", {}))
    return None


def as_html(text: str, attachments: Mapping[str, Mapping[str, str]] | None = None) -> str:
    """Render Markdown; pictures that were pasted into the cell are shown, those of other places are not."""
    text = text[:_MAX]
    try:
        html = _markdown(text, attachments or {})
    except InvalidNotebook:  # a picture that was not pasted after all
        html = _markdown(text.replace("attachment:", ""), {})
    return harmless(html)


def harmless(html: str | bytes) -> str:
    """HTML without scripts, styles, links or anything from elsewhere; text, tables, formulas and pictures stay."""
    text = html.decode("utf-8", "replace") if isinstance(html, bytes) else str(html)
    clean = bleach.clean(
        text, tags=_TAGS, attributes=_fine, strip=True, protocols={"data"},
        css_sanitizer=CSSSanitizer(allowed_css_properties=["text-align"]),
    )  # fmt: skip
    return str(clean)


def _markdown(text: str, attachments: Mapping[str, Mapping[str, str]]) -> str:
    renderer = IPythonRenderer(escape=False, exclude_anchor_links=True, attachments=attachments)
    return str(MarkdownWithMath(renderer=renderer).render(text))


def _fine(tag: str, name: str, value: str) -> bool:
    """Which attributes stay."""
    if tag == "img":
        return name in ("alt", "title") or (name == "src" and bool(_PICTURE.match(value)))
    if name == "class":  # a colour of code; other names mean something to the page that shows it
        return tag == "span" and value in _COLOURS
    return name in ("title", "colspan", "rowspan", "style")
