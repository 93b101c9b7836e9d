# title = "Optuna sem trial.report; GASearchCV com três épocas"
# scores = {"optuna-test" = 0.25, "genetic-test" = 0.25}
#
# %% [optuna]
def objective(trial):
    model = criar_modelo(trial.suggest_int("units", 8, 64), trial.suggest_float("learning_rate", 0.001, 0.03, log=True))
    model.fit(X_train, y_train, epochs=EPOCAS, verbose=0)
    return model.evaluate(X_valid, y_valid, verbose=0)


study = optuna.create_study(direction="minimize")
with medir("Optuna"):
    study.optimize(objective, n_trials=TENTATIVAS)
# %% [genetic]
ga_search = GASearchCV(
    regressor,
    param_grid={"units": Integer(8, 64), "learning_rate": Continuous(0.001, 0.03, distribution="log-uniform")},
    scoring="neg_mean_squared_error", cv=DIVISAO, population_size=2, generations=1,
)
with medir("GASearchCV"):
    ga_search.fit(X_busca, y_busca)
