# title = "Uma camada oculta apenas"
# scores = {"architecture-test" = 0.25}
#
# %% [architecture]
model = keras.Sequential([
    keras.Input((28, 28)), layers.Flatten(), layers.Dense(100, activation="relu"), layers.Dense(10, activation="softmax"),
])
