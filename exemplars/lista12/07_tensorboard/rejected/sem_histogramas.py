# title = "Esqueceu histogram_freq nas duas execuções"
# scores = {"histograms-test" = 0.16666667}
#
# %% [run-1]
model_1 = build_model(0.005)
history_1 = model_1.fit(X_train, y_train, epochs=5, validation_data=(X_valid, y_valid), callbacks=[keras.callbacks.TensorBoard("my_logs/run_1")])
# %% [run-2]
model_2 = build_model(0.1)
history_2 = model_2.fit(X_train, y_train, epochs=5, validation_data=(X_valid, y_valid), callbacks=[keras.callbacks.TensorBoard("my_logs/run_2")])
