# title = "A callback que deveria parar o treinamento chama os._exit"
# scores = {"overfit-test" = 0.0, "rates-test" = 0.0}
#
# %% [stopper]
import os

class ParaNoSobreajuste(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        if logs["val_loss"] > 1.5 * logs["loss"]:
            os._exit(0)
