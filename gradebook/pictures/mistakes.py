"""Which classes a classifier confuses, how far off a regressor is: counts of held-out data, never examples."""

from dataclasses import dataclass

from markupsafe import Markup

from autograder.exhibit import Confusion, Residuals
from autograder.messages import tr
from gradebook.pictures.svg import Axes, Drawing, Picture, number
from gradebook.text import clean

__all__ = ["Mixed", "draw_bands", "draw_confusion", "draw_residuals", "most_confused"]

#: A picture with more classes cannot be read.
_MOST = 12
#: Smaller parts of a class are not told: what few examples are taken for says something about each of them.
_LEAST = 0.02


@dataclass(frozen=True)
class Mixed:
    """A class that is taken for another.

    Args:
        right: What it is.
        taken: What it was taken for.
        share: How much of the class, in [0, 1].
    """

    right: str
    taken: str
    share: float


def most_confused(confusion: Confusion, count: int = 3) -> list[Mixed]:
    """The classes that are most often taken for another, worst first; less than 2 % of a class is left out."""
    found: list[Mixed] = []
    for row, (right, counts) in enumerate(zip(confusion.classes, confusion.counts, strict=True)):
        total = sum(counts)
        for column, taken in enumerate(confusion.classes):
            if row != column and total:
                found.append(Mixed(right, taken, counts[column] / total))
    found.sort(key=lambda mixed: -mixed.share)
    return [mixed for mixed in found[:count] if mixed.share >= _LEAST]


def draw_confusion(confusion: Confusion, *, locale: str) -> Picture:
    """A table of shares: a row a class, a column what it was taken for, in percent of the row."""
    names = [clean(name, limit=14).replace("\n", " ") for name in confusion.classes]
    rows = [[count / (sum(row) or 1) for count in row] for row in confusion.counts]
    title = tr("Confusion matrix")
    recalls = "; ".join(f"{name} {row[n]:.0%}" for n, (name, row) in enumerate(zip(names, rows, strict=True)))
    caption = tr(
        "Rows: the right class; columns: the answer; in % of the row. Right answers: {recalls}.", recalls=recalls
    )
    size = len(names)
    if size > _MOST:  # too small to be read: the words have to do
        return Picture(title, Markup(), caption)
    left, top, width = 88.0, 74.0, 400.0
    cell = (width - left - 34) / size
    height = min(cell, 30.0)
    drawing = Drawing(width, top + height * size + 4)
    for n, name in enumerate(names):
        drawing.text(left - 5, top + height * (n + 0.5) + 4, name, anchor="end")
        drawing.text(left + cell * (n + 0.5), top - 6, name, turn=-55)
        for m, share in enumerate(rows[n]):
            x, y = left + cell * m, top + height * n
            # At most half as strong as the colour is: the number on it can be read, by day and by night.
            hue, strength = "ok" if n == m else "no", 0.05 + 0.45 * share
            drawing.rect(x + 0.5, y + 0.5, cell - 1, height - 1, hue, opacity=strength)
            if share >= _LEAST:
                drawing.text(x + cell / 2, y + height / 2 + 4, f"{100 * share:.0f}", anchor="middle", kind="in")
    return Picture(title, drawing.svg(f"{title}. {caption}"), caption)


def draw_residuals(residuals: Residuals, *, locale: str) -> Picture:
    """How often predictions are off by how much."""
    drawing = Drawing(360, 220)
    edges, counts = residuals.edges, residuals.counts
    total = sum(counts) or 1
    axes = Axes(
        drawing,
        (edges[0], edges[-1]),
        (0, 100 * max(counts) / total),
        label=_with_unit(tr("prediction − right value"), residuals.unit),
        locale=locale,
    )
    base = axes.down(0)
    for low, high, count in zip(edges, edges[1:], counts, strict=False):
        y = axes.down(100 * count / total)
        drawing.rect(axes.across(low) + 0.5, y, axes.across(high) - axes.across(low) - 1, base - y, "bar1")
    zero = axes.across(0) if edges[0] < 0 < edges[-1] else None
    if zero is not None:
        drawing.line(zero, axes.top, zero, base, "z")
    over = sum(c for low, high, c in zip(edges, edges[1:], counts, strict=False) if (low + high) / 2 > 0) / total
    title = tr("Errors")
    caption = tr(
        "How often (in %) a prediction is off by how much; {share} of them are too high.", share=f"{over:.0%}"
    )
    return Picture(title, drawing.svg(f"{title}. {caption}"), caption)


def draw_bands(residuals: Residuals, *, locale: str) -> Picture | None:
    """How far off predictions are on average, from small to large targets."""
    if len(residuals.bands) < 2:
        return None
    drawing = Drawing(360, 220)
    means = [mean for _, mean in residuals.bands]
    axes = Axes(
        drawing,
        (0, len(means)),
        (min(0.0, *means), max(0.0, *means)),
        label=(tr("smallest right values"), tr("largest right values")),
        locale=locale,
    )
    base = axes.down(0)
    for place, mean in enumerate(means):
        y = axes.down(mean)
        x, width = axes.across(place), axes.across(1) - axes.across(0)
        drawing.rect(x + 6, min(y, base), width - 12, abs(y - base), "bar1" if mean <= 0 else "bar2")
    drawing.line(axes.left, base, axes.right, base, "z")
    parts = [
        tr(
            "up to {target}: {mean} on average",
            target=number(target, locale),
            mean=("+" if mean > 0 else "") + number(mean, locale),
        )
        for target, mean in residuals.bands
    ]
    title = tr("Errors by the size of the target")
    caption = _with_unit(title, residuals.unit) + ": " + "; ".join(parts) + "."
    return Picture(title, drawing.svg(caption), caption)


def _with_unit(text: str, unit: str) -> str:
    return f"{text} ({unit})" if unit else text
