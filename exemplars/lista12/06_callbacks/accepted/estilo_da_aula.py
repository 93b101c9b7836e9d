# title = "Estilo da aula: .h5, keras.models, checkpoint_cb, a razão val/train impressa"
#
# %% [checkpoint]
from tensorflow import keras

keras.backend.clear_session()
model_1 = build_model()
checkpoint_cb = keras.callbacks.ModelCheckpoint("melhor_modelo.h5", save_best_only=True)
history_1 = model_1.fit(X_train, y_train, epochs=30,
                        validation_data=(X_valid, y_valid),
                        callbacks=[checkpoint_cb])
# %% [reload]
best_model = keras.models.load_model("melhor_modelo.h5") # rollback to best model
mse_test = best_model.evaluate(X_valid, y_valid)
# %% [early-stopping]
model_2 = build_model()
early_stopping_cb = keras.callbacks.EarlyStopping(patience=10,
                                                  restore_best_weights=True)
checkpoint_cb = keras.callbacks.ModelCheckpoint("my_keras_model.h5", save_best_only=True)
history_2 = model_2.fit(X_train, y_train, epochs=100,
                        validation_data=(X_valid, y_valid),
                        callbacks=[checkpoint_cb, early_stopping_cb])
# %% [monitor]
class Monitor(keras.callbacks.Callback):
    def on_train_begin(self, logs):
        self.ratios, self.batch_losses = [], []
    def on_batch_end(self, batch, logs):
        self.batch_losses.append(logs.get("loss"))
    def on_epoch_end(self, epoch, logs):
        print("\nval/train: {:.2f}".format(logs["val_loss"] / logs["loss"]))
        self.ratios.append(logs["val_loss"] / logs["loss"])

monitor = Monitor()
model_3 = build_model()
history_3 = model_3.fit(X_train, y_train, epochs=5, validation_data=(X_valid, y_valid), callbacks=[monitor])
