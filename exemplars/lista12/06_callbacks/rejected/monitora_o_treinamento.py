# title = "As duas callbacks vigiam o custo de treinamento"
# scores = {"checkpoint-test" = 0.25, "stopping-test" = 0.25, "restoring-test" = 0.0625}
#
# %% [checkpoint]
model_1 = build_model()
history_1 = model_1.fit(X_train, y_train, epochs=30, validation_data=(X_valid, y_valid), callbacks=[keras.callbacks.ModelCheckpoint("melhor_modelo.keras", monitor="loss", save_best_only=True)])
# %% [early-stopping]
model_2 = build_model()
history_2 = model_2.fit(X_train, y_train, epochs=100, validation_data=(X_valid, y_valid), callbacks=[keras.callbacks.EarlyStopping(monitor="loss", patience=10, restore_best_weights=True)])
