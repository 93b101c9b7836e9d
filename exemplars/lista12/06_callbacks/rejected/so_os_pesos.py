# title = "Grava somente os pesos, em outro arquivo"
# scores = {"checkpoint-test" = 0.25, "reload-test" = 0.0}
#
# %% [checkpoint]
model_1 = build_model()
history_1 = model_1.fit(X_train, y_train, epochs=30, validation_data=(X_valid, y_valid), callbacks=[keras.callbacks.ModelCheckpoint("melhor_modelo.weights.h5", save_best_only=True, save_weights_only=True)])
# %% [reload]
best_model = build_model()
best_model.load_weights("melhor_modelo.weights.h5")
