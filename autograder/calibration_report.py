"""What a calibration found, as tables and plots: is each threshold safe, and what would be a safe one?"""

import io
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from autograder.calibrate import Run
from autograder.tolerance import CONFIDENCE, Scores, failures_at_most, normality, threshold_for

__all__ = ["SAFE", "Threshold", "summarise", "write_report"]

#: A correct answer may miss a threshold in this part of all runs, at most.
SAFE = 0.01
#: An accuracy of 0 or 1 counts as half a row from it, as empirical log-odds do; holdouts have some hundred rows.
_EDGE = 1e-3
#: Scores are not taken for normal where the test says so with this probability or less.
_DOUBT = 0.01
_HEAD = """\
# Calibration of the thresholds of {name}

Made by `autograder calibrate`. Each answer is trained with many seeds, each in a course with other held-out
rows. *Fails at most* is the {confidence:.0%} upper bound of the part of all runs that miss the threshold, from a
one-sided normal tolerance interval; *normal?* is the p-value of Shapiro and Wilk's test of that assumption
({doubt:g} or less: the scores are not normal, look at the plot). An accuracy a counts by its log-odds,
log(a / (1 - a)): it cannot pass 1, and near 1 its own distribution leans. A threshold is safe when every
correct answer fails at most {safe:.0%}. *Passes at most* is the same bound for a weak answer that reaches the
threshold."""


@dataclass(frozen=True)
class Group:
    """The runs of one answer at one threshold.

    Args:
        variant: The answer's name.
        kind: ``right`` or ``weak``.
        scores: What it scored.
        lost: Runs without a score: the cell broke, or was not reached.
    """

    variant: str
    kind: str
    scores: Scores
    lost: int


@dataclass(frozen=True)
class Threshold:
    """One threshold of one test cell, and how answers fare at it.

    Args:
        notebook: The notebook.
        cell: The test cell.
        title: The check, as students read it.
        metric: What is measured.
        value: The threshold that earns full credit.
        rises: Whether more is better.
        groups: The answers.
    """

    notebook: str
    cell: str
    title: str
    metric: str
    value: float
    rises: bool
    groups: tuple[Group, ...]

    @property
    def right(self) -> tuple[Group, ...]:
        """The correct answers."""
        return tuple(group for group in self.groups if group.kind == "right")

    @property
    def weak(self) -> tuple[Group, ...]:
        """The answers that must not reach it."""
        return tuple(group for group in self.groups if group.kind == "weak")

    def bound(self, group: Group) -> float:
        """The upper confidence bound of a correct answer's failures; 1 where a run gave no score at all."""
        if group.lost or len(group.scores.values) < 2:
            return 1.0
        return failures_at_most(self.scaled(group), self._scaled(self.value))

    def luck(self, group: Group) -> float | None:
        """The upper bound of how often a weak answer reaches it; ``None`` where one run alone has a score."""
        if len(group.scores.values) < 2:
            return None if group.scores.values else 0.0
        scores = self.scaled(group)
        return failures_at_most(Scores(scores.values, not scores.rises), self._scaled(self.value))

    def scaled(self, group: Group) -> Scores:
        """The scores on the scale on which they are taken for normal."""
        return Scores(tuple(map(self._scaled, group.scores.values)), group.scores.rises)

    def _scaled(self, value: float) -> float:
        if self.metric != "accuracy":
            return value
        part = min(max(value, _EDGE), 1 - _EDGE)
        return math.log(part / (1 - part))

    def _unscaled(self, value: float) -> float:
        return value if self.metric != "accuracy" else 1 / (1 + math.exp(-value))

    @cached_property
    def worst_bound(self) -> float:
        """The bound of the correct answer that fares worst."""
        return max((self.bound(group) for group in self.right), default=1.0)

    @property
    def safe(self) -> bool:
        """Whether every correct answer fails rarely enough."""
        return self.worst_bound <= SAFE

    @cached_property
    def proposed(self) -> float:
        """The hardest threshold that would be safe for every correct answer.

        ``nan`` where that cannot be told, and where none would be: a run without a score misses any threshold.
        """
        if any(group.lost for group in self.right):
            return math.nan
        each = [threshold_for(self.scaled(g), SAFE) for g in self.right if len(g.scores.values) > 1]
        return self._unscaled(min(each) if self.rises else max(each)) if each else math.nan


def summarise(runs: Iterable[Run]) -> list[Threshold]:
    """The thresholds in the order in which they were met, with the scores of all runs."""
    listed = list(runs)
    answers = list(dict.fromkeys((run.notebook, run.variant, run.kind) for run in listed))
    measures = {(run.notebook, place): measure for run in listed for place, measure in run.measures.items()}
    found = []
    for (notebook, (cell, title)), measure in sorted(measures.items(), key=lambda item: item[0]):
        groups = []
        for _, variant, kind in (answer for answer in answers if answer[0] == notebook):
            ours = [run for run in listed if (run.notebook, run.variant) == (notebook, variant)]
            values = tuple(run.measures[cell, title].value for run in ours if (cell, title) in run.measures)
            groups.append(Group(variant, kind, Scores(values, measure.rises), len(ours) - len(values)))
        found.append(
            Threshold(notebook, cell, title, measure.metric, measure.threshold, measure.rises, tuple(groups))
        )
    return found


