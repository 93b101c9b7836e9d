# title = "Grade comparada pelo R², o padrão do scikit-learn; poucas épocas na aleatória"
# scores = {"grid-test" = 0, "randomized-test" = 0.125}
#
# %% [grid]
regressor = KerasRegressor(model=criar_modelo, units=16, learning_rate=0.01, epochs=EPOCAS, verbose=0)
grid_search = GridSearchCV(regressor, {"units": [16, 64], "learning_rate": [0.01, 0.03]}, cv=DIVISAO)
with medir("GridSearchCV"):
    grid_search.fit(X_busca, y_busca)
# %% [randomized]
rnd_search_cv = RandomizedSearchCV(
    KerasRegressor(model=criar_modelo, units=16, learning_rate=0.01, verbose=0),
    {"units": range(8, 65), "learning_rate": np.geomspace(0.001, 0.03, 50)},
    n_iter=TENTATIVAS, scoring="neg_mean_squared_error", cv=DIVISAO,
)
with medir("RandomizedSearchCV"):
    rnd_search_cv.fit(X_busca, y_busca)
