# title = "A camada lê duas vezes a primeira entrada; a segunda não passa por ela"
# scores = {"shared-test" = 0.3}
#
# %% [shared]
encoder = layers.Dense(30, activation="relu")
first, second = keras.Input((8,)), keras.Input((8,))
both = layers.concatenate([encoder(first), encoder(layers.Rescaling(2.0)(first)), second])
shared_model = keras.Model([first, second], layers.Dense(1)(both))
