# %% given
import keras
from keras import layers
# %% right
sizes = (100, 50, 25, 10)
model = keras.Sequential([keras.Input((8,))] + [layers.Dense(n) for n in sizes])

check.funnel(model)
# %% wrong
sizes = (50, 50, 50, 10)
model = keras.Sequential([keras.Input((8,))] + [layers.Dense(n) for n in sizes])

check.funnel(model)
