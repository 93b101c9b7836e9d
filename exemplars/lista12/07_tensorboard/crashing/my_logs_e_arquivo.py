# title = "my_logs é um arquivo: nada pode ser gravado nele"
# scores = {"training-1-test" = 0.0, "log-1-test" = 0.0, "training-2-test" = 0.0, "log-2-test" = 0.0, "histograms-test" = 0.0, "images-test" = 0.0, "conclusions-test" = 0.0}
#
# %% [run-1]
open("my_logs", "w").write("nada")
model_1 = build_model(0.005)
history_1 = model_1.fit(X_train, y_train, epochs=5, validation_data=(X_valid, y_valid), callbacks=[keras.callbacks.TensorBoard("my_logs/run_1", histogram_freq=1)])
