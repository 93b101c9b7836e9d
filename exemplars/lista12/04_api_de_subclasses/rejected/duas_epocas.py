# title = "Só duas épocas, com taxa de aprendizado minúscula"
# scores = {"training-test" = 0.8, "mse-test" = 0.0}
#
# %% [training]
model = WideAndDeepModel()
model.compile(loss="mean_squared_error", optimizer=keras.optimizers.Adam(1e-6))
history = model.fit(separar(X_train), y_train, epochs=2, validation_data=(separar(X_valid), y_valid), verbose=0)
