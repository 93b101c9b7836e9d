"""Learning curves as a picture inside a page.

The picture is SVG without a single reference outside itself. Its colours are CSS variables of the page, so
it follows light and dark; training is solid, validation dashed, so colour is never needed to tell them.
"""

import io
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
from babel.numbers import format_decimal
from markupsafe import Markup, escape
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from autograder.messages import tr
from autograder.outcome import Curve
from gradebook.text import clean

__all__ = ["Picture", "pictures"]

_MAX_PICTURES = 8
_MAX_POINTS = 400
_HUGE = 1e30
# Colours that stand for the page's variables in what matplotlib writes.
_INK, _GRID, _TRAIN, _VALID = "#010203", "#010204", "#010205", "#010206"
_VARIABLES = {_INK: "--ink-soft", _GRID: "--line", _TRAIN: "--train", _VALID: "--valid"}
_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": 11,
    "text.parse_math": False,
    "axes.edgecolor": _GRID,
    "axes.labelcolor": _INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": _INK,
    "ytick.color": _INK,
    "grid.color": _GRID,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.linewidth": 0.6,
    "legend.frameon": False,
    "text.color": _INK,
}


@dataclass(frozen=True)
class Picture:
    """One metric over the epochs.

    Args:
        title: The metric, for people.
        svg: The picture, safe to put into a page.
        caption: What it shows, in words.
    """

    title: str
    svg: Markup
    caption: str


def pictures(curves: Sequence[Curve], *, locale: str) -> list[Picture]:
    """A picture for each metric of ``curves``, training and validation in one axes."""
    metrics: dict[str, dict[bool, tuple[float, ...]]] = {}
    for curve in curves:
        if any(_plain(value) for value in curve.values):
            prefix, name = _split(curve.name)
            validation = name.startswith("val_")
            metrics.setdefault(prefix + name.removeprefix("val_"), {})[validation] = curve.values
    return [
        _picture(name, series, number=number, locale=locale)
        for number, (name, series) in enumerate(list(metrics.items())[:_MAX_PICTURES])
    ]


def _split(name: str) -> tuple[str, str]:
    """A prefix such as ``history2:`` and the rest."""
    match = re.match(r"(.*[/:])(.+)", name, re.DOTALL)
    return (match[1], match[2]) if match else ("", name)


def _plain(value: float) -> bool:
    return math.isfinite(value) and abs(value) < _HUGE


def _picture(name: str, series: dict[bool, tuple[float, ...]], *, number: int, locale: str) -> Picture:
    known = {"loss": tr("Loss"), "accuracy": tr("Accuracy")}
    title = known.get(name) or clean(name, limit=40).replace("\n", " ")
    parts = [_in_words(series[kind], validation=kind, locale=locale) for kind in sorted(series)]
    caption = f"{title}: {'; '.join(parts)}."
    svg = _draw(series, number=number, locale=locale)
    label = escape(tr("Learning curve. {caption}", caption=caption))
    svg = re.sub(r"^<svg ", f'<svg role="img" aria-label="{_literal(label)}" ', svg, count=1)
    return Picture(title, Markup(svg), caption)  # noqa: S704  (drawn by us; the label is escaped)


def _literal(text: str) -> str:
    """``text`` as a replacement of ``re.sub``."""
    return text.replace("\\", r"\\")


def _in_words(values: tuple[float, ...], *, validation: bool, locale: str) -> str:
    finite = [value for value in values if _plain(value)]
    first, last = (_number(value, locale) for value in (finite[0], finite[-1]))
    kind = tr("validation") if validation else tr("training")
    words = tr("{kind} from {first} to {last}", kind=kind, first=first, last=last)
    if len(values) == 1:
        words = tr("{kind} {value} (one epoch)", kind=kind, value=last)
    if len(finite) < len(values):
        words += " " + tr("(with values that are not finite)")
    return words


def _number(value: float, locale: str) -> str:
    if value and not 1e-3 <= abs(value) < 1e6:
        return f"{value:.2e}"
    return str(format_decimal(float(f"{value:.3g}"), format="0.######", locale=locale))


def _draw(series: dict[bool, tuple[float, ...]], *, number: int, locale: str) -> str:
    # The salt makes the ids in the picture the same each time, and different from its neighbour's.
    with mpl.rc_context({**_STYLE, "svg.hashsalt": f"curve-{number}"}):
        figure = Figure(figsize=(4.5, 2.8), layout="constrained")
        axes = figure.add_subplot()
        for validation in sorted(series):
            values = series[validation]
            step = max(1, math.ceil(len(values) / _MAX_POINTS))
            epochs = range(1, len(values) + 1, step)
            axes.plot(
                epochs,
                [value if _plain(value) else math.nan for value in values[::step]],
                color=_VALID if validation else _TRAIN,
                linestyle=(0, (4, 2)) if validation else "-",
                linewidth=1.8,
                marker=("s" if validation else "o") if len(values) <= 15 else None,
                markersize=3.6,
                label=tr("validation") if validation else tr("training"),
            )
        axes.set_xlabel(tr("Epoch"))
        axes.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True, min_n_ticks=1))
        axes.yaxis.set_major_locator(MaxNLocator(nbins=5))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: _number(value, locale)))
        axes.legend(loc="best")
        for text in (axes.xaxis.label, *axes.get_xticklabels(), *axes.get_yticklabels()):
            text.set_color(_INK)
        buffer = io.StringIO()
        metadata = dict.fromkeys(("Creator", "Date", "Format", "Type"))
        figure.savefig(buffer, format="svg", transparent=True, metadata=metadata)
    return _inline(buffer.getvalue())


def _inline(document: str) -> str:
    """The part of an SVG document that goes into a page: no prologue, metadata, or name of a schema."""
    svg = document[document.index("<svg") :].strip()
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<!--.*?-->", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<defs>\s*<style.*?</style>\s*</defs>", "", svg, flags=re.DOTALL)
    # These ids name the parts of the drawing, the same in each picture; nothing refers to them.
    svg = re.sub(r'\sid="[a-zA-Z0-9.]+_\d+"', "", svg)
    svg = re.sub(r'\sxmlns(:\w+)?="[^"]*"', "", svg)
    svg = re.sub(r'\s(?:width|height)="[\d.]+pt"', "", svg, count=2)
    for colour, variable in _VARIABLES.items():
        svg = svg.replace(colour, f"var({variable})")
    return re.sub(r"\n\s*\n+", "\n", svg)
