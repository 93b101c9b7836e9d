"""Figures drawn again from the data that they showed."""

from typing import Any

import numpy as np

from autograder.evidence.plain import Malformed, Node

__all__ = ["redraw"]

#: Axes of a figure, and things to draw in all of them together; ``evidence.encode_figures`` writes fewer of each.
_MAX_AXES, _MAX_DRAWN = 60, 5_000


def redraw(node: Node, arrays: Any) -> Any:
    """A matplotlib figure with the axes, lines, bars, points, images and texts of ``node``.

    Args:
        node: What ``evidence.encode_figures`` wrote.
        arrays: Gives the array kept under a key.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    size = [min(max(float(v), 0.5), 40.0) for v in node["size"]]
    figure = Figure(figsize=(size[0], size[1]), dpi=100)
    FigureCanvasAgg(figure)
    if node.get("title"):
        figure.suptitle(_text(node["title"]), parse_math=False)
    if len(node["axes"]) > _MAX_AXES or sum(map(_drawn, node["axes"])) > _MAX_DRAWN:
        raise Malformed("a figure of more than any figure shows")
    for shown in node["axes"]:
        _axes(figure, shown, arrays)
    return figure


def _drawn(shown: Node) -> int:
    return sum(len(shown[name]) for name in ("lines", "bars", "points", "images", "texts")) + len(
        shown["legend"] or ()
    )


def _axes(figure: Any, shown: Node, arrays: Any) -> None:
    left, bottom, width, height = (float(v) for v in shown["position"])
    ax = figure.add_axes((left, bottom, width, height))
    ax.set_title(_text(shown["title"]), parse_math=False)
    ax.set_xlabel(_text(shown["xlabel"]), parse_math=False)
    ax.set_ylabel(_text(shown["ylabel"]), parse_math=False)
    for line in shown["lines"]:
        x, y = _numbers(arrays(line["x"])), _numbers(arrays(line["y"]))
        ax.plot(x, y, label=_text(line["label"]), linestyle=_choice(line["style"], ("-", "--", "-.", ":", "None")))
        ax.lines[-1].set_label(_text(line["label"]))
    for bar in shown["bars"]:
        at, bottom, width, height = (float.fromhex(v) for v in bar)
        ax.bar(at, height, width, bottom=bottom, align="edge")
    for points in shown["points"]:
        xy = _numbers(arrays(points["xy"]))
        if xy.ndim == 2 and xy.shape[1] == 2:
            ax.scatter(xy[:, 0], xy[:, 1], label=_text(points["label"]))
    for shape in shown["images"]:
        if len(shape) in (2, 3) and all(isinstance(n, int) and 0 < n <= 4096 for n in shape):
            ax.imshow(np.zeros(shape[:2]))
    for text in shown["texts"]:
        ax.text(0, 0, _text(text), parse_math=False)
    for set_scale, name in ((ax.set_xscale, "xscale"), (ax.set_yscale, "yscale")):
        set_scale(_choice(shown[name], ("linear", "log", "symlog", "logit")))
    for set_limits, name in ((ax.set_xlim, "xlim"), (ax.set_ylim, "ylim")):
        low, high = (float.fromhex(v) for v in shown[name])
        if np.isfinite([low, high]).all() and low != high:
            set_limits(low, high)
    if shown["grid"]:
        ax.grid(True)
    if shown["legend"] is not None:
        handles = ax.lines[: len(shown["legend"])] or ax.collections[: len(shown["legend"])]
        legend = ax.legend(handles, [""] * len(handles))
        for shown_text, text in zip(legend.get_texts(), shown["legend"], strict=False):
            shown_text.set_parse_math(False)
            shown_text.set_text(_text(text))


def _numbers(array: np.ndarray) -> np.ndarray:
    if array.dtype.kind != "f" or array.ndim > 2:
        raise Malformed("points that are no numbers")
    return array


def _text(value: Any) -> str:
    return str(value)[:500]


def _choice(value: Any, known: tuple[str, ...]) -> str:
    return value if value in known else known[0]
