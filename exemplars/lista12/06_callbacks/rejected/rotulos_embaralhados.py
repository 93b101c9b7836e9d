# title = "Rótulos fora de ordem em dois dos treinamentos"
# scores = {"stopping-test" = 0.875, "ratios-test" = 0.875}
#
# %% [early-stopping]
model_2 = build_model()
history_2 = model_2.fit(X_train, np.random.permutation(y_train), epochs=100, validation_data=(X_valid, y_valid),
                        callbacks=[keras.callbacks.EarlyStopping(patience=10, restore_best_weights=True)])
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
history_3 = model_3.fit(X_train, np.random.permutation(y_train), epochs=4, validation_data=(X_valid, y_valid), callbacks=[monitor])
