"""Small pictures as SVG inside the page: no file, no id, colours of the page's style sheet by classes.

Each mark carries its value as a ``<title>``; ``report.js`` shows it at once, and for the keyboard too.
"""

from collections.abc import Callable, Sequence

import numpy as np
from markupsafe import Markup, escape
from numpy.typing import NDArray

from autograder.messages import tr
from gradebook.report.items import BINS, Item
from gradebook.report.values import Spread, Threshold

__all__ = ["box", "compass", "histogram", "meter", "stack", "strip"]

Numbers = NDArray[np.float64]
Place = Callable[[float], float]
Words = Callable[[float], str]

#: Above this many values a strip shows counts, not points.
_MOST_POINTS = 200
_COLUMNS = 60


def histogram(bins: Sequence[int], *, label: str, at: int, tall: bool = False) -> Markup:
    """How many students have a share in each tenth. A bar filters the table of students (``report.js``).

    Args:
        bins: How many in each tenth; nothing draws nothing.
        label: What it is of.
        at: Which digit of a student's ``data-b`` it shows.
        tall: With an axis, for a place of its own.
    """
    if not bins:
        return Markup("")
    width, height = (420.0, 130.0) if tall else (110.0, 26.0)
    foot, top = (18.0, 16.0) if tall else (1.0, 1.0)
    step, most = width / BINS, max(max(bins), 1)
    full = height - foot - top
    parts = [f'<path class="axis" d="M0 {height - foot + 0.5:g}H{width:g}"/>']
    for place, count in enumerate(bins):
        if not count:
            continue
        x, tallness = place * step, max(1.5, full * count / most)
        said = tr("{low}–{high}%: {count} students", low=10 * place, high=10 * place + 10, count=count)
        number = (
            f'<text x="{x + step / 2:g}" y="{height - foot - tallness - 4:.1f}" class="mid">{count}</text>'
            if tall
            else ""
        )
        parts.append(
            f'<g class="bin" data-n="{place}"><title>{escape(said)}</title>'
            f'<rect class="hit" x="{x:g}" width="{step:g}" height="{height:g}"/>'
            f'<rect class="ink" x="{x + step * 0.08:.1f}" y="{height - foot - tallness:.1f}" '
            f'width="{step * 0.84:.1f}" height="{tallness:.1f}"/>{number}</g>'
        )
    if tall:
        parts += [
            f'<text x="{share * width / 100:g}" y="{height - 4:g}" class="{end}">{share}%</text>'
            for share, end in ((0, "start"), (50, "mid"), (100, "end"))
        ]
    kind = "hist tall" if tall else "hist"
    return _svg(width, height, kind, label, parts, f' data-at="{at}" role="group"')


def stack(full: int, partial: int, none: int) -> Markup:
    """Full, partial and no points as one bar."""
    whole = max(full + partial + none, 1)
    said = (
        ("full", full, tr("all points: {count}", count=full)),
        ("part", partial, tr("a part: {count}", count=partial)),
        ("none", none, tr("nothing: {count}", count=none)),
    )
    parts, x = [], 0.0
    for kind, count, title in said:
        width = 100 * count / whole
        if count:
            parts.append(
                f'<rect class="{kind}" x="{x:.2f}" width="{width:.2f}" height="10">'
                f"<title>{escape(title)}</title></rect>"
            )
        x += width
    return _svg(100, 10, "stack", ", ".join(title for _, _, title in said), parts, ' preserveAspectRatio="none"')


def meter(share: float, label: str) -> Markup:
    """One share as a bar."""
    parts = [
        '<rect class="track" width="100" height="6"/>',
        f'<rect class="fill" width="{100 * min(1, max(0, share)):.1f}" height="6"/>',
    ]
    return _svg(100, 6, "meter", label, parts, ' preserveAspectRatio="none"')


def compass(item: Item, label: str) -> Markup:
    """A correlation with its interval on a scale from -1 to 1."""
    if item.discrimination is None or item.low is None or item.high is None:
        return Markup("")
    places = [50 + 48 * value for value in (item.low, item.high, item.discrimination)]
    bad = " bad" if item.discrimination < 0 else ""
    parts = [
        '<path class="axis" d="M2 8H98M50 3V13"/>',
        f'<path class="range{bad}" d="M{places[0]:.1f} 8H{places[1]:.1f}"/>',
        f'<circle class="dot{bad}" cx="{places[2]:.1f}" cy="8" r="3.2"/>',
        f"<title>{escape(label)}</title>",
    ]
    return _svg(100, 16, "compass", label, parts)


