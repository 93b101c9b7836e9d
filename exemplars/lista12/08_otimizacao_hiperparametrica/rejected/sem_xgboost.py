# title = "Sem o XGBoost na tabela; best_model sem treino"
# scores = {"table-test" = 0.125, "mse-test" = 0}
#
# %% [table]
linhas = {
    "GridSearchCV": (4, -grid_search.best_score_), "RandomizedSearchCV": (4, -rnd_search_cv.best_score_),
    "RandomSearch": (4, tuner_random.oracle.get_best_trials(1)[0].score),
    "BayesianOptimization": (4, tuner_bayes.oracle.get_best_trials(1)[0].score),
    "Hyperband": (6, tuner_hyperband.oracle.get_best_trials(1)[0].score),
    "Optuna": (4, study.best_value), "GASearchCV": (6, -ga_search.best_score_),
}
resultados = pd.DataFrame.from_dict(linhas, orient="index", columns=["tentativas", "mse_validacao"])
resultados["segundos"] = pd.Series(segundos)
# %% [best]
hiperparametros = {
    "GridSearchCV": grid_search.best_params_, "RandomizedSearchCV": rnd_search_cv.best_params_,
    "RandomSearch": tuner_random.get_best_hyperparameters()[0].values,
    "BayesianOptimization": tuner_bayes.get_best_hyperparameters()[0].values,
    "Hyperband": tuner_hyperband.get_best_hyperparameters()[0].values,
    "Optuna": study.best_params, "GASearchCV": ga_search.best_params_,
}
melhor = hiperparametros[resultados["mse_validacao"].idxmin()]
best_model = criar_modelo(melhor["units"], melhor["learning_rate"])
# %% [predict]
def prever(X):
    return best_model.predict(scaler.transform(X), verbose=0)
