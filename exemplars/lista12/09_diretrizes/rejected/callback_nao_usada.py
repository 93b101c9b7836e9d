# title = "A callback foi criada, mas não passada a fit"
# scores = {"early-test" = 0.4}
#
# %% [early]
early_stopping = keras.callbacks.EarlyStopping(monitor="val_loss", patience=10, restore_best_weights=True)
big_history = big_model.fit(X_few, y_few, epochs=30, validation_data=(X_valid, y_valid), verbose=0)
