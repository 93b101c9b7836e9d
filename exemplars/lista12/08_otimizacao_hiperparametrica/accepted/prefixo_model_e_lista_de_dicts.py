# title = "Prefixo model__, PredefinedSplit, tabela de lista de dicts, gráfico de pontos"
#
# %% [grid]
from sklearn.model_selection import PredefinedSplit

divisao = PredefinedSplit([-1] * 600 + [0] * 300)
rede = KerasRegressor(criar_modelo, model__units=10, model__learning_rate=0.01, epochs=EPOCAS, verbose=0, batch_size=32)
grid_search = GridSearchCV(
    estimator=rede,
    param_grid=[{"model__units": [10, 20], "model__learning_rate": [0.01, 0.02]}],
    scoring="neg_mean_squared_error", cv=divisao, refit=False,
)
with medir("GridSearchCV"):
    grid_search.fit(X_busca, y_busca)
regressor = KerasRegressor(criar_modelo, units=10, learning_rate=0.01, epochs=EPOCAS, verbose=0)
# %% [table]
linhas = []
for nome, busca in [("GridSearchCV", grid_search), ("RandomizedSearchCV", rnd_search_cv), ("GASearchCV", ga_search)]:
    linhas.append({"método": nome, "tentativas": len(busca.cv_results_["params"]), "mse_validacao": round(-busca.best_score_, 3)})
for nome, t in [("RandomSearch", tuner_random), ("BayesianOptimization", tuner_bayes), ("Hyperband", tuner_hyperband)]:
    linhas.append({"método": "KerasTuner " + nome, "tentativas": len(t.oracle.trials),
                   "mse_validacao": min(trial.score for trial in t.oracle.trials.values())})
linhas.append({"método": "Optuna", "tentativas": len(study.trials), "mse_validacao": study.best_trial.value})
linhas.append({"método": "XGBoost", "tentativas": 1, "mse_validacao": float(((xgb_model.predict(X_valid) - y_valid) ** 2).mean())})
resultados = pd.DataFrame(linhas)
resultados["segundos"] = [round(segundos[m.split()[-1]], 2) for m in resultados["método"]]
resultados = resultados.sort_values("mse_validacao").reset_index(drop=True)
# %% [plot]
import matplotlib.pyplot as plt

fig, ax = plt.subplots(figsize=(6, 4))
ax.scatter(resultados["segundos"], resultados["mse_validacao"])
for _, linha in resultados.iterrows():
    ax.annotate(linha["método"], (linha["segundos"], linha["mse_validacao"]))
ax.set(xlabel="segundos", ylabel="MSE de validação", yscale="log")
plt.show()
# %% [best]
redes = {
    "GridSearchCV": {k.removeprefix("model__"): v for k, v in grid_search.best_params_.items()},
    "RandomizedSearchCV": rnd_search_cv.best_params_, "GASearchCV": ga_search.best_params_, "Optuna": study.best_params,
    "KerasTuner RandomSearch": tuner_random.get_best_hyperparameters()[0].values,
    "KerasTuner BayesianOptimization": tuner_bayes.get_best_hyperparameters()[0].values,
    "KerasTuner Hyperband": tuner_hyperband.get_best_hyperparameters()[0].values,
}
vencedora = next(m for m in resultados["método"] if m != "XGBoost")
best_model = criar_modelo(units=redes[vencedora]["units"], learning_rate=redes[vencedora]["learning_rate"])
best_model.fit(X_train, y_train, validation_data=(X_valid, y_valid), epochs=25, verbose=0)
