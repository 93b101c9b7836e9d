# title = "A função objetivo do Optuna não treina a rede que avalia"
# scores = {"optuna-test" = 0.75}
#
# %% [optuna]
def objective(trial):
    model = criar_modelo(trial.suggest_int("units", 8, 64), trial.suggest_float("learning_rate", 0.001, 0.03, log=True))
    for epoca in range(EPOCAS):
        mse = model.evaluate(X_valid, y_valid, verbose=0)
        trial.report(mse, epoca)
        if trial.should_prune():
            raise optuna.TrialPruned()
    return mse


study = optuna.create_study(pruner=optuna.pruners.MedianPruner(n_startup_trials=1))
with medir("Optuna"):
    study.optimize(objective, n_trials=TENTATIVAS)
