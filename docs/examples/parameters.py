# %% given
import keras
from keras import layers

one, two = keras.Input((8,)), keras.Input((8,))
# %% right
model = keras.Model(one, layers.Dense(30)(one))

check.parameters(model, 8 * 30 + 30)
# %% wrong
dense = layers.Dense(30, use_bias=False)
model = keras.Model(one, dense(one))

check.parameters(model, 8 * 30 + 30)
