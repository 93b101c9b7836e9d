# title = "Uma exceção dentro da callback"
# scores = {"ratios-test" = 0.0, "batches-test" = 0.0}
#
# %% [monitor]
class Monitor(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        self.ratios.append(logs["val_loss"] / logs["loss"])

monitor = Monitor()
model_3 = build_model()
history_3 = model_3.fit(X_train, y_train, epochs=4, validation_data=(X_valid, y_valid), callbacks=[monitor])
