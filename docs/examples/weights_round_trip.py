# %% given
import keras

model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
# %% right
model.save_weights("pesos.weights.h5")

check.weights_round_trip("pesos.weights.h5", model)
# %% wrong
model.save("pesos.weights.h5")

check.weights_round_trip("pesos.weights.h5", model)
