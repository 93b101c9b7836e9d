# title = "A razão é loss / val_loss, e os lotes são anotados uma vez por época"
# scores = {"ratios-test" = 0.25, "batches-test" = 0.25}
#
# %% [monitor]
class Monitor(keras.callbacks.Callback):
    def __init__(self):
        super().__init__()
        self.ratios = []
        self.batch_losses = []

    def on_epoch_end(self, epoch, logs=None):
        self.batch_losses.append(logs["loss"])
        self.ratios.append(logs["loss"] / logs["val_loss"])

monitor = Monitor()
model_3 = build_model()
history_3 = model_3.fit(X_train, y_train, epochs=4, validation_data=(X_valid, y_valid), callbacks=[monitor])
