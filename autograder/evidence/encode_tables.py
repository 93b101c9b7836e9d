"""Tables as data: pandas, fitted scikit-learn objects, the trials of KerasTuner and Optuna."""

import sys
from typing import TYPE_CHECKING, Any

from autograder.evidence.plain import Node

if TYPE_CHECKING:
    from autograder.evidence.encode import KernelEncoder

__all__ = ["encode"]

_SKLEARN = ("sklearn.preprocessing.", "sklearn.model_selection.", "sklearn.linear_model.", "sklearn.impute.")
_MAX_TRIALS = 5_000


def encode(encoder: "KernelEncoder", value: Any, depth: int) -> Node | None:
    """The node of a table, a fitted estimator or a search; ``None`` if it is none of these."""
    pandas = sys.modules.get("pandas")
    if pandas is not None and isinstance(value, pandas.DataFrame | pandas.Series | pandas.Index):
        return _pandas(encoder, value, depth, pandas)
    family = type(value).__module__ + "."
    if family.startswith(_SKLEARN) and hasattr(value, "get_params") and not isinstance(value, type):
        return _estimator(encoder, value, depth)
    optuna = sys.modules.get("optuna")
    if optuna is not None and isinstance(value, optuna.study.Study):
        return {"k": "study", "data": encoder.add(_study(value), depth + 1)}
    tuner = sys.modules.get("keras_tuner")
    if tuner is not None and isinstance(value, tuner.engine.base_tuner.BaseTuner):
        return {"k": "tuner", "data": encoder.add(_tuner(value), depth + 1)}
    return None


def _pandas(encoder: "KernelEncoder", value: Any, depth: int, pandas: Any) -> Node | None:
    size = value.memory_usage(deep=False)
    if encoder.defers(int(getattr(size, "sum", lambda: size)())):
        return encoder.deferred(value, shape=list(value.shape))
    if isinstance(value, pandas.DataFrame):
        if isinstance(value.columns, pandas.MultiIndex):
            return None
        columns = [encoder.add(_column(value.iloc[:, i]), depth + 1) for i in range(value.shape[1])]
        names = encoder.add(value.columns.tolist(), depth + 1)
        return {"k": "frame", "columns": columns, "names": names, "index": encoder.add(value.index, depth + 1)}
    if isinstance(value, pandas.MultiIndex):
        return None
    name = encoder.add(value.name, depth + 1)
    data = encoder.add(_column(value), depth + 1)
    if isinstance(value, pandas.Series):
        return {"k": "series", "data": data, "name": name, "index": encoder.add(value.index, depth + 1)}
    return {"k": "index", "data": data, "name": name}


def _column(values: Any) -> Any:
    array = values.to_numpy()
    return array.tolist() if array.dtype.hasobject else array


def _estimator(encoder: "KernelEncoder", value: Any, depth: int) -> Node:
    params = value.get_params(deep=False)
    fitted = {
        name: part
        for name, part in vars(value).items()
        if (name.endswith("_") and not name.startswith("_")) or name in ("n_features_in_",)
    }
    return {
        **encoder.remote(value),
        "k": "sklearn",
        "module": type(value).__module__,
        "class": type(value).__name__,
        "params": encoder.add(params, depth + 1),
        "fitted": encoder.add(fitted, depth + 1),
    }


def _study(study: Any) -> dict[str, Any]:
    trials = [
        {
            "number": trial.number,
            "state": trial.state.name,
            "values": list(trial.values) if trial.values is not None else None,
            "params": dict(trial.params),
            "distributions": {name: str(d) for name, d in trial.distributions.items()},
            "intermediate_values": dict(trial.intermediate_values),
            "seconds": trial.duration.total_seconds() if trial.duration is not None else None,
        }
        for trial in study.get_trials(deepcopy=False)[:_MAX_TRIALS]
    ]
    return {
        "directions": [d.name.lower() for d in study.directions],
        "sampler": type(study.sampler).__name__,
        "pruner": type(study.pruner).__name__,
        "trials": trials,
    }


def _tuner(tuner: Any) -> dict[str, Any]:
    oracle = tuner.oracle
    objective = oracle.objective
    return {
        "tuner": type(tuner).__name__,
        "oracle": type(oracle).__name__,
        "objective": getattr(objective, "name", str(objective)),
        "direction": getattr(objective, "direction", None),
        "max_trials": getattr(oracle, "max_trials", None),
        "seed": getattr(oracle, "seed", None),
        "trials": [
            {
                "trial_id": str(trial.trial_id),
                "status": str(trial.status),
                "score": trial.score,
                "best_step": trial.best_step,
                "values": dict(trial.hyperparameters.values),
            }
            for trial in list(oracle.trials.values())[:_MAX_TRIALS]
        ],
    }
