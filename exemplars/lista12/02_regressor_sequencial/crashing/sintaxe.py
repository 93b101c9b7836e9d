# title = "Erro de sintaxe na célula de treinamento"
# scores = {"training-test" = 0.0, "mse-test" = 0.0}
#
# %% [training]
history = model.fit(X_train, y_train, epochs=8
