"""A model as boxes and arrows, from the input at the top to the output at the bottom."""

from autograder.exhibit import Sketch
from autograder.messages import tr
from gradebook.pictures.svg import Drawing, Picture
from gradebook.text import clean

__all__ = ["draw_sketch"]

_BOX, _GAP, _ROW, _BETWEEN = 26.0, 18.0, 44.0, 12.0
_CHARACTER, _PADDING, _LONGEST = 7.3, 16.0, 34


def draw_sketch(sketch: Sketch, title: str) -> Picture:
    """The boxes of a sketch in rows, each below all that lead to it."""
    names = [_short(node) for node in sketch.nodes]
    depths = _depths(sketch)
    rows: dict[int, list[int]] = {}
    for node, depth in enumerate(depths):
        rows.setdefault(depth, []).append(node)
    widths = [len(name) * _CHARACTER + _PADDING for name in names]
    row_widths = [sum(widths[n] for n in row) + _BETWEEN * (len(row) - 1) for row in rows.values()]
    skips = [edge for edge in sketch.edges if depths[edge[1]] - depths[edge[0]] > 1]
    width = max([*row_widths, 150.0]) + (120.0 if skips else 8.0)
    drawing = Drawing(width, _ROW * len(rows) - _GAP + 8)
    places: dict[int, tuple[float, float]] = {}
    for depth, row in rows.items():
        x = (width - sum(widths[n] for n in row) - _BETWEEN * (len(row) - 1)) / 2
        for node in row:
            places[node] = (x + widths[node] / 2, 4 + _ROW * depth)
            x += widths[node] + _BETWEEN
    for start, end in sketch.edges:
        (x1, y1), (x2, y2) = places[start], places[end]
        if (start, end) in skips:
            # Around the boxes in between.
            drawing.curve((x1, y1 + _BOX), (width + 20, (y1 + y2) / 2), (x2, y2), "e")
        else:
            drawing.line(x1, y1 + _BOX, x2, y2, "e")
        drawing.path([(x2 - 3.5, y2 - 6), (x2 + 3.5, y2 - 6), (x2, y2)], "h", closed=True)
    for node, name in enumerate(names):
        x, y = places[node]
        drawing.rect(x - widths[node] / 2, y, widths[node], _BOX, "n")
        drawing.text(x, y + 17, name, anchor="middle", kind="nt")
    words = _in_words(sketch, names)
    return Picture(title, drawing.svg(f"{title}: {words}", grows=False), title)


def _short(node: str) -> str:
    text = clean(node, limit=200).replace("\n", " ")
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _depths(sketch: Sketch) -> list[int]:
    """How far down each box is: below all that lead to it. Arrows lead to later boxes."""
    depths = [0] * len(sketch.nodes)
    for start, end in sorted(sketch.edges, key=lambda edge: edge[1]):
        depths[end] = max(depths[end], depths[start] + 1)
    return depths


def _in_words(sketch: Sketch, names: list[str]) -> str:
    chain = [(n, n + 1) for n in range(len(names) - 1)]
    if sorted(sketch.edges) == chain:
        return " → ".join(names)
    return "; ".join(
        tr("{start} leads to {end}", start=names[start], end=names[end]) for start, end in sketch.edges
    )
