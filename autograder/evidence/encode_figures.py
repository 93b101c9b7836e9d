"""Matplotlib figures as the data that they show: the judge draws them again."""

import sys
from typing import TYPE_CHECKING, Any

import numpy as np

from autograder.evidence.plain import Node

if TYPE_CHECKING:
    from autograder.evidence.encode import KernelEncoder

__all__ = ["encode"]

_MAX_AXES, _MAX_ARTISTS, _MAX_POINTS = 60, 400, 100_000


def encode(encoder: "KernelEncoder", value: Any, depth: int) -> Node | None:
    """The node of a figure, of axes in one, or of a line; ``None`` if it is none of these."""
    figures, axes = sys.modules.get("matplotlib.figure"), sys.modules.get("matplotlib.axes")
    if figures is not None and isinstance(value, figures.Figure):
        shown = [_axes(encoder, ax, depth) for ax in value.axes[:_MAX_AXES]]
        return {
            "k": "figure",
            "axes": shown,
            "size": [float(v) for v in value.get_size_inches()],
            "title": _text(value.get_suptitle()) if hasattr(value, "get_suptitle") else "",
        }
    if axes is not None and isinstance(value, axes.Axes) and value.figure is not None:
        figure = value.get_figure(root=True) if hasattr(value, "get_figure") else value.figure
        if value in figure.axes[:_MAX_AXES]:
            return {"k": "axes", "figure": encoder.add(figure, depth + 1), "index": figure.axes.index(value)}
    return None


def _axes(encoder: "KernelEncoder", ax: Any, depth: int) -> Node:
    legend = ax.get_legend()
    bars = [patch for patch in ax.patches[:_MAX_ARTISTS] if hasattr(patch, "get_height")]
    return {
        "position": [float(v) for v in ax.get_position().bounds],
        "title": _text(ax.get_title()),
        "xlabel": _text(ax.get_xlabel()),
        "ylabel": _text(ax.get_ylabel()),
        "xscale": _text(ax.get_xscale()),
        "yscale": _text(ax.get_yscale()),
        "xlim": [float(v).hex() for v in ax.get_xlim()],
        "ylim": [float(v).hex() for v in ax.get_ylim()],
        "grid": bool(ax.xaxis.get_gridlines() and ax.xaxis.get_gridlines()[0].get_visible()),
        "legend": None if legend is None else [_text(t.get_text()) for t in legend.get_texts()[:_MAX_ARTISTS]],
        "lines": [_line(encoder, line) for line in ax.lines[:_MAX_ARTISTS]],
        "bars": [[float(v).hex() for v in (b.get_x(), b.get_y(), b.get_width(), b.get_height())] for b in bars],
        "points": [
            {"xy": _numbers(encoder, c.get_offsets()), "label": _text(c.get_label())}
            for c in ax.collections[:_MAX_ARTISTS]
        ],
        "images": [list(np.shape(image.get_array())) for image in ax.images[:_MAX_ARTISTS]],
        "texts": [_text(t.get_text()) for t in ax.texts[:_MAX_ARTISTS]],
        "ticks": [
            [_text(t.get_text()) for t in axis.get_ticklabels()[:_MAX_ARTISTS]] for axis in (ax.xaxis, ax.yaxis)
        ],
    }


def _line(encoder: "KernelEncoder", line: Any) -> Node:
    return {
        "x": _numbers(encoder, line.get_xdata(orig=False)),
        "y": _numbers(encoder, line.get_ydata(orig=False)),
        "label": _text(line.get_label()),
        "style": _text(line.get_linestyle()),
        "marker": _text(line.get_marker()),
    }


def _numbers(encoder: "KernelEncoder", values: Any) -> str:
    array = np.ma.filled(np.ma.asarray(values, dtype=np.float64), np.nan)[:_MAX_POINTS]
    return encoder.array(np.ascontiguousarray(array))


def _text(value: Any) -> str:
    return str(value)[:500].encode("utf-8", "replace").decode("utf-8")
