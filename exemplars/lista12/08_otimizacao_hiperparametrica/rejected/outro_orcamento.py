# title = "Seis sorteios em vez de quatro, cinco tentativas no Optuna"
# scores = {"randomized-test" = 0.125, "optuna-test" = 0.75}
#
# %% [randomized]
rnd_search_cv = RandomizedSearchCV(
    regressor, {"units": range(8, 65), "learning_rate": np.geomspace(0.001, 0.03, 50)},
    n_iter=6, scoring="neg_mean_squared_error", cv=DIVISAO,
)
with medir("RandomizedSearchCV"):
    rnd_search_cv.fit(X_busca, y_busca)
# %% [optuna]
def objective(trial):
    model = criar_modelo(trial.suggest_int("units", 8, 64), trial.suggest_float("learning_rate", 0.001, 0.03, log=True))
    for epoca in range(EPOCAS):
        model.fit(X_train, y_train, verbose=0)
        mse = model.evaluate(X_valid, y_valid, verbose=0)
        trial.report(mse, epoca)
        if trial.should_prune():
            raise optuna.TrialPruned()
    return mse


study = optuna.create_study(pruner=optuna.pruners.MedianPruner(n_startup_trials=1))
with medir("Optuna"):
    study.optimize(objective, n_trials=5)
