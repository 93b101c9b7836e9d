# %% given
import keras
from keras import layers
# %% right
model = keras.Sequential([keras.Input((28, 28)), layers.Flatten()])
model.add(layers.Dense(100))
model.add(layers.ReLU())
model.add(layers.Dense(10))

check.sequential(model, layers=["Flatten", "Dense(nonlinear)+", "Dense(10)"])
# %% wrong
model = keras.Sequential([keras.Input((28, 28)), layers.Flatten()])
model.add(layers.Dense(100))
model.add(layers.Dense(10))

check.sequential(model, layers=["Flatten", "Dense(nonlinear)+", "Dense(10)"])
