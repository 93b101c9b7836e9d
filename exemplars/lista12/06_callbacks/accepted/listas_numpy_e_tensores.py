# title = "A callback guarda tensores e vetores do NumPy"
#
# %% [monitor]
import tensorflow as tf

class Monitor(tf.keras.callbacks.Callback):
    def __init__(self):
        self.ratios = np.array([])
        self.batch_losses = []

    def on_train_batch_end(self, batch, logs):
        self.batch_losses += [tf.constant(logs["loss"])]

    def on_epoch_end(self, epoch, logs):
        self.ratios = np.append(self.ratios, np.divide(logs["val_loss"], logs["loss"]))

monitor = Monitor()
model_3 = build_model()
history_3 = model_3.fit(X_train, y_train, epochs=6, validation_data=(X_valid, y_valid), callbacks=[monitor], verbose=0)
