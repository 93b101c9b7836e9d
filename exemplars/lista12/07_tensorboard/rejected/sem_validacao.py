# title = "A primeira execução não tem dados de validação"
# scores = {"training-1-test" = 0.0, "log-1-test" = 0.25}
#
# %% [run-1]
model_1 = build_model(0.005)
history_1 = model_1.fit(X_train, y_train, epochs=5, callbacks=[keras.callbacks.TensorBoard("my_logs/run_1", histogram_freq=1)])
# %% [conclusions]
best = history_2.history
conclusoes = {"learning_rate": 0.1, "val_loss": min(best["val_loss"]), "step": int(np.argmin(best["val_loss"])),
              "gap": best["accuracy"][-1] - best["val_accuracy"][-1]}
