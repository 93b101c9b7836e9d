# %% given
import keras
from keras import layers

one, other = keras.Input((8,)), keras.Input((8,))
# %% right
encoder = layers.Dense(30, activation="relu")
both = layers.concatenate([encoder(one), encoder(other)])
model = keras.Model([one, other], layers.Dense(1)(both))

check.shared_layer(model, "Dense(30, nonlinear)")
# %% wrong
parts = [layers.Dense(30, activation="relu")(x) for x in (one, other)]
model = keras.Model([one, other], layers.Dense(1)(layers.concatenate(parts)))

check.shared_layer(model, "Dense(30, nonlinear)")
