# title = "grid_search com um parâmetro que não existe: fit levanta, e o que depende dela falha"
# scores = {"grid-test" = 0, "table-test" = 0, "plot-test" = 0, "best-test" = 0, "mse-test" = 0}
#
# %% [grid]
regressor = KerasRegressor(model=criar_modelo, units=16, learning_rate=0.01, epochs=EPOCAS, verbose=0)
grid_search = GridSearchCV(regressor, {"neuronios": [8, 32], "learning_rate": [0.003, 0.03]}, scoring="neg_mean_squared_error", cv=DIVISAO)
with medir("GridSearchCV"):
    grid_search.fit(X_busca, y_busca)
