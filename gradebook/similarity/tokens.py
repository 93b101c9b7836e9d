"""Python as what stays when names, formatting and comments change.

Two texts that differ in nothing else have equal tokens. Code is read by its tokens alone and never parsed: a cell
that Python would refuse is compared like any other, and no text makes the reader fail or linger. That is also why
this is not ``tokenize``, which gives up at the first quote that is not closed.

What stays: keywords, operators, built-in names, attributes (``fit``), keyword arguments (``activation``), names
that were imported, numbers by their value, and short texts such as ``"relu"``. What goes: the student's own names,
long texts, docstrings, comments, layout, parentheses that only group, commas before a closing bracket, imports and
magics. A chain that begins with an imported name is its last part: ``tf.keras.layers.Dense``, ``layers.Dense`` and
``Dense`` are the same.
"""

import builtins
import keyword
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

__all__ = ["Names", "Token", "names_of", "tokens_of"]

# Every alternative takes what it has begun (no quantifier gives back): the time is that of the text's length.
_LEXEME = re.compile(
    r'''
    (?P<comment> \#[^\n]*+ )
  | (?P<text> (?:[rR]?[bBfFuU]?|[bBfF][rR])(?:
        """ (?:[^"\\]++|\\.?|"(?!""))*+ (?:""")?
      | \'\'\' (?:[^'\\]++|\\.?|'(?!''))*+ (?:\'\'\')?
      | " (?:[^"\\\n]++|\\.)*+ "?
      | ' (?:[^'\\\n]++|\\.)*+ '?
    ) )
  | (?P<number> (?:0[xXbBoO][\da-fA-F_]++ | (?:\d[\d_]*+(?:\.[\d_]*+)?|\.\d[\d_]*+)(?:[eE][+-]?\d[\d_]*+)? )[jJ]? )
  | (?P<name> [^\W\d]\w*+ )
  | (?P<line> \n )
  | (?P<mark> ->|:=|\*\*=|//=|>>=|<<=|\.\.\.|\*\*|//|<<|>>|[-+*/%@&|^=<>!]=|\S )
    ''',
    re.VERBOSE | re.DOTALL,
)
_TEXT = re.compile(r"[a-zA-Z]*(\"\"\"|'''|\"|')(.*)", re.DOTALL)
_SHORT_TEXT = re.compile(r"[\w./:-]{0,40}")
_BUILTIN = frozenset(dir(builtins)) | frozenset(keyword.kwlist)
_OPEN, _CLOSED = frozenset("([{"), frozenset(")]}")
#: What stands for a name of the student's, an attribute of a class of theirs, and a text for people.
_OWN, _OWN_ATTRIBUTE, _WORDS = "·", "·a", "·t"


class Token(NamedTuple):
    """One token.

    Args:
        text: What it is when names and formatting do not count.
        start: Where it begins in the source.
        end: Where it ends.
    """

    text: str
    start: int
    end: int


@dataclass(frozen=True)
class Names:
    """What the names of a notebook stand for.

    Args:
        imported: The last part of what an imported name stands for: ``np`` is ``numpy``, ``L`` is ``layers``.
        attributes: Those that the student gives ``self``, or what a function of theirs calls its first argument.
    """

    imported: Mapping[str, str] = field(default_factory=dict)
    attributes: frozenset[str] = frozenset()


class _Lexeme(NamedTuple):
    kind: str
    text: str
    start: int
    end: int


def names_of(sources: Iterable[str]) -> Names:
    """What the names in these cells stand for."""
    imported: dict[str, str] = {}
    first: set[str] = set()
    assigned: set[tuple[str, str]] = set()
    for source in sources:
        for statement in _statements(source):
            words = [part.text for part in statement]
            if words[0] in ("import", "from"):
                imported.update(_imports(words))
            if words[0] == "def":
                first.update(words[3:4])
            if "=" in words:
                assigned.update(_targets(words[: words.index("=")]))
    return Names(imported, frozenset(attribute for owner, attribute in assigned if owner in first))


def tokens_of(source: str, names: Names) -> list[Token]:
    """The tokens of a cell, in order."""
    tokens: list[Token] = []
    for statement in _statements(source):
        if statement[0].text in ("import", "from") or all(part.kind == "text" for part in statement):
            continue
        _Reader(statement, names).read_into(tokens)
    return tokens


def _statements(source: str) -> Iterator[list[_Lexeme]]:
    """What is between line ends, outside of brackets; magics are left out."""
    statement: list[_Lexeme] = []
    depth, magic = 0, False
    for match in _LEXEME.finditer(source):
        kind, text = match.lastgroup or "", match[0]
        if kind == "line":
            if statement and not depth:
                yield statement
                statement = []
            magic = False
        elif magic or kind == "comment" or text == "\\":
            continue
        elif text == ";" and not depth:
            if statement:
                yield statement
            statement = []
        elif not statement and text in ("%", "!"):
            magic = True
        else:
            if text in _OPEN:
                depth += 1
            elif text in _CLOSED:
                depth = max(0, depth - 1)
            statement.append(_Lexeme(kind, text, match.start(), match.end()))
    if statement:
        yield statement


