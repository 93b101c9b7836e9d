# title = "Põe stop_training na callback, e não no modelo"
# scores = {"overfit-test" = 0.25}
#
# %% [stopper]
class ParaNoSobreajuste(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        if logs["val_loss"] > 1.5 * logs["loss"]:
            self.stop_training = True
