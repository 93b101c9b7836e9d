# title = "Paciência de 10 épocas, como na aula"
# scores = {"stopping-test" = 0.25}
#
# %% [early-stopping]
model_2 = build_model()
history_2 = model_2.fit(X_train, y_train, epochs=100, validation_data=(X_valid, y_valid), callbacks=[keras.callbacks.EarlyStopping(patience=10, restore_best_weights=True)])
