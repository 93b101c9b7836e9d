# title = "Rótulos fora de ordem na segunda execução"
# scores = {"training-2-test" = 0.75}
#
# %% [run-2]
model_2 = build_model(0.1)
history_2 = model_2.fit(X_train, np.random.permutation(y_train), epochs=5, validation_data=(X_valid, y_valid), callbacks=[keras.callbacks.TensorBoard("my_logs/run_2", histogram_freq=1)])
