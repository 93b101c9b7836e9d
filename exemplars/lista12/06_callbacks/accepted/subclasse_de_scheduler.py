# title = "ReduzTaxa derivada de LearningRateScheduler"
#
# %% [reducer]
class ReduzTaxa(keras.callbacks.LearningRateScheduler):
    def __init__(self):
        super().__init__(lambda epoca, taxa: taxa if epoca == 0 else taxa * 0.9)
        self.learning_rates = []

    def on_epoch_begin(self, epoch, logs=None):
        super().on_epoch_begin(epoch, logs)
        self.learning_rates.append(float(np.array(self.model.optimizer.learning_rate)))

reduz = ReduzTaxa()
# %% [controlled]
controles = [reduz, ParaNoSobreajuste()]
model_4 = build_model()
history_4 = model_4.fit(X_train, y_train, validation_data=(X_valid, y_valid), epochs=50, callbacks=controles, verbose=0)
