# title = "Camadas ocultas de mesmo tamanho: não há funil"
# scores = {"deep-test" = 0.7}
#
# %% [deep]
deep_model = keras.Sequential([
    keras.Input((28, 28)), layers.Flatten(), layers.Dense(90, activation="relu"), layers.Dense(90, activation="relu"),
    layers.Dense(90, activation="relu"), layers.Dense(10, activation="softmax"),
])
shallow_model = keras.Sequential([keras.Input((28, 28)), layers.Flatten(), layers.Dense(109, activation="relu"), layers.Dense(10, activation="softmax")])
