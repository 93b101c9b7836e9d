# %% given
import keras
from keras import layers

one, other = keras.Input((5,)), keras.Input((6,))
# %% right
model = keras.Model([one, other], [layers.Dense(1)(one), layers.Dense(2)(other)])

check.reaches(model, (2,), inputs=[(6,)])
# %% wrong
both = layers.concatenate([one, other])
model = keras.Model([one, other], [layers.Dense(1)(one), layers.Dense(2)(both)])

check.reaches(model, (2,), inputs=[(6,)])
