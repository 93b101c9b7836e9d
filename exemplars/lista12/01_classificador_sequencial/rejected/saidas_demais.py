# title = "Onze neurônios na saída"
# scores = {"architecture-test" = 0.25}
#
# %% [architecture]
model = keras.Sequential([
    keras.Input((28, 28)),
    layers.Flatten(),
    layers.Dense(300, activation="relu"),
    layers.Dense(100, activation="relu"),
    layers.Dense(11, activation="softmax"),
])
