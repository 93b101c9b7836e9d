# title = "Objetivo do Optuna em uma lambda; SuccessiveHalvingPruner; time.perf_counter; um eixo em fig"
#
# %% [optuna]
def treina(trial, units, taxa):
    rede = criar_modelo(units, taxa)
    for epoca in range(1, 4):
        rede.fit(X_train, y_train, epochs=1, verbose=0, batch_size=20)
        erro = float(np.mean((rede.predict(X_valid, verbose=0)[:, 0] - y_valid) ** 2))
        trial.report(erro, step=epoca)
        if trial.should_prune():
            raise optuna.exceptions.TrialPruned()
    return erro

study = optuna.create_study(
    direction="minimize", sampler=optuna.samplers.RandomSampler(seed=1),
    pruner=optuna.pruners.SuccessiveHalvingPruner(min_resource=1, reduction_factor=2),
)
inicio = time.perf_counter()
study.optimize(
    lambda trial: treina(trial, trial.suggest_categorical("units", [8, 16, 24, 32, 64]), trial.suggest_float("learning_rate", 1e-3, 3e-2)),
    n_trials=4,
)
segundos["Optuna"] = time.perf_counter() - inicio
# %% [plot]
ax = resultados["mse_validacao"].sort_values().plot(marker="o", linestyle="--", title="MSE", rot=45)
fig = ax
