# %% given
import keras
from keras import layers

x = keras.Input((6,))
first = layers.Dense(30, activation="relu")(x)
second = layers.Dense(30, activation="relu")(first)
# %% right
model = keras.Model(x, [layers.Dense(1)(second), layers.Dense(1)(second)])

check.same_hidden(model, [0, 1])
# %% wrong
model = keras.Model(x, [layers.Dense(1)(second), layers.Dense(1)(first)])

check.same_hidden(model, [0, 1])
