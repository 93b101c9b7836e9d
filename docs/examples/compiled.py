# %% given
import keras
from keras import layers

model = keras.Sequential([keras.Input((8,)), layers.Dense(1)])
# %% right
model.compile(loss=keras.losses.MeanSquaredError(), optimizer="sgd")

check.compiled(model, loss="mse")
# %% wrong
model.compile(loss="mae", optimizer="sgd")

check.compiled(model, loss="mse")
