# title = "EarlyStopping sem restore_best_weights"
# scores = {"restoring-test" = 0.0625}
#
# %% [early-stopping]
model_2 = build_model()
history_2 = model_2.fit(X_train, y_train, epochs=100, validation_data=(X_valid, y_valid), callbacks=[keras.callbacks.EarlyStopping(patience=10)])
