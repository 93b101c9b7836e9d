# title = "Uma época de treinamento"
# scores = {"training-test" = 0.625}
#
# %% [training]
history = model.fit(X_train, y_train, epochs=1, batch_size=64, validation_data=(X_valid, y_valid), verbose=0)
