# title = "Camadas ocultas sem ativação"
# scores = {"architecture-test" = 0.25}
#
# %% [architecture]
model = keras.Sequential([
    keras.Input((28, 28)), layers.Flatten(), layers.Dense(300), layers.Dense(100), layers.Dense(10, activation="softmax"),
])
