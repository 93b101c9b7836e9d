# title = "O limite de épocas acaba antes da parada"
# scores = {"early-test" = 0.2}
#
# %% [early]
early_stopping = keras.callbacks.EarlyStopping(monitor="val_loss", patience=10, restore_best_weights=True)
big_history = big_model.fit(X_few, y_few, epochs=3, validation_data=(X_valid, y_valid), callbacks=[early_stopping], verbose=0)
