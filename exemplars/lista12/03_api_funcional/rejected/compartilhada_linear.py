# title = "A camada compartilhada não tem ativação"
# scores = {"shared-test" = 0.4}
#
# %% [shared]
encoder = layers.Dense(30)
first, second = keras.Input((8,)), keras.Input((8,))
shared_model = keras.Model([first, second], layers.Dense(1)(layers.concatenate([encoder(first), encoder(second)])))
