# %% given
import keras
from keras import layers
# %% right
model = keras.Sequential([keras.Input((8,)), layers.Dense(30), layers.Dense(1)])

check.parameters(model, 8 * 30 + 30 + 30 + 1)
# %% wrong
model = keras.Sequential([keras.Input((8,)), layers.Dense(20), layers.Dense(1)])

check.parameters(model, 8 * 30 + 30 + 30 + 1)
