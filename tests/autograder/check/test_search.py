"""Checks of hyperparameter searches, on real ones of scikit-learn and Optuna and on tables of the judge's."""

import numpy as np
import optuna
import pandas as pd
import pytest
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from autograder import check
from autograder.check.recorder import collecting
from autograder.judge.values import SearchTable
from autograder.search_tables import epochs_of, table_of

optuna.logging.set_verbosity(optuna.logging.ERROR)
MSE = "neg_mean_squared_error"


def only(outcomes):
    assert len(outcomes) == 1
    assert outcomes[0].error is None
    return outcomes[0]


def searched(found, **asked):
    with collecting() as outcomes:
        check.search(found, **asked)
    return only(outcomes)


@pytest.fixture(scope="module")
def grid():
    X = np.random.default_rng(1).normal(size=(60, 3))
    y = X[:, 0] + np.random.default_rng(2).normal(size=60)
    return GridSearchCV(Ridge(), {"alpha": [0.1, 10.0], "tol": [1e-3, 1e-2]}, scoring=MSE, cv=3).fit(X, y)


def study_of(objective, trials=4, **made):
    study = optuna.create_study(**made)
    study.optimize(objective, n_trials=trials)
    return study


def reporting(errors, obey=True, falls=0.1):
    """An objective whose trials have these errors in the end, after three epochs."""
    left = iter(errors)

    def objective(trial):
        error = next(left) + trial.suggest_float("x", 0, 1e-3)
        for epoch in range(3):
            trial.report(error + falls * (2 - epoch), epoch)
            if obey and trial.should_prune():
                raise optuna.TrialPruned
        return error

    return objective


def test_a_search_of_scikit_learn(grid):
    """Its kind, budget, score and splits; hyperparameters by their own names."""
    asked = {"kind": "GridSearchCV", "tried": 4, "hyperparameters": ["alpha"], "scoring": MSE, "splits": 3}
    assert searched(grid, **asked).passed
    for other in ({"kind": "RandomizedSearchCV"}, {"tried": 5}, {"hyperparameters": ["units"]}, {"splits": 1}):
        assert not searched(grid, **{**asked, **other}).passed
    assert not searched(grid, **{**asked, "scoring": "r2"}).passed


def test_for_how_many_epochs_a_search_of_scikit_learn_trained():
    """As its estimator is given them, wherever that stands, or as the best one was trained for at the end."""

    class Net(Ridge):
        def __init__(self, alpha=1.0, epochs=1, fit__epochs=None):
            super().__init__(alpha)
            self.epochs, self.fit__epochs = epochs, fit__epochs

        def get_params(self, deep=True):
            given = {"alpha": self.alpha, "epochs": self.epochs}
            return given if self.fit__epochs is None else {**given, "fit__epochs": self.fit__epochs}

    def epochs(estimator, best=None):
        found = GridSearchCV(estimator, {})
        if best is not None:
            found.best_estimator_ = best
        return epochs_of(found)

    trained = Net(epochs=1)
    trained.history_ = {"loss": [3.0, 2.0, 1.0], "val_loss": [1.0]}
    assert epochs(Ridge()) is None
    assert epochs(Net(epochs=3)) == epochs(Net(fit__epochs=3)) == 3
    assert epochs(Pipeline([("scale", StandardScaler()), ("net", Net(epochs=3))])) == 3
    assert epochs(Net(), trained) == epochs(Pipeline([("net", Net())]), Pipeline([("net", trained)])) == 3
    assert epochs(Net(epochs=9), trained) == 3  # what fit was given goes before
    assert epochs(Net(epochs=np.int64(3))) == 3
    broken = Net()
    del broken.epochs
    assert epochs(broken) is None


def test_a_search_that_was_not_run_and_what_is_none():
    """Neither raises; both say what is the matter."""
    assert not searched(GridSearchCV(Ridge(), {"alpha": [1, 2]}), kind="GridSearchCV").passed
    assert not searched(optuna.create_study(), kind="Study").passed
    for found in (None, 3, {"cv_results_": {}}, GridSearchCV):
        assert not searched(found, kind="GridSearchCV").passed


def test_a_best_score_that_is_not_the_best(grid):
    """A table that contradicts itself is no search."""
    import copy

    forged = copy.copy(grid)
    forged.best_score_ = -1e-6
    assert not searched(forged, kind="GridSearchCV").passed
    longer = copy.copy(grid)
    longer.cv_results_ = {**grid.cv_results_, "mean_test_score": np.array([-1.0, -2.0])}
    assert not searched(longer, kind="GridSearchCV").passed


def test_scores_must_be_errors():
    """R² is maximised and positive, so it is no negative error; nor is an error that is maximised."""
    X = np.arange(60.0).reshape(20, 3) ** 0.5
    r2 = GridSearchCV(Ridge(), {"alpha": [0.1, 10.0]}).fit(X, X[:, 0])
    assert not searched(r2, kind="GridSearchCV").passed
    assert not searched(study_of(lambda t: t.suggest_float("x", 1, 2), direction="maximize"), kind="Study").passed
    assert searched(study_of(lambda t: -t.suggest_float("x", 1, 2), direction="maximize"), kind="Study").passed


