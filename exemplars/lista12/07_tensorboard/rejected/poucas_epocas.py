# title = "Três épocas"
# scores = {"training-1-test" = 0.75, "training-2-test" = 0.75, "histograms-test" = 0.33333333}
#
# %% [run-1]
model_1 = build_model(0.005)
history_1 = model_1.fit(X_train, y_train, epochs=3, validation_data=(X_valid, y_valid), callbacks=[keras.callbacks.TensorBoard("my_logs/run_1", histogram_freq=1)])
# %% [run-2]
model_2 = build_model(0.1)
history_2 = model_2.fit(X_train, y_train, epochs=3, validation_data=(X_valid, y_valid), callbacks=[keras.callbacks.TensorBoard("my_logs/run_2", histogram_freq=1)])
