"""Curves over epochs: training and validation in one picture, with the band of the class; TensorBoard's runs.

Training is solid and validation dashed, so colour is never needed to tell them.
"""

import math
import re
from collections.abc import Mapping, Sequence

from autograder.exhibit import Board
from autograder.messages import tr
from autograder.outcome import Curve
from gradebook.feedback.bands import Band
from gradebook.pictures.svg import Axes, Drawing, Picture, number
from gradebook.text import clean

__all__ = ["draw_board", "draw_curves"]

_MAX_PICTURES, _MAX_TAGS = 8, 4
_MAX_POINTS = 200
_HUGE = 1e30
_WIDTH, _HEIGHT = 360, 230
_STYLES = 6  # of runs, by class r0 to r5


def draw_curves(curves: Sequence[Curve], bands: Mapping[str, Band], *, locale: str) -> list[Picture]:
    """A picture for each metric of ``curves``.

    Args:
        curves: The student's, a value at each epoch.
        bands: The class's, by the name of the series.
        locale: How numbers are written.
    """
    metrics: dict[str, dict[bool, Curve]] = {}
    for curve in curves:
        if any(_plain(value) for value in curve.values):
            prefix, name = _split(curve.name)
            metrics.setdefault(prefix + name.removeprefix("val_"), {})[name.startswith("val_")] = curve
    return [_metric(name, pair, bands, locale) for name, pair in list(metrics.items())[:_MAX_PICTURES]]


def draw_board(board: Board, *, locale: str) -> list[Picture]:
    """A picture for each tag of a folder of logs, its runs in it."""
    tags: dict[str, list[tuple[str, Sequence[int], Sequence[float]]]] = {}
    for series in board.series:
        run, _, tag = series.name.rpartition(": ")
        tags.setdefault(tag, []).append((run, series.steps, series.values))
    found = []
    for tag, runs in list(tags.items())[:_MAX_TAGS]:
        steps = [step for _, row, _ in runs for step in row]
        values = [value for _, _, row in runs for value in row]
        drawing = Drawing(_WIDTH, _HEIGHT + 14 * len(runs))
        top = 10 + 14 * len(runs)
        span = (min(steps), max(steps)), (min(values), max(values))
        axes = Axes(drawing, *span, label=tr("Step"), locale=locale, whole=True, top=top)
        for place, (run, row, kept) in enumerate(runs):
            kind = f"r{place % _STYLES}"
            name = clean(run, limit=46).replace("\n", " ")
            drawing.line(axes.left, 8 + 14 * place, axes.left + 22, 8 + 14 * place, kind)
            drawing.text(axes.left + 28, 12 + 14 * place, name)
            points = [(axes.across(step), axes.down(value)) for step, value in zip(row, kept, strict=True)]
            drawing.path(points, kind)
        words = "; ".join(
            tr(
                "{run} from {first} to {last}",
                run=clean(run, limit=46),
                first=number(row[0], locale),
                last=number(row[-1], locale),
            )
            for run, _, row in runs
        )
        title = clean(tag, limit=60).replace("\n", " ")
        caption = f"{title}: {words}."
        found.append(Picture(title, drawing.svg(tr("TensorBoard curve. {caption}", caption=caption)), caption))
    return found


def _split(name: str) -> tuple[str, str]:
    """A prefix such as ``history2:`` and the rest."""
    match = re.match(r"(.*[/:])(.+)", name, re.DOTALL)
    return (match[1], match[2]) if match else ("", name)


def _plain(value: float) -> bool:
    return math.isfinite(value) and abs(value) < _HUGE


def _metric(name: str, pair: Mapping[bool, Curve], bands: Mapping[str, Band], locale: str) -> Picture:
    known = {"loss": tr("Loss"), "accuracy": tr("Accuracy")}
    title = known.get(name) or clean(name, limit=40).replace("\n", " ")
    # The class's band of what generalises, where there is one; else of the training.
    shown = next((kind for kind in (True, False) if kind in pair and pair[kind].name in bands), None)
    band = bands[pair[shown].name] if shown is not None else None
    parts = [_in_words(pair[kind].values, validation=kind, locale=locale) for kind in sorted(pair)]
    if band is not None and shown is not None:
        kind = tr("validation") if shown else tr("training")
        epoch = min(len(band.low), max(len(curve.values) for curve in pair.values()))
        low, high = number(band.low[epoch - 1], locale), number(band.high[epoch - 1], locale)
        parts.append(
            tr(
                "the middle half of the class ({kind}) is between {low} and {high} at epoch {epoch}",
                kind=kind,
                low=low,
                high=high,
                epoch=epoch,
            )
        )
    caption = f"{title}: {'; '.join(parts)}."
    svg = _draw(pair, band, locale).svg(tr("Learning curve. {caption}", caption=caption))
    return Picture(title, svg, caption)


def _in_words(values: Sequence[float], *, validation: bool, locale: str) -> str:
    finite = [value for value in values if _plain(value)]
    first, last = (number(value, locale) for value in (finite[0], finite[-1]))
    kind = tr("validation") if validation else tr("training")
    words = tr("{kind} from {first} to {last}", kind=kind, first=first, last=last)
    if len(values) == 1:
        words = tr("{kind} {value} (one epoch)", kind=kind, value=last)
    if len(finite) < len(values):
        words += " " + tr("(with values that are not finite)")
    return words


def _draw(pair: Mapping[bool, Curve], band: Band | None, locale: str) -> Drawing:
    longest = max(len(curve.values) for curve in pair.values())
    values = [value for curve in pair.values() for value in curve.values if _plain(value)]
    drawing = Drawing(_WIDTH, _HEIGHT)
    shown = None if band is None else (band.low[:longest], band.middle[:longest], band.high[:longest])
    if shown is not None:
        # A diverged curve must not be flattened by the band, nor the other way round.
        values += [*shown[0], *shown[2]]
    axes = Axes(
        drawing,
        (1, longest),
        (min(values), max(values)),
        label=tr("Epoch"),
        locale=locale,
        whole=True,
        top=26,
    )
    if shown is not None:
        low, middle, high = ([(axes.across(n), axes.down(v)) for n, v in enumerate(row, 1)] for row in shown)
        drawing.path([*low, *reversed(high)], "b", closed=True)
        drawing.path(middle, "m")
    place = axes.left
    for validation in sorted(pair):
        kind = "v" if validation else "l"
        row = pair[validation].values
        step = max(1, math.ceil(len(row) / _MAX_POINTS))
        points = [
            (axes.across(n), axes.down(v)) if _plain(v) else None for n, v in list(enumerate(row, 1))[::step]
        ]
        drawing.path(points, kind)
        if len(row) <= 15:
            for point in points:
                if point is not None:
                    drawing.dot(*point, f"d{kind}")
        name = tr("validation") if validation else tr("training")
        drawing.line(place, 11, place + 22, 11, kind)
        drawing.text(place + 27, 15, name)
        place += 38 + 6.8 * len(name)
    if shown is not None:
        drawing.rect(place, 6, 22, 10, "b")
        drawing.text(place + 27, 15, tr("class"))
    return drawing
