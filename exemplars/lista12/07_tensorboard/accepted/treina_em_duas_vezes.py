# title = "A segunda execução treina em duas chamadas de fit, a primeira de aquecimento, na mesma pasta"
#
# %% [run-2]
model_2 = build_model(0.08)
tb = keras.callbacks.TensorBoard("my_logs/run_2", histogram_freq=1)
parte_1 = model_2.fit(X_train, y_train, epochs=1, validation_data=(X_valid, y_valid), callbacks=[tb], verbose=0)
history_2 = model_2.fit(X_train, y_train, initial_epoch=1, epochs=6, validation_data=(X_valid, y_valid), callbacks=[tb], verbose=0)
# %% [conclusions]
menores = np.array([min(h.history["val_loss"]) for h in (history_1, history_2)])
melhor = (history_1, history_2)[menores.argmin()]
conclusoes = {"learning_rate": [0.005, 0.08][menores.argmin()], "val_loss": menores.min(),
              "step": int(np.argmin(melhor.history["val_loss"])), "gap": np.float64(melhor.history["accuracy"][-1]) - melhor.history["val_accuracy"][-1]}
