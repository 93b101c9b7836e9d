# %% given
import keras
from keras import layers

wide, deep = keras.Input((5,)), keras.Input((6,))
first = layers.Dense(30, activation="relu")(deep)
second = layers.Dense(30, activation="relu")(first)
both = layers.concatenate([wide, second])
# %% right
price = layers.Dense(1, name="price")(both)
model = keras.Model([wide, deep], price)

check.functional(
    model, inputs=[(5,), (6,)], outputs={"price": (1,)}
)
# %% wrong
price = layers.Dense(1)(second)
model = keras.Model(deep, price)

check.functional(
    model, inputs=[(5,), (6,)], outputs={"price": (1,)}
)
