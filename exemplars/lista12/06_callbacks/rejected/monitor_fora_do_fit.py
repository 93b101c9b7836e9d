# title = "O objeto monitor não é o que fit recebeu"
# scores = {"ratios-test" = 0.25, "batches-test" = 0.0}
#
# %% [monitor]
class Monitor(keras.callbacks.Callback):
    def __init__(self):
        super().__init__()
        self.ratios = []
        self.batch_losses = []

    def on_train_batch_end(self, batch, logs=None):
        self.batch_losses.append(logs["loss"])

    def on_epoch_end(self, epoch, logs=None):
        self.ratios.append(logs["val_loss"] / logs["loss"])

monitor = Monitor()
model_3 = build_model()
history_3 = model_3.fit(X_train, y_train, epochs=4, validation_data=(X_valid, y_valid), callbacks=[Monitor()])
