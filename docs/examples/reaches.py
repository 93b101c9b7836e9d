# %% given
import keras
from keras import layers

wide, deep = keras.Input((5,)), keras.Input((6,))
first = layers.Dense(30, activation="relu")(deep)
second = layers.Dense(30, activation="relu")(first)
both = layers.concatenate([wide, second])
# %% right
outputs = [layers.Dense(1)(both), layers.Dense(1)(second)]
model = keras.Model([wide, deep], outputs)

check.reaches(model, 1, inputs=[(6,)])
# %% wrong
outputs = [layers.Dense(1)(both), layers.Dense(1)(both)]
model = keras.Model([wide, deep], outputs)

check.reaches(model, 1, inputs=[(6,)])