def write_report(thresholds: Sequence[Threshold], folder: Path, name: str) -> Path:
    """Write ``<name>.md`` and a plot a notebook into ``folder``; returns the page.

    Args:
        thresholds: What ``summarise`` found.
        folder: Where to write; made if it is not there.
        name: The assignment.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lines = [_HEAD.format(name=name, confidence=CONFIDENCE, doubt=_DOUBT, safe=SAFE)]
    for notebook in dict.fromkeys(t.notebook for t in thresholds):
        ours = [t for t in thresholds if t.notebook == notebook]
        (folder / f"{notebook}.svg").write_text(_plot(ours), encoding="utf-8")
        lines += ["", f"## {notebook}", "", f"![Scores and thresholds of {notebook}]({notebook}.svg)"]
        for threshold in ours:
            lines += ["", *_section(threshold)]
    page = folder / f"{name}.md"
    page.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return page


def _section(threshold: Threshold) -> list[str]:
    sign = "≥" if threshold.rises else "≤"
    verdict = "safe" if threshold.safe else "**not safe**"
    hardest = (
        f"the hardest safe threshold is {threshold.proposed:.3g}."
        if not math.isnan(threshold.proposed)
        else "no threshold is, while a correct answer has runs without a score (it diverged, say)."
    )
    lines = [
        f"`{threshold.cell}`: {threshold.title}. {threshold.metric} {sign} {threshold.value:g}: {verdict}; "
        f"{hardest}",
        "",
        "| answer | runs | mean | deviation | worst | normal? | fails at most |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for group in threshold.right:
        scores = group.scores
        if not scores.values:
            lines.append(f"| {group.variant} | 0 of {group.lost} | | | | | 100% |")
            continue
        lost = f" (+{group.lost} lost)" if group.lost else ""
        normal = normality(threshold.scaled(group).values)
        lines.append(
            f"| {group.variant} | {len(scores.values)}{lost} | {scores.mean:.4g} | {scores.deviation:.2g} "
            f"| {scores.worst:.4g} | {normal:.2g} | {threshold.bound(group):.2g} |"
        )
    if threshold.weak:
        lines += ["", "| weak answer | runs | mean | passes | passes at most |", "|---|---:|---:|---:|---:|"]
    for group in threshold.weak:
        count = len(group.scores.values)
        passes = count - group.scores.failing(threshold.value)
        mean = f"{group.scores.mean:.4g}" if count else "no score"
        luck = threshold.luck(group)
        lines.append(
            f"| {group.variant} | {count + group.lost} | {mean} | {passes} of {count + group.lost} "
            f"| {'–' if luck is None else f'{luck:.2g}'} |"
        )
    return lines


def _plot(thresholds: Sequence[Threshold]) -> str:
    """One panel a score: a dot a run, a row an answer, a line where a threshold is."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    scores: dict[tuple[object, ...], list[Threshold]] = {}
    for threshold in thresholds:
        scores.setdefault((threshold.cell, threshold.metric, threshold.groups), []).append(threshold)
    with mpl.rc_context({"svg.hashsalt": "calibration", "font.size": 9}):
        rows = [len(ours[0].groups) for ours in scores.values()]
        figure = Figure(figsize=(8, sum(rows) * 0.28 + len(rows) * 0.9), layout="constrained")
        panels = figure.subplots(len(scores), 1, squeeze=False, height_ratios=[r + 1.5 for r in rows])[:, 0]
        for panel, ours in zip(panels, scores.values(), strict=True):
            groups = ours[0].groups
            for row, group in enumerate(groups):
                color = "#1b6ca8" if group.kind == "right" else "#c8553d"
                count = len(group.scores.values)
                panel.plot(group.scores.values, [row] * count, "o", color=color, alpha=0.45, ms=4, mew=0)
            for threshold in ours:
                panel.axvline(threshold.value, color="black", lw=1)
            panel.set_yticks(range(len(groups)), [g.variant for g in groups])
            panel.set_ylim(len(groups) - 0.5, -0.5)
            named = ", ".join(f"{threshold.value:g}" for threshold in ours)
            plural = "s" if len(ours) > 1 else ""
            panel.set_title(f"{ours[0].cell}: {ours[0].metric}, threshold{plural} {named}", loc="left")
            panel.grid(axis="x", alpha=0.3)
            for side in ("top", "right"):
                panel.spines[side].set_visible(False)
        out = io.StringIO()
        figure.savefig(out, format="svg", metadata={"Date": None})
    return out.getvalue()