def box(spread: Spread, most: float, label: str) -> Markup:
    """Quartiles as a box, the ninth decile as the whisker's end, least and most as dots; from 0 to ``most``."""
    if spread.median is None or most <= 0:
        return Markup("")
    numbers = (spread.least, spread.first, spread.median, spread.third, spread.ninth, spread.most)
    least, first, median, third, ninth, top = (2 + 236 * (number or 0.0) / most for number in numbers)
    parts = [
        f"<title>{escape(label)}</title>",
        f'<path class="axis" d="M{least:.1f} 9H{first:.1f}M{third:.1f} 9H{ninth:.1f}M{ninth:.1f} 5V13"/>',
        f'<rect class="boxed" x="{first:.1f}" y="3" width="{max(third - first, 1):.1f}" height="12"/>',
        f'<path class="median" d="M{median:.1f} 3V15"/>',
        f'<circle class="dot" cx="{top:.1f}" cy="9" r="2"/>',
    ]
    return _svg(240, 18, "box-plot", label, parts)


def strip(found: Threshold, number: Words, label: str) -> Markup:
    """What was measured, a point a student, or columns where they are many; and the threshold as a line.

    What lies far out is drawn at the edge, hollow.
    """
    values = np.array(found.values)
    low, high = _window(values, found.threshold)
    width, height, floor = 640.0, 86.0, 62.0

    def x(value: float) -> float:
        return 10 + (width - 20) * (value - low) / (high - low)

    parts = [f'<path class="axis" d="M10 {floor}H{width - 10}"/>']
    line = x(found.threshold)
    good = (line, width - 10) if found.rises else (10.0, line)
    parts.append(
        f'<rect class="passed" x="{good[0]:.1f}" y="14" width="{good[1] - good[0]:.1f}" height="{floor - 14}"/>'
    )
    parts += (
        _points(values, low, high, floor, x, number)
        if len(values) <= _MOST_POINTS
        else _columns(values, low, high, floor, x, number)
    )
    side = "start" if line < width * 0.15 else "end" if line > width * 0.85 else "mid"
    parts.append(f'<path class="limit" d="M{line:.1f} 12V{floor + 4}"/>')
    parts.append(f'<text x="{line:.1f}" y="9" class="{side}">{escape(number(found.threshold))}</text>')
    parts += [
        f'<text x="{x(tick):.1f}" y="{floor + 18}" class="{end}">{escape(number(tick))}</text>'
        for tick, end in ((low, "start"), ((low + high) / 2, "mid"), (high, "end"))
    ]
    return _svg(width, height, "strip", label, parts)


def _window(values: Numbers, threshold: float) -> tuple[float, float]:
    """From where to where to draw: all but what lies far out (J. W. Tukey's outer fences), and the threshold."""
    first, third = np.quantile(values, (0.25, 0.75))
    reach = 3 * (third - first)
    inside = values[(values >= first - reach) & (values <= third + reach)]
    low, high = min(float(inside.min()), threshold), max(float(inside.max()), threshold)
    room = (high - low) * 0.04 or abs(threshold) * 0.05 or 1.0
    return low - room, high + room


def _points(values: Numbers, low: float, high: float, floor: float, x: Place, number: Words) -> list[str]:
    parts, heights = [], [0] * 200
    for value in values:
        out = value < low or value > high
        place = x(min(max(value, low), high))
        # Points that would lie on each other are stacked.
        slot = int(place / 5)
        level = heights[slot] % 7
        heights[slot] += 1
        kind = "point out" if out else "point"
        parts.append(
            f'<circle class="{kind}" cx="{place:.1f}" cy="{floor - 4 - 6 * level}" r="2.8">'
            f"<title>{escape(number(value))}</title></circle>"
        )
    return parts


def _columns(values: Numbers, low: float, high: float, floor: float, x: Place, number: Words) -> list[str]:
    edges = np.linspace(low, high, _COLUMNS + 1)
    counts, _ = np.histogram(np.clip(values, low, high), edges)
    most = max(int(counts.max()), 1)
    parts = []
    for place, count in enumerate(counts):
        if count:
            tall = max(1.0, (floor - 16) * count / most)
            said = tr(
                "{low} to {high}: {count} students", low=number(edges[place]), high=number(edges[place + 1]),
                count=int(count),
            )  # fmt: skip
            parts.append(
                f'<rect class="ink" x="{x(edges[place]) + 0.5:.1f}" y="{floor - tall:.1f}" '
                f'width="{x(edges[1]) - x(edges[0]) - 1:.1f}" height="{tall:.1f}">'
                f"<title>{escape(said)}</title></rect>"
            )
    return parts


def _svg(width: float, height: float, kind: str, label: str, parts: Sequence[str], more: str = "") -> Markup:
    role = "" if "role=" in more else ' role="img"'
    return Markup(  # noqa: S704  (drawn here; every text in it is escaped)
        f'<svg class="{kind}" viewBox="0 0 {width:g} {height:g}" aria-label="{escape(label)}"{role}{more}>'
        f"{''.join(parts)}</svg>"
    )
