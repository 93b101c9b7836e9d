# title = "Grade em que units não varia"
# scores = {"grid-test" = 0}
#
# %% [grid]
regressor = KerasRegressor(model=criar_modelo, units=16, learning_rate=0.01, epochs=EPOCAS, verbose=0)
grid_search = GridSearchCV(
    regressor, {"units": [16], "learning_rate": [0.003, 0.006, 0.01, 0.03]}, scoring="neg_mean_squared_error", cv=DIVISAO
)
with medir("GridSearchCV"):
    grid_search.fit(X_busca, y_busca)
