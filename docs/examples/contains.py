# %% given
import keras
from keras import layers
# %% right
model = keras.Sequential([keras.Input((8,)), layers.Dropout(0.2), layers.Dense(1)])

check.contains(model, "Dropout")
# %% wrong
model = keras.Sequential([keras.Input((8,)), layers.Dense(1)])

check.contains(model, "Dropout")
