# title = "Continua a treinar model_1 com a taxa maior, em vez de criar outra rede"
# scores = {"training-2-test" = 0.5}
#
# %% [run-2]
model_2 = model_1
model_2.optimizer.learning_rate = 0.1
history_2 = model_2.fit(X_train, y_train, epochs=5, validation_data=(X_valid, y_valid), callbacks=[keras.callbacks.TensorBoard("my_logs/run_2", histogram_freq=1)])
