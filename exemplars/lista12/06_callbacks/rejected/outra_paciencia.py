# title = "Paciência de 5 épocas"
# scores = {"stopping-test" = 0.25}
#
# %% [early-stopping]
model_2 = build_model()
history_2 = model_2.fit(X_train, y_train, epochs=100, validation_data=(X_valid, y_valid), callbacks=[keras.callbacks.EarlyStopping(patience=5, restore_best_weights=True)])
