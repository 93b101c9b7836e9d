# title = "A mesma taxa de aprendizado nas duas execuções"
# scores = {"training-2-test" = 0.5}
#
# %% [run-2]
model_2 = build_model(0.005)
history_2 = model_2.fit(X_train, y_train, epochs=5, validation_data=(X_valid, y_valid), callbacks=[keras.callbacks.TensorBoard("my_logs/run_2", histogram_freq=1)])
