# %% given
import keras
import numpy as np

model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
# %% right
model.save("modelo.h5")

check.h5_round_trip("modelo.h5", model)
# %% wrong
model.save("modelo.h5")
model.set_weights([np.ones((2, 1)), np.ones(1)])  # o treinamento veio depois

check.h5_round_trip("modelo.h5", model, hint="Salve depois de treinar.")
