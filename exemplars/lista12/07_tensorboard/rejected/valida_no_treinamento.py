# title = "A validação da primeira execução usa os dados de treinamento"
# scores = {"training-1-test" = 0.25}
#
# %% [run-1]
model_1 = build_model(0.005)
history_1 = model_1.fit(X_train, y_train, epochs=5, validation_data=(X_train, y_train), callbacks=[keras.callbacks.TensorBoard("my_logs/run_1", histogram_freq=1)])
