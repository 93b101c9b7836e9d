# title = "Deixou a busca evolucionária de lado; o resto está certo"
# scores = {"genetic-test" = 0.0, "table-test" = 0.125}
#
# %% [genetic]
pass
# %% [table]
do_sklearn = {"GridSearchCV": grid_search, "RandomizedSearchCV": rnd_search_cv}
do_tuner = {"RandomSearch": tuner_random, "BayesianOptimization": tuner_bayes, "Hyperband": tuner_hyperband}
linhas = {nome: (len(busca.cv_results_["params"]), -busca.best_score_) for nome, busca in do_sklearn.items()}
for nome, tuner in do_tuner.items():
    linhas[nome] = len(tuner.oracle.trials), tuner.oracle.get_best_trials()[0].score
linhas["Optuna"] = len(study.trials), study.best_value
linhas["XGBoost"] = 1, np.mean((xgb_model.predict(X_valid) - y_valid) ** 2)
resultados = pd.DataFrame.from_dict(linhas, orient="index", columns=["tentativas", "mse_validacao"])
resultados["segundos"] = segundos
# %% [best]
hiperparametros = {
    "GridSearchCV": grid_search.best_params_, "RandomizedSearchCV": rnd_search_cv.best_params_,
    "RandomSearch": tuner_random.get_best_hyperparameters()[0].values,
    "BayesianOptimization": tuner_bayes.get_best_hyperparameters()[0].values,
    "Hyperband": tuner_hyperband.get_best_hyperparameters()[0].values, "Optuna": study.best_params,
}
melhor = hiperparametros[resultados["mse_validacao"].drop("XGBoost").idxmin()]
best_model = criar_modelo(melhor["units"], melhor["learning_rate"])
best_model.fit(X_train, y_train, epochs=20, verbose=0)
