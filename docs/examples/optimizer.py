# %% given
import keras

model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
# %% right
model.compile(loss="mse", optimizer=keras.optimizers.Adam(learning_rate=0.005))

check.optimizer(model, "adam", hyperparameters={"learning_rate": 0.005})
# %% wrong
model.compile(loss="mse", optimizer="adam")

check.optimizer(model, "adam", hyperparameters={"learning_rate": 0.005})
