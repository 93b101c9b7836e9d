"""Draw what ``bench.py --write`` found: the picture of the README.

python benchmarks/plot.py docs/benchmarks.json docs/img/performance.svg
"""

import json
import sys
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("svg")
from matplotlib import pyplot as plt

OURS, STOCK, WORK = "#0b6e4f", "#b0b7bf", "#e3a857"


def draw(found: dict[str, Any], path: Path) -> None:
    """Seconds of wall time a notebook, for both classes; and what grading again costs."""
    plt.rcParams.update({
        "font.size": 11, "svg.hashsalt": "tp555", "axes.spines.top": False, "axes.spines.right": False,
        "svg.fonttype": "path",
    })  # fmt: skip
    figure, axes = plt.subplots(1, 3, figsize=(11, 2.8), layout="constrained")
    for axis, name, title in ((axes[0], "light", "Light"), (axes[1], "training", "Training")):
        values = [found[f"{name}_stock_s"], found[f"{name}_ours_s"]]
        bars = axis.barh(["stock nbgrader", "this project"], values, color=[STOCK, OURS], height=0.6)
        axis.bar_label(bars, [f"{value:.1f} s" for value in values], padding=4)
        axis.set_title(f"{title}: {found[f'{name}_ratio']:.1f} × faster", loc="left", fontsize=11)
        axis.set_xlabel("seconds a notebook, whole command")
        axis.margins(x=0.25)
        axis.invert_yaxis()
    values = [found["regrade_s"]["grade"], found["regrade_s"]["regrade"]]
    bars = axes[2].barh(["grading", "judging again"], values, color=[WORK, OURS], height=0.6)
    axes[2].bar_label(bars, [f"{value:.1f} s" for value in values], padding=4)
    axes[2].set_title(f"Changed test: {found['regrade_ratio']:.0f} × faster", loc="left", fontsize=11)
    axes[2].set_xlabel(f"seconds, {found['regrade_students']} notebooks that train")
    axes[2].margins(x=0.25)
    axes[2].invert_yaxis()
    figure.savefig(path, metadata={"Date": None})


if __name__ == "__main__":
    draw(json.loads(Path(sys.argv[1]).read_text()), Path(sys.argv[2]))
