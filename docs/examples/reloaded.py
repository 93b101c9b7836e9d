# %% given
import keras

model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
model.save("modelo.h5")
# %% right
loaded_model = keras.models.load_model("modelo.h5")

check.reloaded(loaded_model, model=model, path="modelo.h5")
# %% wrong
loaded_model = model

check.reloaded(loaded_model, model=model, path="modelo.h5")
