# %% given
import keras
import numpy as np

X, y = np.ones((4, 2)), np.zeros((4, 1))
model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
model.set_weights([np.ones((2, 1)), np.zeros(1)])
# %% right
history = {"val_loss": [9.0, 4.0, 6.25]}  # o modelo é o da segunda época

check.best_weights(model, history, validation=(X, y), loss="mean_squared_error")
# %% wrong
history = {"val_loss": [9.0, 2.0, 4.0]}  # o modelo é o da última época

check.best_weights(model, history, validation=(X, y), loss="mean_squared_error")
