# title = "ModelCheckpoint e EarlyStopping; volta ao melhor modelo antes de salvar"
#
# %% [training]
checkpoint_cb = keras.callbacks.ModelCheckpoint("melhor.keras", save_best_only=True)
early_stopping_cb = keras.callbacks.EarlyStopping(patience=10, restore_best_weights=True)
history = model.fit(X_train, y_train, epochs=4, batch_size=256, validation_data=(X_valid, y_valid),
                    callbacks=[checkpoint_cb, early_stopping_cb], verbose=0)
model = keras.models.load_model("melhor.keras")
