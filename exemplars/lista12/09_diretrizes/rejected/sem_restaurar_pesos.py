# title = "EarlyStopping sem restore_best_weights: ficam os pesos da última época"
# scores = {"early-test" = 0.4}
#
# %% [early]
early_stopping = keras.callbacks.EarlyStopping(monitor="val_loss", patience=10)
big_history = big_model.fit(X_few, y_few, epochs=200, validation_data=(X_valid, y_valid), callbacks=[early_stopping], verbose=0)
