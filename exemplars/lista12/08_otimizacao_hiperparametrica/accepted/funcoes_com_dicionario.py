# title = "Um dicionário guarda as buscas, um laço cria os tuners da aula; os nomes pedidos são só apelidos"
#
# %% [tuner-random]
tuners = {}
for classe, opcoes in [
    (keras_tuner.RandomSearch, {"max_trials": TENTATIVAS}),
    (keras_tuner.BayesianOptimization, {"max_trials": TENTATIVAS}),
    (keras_tuner.Hyperband, {"max_epochs": EPOCAS, "factor": 3}),
]:
    nome = classe.__name__
    tuners[nome] = classe(build, objective="val_loss", directory="tuners", project_name=nome, overwrite=True, **opcoes)
    epocas = {} if nome == "Hyperband" else {"epochs": EPOCAS}
    with medir(nome):
        tuners[nome].search(X_train, y_train, validation_data=(X_valid, y_valid), verbose=0, **epocas)
tuner_random = tuners["RandomSearch"]
# %% [tuner-bayes]
tuner_bayes = tuners["BayesianOptimization"]
# %% [tuner-hyperband]
tuner_hyperband = tuners["Hyperband"]
# %% [table]
buscas = {"GridSearchCV": grid_search, "RandomizedSearchCV": rnd_search_cv, **tuners, "Optuna": study, "GASearchCV": ga_search}


def resumo(busca):
    """(tentativas, MSE, hiperparâmetros) de qualquer busca."""
    if hasattr(busca, "oracle"):
        melhor = busca.oracle.get_best_trials()[0]
        return len(busca.oracle.trials), melhor.score, melhor.hyperparameters.values
    if hasattr(busca, "trials"):
        return len(busca.trials), busca.best_value, busca.best_params
    return len(busca.cv_results_["params"]), -busca.best_score_, busca.best_params_


resultados = pd.DataFrame(columns=["tentativas", "mse_validacao", "segundos"], dtype=float)
for nome, busca in buscas.items():
    resultados.loc[nome] = [*resumo(busca)[:2], segundos[nome]]
resultados.loc["XGBoost"] = [1, np.mean((xgb_model.predict(X_valid) - y_valid) ** 2), segundos["XGBoost"]]
# %% [plot]
fig = resultados.plot(subplots=True, marker="s")
# %% [best]
_, _, p = min(map(resumo, buscas.values()), key=lambda r: r[1])
best_model = criar_modelo(p["units"], p["learning_rate"])
best_model.fit(X_busca, y_busca, epochs=30, verbose=0, callbacks=[keras.callbacks.EarlyStopping(monitor="loss", patience=5)])
# %% [predict]
def prever(X):
    return [float(v) for v in best_model.predict(scaler.transform(X), verbose=0)[:, 0]]
