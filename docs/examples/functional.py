# %% given
import keras
from keras import layers

wide, deep = keras.Input((5,)), keras.Input((6,))
# %% right
both = layers.concatenate([wide, layers.Dense(30, activation="relu")(deep)])
model = keras.Model([wide, deep], layers.Dense(1, name="price")(both))

check.functional(model, inputs=[(5,), (6,)], outputs={"price": (1,)})
# %% wrong
model = keras.Model(deep, layers.Dense(1, name="price")(deep))

check.functional(model, inputs=[(5,), (6,)], outputs={"price": (1,)})
