# title = "Sigmoide na saída: satura em 1"
# scores = {"output-test" = 0.0, "mse-test" = 0.0}
#
# %% [architecture]
model = keras.Sequential([
    keras.Input((8,)), layers.Dense(50, activation="relu"), layers.Dense(20, activation="relu"),
    layers.Dense(1, activation="sigmoid"),
])
