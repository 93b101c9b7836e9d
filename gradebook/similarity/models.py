"""Trained models and learning curves that are the same.

The notebooks fix a seed, and the grader runs them all on one machine: whoever chose the same layers, optimizer,
epochs and data gets the same numbers, to the last digit. So this is no evidence by itself. ``survey`` says it
beside a pair that something else points at, and else only of few students, where the class shows that the
exercise does not lead everybody there.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from autograder.exhibit import ModelPrint
from autograder.outcome import Curve, NotebookReport

__all__ = ["SameModel", "prints_in", "same_curves", "same_models"]

#: The cosine from which weights are nearly equal. Small networks that start from one seed and are trained for a
#: few epochs in different ways came to 0.998 (exercise 05 of list #12), larger ones to 0.8.
NEARLY = 0.9999
#: Smaller models may be equal by themselves.
_MIN_PARAMETERS = 16
#: A curve with fewer different values may be equal by itself.
_MIN_VALUES = 3
_MAX_MODELS = 20


@dataclass(frozen=True)
class SameModel:
    """Students whose models or learning curves are the same.

    Args:
        kind: ``weights``: equal; ``nearly``: a cosine of ``NEARLY`` or more; ``curves``: equal values.
        students: Two or more, sorted. Exactly two for ``nearly``, which is no relation that carries over.
        names: Of the models or curves, without repetition.
        cosine: The estimate, for ``nearly``.
    """

    kind: Literal["weights", "nearly", "curves"]
    students: tuple[str, ...]
    names: tuple[str, ...]
    cosine: float = 1.0


def prints_in(report: NotebookReport) -> tuple[ModelPrint, ...]:
    """The prints in a report, as many as are compared."""
    return report.models[:_MAX_MODELS]


def same_models(prints: Mapping[str, Sequence[ModelPrint]]) -> list[SameModel]:
    """Models that are equal or nearly so.

    Args:
        prints: The models of each student, in one notebook.
    """
    models = [
        (student, model)
        for student in sorted(prints)
        for model in prints[student]
        if model.parameters >= _MIN_PARAMETERS and _usable(model.sketch)
    ]
    by_digest: dict[str, list[tuple[str, str]]] = defaultdict(list)
    by_size: dict[tuple[int, int], list[tuple[str, ModelPrint]]] = defaultdict(list)
    for student, model in models:
        by_digest[model.digest].append((student, model.name))
        by_size[model.parameters, len(model.sketch)].append((student, model))
    found = _shared("weights", by_digest.values())
    return found + [near for alike in by_size.values() for near in _near(alike)]


def _usable(sketch: Sequence[float]) -> bool:
    return len(sketch) > 0 and all(math.isfinite(value) for value in sketch) and any(sketch)


def _near(models: list[tuple[str, ModelPrint]]) -> list[SameModel]:
    sketches = np.array([model.sketch for _, model in models], dtype=np.float64)
    sketches /= np.linalg.norm(sketches, axis=1, keepdims=True)
    cosines = sketches @ sketches.T
    best: dict[tuple[str, str], SameModel] = {}
    for a, b in np.argwhere(np.triu(cosines >= NEARLY, 1)):
        (one, first), (other, second) = models[a], models[b]
        cosine = min(1.0, float(cosines[a, b]))
        pair = (one, other)  # sorted, as the models are
        if one == other or first.digest == second.digest or (pair in best and best[pair].cosine >= cosine):
            continue
        best[pair] = SameModel("nearly", pair, tuple(dict.fromkeys((first.name, second.name))), cosine)
    return list(best.values())


def same_curves(curves: Mapping[str, Sequence[Curve]]) -> list[SameModel]:
    """Learning curves with equal values, whatever they are called.

    Args:
        curves: Of each student, in one notebook.
    """
    by_values: dict[tuple[float, ...], list[tuple[str, str]]] = defaultdict(list)
    for student in sorted(curves):
        for curve in curves[student]:
            finite = all(math.isfinite(value) for value in curve.values)
            if finite and len(set(curve.values)) >= _MIN_VALUES:
                by_values[curve.values].append((student, curve.name))
    return _merged(_shared("curves", by_values.values()))


def _shared(kind: Literal["weights", "curves"], groups: Iterable[list[tuple[str, str]]]) -> list[SameModel]:
    found = []
    for group in groups:
        students = tuple(sorted({student for student, _ in group}))
        if len(students) > 1:
            found.append(SameModel(kind, students, tuple(dict.fromkeys(name for _, name in group))))
    return found


def _merged(found: list[SameModel]) -> list[SameModel]:
    """Curves of the same students as one entry: loss and accuracy of one training come together."""
    names: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for one in found:
        names[one.students].extend(one.names)
    return [SameModel("curves", students, tuple(dict.fromkeys(all_))) for students, all_ in names.items()]
