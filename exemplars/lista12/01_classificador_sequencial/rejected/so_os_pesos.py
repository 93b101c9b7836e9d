# title = "Um arquivo .h5 que só tem pesos"
# scores = {"saving-test" = 0.25}
#
# %% [saving]
model.save_weights("modelo.weights.h5")
import os
os.rename("modelo.weights.h5", "modelo.h5")
# %% [reload]
loaded_model = keras.models.clone_model(model)
loaded_model.set_weights(model.get_weights())
