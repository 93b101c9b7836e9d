# title = "A primeira execução não é registrada"
# scores = {"log-1-test" = 0.0, "histograms-test" = 0.33333333}
#
# %% [run-1]
model_1 = build_model(0.005)
tensorboard_cb = keras.callbacks.TensorBoard("my_logs/run_1", histogram_freq=1)
history_1 = model_1.fit(X_train, y_train, epochs=5, validation_data=(X_valid, y_valid))
