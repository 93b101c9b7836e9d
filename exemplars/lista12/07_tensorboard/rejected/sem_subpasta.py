# title = "A primeira execução grava direto em my_logs"
# scores = {"log-1-test" = 0.0, "histograms-test" = 0.83333333}
#
# %% [run-1]
model_1 = build_model(0.005)
history_1 = model_1.fit(X_train, y_train, epochs=5, validation_data=(X_valid, y_valid), callbacks=[keras.callbacks.TensorBoard("my_logs", histogram_freq=1)])