def _imports(words: list[str]) -> Iterator[tuple[str, str]]:
    """Names that ``import …`` or ``from … import …`` binds, with the last part of what they stand for."""
    whole = words[0] == "import"
    place = 1 if whole else words.index("import") + 1 if "import" in words else len(words)
    part: list[str] = []
    for word in [*words[place:], ","]:
        if word != ",":
            if word not in "()":
                part.append(word)
            continue
        if len(part) >= 3 and part[-2] == "as":
            yield part[-1], part[-3]
        elif part:
            yield part[0], part[0]
        part = []


def _targets(words: list[str]) -> Iterator[tuple[str, str]]:
    """Each ``owner.attribute`` on the left of an assignment."""
    for place in range(1, len(words) - 1):
        if words[place] == "." and words[place - 1].isidentifier() and words[place + 1].isidentifier():
            yield words[place - 1], words[place + 1]


class _Reader:
    """Reads one statement."""

    def __init__(self, statement: list[_Lexeme], names: Names) -> None:
        self._lexemes, self._names = statement, names
        # For each open bracket: whose call it is ("" where it is none), and whether it only groups.
        self._open: list[tuple[str, bool]] = []
        # Whether the last token is an imported name, or the last part of a chain that began with one.
        self._chain = False

    def read_into(self, tokens: list[Token]) -> None:
        for place, lexeme in enumerate(self._lexemes):
            following = self._lexemes[place + 1].text if place + 1 < len(self._lexemes) else ""
            before = self._lexemes[place - 1] if place else None
            if lexeme.kind == "name":
                self._name(lexeme, before, following, tokens)
                continue
            if lexeme.text == "." and self._chain:
                continue  # the name after it takes the place of what is before it
            self._chain = False
            if self._is_layout(lexeme, before, following, tokens):
                continue
            text = _plain(lexeme)
            if text == _WORDS and tokens and tokens[-1].text == _WORDS:
                tokens[-1] = tokens[-1]._replace(end=lexeme.end)
            else:
                tokens.append(Token(text, lexeme.start, lexeme.end))

    def _is_layout(self, lexeme: _Lexeme, before: _Lexeme | None, following: str, tokens: list[Token]) -> bool:
        """Whether it is a comma before a closing bracket, or a parenthesis that calls nothing."""
        if lexeme.text in _OPEN:
            called = before is not None and (
                (before.kind == "name" and not keyword.iskeyword(before.text)) or before.text in _CLOSED
            )
            call = tokens[-1].text if lexeme.text == "(" and called and tokens else ""
            self._open.append((call, lexeme.text == "(" and not call))
            return self._open[-1][1]
        if lexeme.text in _CLOSED and self._open:
            return self._open.pop()[1]
        return lexeme.text == "," and following in _CLOSED

    def _name(self, lexeme: _Lexeme, before: _Lexeme | None, following: str, tokens: list[Token]) -> None:
        text = lexeme.text if lexeme.text.isascii() else unicodedata.normalize("NFKC", lexeme.text)
        if before is not None and before.text == ".":
            text = _OWN_ATTRIBUTE if text in self._names.attributes else text
            if self._chain and tokens:
                tokens[-1] = Token(text, tokens[-1].start, lexeme.end)
                return
        elif following == "=" and self._open and self._open[-1][0]:
            # A keyword argument. What a function of the student's calls its arguments is theirs to rename.
            text = _OWN if self._open[-1][0] in (_OWN, _OWN_ATTRIBUTE) else text
        elif text in self._names.imported:
            tokens.append(Token(self._names.imported[text], lexeme.start, lexeme.end))
            self._chain = True
            return
        elif text not in _BUILTIN:
            text = _OWN
        self._chain = False
        tokens.append(Token(text, lexeme.start, lexeme.end))


def _plain(lexeme: _Lexeme) -> str:
    if lexeme.kind == "number":
        return _number(lexeme.text)
    if lexeme.kind == "text":
        found = _TEXT.fullmatch(lexeme.text)
        content = found[2].removesuffix(found[1]) if found else ""
        return f'"{content}"' if _SHORT_TEXT.fullmatch(content) else _WORDS
    return lexeme.text


def _number(text: str) -> str:
    """Its value: ``1e-3`` is ``0.001``, ``1_000`` is ``1000.0``."""
    try:
        value = float(int(text, 0)) if text[:2].lower() in ("0x", "0b", "0o") else float(text)
    except (ValueError, OverflowError):  # complex, or no number after all
        return text[:40]
    return f"{value:.12g}"
