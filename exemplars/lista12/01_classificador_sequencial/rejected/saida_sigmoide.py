# title = "Sigmoide na saída em vez de softmax"
# scores = {"output-test" = 0.0}
#
# %% [architecture]
model = keras.Sequential([
    keras.Input((28, 28)),
    layers.Flatten(),
    layers.Dense(300, activation="relu"),
    layers.Dense(100, activation="relu"),
    layers.Dense(10, activation="sigmoid"),
])
