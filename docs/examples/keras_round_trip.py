# %% given
import keras
import numpy as np

model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
# %% right
model.save("modelo.keras")

check.keras_round_trip("modelo.keras", model)
# %% wrong
model.save("modelo.keras")
model.set_weights([np.ones((2, 1)), np.ones(1)])  # o treinamento veio depois

check.keras_round_trip("modelo.keras", model)
