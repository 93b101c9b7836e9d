# title = "Registros em logs, e não em my_logs"
# scores = {"log-1-test" = 0.0, "log-2-test" = 0.0, "histograms-test" = 0.0}
#
# %% [run-1]
model_1 = build_model(0.005)
history_1 = model_1.fit(X_train, y_train, epochs=5, validation_data=(X_valid, y_valid), callbacks=[keras.callbacks.TensorBoard("logs/run_1", histogram_freq=1)])
# %% [run-2]
model_2 = build_model(0.1)
history_2 = model_2.fit(X_train, y_train, epochs=5, validation_data=(X_valid, y_valid), callbacks=[keras.callbacks.TensorBoard("logs/run_2", histogram_freq=1)])
