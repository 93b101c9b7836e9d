# title = "Optuna com NopPruner"
# scores = {"optuna-test" = 0.5}
#
# %% [optuna]
def objective(trial):
    model = criar_modelo(trial.suggest_int("units", 8, 64), trial.suggest_float("learning_rate", 0.001, 0.03, log=True))
    for epoca in range(EPOCAS):
        model.fit(X_train, y_train, verbose=0)
        mse = model.evaluate(X_valid, y_valid, verbose=0)
        trial.report(mse, epoca)
    return mse


study = optuna.create_study(pruner=optuna.pruners.NopPruner())
with medir("Optuna"):
    study.optimize(objective, n_trials=TENTATIVAS)
