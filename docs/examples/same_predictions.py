# %% given
import keras
import numpy as np

model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
copy = keras.models.clone_model(model)
# %% right
copy.set_weights(model.get_weights())

check.same_predictions(copy, model)
# %% wrong
copy = model

check.same_predictions(copy, model)
