# %% given
import keras

model = keras.Sequential()
history = keras.callbacks.History()
history.params = {"epochs": 100}
# %% right
history.history = {"val_loss": [0.9, 0.6, 0.7, 0.8]}  # fit(epochs=100, …)

check.stopped_early(history, model, patience=2)
# %% wrong
history.history = {"val_loss": [0.9, 0.8, 0.7, 0.6]}

check.stopped_early(history, model, patience=2)
