# title = "Não passou EarlyStopping para fit"
# scores = {"stopping-test" = 0.25, "restoring-test" = 0.0625}
#
# %% [early-stopping]
model_2 = build_model()
early_stopping_cb = keras.callbacks.EarlyStopping(patience=10, restore_best_weights=True)
history_2 = model_2.fit(X_train, y_train, epochs=100, validation_data=(X_valid, y_valid))
