# title = "Treinou de outro modo e escreveu o histórico à mão"
# scores = {"training-test" = 0.25}
#
# %% [training]
model.fit(X_train, y_train, epochs=8, batch_size=128, validation_data=(X_valid, y_valid), verbose=0)
history = {"loss": [3.0, 2.0, 1.0], "val_loss": [3.1, 2.1, 1.1]}
