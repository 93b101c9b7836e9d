# title = "Subtraiu os dois resultados em vez de concatenar"
# scores = {"shared-test" = 0.8}
#
# %% [shared]
encoder = layers.Dense(30, activation="relu")
first, second = keras.Input((8,)), keras.Input((8,))
shared_model = keras.Model([first, second], layers.Dense(1)(encoder(first) - encoder(second)))
