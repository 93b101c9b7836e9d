# title = "Treinou sem dados de validação"
# scores = {"training-test" = 0.5}
#
# %% [training]
history = model.fit([X_train_A, X_train_B], [y_train, y_train], epochs=6, verbose=0)
