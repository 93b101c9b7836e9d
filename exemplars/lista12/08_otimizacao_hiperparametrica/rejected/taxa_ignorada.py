# title = "criar_modelo ignora learning_rate; prever sem padronizar"
# scores = {"model-test" = 0.3333333333, "best-test" = 0.125, "mse-test" = 0}
#
# %% [model]
def criar_modelo(units, learning_rate):
    model = keras.Sequential([keras.Input(shape=(8,)), layers.Dense(units, activation="relu"), layers.Dense(1)])
    model.compile(loss="mean_squared_error", optimizer=keras.optimizers.Adam(0.005))
    return model
# %% [predict]
def prever(X):
    return best_model.predict(X, verbose=0)
