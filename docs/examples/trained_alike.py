# %% given
import keras
from keras.layers import Dense

one, other = (keras.Sequential([keras.Input((8,)), Dense(1)]) for _ in range(2))
one.compile(loss="mse", optimizer="sgd")
history_one = history_other = {"loss": [2.0, 1.0]}
# %% right
other.compile(loss="mse", optimizer="sgd")

check.trained_alike((one, history_one), (other, history_other))
# %% wrong
other.compile(loss="mse", optimizer="adam")

check.trained_alike((one, history_one), (other, history_other))
