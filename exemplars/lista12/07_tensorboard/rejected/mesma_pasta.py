# title = "As duas execuções na mesma pasta"
# scores = {"log-2-test" = 0.5}
#
# %% [run-2]
model_2 = build_model(0.1)
history_2 = model_2.fit(X_train, y_train, epochs=5, validation_data=(X_valid, y_valid), callbacks=[keras.callbacks.TensorBoard("my_logs/run_1", histogram_freq=1)])
