# %% given
import keras
from keras import layers

wide, deep = keras.Input((5,)), keras.Input((6,))
first = layers.Dense(30, activation="relu")(deep)
second = layers.Dense(30, activation="relu")(first)
both = layers.concatenate([wide, second])
# %% right
price = layers.Dense(1)(both)
model = keras.Model([wide, deep], price)

check.paths(model, (5,), 0, hidden=0)
# %% wrong
hidden = layers.Dense(10, activation="relu")(both)
price = layers.Dense(1)(hidden)
model = keras.Model([wide, deep], price)

check.paths(model, (5,), 0, hidden=0)
