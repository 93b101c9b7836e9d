"""A drawing as SVG, with axes.

Colours and fonts are the page's: elements have classes, and the page's style says what they look like, in light,
dark and print. No element has an id, so many drawings stand on one page.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from babel.numbers import format_decimal
from markupsafe import Markup, escape
from matplotlib.ticker import MaxNLocator

__all__ = ["Axes", "Drawing", "Picture", "number"]


@dataclass(frozen=True)
class Picture:
    """A drawing with its words.

    Args:
        title: What it is of.
        svg: The drawing, safe to put into a page.
        caption: What it shows, in words.
    """

    title: str
    svg: Markup
    caption: str


def number(value: float, locale: str) -> str:
    """A number as people write it, with three digits that count."""
    if value and not 1e-3 <= abs(value) < 1e6:
        return f"{value:.2e}"
    return str(format_decimal(float(f"{value:.3g}"), format="0.######", locale=locale))


class Drawing:
    """Elements on a canvas of ``width`` by ``height`` units; a page scales it."""

    def __init__(self, width: float, height: float) -> None:
        self.width, self.height = width, height
        self._parts: list[str] = []

    def rect(self, x: float, y: float, width: float, height: float, kind: str, *, opacity: float = 1) -> None:
        """A box; ``kind`` is its class."""
        faint = "" if opacity >= 1 else f' fill-opacity="{opacity:.2f}"'
        self._parts.append(
            f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"{faint}/>'
        )

    def line(self, x1: float, y1: float, x2: float, y2: float, kind: str) -> None:
        """A line."""
        self._parts.append(f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>')

    def path(self, points: Iterable[tuple[float, float] | None], kind: str, *, closed: bool = False) -> None:
        """A line through points; ``None`` is a gap."""
        steps, pen = [], "M"
        for point in points:
            if point is None:
                pen = "M"
            else:
                steps.append(f"{pen}{point[0]:.1f} {point[1]:.1f}")
                pen = "L"
        if steps:
            self._parts.append(f'<path class="{kind}" d="{"".join(steps)}{"Z" if closed else ""}"/>')

    def curve(
        self, start: tuple[float, float], bend: tuple[float, float], end: tuple[float, float], kind: str
    ) -> None:
        """A bent line."""
        numbers = " ".join(f"{value:.1f}" for point in (bend, end) for value in point)
        self._parts.append(f'<path class="{kind}" d="M{start[0]:.1f} {start[1]:.1f}Q{numbers}"/>')

    def dot(self, x: float, y: float, kind: str) -> None:
        """A small disc."""
        self._parts.append(f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="2.4"/>')

    def text(
        self, x: float, y: float, text: str, *, kind: str = "t", anchor: str = "start", turn: float = 0
    ) -> None:
        """A line of text; ``turn`` in degrees."""
        turned = f' transform="rotate({turn:g} {x:.1f} {y:.1f})"' if turn else ""
        placed = "" if anchor == "start" else f' text-anchor="{anchor}"'
        self._parts.append(f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}"{placed}{turned}>{escape(text)}</text>')

    def svg(self, label: str, *, grows: bool = True) -> Markup:
        """The drawing as an element of a page.

        Args:
            label: What it shows, for who cannot see it.
            grows: Whether it fills the width that there is; else it is at most as wide as drawn.
        """
        size = "" if grows else f' style="max-width: {self.width:.0f}px"'
        head = (
            f'<svg class="pic"{size} role="img" aria-label="{escape(label)}" '
            f'viewBox="0 0 {self.width:g} {self.height:g}">'
        )
        return Markup(head + "".join(self._parts) + "</svg>")  # noqa: S704  (drawn here; all texts are escaped)


class Axes:
    """Axes with ticks on a drawing, and where values lie on them.

    Args:
        drawing: The canvas.
        x: Lowest and highest value across.
        y: Lowest and highest value upwards.
        label: Of the axis across; or what its two ends are called, where numbers say nothing.
        locale: How numbers are written.
        whole: Whether ticks across are whole numbers.
        top: Room above, in units.
    """

    RIGHT, BOTTOM = 8.0, 34.0

    def __init__(
        self,
        drawing: Drawing,
        x: tuple[float, float],
        y: tuple[float, float],
        *,
        label: str | tuple[str, str],
        locale: str,
        whole: bool = False,
        top: float = 10.0,
    ) -> None:
        self._drawing = drawing
        self._x, self._y = _wider(*x, 0.0), _wider(*y, 0.05)
        self.top, self.bottom = top, drawing.height - self.BOTTOM
        upwards = [(tick, number(tick, locale)) for tick in _ticks(*self._y, 5)]
        self.left: float = 14 + 7 * max((len(text) for _, text in upwards), default=0)
        self.right = drawing.width - self.RIGHT
        for tick, text in upwards:
            here = self.down(tick)
            drawing.line(self.left, here, self.right, here, "g")
            drawing.text(self.left - 5, here + 4, text, anchor="end")
        drawing.line(self.left, self.bottom, self.right, self.bottom, "a")
        if isinstance(label, str):
            for tick in _ticks(*self._x, 6, whole=whole):
                drawing.text(self.across(tick), self.bottom + 14, number(tick, locale), anchor="middle")
            drawing.text((self.left + self.right) / 2, drawing.height - 4, label, anchor="middle")
        else:
            drawing.text(self.left, self.bottom + 16, label[0])
            drawing.text(self.right, self.bottom + 16, label[1], anchor="end")

    def across(self, value: float) -> float:
        """Where a value lies across."""
        return _place(value, self._x, self.left, self.right)

    def down(self, value: float) -> float:
        """Where a value lies upwards; the canvas counts from the top."""
        return _place(value, self._y, self.bottom, self.top)


def _wider(low: float, high: float, share: float) -> tuple[float, float]:
    """A range that is not empty, and a little wider."""
    low, high = float(low), float(high)  # large whole numbers that differ may be one float
    room = (high - low) * share or (abs(low) * 0.05 or 0.5 if high == low else 0.0)
    return low - room, high + room


def _place(value: float, span: tuple[float, float], start: float, end: float) -> float:
    return start + (value - span[0]) / (span[1] - span[0]) * (end - start)


def _ticks(low: float, high: float, most: int, *, whole: bool = False) -> Sequence[float]:
    found = MaxNLocator(nbins=most, integer=whole, min_n_ticks=1).tick_values(low, high)
    slack = (high - low) * 1e-9
    return [float(tick) for tick in found if low - slack <= tick <= high + slack and math.isfinite(tick)]
