# title = "Pipeline na grade, epochs em fit, fit__epochs, XGBoost como linha no gráfico"
#
# %% [grid]
from sklearn.pipeline import Pipeline

regressor = KerasRegressor(model=criar_modelo, units=16, learning_rate=0.01, fit__epochs=EPOCAS, verbose=0)
grid_search = GridSearchCV(
    Pipeline([("rede", regressor)]), {"rede__units": [16, 32], "rede__learning_rate": [0.003, 0.03]},
    scoring="neg_mean_squared_error", cv=DIVISAO,
)
with medir("GridSearchCV"):
    grid_search.fit(X_busca, y_busca)
# %% [randomized]
rnd_search_cv = RandomizedSearchCV(
    KerasRegressor(model=criar_modelo, units=16, learning_rate=0.01, verbose=0),
    {"units": range(16, 65), "learning_rate": np.geomspace(0.001, 0.03, 50)},
    n_iter=TENTATIVAS, scoring="neg_mean_squared_error", cv=DIVISAO,
)
with medir("RandomizedSearchCV"):
    rnd_search_cv.fit(X_busca, y_busca, epochs=EPOCAS)
# %% [genetic]
ga_search = GASearchCV(
    KerasRegressor(model=criar_modelo, units=16, learning_rate=0.01, epochs=2, verbose=0),
    param_grid={"units": Integer(16, 64), "learning_rate": Continuous(0.001, 0.03, distribution="log-uniform")},
    scoring="neg_mean_squared_error", cv=DIVISAO, population_size=2, generations=1,
)
with medir("GASearchCV"):
    ga_search.fit(X_busca, y_busca)
# %% [plot]
import matplotlib.pyplot as plt

fig, ax = plt.subplots()
buscas = resultados["mse_validacao"].drop("XGBoost")
ax.bar(buscas.index, buscas)
ax.axhline(resultados.loc["XGBoost", "mse_validacao"], linestyle="--", color="k", label="XGBoost")
ax.legend()
# %% [best]
redes = {
    "GridSearchCV": {nome.removeprefix("rede__"): valor for nome, valor in grid_search.best_params_.items()},
    "RandomizedSearchCV": rnd_search_cv.best_params_, "GASearchCV": ga_search.best_params_, "Optuna": study.best_params,
    "RandomSearch": tuner_random.get_best_hyperparameters()[0].values,
    "BayesianOptimization": tuner_bayes.get_best_hyperparameters()[0].values,
    "Hyperband": tuner_hyperband.get_best_hyperparameters()[0].values,
}
melhor = redes[resultados["mse_validacao"].round(2).drop("XGBoost").idxmin()]
best_model = criar_modelo(melhor["units"], melhor["learning_rate"])
parada = keras.callbacks.EarlyStopping(patience=10, restore_best_weights=True)
best_model.fit(X_train, y_train, epochs=60, validation_split=0.1, callbacks=[parada], verbose=0)
