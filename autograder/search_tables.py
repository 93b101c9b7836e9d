"""Hyperparameter searches as plain data: the trials of Optuna, of KerasTuner, and of an evolutionary search.

Used on live objects, by the student's kernel (as evidence) and by checks that run beside them. Libraries are never
imported for the question: a value can only be theirs if they are loaded.
"""

import contextlib
import copy
import sys
from numbers import Integral
from typing import Any

__all__ = ["epochs_of", "table_of"]

_MAX_TRIALS = 5_000
#: A trial whose errors are this many times those of the worst one is bad enough for any pruner.
_TERRIBLE = 100.0


def table_of(value: Any) -> tuple[str, dict[str, Any]] | None:
    """What a search is (``"study"``, ``"tuner"`` or ``"search"``), and its data; ``None`` if it is none."""
    optuna = sys.modules.get("optuna")
    if optuna is not None and isinstance(value, optuna.study.Study):
        return "study", _study(value, optuna)
    tuner = sys.modules.get("keras_tuner")
    if tuner is not None and isinstance(value, tuner.engine.base_tuner.BaseTuner):
        return "tuner", _tuner(value)
    genetic = sys.modules.get("sklearn_genetic")
    if genetic is not None and isinstance(value, genetic.GASearchCV):
        return "search", _evolution(value)
    return None


def _study(study: Any, optuna: Any) -> dict[str, Any]:
    trials = study.get_trials(deepcopy=False)[:_MAX_TRIALS]
    return {
        "directions": [d.name.lower() for d in study.directions],
        "sampler": type(study.sampler).__name__,
        "pruner": type(study.pruner).__name__,
        "pruning": _pruning(study, trials, optuna),
        "trials": [
            {
                "number": trial.number,
                "state": trial.state.name,
                "values": list(trial.values) if trial.values is not None else None,
                "params": dict(trial.params),
                "distributions": {name: str(d) for name, d in trial.distributions.items()},
                "intermediate_values": dict(trial.intermediate_values),
                "seconds": trial.duration.total_seconds() if trial.duration is not None else None,
            }
            for trial in trials
        ],
    }


def _pruning(study: Any, trials: list[Any], optuna: Any) -> dict[str, Any] | None:
    """What the study's own pruner says when its trials are told to it once more.

    Returns:
        ``"ends_bad_ones"``: whether it would have ended a terrible trial that came after half of the trials.
        ``"not_obeyed"``: how many finished trials it would have ended before their last step. ``None`` if there
        is nothing to tell, or the pruner cannot be asked.
    """
    reported = [t for t in trials if t.intermediate_values and t.state.name in ("COMPLETE", "PRUNED")]
    if len(study.directions) != 1 or not reported:
        return None
    verbosity = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        again = optuna.create_study(
            direction=study.directions[0],
            pruner=copy.deepcopy(study.pruner),
            sampler=optuna.samplers.RandomSampler(seed=0),
            study_name=study.study_name,
        )
        steps = sorted({step for t in reported for step in t.intermediate_values})
        worst = max(abs(v) for t in reported for v in t.intermediate_values.values())
        bad = (worst + 1.0) * _TERRIBLE * (1 if study.directions[0].name == "MINIMIZE" else -1)
        ended, not_obeyed = False, 0
        for count, trial in enumerate(reported):
            if 2 * count >= len(reported) and not ended:
                terrible = again.ask()
                ended = any(_report(terrible, step, bad) for step in steps)
                again.tell(terrible, state=optuna.trial.TrialState.FAIL)
            replayed = again.ask()
            said = [_report(replayed, step, value) for step, value in sorted(trial.intermediate_values.items())]
            if trial.state.name == "COMPLETE":
                not_obeyed += any(said[:-1])
                again.tell(replayed, trial.value)
            else:
                again.tell(replayed, state=optuna.trial.TrialState.PRUNED)
    except Exception:  # a pruner of the student's own may need more than it is given here
        return None
    finally:
        optuna.logging.set_verbosity(verbosity)
    return {"ends_bad_ones": ended, "not_obeyed": not_obeyed}


def _report(trial: Any, step: int, value: float) -> bool:
    trial.report(value, step)
    return bool(trial.should_prune())


def _tuner(tuner: Any) -> dict[str, Any]:
    oracle = tuner.oracle
    objective = oracle.objective
    return {
        "tuner": type(tuner).__name__,
        "kinds": [c.__name__ for c in type(tuner).__mro__ if c.__module__.startswith("keras_tuner.")],
        "oracle": type(oracle).__name__,
        "objective": getattr(objective, "name", str(objective)),
        "direction": getattr(objective, "direction", None),
        "max_trials": getattr(oracle, "max_trials", None),
        "max_epochs": getattr(oracle, "max_epochs", None),
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


def epochs_of(search: Any) -> int | None:
    """For how many epochs a search of scikit-learn trained its candidates, as far as scikeras tells.

    The best one is trained once more at the end, as all were; where it was not, or might have been stopped, what
    the estimator was given counts. It may stand at the end of a pipeline. What says nothing has no epochs.
    """
    with contextlib.suppress(Exception):  # these are objects of the student's own
        given: dict[str, Any] = getattr(_last_step(vars(search).get("estimator")), "get_params", dict)()
        history = getattr(_last_step(vars(search).get("best_estimator_")), "history_", None)
        count = given.get("fit__epochs", given.get("epochs"))
        trained = len(history["loss"]) if isinstance(history, dict) and "loss" in history else None
        if trained is not None and (given.get("callbacks") is None or not isinstance(count, Integral)):
            return trained
        return int(count) if isinstance(count, Integral) else None
    return None


def _last_step(estimator: Any) -> Any:
    steps = getattr(estimator, "steps", None)
    return steps[-1][-1] if isinstance(steps, list) and steps else estimator


def _evolution(search: Any) -> dict[str, Any]:
    """Under the names that scikit-learn's own searches have; fitted ones only if it was fitted."""
    fitted = ("cv_results_", "best_params_", "best_score_", "best_index_", "n_splits_")
    return {
        "search": "GASearchCV",
        **{name: getattr(search, name) for name in ("scoring", "population_size", "generations", "refit")},
        "epochs": epochs_of(search),
        **{name: vars(search)[name] for name in fitted if name in vars(search)},
    }
