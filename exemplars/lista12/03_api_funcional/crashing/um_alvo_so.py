# title = "Um alvo para duas saídas: fit levanta uma exceção"
# scores = {"training-test" = 0.0, "mse-test" = 0.5}
#
# %% [training]
history = model.fit([X_train_A, X_train_B], y_train, epochs=6, validation_data=([X_valid_A, X_valid_B], y_valid))
