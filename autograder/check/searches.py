"""A hyperparameter search of any library, in one spelling: what was tried, what it scored, what is best.

Reads live objects, and the ``SearchTable`` that stands for them in the judge.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np

from autograder.check.guard import StudentFailure, student_code
from autograder.messages import tr
from autograder.search_tables import epochs_of, table_of

__all__ = ["Search", "read_search"]

#: Names that libraries put before a hyperparameter's own, and names that are theirs.
_OWN = "tuner/"


@dataclass(frozen=True)
class Search:
    """A finished search.

    Args:
        kinds: Names of its class and of those that it descends from.
        params: What was tried, one mapping each, names without the prefixes of scikit-learn's pipelines.
        scores: What each scored; ``None`` where it was stopped before.
        minimises: Whether the least score is the best.
        best: The best score as the search itself tells it, or the best of ``scores``.
        seconds: What the trials took together at least, as the search itself tells it.
        epochs: For how many epochs candidates were trained, as far as the search tells: those of scikit-learn's
            estimator, the number of reports to Optuna, the best epoch of each trial of KerasTuner.
        facts: ``scoring`` and ``n_splits`` of scikit-learn, ``objective`` of KerasTuner, ``pruning`` and
            ``reports`` (a trial's own, in order) of Optuna.
    """

    kinds: tuple[str, ...]
    params: tuple[Mapping[str, Any], ...]
    scores: tuple[float | None, ...]
    minimises: bool
    best: float | None
    seconds: float = 0.0
    epochs: tuple[int, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def finite(self) -> list[float]:
        """The scores that are numbers."""
        return [s for s in self.scores if s is not None and math.isfinite(s)]

    @property
    def best_of_scores(self) -> float:
        """The best score; infinite where there is none."""
        worst = math.inf if self.minimises else -math.inf
        return (min if self.minimises else max)(self.finite, default=worst)

    @property
    def error(self) -> float:
        """The best score as an error, whether it was minimised or its negative maximised."""
        return self.best_of_scores if self.minimises else -self.best_of_scores

    @property
    def best_params(self) -> list[Mapping[str, Any]]:
        """What reached the best score; several where they are equal."""
        return [p for p, s in zip(self.params, self.scores, strict=True) if s == self.best_of_scores]


def read_search(found: Any) -> Search:
    """Read a search.

    Raises:
        StudentFailure: It is none, or it was not run.
    """
    with student_code():
        data = _data(found)
        if data is None:
            raise StudentFailure(
                tr("an object of type {type}", type=type(found).__name__),
                expected=tr("a hyperparameter search"),
                hint=tr("Keep the search itself in this name, not what its fit, search or optimize returned."),
            )
        kind, values = data
        search = {"study": _study, "tuner": _tuner, "search": _table}[kind](values)
        if not search.params:
            raise _not_run(search.kinds[0])
        if len(search.params) != len(search.scores):
            raise StudentFailure(
                tr("a table whose columns differ in length"), expected=tr("a search that has run")
            )
        return search


def _not_run(kind: str) -> StudentFailure:
    return StudentFailure(
        tr("{kind} that has tried nothing", kind=kind),
        expected=tr("a search that has run"),
        hint=tr("Call its fit, search or optimize."),
    )


def _data(found: Any) -> tuple[str, dict[str, Any]] | None:
    if isinstance(found, SimpleNamespace) and type(found).__name__ == "SearchTable":
        values = dict(vars(found))
        kind = next((k for k, name in (("study", "pruner"), ("tuner", "oracle")) if name in values), "search")
        return kind, values
    live = table_of(found)
    if live is not None:
        return live
    if type(found).__module__.startswith("sklearn.model_selection.") and hasattr(found, "get_params"):
        names = ("scoring", "refit", "cv_results_", "best_score_", "n_splits_")
        return "search", {
            "search": type(found).__name__,
            **{name: vars(found)[name] for name in names if name in vars(found)},
            "epochs": vars(found)["epochs_"] if "epochs_" in vars(found) else epochs_of(found),
        }
    return None


def _study(values: Mapping[str, Any]) -> Search:
    trials = [_mapping(trial) for trial in values["trials"]]
    trials = [t for t in trials if t["state"] in ("COMPLETE", "PRUNED")]
    scores = [_number(t["values"][0]) if t["state"] == "COMPLETE" and t["values"] else None for t in trials]
    return Search(
        ("Study",),
        tuple(_plain(t["params"]) for t in trials),
        tuple(scores),
        minimises=list(values["directions"])[:1] == ["minimize"],
        best=None,
        seconds=sum(_number(t["seconds"]) or 0.0 for t in trials),
        facts={
            "pruning": values["pruning"],
            "pruner": str(values["pruner"]),
            "pruned": sum(t["state"] == "PRUNED" for t in trials),
            "reports": [tuple(t["intermediate_values"].values()) for t in trials],
        },
        epochs=tuple(len(t["intermediate_values"]) for t in trials if t["state"] == "COMPLETE"),
    )


def _tuner(values: Mapping[str, Any]) -> Search:
    trials = [_mapping(trial) for trial in values["trials"]]
    return Search(
        tuple(str(kind) for kind in values["kinds"]) or (str(values["tuner"]),),
        tuple(_plain(t["values"]) for t in trials),
        tuple(_number(t["score"]) for t in trials),
        minimises=values["direction"] != "max",
        best=None,
        facts={"objective": str(values["objective"])},
        # The best epoch of each trial: of a few that trained for long, one is the last or near it.
        epochs=tuple(1 + int(t["best_step"] or 0) for t in trials),
    )


def _table(values: Mapping[str, Any]) -> Search:
    """Of a search with ``cv_results_``."""
    kind = str(values["search"])
    results = values.get("cv_results_")
    if not isinstance(results, Mapping) or "params" not in results:
        raise _not_run(kind)
    metric = values["refit"] if isinstance(values.get("refit"), str) else "score"
    splits = int(values.get("n_splits_", 1))
    times = [np.asarray(results[name], float) for name in ("mean_fit_time", "mean_score_time") if name in results]
    return Search(
        (kind,),
        tuple(_plain(p) for p in results["params"]),
        tuple(_number(s) for s in results[f"mean_test_{metric}"]),
        minimises=False,
        best=_number(values["best_score_"]) if "best_score_" in values else None,
        seconds=float(sum(t.sum() for t in times)) * splits,
        facts={"scoring": values.get("scoring"), "n_splits": splits},
        epochs=() if values.get("epochs") is None else (int(values["epochs"]),),
    )


def _mapping(trial: Any) -> Mapping[str, Any]:
    return trial if isinstance(trial, Mapping) else vars(trial)


def _plain(params: Any) -> dict[str, Any]:
    """Without what a library adds: ``model__units`` is ``units``."""
    names: Iterable[Any] = params
    return {str(name).rpartition("__")[2]: params[name] for name in names if not str(name).startswith(_OWN)}


def _number(value: Any) -> float | None:
    return None if value is None else float(value)
