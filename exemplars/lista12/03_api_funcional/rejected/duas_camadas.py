# title = "Uma camada nova para cada entrada: nada é compartilhado"
# scores = {"shared-test" = 0.4}
#
# %% [shared]
first, second = keras.Input((8,)), keras.Input((8,))
both = layers.concatenate([layers.Dense(30, activation="relu")(first), layers.Dense(30, activation="relu")(second)])
shared_model = keras.Model([first, second], layers.Dense(1)(both))
