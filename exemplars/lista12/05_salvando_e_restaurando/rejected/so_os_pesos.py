# title = "Um arquivo modelo.h5 que só tem pesos"
# scores = {"save-test" = 0.6, "optimizer-test" = 0.0, "inspect-test" = 0.0}
#
# %% [save]
import os
model.save_weights("modelo.weights.h5")
os.rename("modelo.weights.h5", "modelo.h5")
# %% [reload]
loaded_model = criar_modelo()
loaded_model.set_weights(model.get_weights())
# %% [inspect]
config_otimizador = None
passos = None
