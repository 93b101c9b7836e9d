# title = "Escreve à mão o que as callbacks prontas fazem"
#
# %% [checkpoint]
class Guarda(keras.callbacks.Callback):
    menor = float("inf")
    def on_epoch_end(self, epoch, logs=None):
        if logs["val_loss"] < self.menor:
            self.menor = logs["val_loss"]
            self.model.save("melhor_modelo.keras")

model_1 = build_model()
history_1 = model_1.fit(X_train, y_train, epochs=30, validation_data=(X_valid, y_valid), callbacks=[Guarda()], verbose=0)
# %% [early-stopping]
class Para(keras.callbacks.Callback):
    def on_train_begin(self, logs=None):
        self.menor, self.espera = np.inf, 0
    def on_epoch_end(self, epoch, logs=None):
        if logs["val_loss"] < self.menor:
            self.menor, self.espera, self.pesos = logs["val_loss"], 0, self.model.get_weights()
        else:
            self.espera += 1
            if self.espera == 10:
                self.model.stop_training = True
    def on_train_end(self, logs=None):
        self.model.set_weights(self.pesos)

model_2 = build_model()
history_2 = model_2.fit(X_train, y_train, epochs=100, validation_data=(X_valid, y_valid), callbacks=[Para()], verbose=0)
