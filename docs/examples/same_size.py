# %% given
import keras
from keras.layers import Dense

deep_model = keras.Sequential([keras.Input((8,)), Dense(7), Dense(5)])
# %% right
shallow_model = keras.Sequential([keras.Input((8,)), Dense(11)])

check.same_size(shallow_model, deep_model, tolerance=0.05)
# %% wrong
shallow_model = keras.Sequential([keras.Input((8,)), Dense(20)])

check.same_size(shallow_model, deep_model, tolerance=0.05)
