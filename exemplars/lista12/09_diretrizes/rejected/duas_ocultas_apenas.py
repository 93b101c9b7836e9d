# title = "A rede profunda tem duas camadas ocultas"
# scores = {"deep-test" = 0.7}
#
# %% [deep]
deep_model = keras.Sequential([
    keras.Input((28, 28)), layers.Flatten(), layers.Dense(102, activation="relu"), layers.Dense(40, activation="relu"),
    layers.Dense(10, activation="softmax"),
])
