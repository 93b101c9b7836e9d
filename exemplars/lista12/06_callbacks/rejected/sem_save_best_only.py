# title = "ModelCheckpoint sem save_best_only: fica a última época"
# scores = {"checkpoint-test" = 0.25}
#
# %% [checkpoint]
model_1 = build_model()
history_1 = model_1.fit(X_train, y_train, epochs=30, validation_data=(X_valid, y_valid), callbacks=[keras.callbacks.ModelCheckpoint("melhor_modelo.keras")])
