# %% given
import keras
from keras import layers

one, two = keras.Input((8,)), keras.Input((8,))
# %% right
dense = layers.Dense(30, activation="relu")
both = layers.concatenate([dense(one), dense(two)])
model = keras.Model([one, two], layers.Dense(1)(both))

check.shared_layer(model, "Dense(30, relu)")
# %% wrong
dense = layers.Dense(30, activation="relu")
other = layers.Dense(30, activation="relu")
both = layers.concatenate([dense(one), other(two)])
model = keras.Model([one, two], layers.Dense(1)(both))

check.shared_layer(model, "Dense(30, relu)")
