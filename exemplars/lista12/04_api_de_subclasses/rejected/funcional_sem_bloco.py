# title = "O modelo funcional repete as camadas do bloco em vez de usar o bloco"
# scores = {"functional-test" = 0.357143}
#
# %% [functional]
inputs = keras.Input(shape=(8,))
Z = layers.Dense(16, activation="relu")(inputs)
h = layers.Dense(16, activation="relu")(layers.Dense(16, activation="relu")(Z))
funcional = keras.Model(inputs, layers.Dense(1)(layers.add([Z, h])))
