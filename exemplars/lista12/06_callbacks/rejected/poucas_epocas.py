# title = "Dez épocas em vez de 30, e duas em vez de quatro"
# scores = {"checkpoint-test" = 0.875, "ratios-test" = 0.875}
#
# %% [checkpoint]
model_1 = build_model()
history_1 = model_1.fit(X_train, y_train, epochs=10, validation_data=(X_valid, y_valid), callbacks=[keras.callbacks.ModelCheckpoint("melhor_modelo.keras", save_best_only=True)])
# %% [monitor]
class Monitor(keras.callbacks.Callback):
    def on_train_begin(self, logs=None):
        self.ratios, self.batch_losses = [], []

    def on_train_batch_end(self, batch, logs=None):
        self.batch_losses.append(logs["loss"])

    def on_epoch_end(self, epoch, logs=None):
        self.ratios.append(logs["val_loss"] / logs["loss"])

monitor = Monitor()
model_3 = build_model()
history_3 = model_3.fit(X_train, y_train, epochs=2, validation_data=(X_valid, y_valid), callbacks=[monitor])
