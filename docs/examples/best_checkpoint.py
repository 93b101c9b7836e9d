# %% given
import keras
import numpy as np

X, y = np.ones((4, 2)), np.zeros((4, 1))
model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
model.set_weights([np.ones((2, 1)), np.zeros(1)])
history = {"val_loss": [9.0, 4.0, 6.25]}
# %% right
model.save("melhor.keras")  # na segunda época, a melhor

mse = "mean_squared_error"
check.best_checkpoint("melhor.keras", history, validation=(X, y), loss=mse)
# %% wrong
model.set_weights([np.ones((2, 1)), np.full(1, 0.5)])
model.save("melhor.keras")  # na última

mse = "mean_squared_error"
check.best_checkpoint("melhor.keras", history, validation=(X, y), loss=mse)
