"""Checks of hyperparameter searches: one search, a table that compares several, a model made of the best."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

from autograder.check.chain import read_chain, simplify
from autograder.check.fed import Data, refuse_other_data
from autograder.check.guard import Finding, StudentFailure, brief, conclude, student_code
from autograder.check.searches import Search, read_search
from autograder.messages import tr

__all__ = ["search", "tuned"]


def search(
    found: Any,
    *,
    kind: str | Iterable[str],
    tried: int | None = None,
    tried_at_least: int = 2,
    hyperparameters: Iterable[str] = (),
    scoring: str | None = None,
    splits: int | None = None,
    objective: str | None = None,
    epochs: int | None = None,
    pruning: bool = False,
    apart_from: Iterable[Any] = (),
    data: Data | None = None,
    title: str | None = None,
    hint: str | None = None,
    weight: float = 1.0,
) -> None:
    """Check a search for hyperparameters that minimise an error, run with scikit-learn, KerasTuner or Optuna.

    Every search must be sound: each hyperparameter took two values or more, scores differ, errors are not
    negative, and the best one is the best of its table.

    Args:
        found: A search of scikit-learn (``GridSearchCV`` and its like, ``GASearchCV``), a tuner, or a study.
        kind: Name of its class; several names mean any of them. A study's is ``"Study"``.
        tried: The exact number of candidates (trials); finished or pruned ones of a study.
        tried_at_least: The least number of candidates, where ``tried`` is not given.
        hyperparameters: Names that every candidate must have; ``model__units`` is ``units``.
        scoring: The name of scikit-learn's score. A function of the student's own is not looked at.
        splits: The number of scikit-learn's splits.
        objective: What the name of KerasTuner's objective must begin with, such as ``"val_"``.
        epochs: For how many epochs a candidate is trained. Of KerasTuner only the best epoch of each trial is
            known: none may be later, and not all may be the first. What a study was told after each epoch must
            differ somewhere.
        pruning: Whether a study must prune: trials report more than once, its pruner ends a terrible trial that
            comes when half of the trials are done, and no finished trial was told to end before.
        apart_from: Other tuners, which must not have the very same trials.
        data: Which variables calls must be given, where the student's text tells, as
            ``{"tuner.search": {"x": "X_train", "y": "y_train", "validation_data": ("X_valid", "y_valid")}}``,
            positional arguments first, in order. Only these variables are told apart; a text that gives
            something else, or that has no such call, passes; ``validation_split`` is not ``validation_data``.
        title: What is checked, as the student reads it.
        hint: How to mend it.
        weight: The check's share of the cell's points.

    Example:
        >>> import numpy as np
        >>> from sklearn.linear_model import Ridge
        >>> from sklearn.model_selection import GridSearchCV
        >>> from autograder.check.recorder import collecting
        >>> X = np.arange(40.0).reshape(20, 2) ** 0.5
        >>> grid = GridSearchCV(Ridge(), {"alpha": [0.1, 10.0]}, scoring="neg_mean_squared_error")
        >>> with collecting() as outcomes:
        ...     search(grid.fit(X, X[:, 0]), kind="GridSearchCV", tried=2, hyperparameters=["alpha"])
        ...     search(grid, kind="GridSearchCV", tried=3)
        >>> outcomes[0].passed, outcomes[1].actual
        (True, '2 candidatos')
    """

    def body() -> Finding:
        kinds = (kind,) if isinstance(kind, str) else tuple(kind)
        read = read_search(found)
        if not set(kinds) & set(read.kinds):
            return Finding(False, tr(" or ").join(kinds), read.kinds[0])
        count = len(read.params)
        least = (
            tr("{count} candidates", count=tried)
            if tried
            else tr("{count} or more candidates", count=tried_at_least)
        )
        if count != tried if tried else count < tried_at_least:
            return Finding(False, least, tr("{count} candidates", count=count))
        _refuse_other_facts(read, scoring, splits, objective)
        _refuse_narrow(read, tuple(hyperparameters))
        if epochs is not None:
            _refuse_other_epochs(read, epochs)
        _refuse_unsound(read)
        for other in apart_from:
            if _trials(read) & _trials(read_search(other)):
                raise StudentFailure(
                    tr("the trials of another tuner"),
                    expected=tr("trials of its own"),
                    hint=tr(
                        "KerasTuner reloads what is in its folder: give each tuner a project_name of its own."
                    ),
                )
        if pruning:
            _refuse_unpruned(read)
        if data is not None:
            refuse_other_data(data)
        return Finding(True, least, tr("{count} candidates", count=count))

    conclude(body, title=title or tr("Search for hyperparameters"), weight=weight, hint=hint)


def _trials(read: Search) -> set[Any]:
    """Whether two searches are one: no two trainings have the same score to the last digit."""
    return {
        (brief(sorted(p.items()), 400), s) for p, s in zip(read.params, read.scores, strict=True) if s is not None
    }


def _refuse_other_facts(read: Search, scoring: str | None, splits: int | None, objective: str | None) -> None:
    used = read.facts.get("scoring")
    if scoring is not None and (used is None or (isinstance(used, str) and used != scoring)):
        raise StudentFailure(f"scoring={used!r}", expected=f"scoring={scoring!r}")
    if splits is not None and read.facts.get("n_splits") != splits:
        raise StudentFailure(
            tr("{count} splits", count=read.facts.get("n_splits")), expected=tr("{count} splits", count=splits)
        )
    named = read.facts.get("objective", "")
    if objective is not None and not named.startswith(objective):
        raise StudentFailure(f"objective={named!r}", expected=tr("an objective {name}…", name=objective))


def _refuse_other_epochs(read: Search, epochs: int) -> None:
    most = max(read.epochs, default=1 if "scoring" in read.facts else 0)  # scikeras' own default is one
    right = 1 < most <= epochs if "objective" in read.facts else most == epochs
    if epochs > 1 and not right:
        raise StudentFailure(tr("{count} epochs", count=most), expected=tr("{count} epochs", count=epochs))
    reports = read.facts.get("reports")
    if epochs > 1 and reports and all(len(set(values)) < 2 for values in reports):
        raise StudentFailure(
            tr("the same error after each epoch"),
            expected=tr("an error that training changes"),
            hint=tr("Train for an epoch before each trial.report(error, epoch)."),
        )


def _refuse_narrow(read: Search, names: tuple[str, ...]) -> None:
    """Raise if a hyperparameter was not searched."""
    missing = [name for name in names if not all(name in params for params in read.params)]
    if missing:
        there = sorted({name for params in read.params for name in params})
        raise StudentFailure(
            ", ".join(there) or tr("no hyperparameter"),
            expected=tr("the hyperparameters {names}", names=", ".join(names)),
        )
    for name in names:
        values = {brief(params[name]) for params in read.params}
        if len(values) < 2:
            raise StudentFailure(
                tr("{name} always {value}", name=name, value=values.pop()),
                expected=tr("two or more values of {name}", name=name),
            )


def _refuse_unsound(read: Search) -> None:
    """Raise if the scores cannot be errors of different models, or the best is not the best."""
    # Where the first trial is the best of a few, all others may be pruned: those have no score.
    several = 1 if read.facts.get("pruned") else 2
    if len(read.finite) < several:
        raise StudentFailure(
            tr("scores that are not finite (NaN or infinity)"),
            expected=tr("a score of each candidate"),
            hint=tr("Did training fail or diverge? Look at the warnings, and lower the learning rate."),
        )
    if len(set(read.finite)) < several:
        raise StudentFailure(tr("the same score of every candidate"), expected=tr("scores that differ"))
    if any((s < 0) if read.minimises else (s > 0) for s in read.finite):
        raise StudentFailure(
            tr("scores such as {score:.3g}, {aim}", score=read.finite[0], aim=_aim(read)),
            expected=tr("an error that is minimised, or its negative that is maximised"),
        )
    if read.best is not None and not math.isclose(read.best, read.best_of_scores, rel_tol=1e-6):
        raise StudentFailure(
            tr("a best score of {score:.4g}", score=read.best),
            expected=tr("the best of the table, {score:.4g}", score=read.best_of_scores),
        )


def _aim(read: Search) -> str:
    return tr("minimised") if read.minimises else tr("maximised")


def _refuse_unpruned(read: Search) -> None:
    expected = tr("trials that are pruned when they are much worse")
    if max(read.epochs, default=0) < 2:
        raise StudentFailure(
            tr("fewer than two reports a trial"),
            expected=expected,
            hint=tr("Call trial.report(error, epoch) after each epoch, then ask trial.should_prune()."),
        )
    said = read.facts.get("pruning")
    if read.facts.get("pruned"):
        return
    if not isinstance(said, Mapping) or not said.get("ends_bad_ones"):
        raise StudentFailure(
            tr("{pruner}, which prunes nothing in so few trials", pruner=read.facts.get("pruner")),
            expected=expected,
            hint=tr("MedianPruner waits for n_startup_trials finished trials."),
        )
    if said.get("not_obeyed"):
        raise StudentFailure(
            tr("finished trials that the pruner wanted to end: {count}", count=said["not_obeyed"]),
            expected=expected,
            hint=tr("if trial.should_prune(): raise optuna.TrialPruned()"),
        )


def tuned(
    model: Any,
    searches: Iterable[Any],
    *,
    units: str = "units",
    learning_rate: str = "learning_rate",
    rounding: float = 0.0,
    data: Data | None = None,
    title: str | None = None,
    hint: str | None = None,
    weight: float = 1.0,
) -> None:
    """Check that a model has the hyperparameters that were best in the best of some searches.

    Args:
        model: A compiled Keras model.
        searches: What ``search`` takes; all of one error, so that they can be compared. One that did not run does
            not count.
        units: The hyperparameter that is the number of units of a hidden ``Dense`` layer.
        learning_rate: The hyperparameter that is the optimizer's learning rate.
        rounding: Errors that differ by no more than this, or by 1 %, are equally good.
        data: Which variables calls must be given where the student's text tells; see ``check.trained``.
        title: What is checked, as the student reads it.
        hint: How to mend it.
        weight: The check's share of the cell's points.

    Example:
        >>> import keras, optuna
        >>> from autograder.check.recorder import collecting
        >>> optuna.logging.set_verbosity(optuna.logging.ERROR)
        >>> study = optuna.create_study()
        >>> study.optimize(lambda t: t.suggest_int("units", 4, 9) * t.suggest_float("learning_rate", 1, 2), 3)
        >>> best = study.best_params
        >>> model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(best["units"]), keras.layers.Dense(1)])
        >>> model.compile(loss="mse", optimizer=keras.optimizers.SGD(best["learning_rate"]))
        >>> with collecting() as outcomes:
        ...     tuned(model, [study])
        >>> outcomes[0].passed
        True
    """

    def body() -> Finding:
        if data is not None:
            refuse_other_data(data)
        read = _read_all(searches)
        least = min(one.error for one in read)
        near = [one for one in read if math.isclose(one.error, least, rel_tol=0.01, abs_tol=rounding)]
        wanted = [params for one in near for params in one.best_params if {units, learning_rate} <= params.keys()]
        if not wanted:
            raise StudentFailure(tr("a best search without {names}", names=f"{units}, {learning_rate}"))
        chain = simplify(read_chain(model))
        hidden = [step.units for step in chain.steps[:-1] if step.kind == "Dense"]
        with student_code():
            rate = float(getattr(getattr(model, "optimizer", None), "learning_rate", math.nan))
        with student_code():
            fits = any(
                int(p[units]) in hidden and math.isclose(float(p[learning_rate]), rate, rel_tol=0.01)
                for p in wanted
            )
        best = (f"{units}={p.get(units)}, {learning_rate}={_short(p.get(learning_rate))}" for p in wanted)
        expected = " / ".join(best)
        return Finding(fits, expected, f"{units}={', '.join(map(str, hidden))}, {learning_rate}={rate:.4g}")

    conclude(body, title=title or tr("The model of the best search"), weight=weight, hint=hint)


def _read_all(searches: Iterable[Any]) -> list[Search]:
    """Those that have run.

    Raises:
        StudentFailure: None has.
    """
    read: list[Search] = []
    failure = StudentFailure(tr("no search"), expected=tr("a search that has run"))
    for one in searches:
        try:
            found = read_search(one)
            read += [found] if found.finite else []
        except StudentFailure as wrong:
            failure = wrong
    if not read:
        raise failure
    return read


def _short(value: Any) -> str:
    try:
        return f"{float(value):.4g}"
    except (TypeError, ValueError):
        return brief(value)
