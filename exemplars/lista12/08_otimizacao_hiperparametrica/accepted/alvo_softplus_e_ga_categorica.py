# title = "Saída softplus, tf.keras, GASearchCV com Categorical e verbose, XGBoost ajustado, duas figuras"
#
# %% [model]
import tensorflow as tf

def criar_modelo(units=8, learning_rate=0.01, **resto):
    m = tf.keras.Sequential([
        tf.keras.layers.Input((8,)),
        tf.keras.layers.Dense(units), tf.keras.layers.LeakyReLU(),
        tf.keras.layers.Dense(1, activation=tf.nn.softplus),
    ])
    m.compile(tf.keras.optimizers.Nadam(learning_rate), "mse")
    return m
# %% [genetic]
ga_search = GASearchCV(
    estimator=KerasRegressor(model=criar_modelo, model__units=8, model__learning_rate=0.01, epochs=2, verbose=0),
    param_grid={"model__units": Categorical([8, 16, 24, 32, 40, 48, 56, 64]), "model__learning_rate": Continuous(0.002, 0.03)},
    scoring="neg_mean_squared_error", cv=DIVISAO, population_size=2, generations=1, verbose=True,
    tournament_size=2, elitism=True, keep_top_k=2,
)
with medir("GASearchCV"):
    ga_search.fit(X_busca, y_busca)
# %% [baseline]
from xgboost import XGBRegressor

with medir("XGBoost"):
    xgb_model = XGBRegressor(n_estimators=200, learning_rate=0.05, max_depth=4, subsample=0.8, random_state=0).fit(X_train, y_train)
# %% [plot]
import matplotlib.pyplot as plt

fig, eixos = plt.subplots(1, 2, figsize=(9, 4), sharey=True)
eixos[0].barh(resultados.index, resultados.mse_validacao)
eixos[1].barh(resultados.index, resultados.segundos)
fig.tight_layout()
# %% [best]
melhores = {
    "GridSearchCV": grid_search.best_params_, "RandomizedSearchCV": rnd_search_cv.best_params_, "Optuna": study.best_params,
    "GASearchCV": {k.split("__")[-1]: v for k, v in ga_search.best_params_.items()},
} | {n: t.get_best_hyperparameters()[0].values for n, t in
     {"RandomSearch": tuner_random, "BayesianOptimization": tuner_bayes, "Hyperband": tuner_hyperband}.items()}
p = melhores[resultados.mse_validacao.drop("XGBoost").idxmin()]
best_model = criar_modelo(p["units"], p["learning_rate"])
best_model.fit(X_train, y_train, epochs=20, verbose=0)
# %% [predict]
def prever(X):
    return tf.squeeze(best_model(tf.constant(scaler.transform(X), tf.float32)), -1)
