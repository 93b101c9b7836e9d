# title = "Validou com validation_split, e não com X_valid"
# scores = {"training-test" = 0.5}
#
# %% [training]
history = model.fit(X_train, y_train, epochs=4, batch_size=256, validation_split=0.1, verbose=0)
