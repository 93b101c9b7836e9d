# title = "Sem softmax e sem from_logits: a rede não aprende"
# scores = {"output-test" = 0.0, "accuracy-test" = 0.0}
#
# %% [architecture]
keras.utils.set_random_seed(0)
model = keras.Sequential([
    keras.Input((28, 28)),
    layers.Flatten(),
    layers.Dense(300, activation="relu"),
    layers.Dense(100, activation="relu"),
    layers.Dense(10),
])
