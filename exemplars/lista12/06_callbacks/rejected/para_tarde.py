# title = "Para quando val_loss passa do dobro de loss"
# scores = {"overfit-test" = 0.25}
#
# %% [stopper]
class ParaNoSobreajuste(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        if logs["val_loss"] > 2 * logs["loss"]:
            self.model.stop_training = True
