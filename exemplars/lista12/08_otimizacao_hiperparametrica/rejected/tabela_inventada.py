# title = "MSE do XGBoost inventado; gráfico dos segundos; XGBoost treinado com a validação; a pior busca em best_model"
# scores = {"table-test" = 0.125, "plot-test" = 0.125, "baseline-test" = 0.125, "best-test" = 0.125}
#
# %% [baseline]
xgb_model = xgboost.XGBRegressor()
with medir("XGBoost"):
    xgb_model.fit(X_busca, y_busca)
# %% [table]
def melhor_do(tuner):
    return tuner.oracle.get_best_trials(1)[0].score


resultados = pd.DataFrame(
    {"tentativas": [4, 4, 4, 4, 6, 4, 6, 1],
     "mse_validacao": [-grid_search.best_score_, -rnd_search_cv.best_score_, melhor_do(tuner_random), melhor_do(tuner_bayes),
                       melhor_do(tuner_hyperband), study.best_value, -ga_search.best_score_, 0.9]},
    index=list(segundos),
)
resultados["segundos"] = segundos
# %% [plot]
fig = resultados.plot.bar(y="segundos").figure
# %% [best]
best_model = criar_modelo(units=17, learning_rate=0.0123)
best_model.fit(X_train, y_train, epochs=20, verbose=0)
