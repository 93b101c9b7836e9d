# title = "Estilo da aula: build_model com SGD e add(), distribuições do scipy, rnd_search_cv"
#
# %% [model]
def build_model(units=30, learning_rate=3e-3, n_hidden=1):
    model = keras.models.Sequential()
    model.add(keras.layers.InputLayer(shape=[8]))
    for layer in range(n_hidden):
        model.add(keras.layers.Dense(units, activation="relu"))
    model.add(keras.layers.Dense(1))
    optimizer = keras.optimizers.SGD(learning_rate=learning_rate)
    model.compile(loss="mse", optimizer=optimizer)
    return model

criar_modelo = build_model
# %% [randomized]
from scipy.stats import loguniform, randint

keras_reg = KerasRegressor(model=build_model, n_hidden=1, units=30, learning_rate=3e-3, epochs=3, verbose=0)
param_distribs = {
    "n_hidden": [1, 2],
    "units": randint(5, 100),
    "learning_rate": loguniform(3e-3, 3e-2),
}
rnd_search_cv = RandomizedSearchCV(keras_reg, param_distribs, n_iter=4, cv=DIVISAO, scoring="neg_mean_squared_error", verbose=2)
with medir("RandomizedSearchCV"):
    rnd_search_cv.fit(X_busca, y_busca)
# %% [best]
buscas = {
    "GridSearchCV": grid_search.best_params_, "RandomizedSearchCV": rnd_search_cv.best_params_, "Optuna": study.best_params,
    "GASearchCV": ga_search.best_params_, "RandomSearch": tuner_random.get_best_hyperparameters(1)[0].values,
    "BayesianOptimization": tuner_bayes.get_best_hyperparameters(1)[0].values,
    "Hyperband": tuner_hyperband.get_best_hyperparameters(1)[0].values,
}
tabela = resultados.drop(index="XGBoost").sort_values("mse_validacao")
params = buscas[tabela.index[0]]
best_model = build_model(units=params["units"], learning_rate=params["learning_rate"])
history = best_model.fit(X_busca, y_busca, epochs=40, batch_size=16, verbose=0)
