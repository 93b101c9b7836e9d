# %% given
import keras
from keras import layers

wide, deep = keras.Input((5,)), keras.Input((6,))
# %% right
hidden = layers.Dense(30, activation="relu")(layers.Dense(30, activation="relu")(deep))
model = keras.Model([wide, deep], layers.Dense(1)(layers.concatenate([wide, hidden])))

check.paths(model, (6,), 0, hidden=(2, None))
# %% wrong
hidden = layers.Dense(30, activation="relu")(deep)
model = keras.Model([wide, deep], layers.Dense(1)(layers.concatenate([wide, hidden])))

check.paths(model, (6,), 0, hidden=(2, None))
