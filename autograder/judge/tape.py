"""What a test cell prints, draws and finds, as the outputs of a notebook cell."""

import base64
import builtins
import contextlib
import io
import linecache
import sys
import traceback
from collections.abc import Iterator
from typing import Any

from autograder.check.recorder import OUTCOME_MIME, line_of
from autograder.outcome import Outcome

__all__ = ["Tape"]

_MAX_STREAM = 200_000
_MAX_DISPLAYS = 200
#: Data that only a program reads.
_MAX_QUIET = 60
_MAX_FIGURES = 20
_MIMES = ("text/plain", "text/html", "image/png", "text/markdown", "text/latex", "image/svg+xml")


class Tape:
    """Collects outputs in order. Each has the form that nbformat gives it."""

    def __init__(self) -> None:
        self.outputs: list[dict[str, Any]] = []
        self.failed = 0
        self._quiet = 0
        self._room = _MAX_STREAM

    def write(self, name: str, text: str) -> None:
        """Text on ``stdout`` or ``stderr``."""
        if self._room <= 0:
            return
        if len(text) > self._room:
            text = text[: self._room] + "\n[…]\n"
        self._room -= len(text)
        last = self.outputs[-1] if self.outputs else {}
        if last.get("output_type") == "stream" and last["name"] == name:
            last["text"] += text
        else:
            self.outputs.append({"output_type": "stream", "name": name, "text": text})

    def outcome(self, outcome: Outcome) -> None:
        """What a check found."""
        self.failed += not outcome.passed
        self.publish(OUTCOME_MIME, outcome.to_json(), line_of(outcome))

    def publish(self, mime: str, data: Any, text: str | None) -> None:
        """Data of ours, perhaps with a line for people."""
        if text is not None:
            self._show({mime: dict(data), "text/plain": text})
        elif self._quiet < _MAX_QUIET:  # takes nobody's place
            self._quiet += 1
            self.outputs.append({"output_type": "display_data", "data": {mime: dict(data)}, "metadata": {}})

    def display(self, *objects: Any, **_: Any) -> None:
        """Stands in for IPython's ``display``."""
        for shown in objects:
            self._show(_formats(shown))

    def result(self, value: Any) -> None:
        """The value of a cell's last expression."""
        if value is not None:
            data = _formats(value)
            self.outputs.append(
                {"output_type": "execute_result", "data": data, "metadata": {}, "execution_count": None}
            )

    def error(self, name: str, message: str, trace: list[str]) -> None:
        """An exception."""
        self.outputs.append({"output_type": "error", "ename": name, "evalue": message[:2000], "traceback": trace})

    def exception(self, error: BaseException) -> None:
        """An exception that ended the cell, with the lines of the cell it went through."""
        frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == CELL]
        text = "".join(traceback.format_list(frames)) + "".join(traceback.format_exception_only(error))
        self.error(type(error).__name__, str(error), text[:20_000].splitlines())

    def figures(self) -> None:
        """Draw the figures that the cell left open, and close them."""
        pyplot = sys.modules.get("matplotlib.pyplot")
        if pyplot is None:
            return
        for number in pyplot.get_fignums()[:_MAX_FIGURES]:
            out = io.BytesIO()
            pyplot.figure(number).savefig(out, format="png", bbox_inches="tight")
            self._show({"image/png": base64.b64encode(out.getvalue()).decode("ascii"), "text/plain": "<Figure>"})
        pyplot.close("all")

    @contextlib.contextmanager
    def running(self, source: str) -> Iterator[None]:
        """Send what is printed and displayed in the block here."""
        import IPython.display

        linecache.cache[CELL] = (len(source), None, source.splitlines(keepends=True), CELL)
        kept = IPython.display.display
        IPython.display.display = builtins.display = self.display  # type: ignore[attr-defined]
        out, err = _Stream(self, "stdout"), _Stream(self, "stderr")
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                yield
            finally:
                IPython.display.display = builtins.display = kept  # type: ignore[attr-defined]

    def _show(self, data: dict[str, Any]) -> None:
        if len(self.outputs) - self._quiet < _MAX_DISPLAYS:
            self.outputs.append({"output_type": "display_data", "data": data, "metadata": {}})


#: File name under which the code of a test cell is compiled.
CELL = "<test cell>"


class _Stream(io.TextIOBase):
    def __init__(self, tape: Tape, name: str) -> None:
        self._tape = tape
        self._name = name

    def write(self, text: str) -> int:
        self._tape.write(self._name, text)
        return len(text)

    def writable(self) -> bool:
        return True


def _formats(value: Any) -> dict[str, Any]:
    """What IPython would show of a value."""
    from IPython.core.formatters import DisplayFormatter

    data, _ = DisplayFormatter().format(value, include=set(_MIMES))
    shown = {mime: base64.b64encode(v).decode("ascii") if isinstance(v, bytes) else v for mime, v in data.items()}
    return {mime: v for mime, v in shown.items() if isinstance(v, str) and len(v) <= 2_000_000} or {
        "text/plain": "…"
    }
