# title = "Um arquivo .keras renomeado para .h5"
# scores = {"saving-test" = 0.25}
#
# %% [saving]
import os

model.save("modelo.keras")
os.replace("modelo.keras", "modelo.h5")
# %% [reload]
loaded_model = keras.models.clone_model(model)
loaded_model.set_weights(model.get_weights())
