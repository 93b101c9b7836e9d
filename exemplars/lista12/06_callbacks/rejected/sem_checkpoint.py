# title = "Criou a callback ModelCheckpoint e não a passou para fit; salvou à mão no fim"
# scores = {"checkpoint-test" = 0.25}
#
# %% [checkpoint]
model_1 = build_model()
checkpoint_cb = keras.callbacks.ModelCheckpoint("melhor_modelo.keras", save_best_only=True)
history_1 = model_1.fit(X_train, y_train, epochs=30, validation_data=(X_valid, y_valid))
model_1.save("melhor_modelo.keras")
