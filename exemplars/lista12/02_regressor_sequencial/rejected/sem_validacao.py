# title = "Treinou sem dados de validação"
# scores = {"training-test" = 0.75}
#
# %% [training]
history = model.fit(X_train, y_train, epochs=8, batch_size=128, verbose=0)
