"""Writes docs/checks.md: every public check with its docstring and a picture of a right and of a wrong answer.

    python docs/checks.py [FOLDER]

The pictures are of real outcomes. ``docs/examples/<check>.py`` holds what is run: a section ``# %% given`` (not
shown), one ``# %% right`` and one ``# %% wrong``, both of which end with a call of the check. A test holds the
page to the code.
"""

import inspect
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from numpy.typing import ArrayLike

from autograder import check
from autograder.check.recorder import collecting, line_of
from autograder.messages import using_language

sys.path.insert(0, str(Path(__file__).parent))
from picture import CHARACTERS, Panel, picture

HERE = Path(__file__).parent
EXAMPLES = HERE / "examples"
_SECTION = re.compile(r"^# %% (given|right|wrong)$\n", re.MULTILINE)
_INTRODUCTION = """# The checks

What a test cell can call: `from autograder import check`. Each call adds one outcome to the cell, and a failed
one does not end it. A cell earns its points in proportion to the weights of what passed. The pictures show what
students read, for a right and for a wrong answer. How to put checks together is in
[Writing an exercise](authoring.md).

"""


def public() -> list[str]:
    """Names of the checks."""
    return sorted(n for n in check.__all__ if n not in ("CheckFailed", "collecting", "record"))


def sections(name: str) -> dict[str, str]:
    """What the example of a check is made of, by the name of the section."""
    parts = _SECTION.split((EXAMPLES / f"{name}.py").read_text(encoding="utf-8"))
    return {kind: text.strip("\n") for kind, text in zip(parts[1::2], parts[2::2], strict=True)}


def panels(name: str) -> list[Panel]:
    """The right and the wrong answer to a check, and what they lead to.

    Raises:
        RuntimeError: The right answer did not pass, the wrong one did, or a line does not fit the picture.
    """
    parts = sections(name)
    if any(len(line) > CHARACTERS for kind in ("right", "wrong") for line in parts[kind].splitlines()):
        raise RuntimeError(f"docs/examples/{name}.py: a line has more than {CHARACTERS} characters")
    found: list[Panel] = []
    for kind in ("right", "wrong"):
        scope: dict[str, Any] = {"__name__": "__main__", "check": check}
        with _elsewhere(), using_language("pt_BR"), collecting() as outcomes:
            exec(compile(f"{parts.get('given', '')}\n{parts[kind]}", f"<{name}>", "exec"), scope)
        if not outcomes or any(outcome.error for outcome in outcomes):
            raise RuntimeError(f"docs/examples/{name}.py, {kind}: {[o.error for o in outcomes]}")
        if all(outcome.passed for outcome in outcomes) != (kind == "right"):
            raise RuntimeError(f"docs/examples/{name}.py, {kind}: {[line_of(o) for o in outcomes]}")
        with using_language("pt_BR"):
            found.append((parts[kind], [line_of(outcome) for outcome in outcomes]))
    return found


def page() -> str:
    """The page, in Markdown."""
    first = "".join(f"- [`check.{name}`](#check{name}): {_summary(name)}\n" for name in public())
    return _INTRODUCTION + first + "\n" + "\n".join(_chapter(name) for name in public())


def write(folder: Path) -> None:
    """Write the page and its pictures into ``folder``."""
    pictures = folder / "img" / "checks"
    pictures.mkdir(parents=True, exist_ok=True)
    for old in pictures.glob("*.svg"):
        old.unlink()
    for name in public():
        title = f"check.{name}: uma resposta certa e uma errada"
        (pictures / f"{name}.svg").write_text(picture(panels(name), title=title), encoding="utf-8")
    (folder / "checks.md").write_text(page(), encoding="utf-8")


def _summary(name: str) -> str:
    return " ".join(_docstring(name).split("\n\n")[0].split()).replace("``", "`")


def _docstring(name: str) -> str:
    return inspect.getdoc(getattr(check, name)) or ""


def _chapter(name: str) -> str:
    function = getattr(check, name)
    written = str(inspect.signature(function)).replace(inspect.formatannotation(ArrayLike), "ArrayLike")
    signature = re.sub(r"\b[a-z_.]+\.(?=[A-Z])", "", written.replace("'", ""))
    text = _docstring(name).split("\nExample:")[0]
    prose, _, rest = text.partition("\nArgs:\n")
    arguments, _, more = rest.partition("\n\n")
    listed = "".join(f"- `{head}`: {body}\n" for head, body in _arguments(arguments))
    prose = prose.replace("``", "`").strip()
    raised = f"\n{more.strip()}\n".replace("``", "`") if more.strip() else ""
    return (
        f"## check.{name}\n\n```python\ncheck.{name}{_wrapped(signature)}\n```\n\n{prose}\n\n{listed}{raised}\n"
        f"![check.{name}](img/checks/{name}.svg)\n"
    )


def _wrapped(signature: str) -> str:
    inner, _, returns = signature[1:].rpartition(")")
    parts = re.split(r", (?=[\w*]+(?:: |,|$))", inner)
    return "(\n" + "".join(f"    {part},\n" for part in parts) + ")" + returns


def _arguments(text: str) -> Iterator[tuple[str, str]]:
    for entry in re.split(r"\n(?=    \w)", "\n" + text):
        head, colon, body = entry.strip().partition(":")
        if colon:
            yield head, " ".join(body.split()).replace("``", "`")


@contextmanager
def _elsewhere() -> Iterator[None]:
    """An empty folder to work in: examples save models there."""
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            yield
        finally:
            os.chdir(before)


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