def test_a_study_that_prunes():
    """A pruned trial, or none so bad that the pruner would have ended it."""
    soon = optuna.pruners.MedianPruner(n_startup_trials=1)
    for errors in ([1.0, 2.0, 0.5, 3.0], [4.0, 3.0, 2.0, 1.0], [1.0, 2.0, 3.0, 4.0]):
        study = study_of(reporting(errors), pruner=soon)
        assert searched(study, kind="Study", tried=4, epochs=3, pruning=True).passed


def test_a_study_that_does_not_prune():
    """No pruner, one that waits too long, no report, and a pruner that nobody asks."""
    soon = optuna.pruners.MedianPruner(n_startup_trials=1)
    errors = [1.0, 2.0, 0.5, 3.0]
    silent = study_of(lambda t: t.suggest_float("x", 1, 2), pruner=soon)
    for study in (
        study_of(reporting(errors), pruner=optuna.pruners.NopPruner()),
        study_of(reporting(errors)),
        silent,
        study_of(reporting(errors, obey=False), pruner=soon),
    ):
        assert searched(study, kind="Study").passed
        assert not searched(study, kind="Study", pruning=True).passed


def test_a_study_that_trained_nothing():
    """After each epoch it was told the same."""
    study = study_of(reporting([1.0, 2.0, 0.5, 3.0], falls=0.0))
    assert searched(study, kind="Study", tried=4).passed
    assert "o mesmo erro" in searched(study, kind="Study", tried=4, epochs=3).actual


def tuner(scores=(0.9, 0.5), units=(8, 16), kind="RandomSearch", objective="val_loss", best_step=2):
    trials = [
        SearchTable(trial_id=str(i), score=s, best_step=best_step, values={"units": u, "tuner/epochs": 2})
        for i, (s, u) in enumerate(zip(scores, units, strict=True))
    ]
    return SearchTable(
        tuner=kind, kinds=[kind, "Tuner"], oracle="Oracle", objective=objective, direction="min", trials=trials
    )


def test_a_tuner():
    """Its objective, its epochs as far as they are known, and trials of its own."""
    asked = {"kind": "RandomSearch", "hyperparameters": ["units"], "objective": "val_", "epochs": 3}
    assert searched(tuner(), **asked).passed
    assert searched(tuner(), **asked, apart_from=[tuner(scores=(0.8, 0.7))]).passed
    assert not searched(tuner(), **asked, apart_from=[tuner()]).passed
    for wrong in (
        tuner(units=(8, 8)), tuner(objective="loss"), tuner(best_step=0), tuner(best_step=3),
        tuner(scores=(0.5, 0.5)), tuner(scores=(float("nan"), 0.5)), tuner(scores=(None, None)),
        tuner(kind="Hyperband"),
    ):  # fmt: skip
        assert not searched(wrong, **asked).passed


def test_a_table_of_searches(grid):
    """Names in the index or in a column, rounded numbers; but no invented ones, and no row left out."""
    seconds = float(grid.cv_results_["mean_fit_time"].sum() * 3 + 1)
    rows = {"n": [4, 1], "mse": [round(-grid.best_score_, 2), 0.5], "s": [seconds, 0.5]}
    right = pd.DataFrame(rows, index=["a grade (GridSearchCV)", "XGBoost"])
    asked = {"tried": "n", "error": "mse", "seconds": "s", "others": {"XGBoost": 0.5}}
    changed = [right.assign(**{name: right[name] * 1.5 + 1}) for name in rows]
    for table, passes in (
        (right, True),
        (right.iloc[::-1].reset_index(names="busca"), True),
        (right.drop(index="XGBoost"), False),
        (right.drop(columns="s"), False),
        (right.assign(s=0.0), False),
        (rows, False),
        (changed[0], False),
        (changed[1], False),
    ):
        with collecting() as outcomes:
            check.search_table(table, {"GridSearchCV": grid}, **asked)
        assert only(outcomes).passed is passes

    for count, passes in ((1, True), (2, False)):
        with collecting() as outcomes:
            check.search_table(right, {"GridSearchCV": grid}, **{**asked, "others": {"XGBoost": (count, 0.5)}})
        assert only(outcomes).passed is passes


def test_the_models_hyperparameters_are_the_best_ones():
    """Of the search with the least error."""
    keras = pytest.importorskip("keras")
    searches = [tuner(), tuner(scores=(0.1, 0.7), units=(3, 5))]
    for one in searches:
        for trial in one.trials:
            trial.values["learning_rate"] = 0.1
    for units, rate, passes in ((3, 0.1, True), (16, 0.1, False), (3, 0.2, False)):
        model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(units), keras.layers.Dense(1)])
        model.compile(loss="mse", optimizer=keras.optimizers.SGD(rate))
        with collecting() as outcomes:
            check.tuned(model, searches)
        assert only(outcomes).passed is passes
    with collecting() as outcomes:
        check.tuned(model, searches, rounding=1.0)  # both searches are good enough, and still not this rate
    assert not only(outcomes).passed
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3), keras.layers.Dense(1)])
    model.compile(loss="mse", optimizer=keras.optimizers.SGD(0.1))
    for left, passes in (
        ([GridSearchCV(Ridge(), {}), *searches], True),
        ([GridSearchCV(Ridge(), {})], False),
        ([], False),
    ):
        with collecting() as outcomes:
            check.tuned(model, left)  # one that did not run does not count
        assert only(outcomes).passed is passes


def test_what_is_no_search_has_no_table():
    """Nor has a class of one."""
    assert table_of(3) is None
    assert table_of(optuna.study.Study) is None
