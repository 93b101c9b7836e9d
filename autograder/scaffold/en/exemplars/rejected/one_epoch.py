# title = "Trains for one epoch only"
# scores = {"training-test" = 0.0, "prediction-test" = 2.0}
#
# %% [training]
history = model.fit(standardise(X_train, X_train), y_train, epochs=1, batch_size=64, verbose=0)
