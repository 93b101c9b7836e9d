# title = "Validou com validation_split, e não com X_valid"
# scores = {"training-test" = 0.5}
#
# %% [training]
history = model.fit(X_train, y_train, epochs=8, batch_size=128, validation_split=0.2, verbose=0)
