# title = "Recarrega em um clone, e guarda vários arquivos além do pedido"
#
# %% [checkpoint]
model_1 = build_model()
history_1 = model_1.fit(X_train, y_train, epochs=30, validation_data=(X_valid, y_valid), verbose=0, callbacks=[
    keras.callbacks.ModelCheckpoint("epoca_{epoch:02d}.weights.h5", save_weights_only=True, save_freq=160),
    keras.callbacks.ModelCheckpoint("melhor_modelo.keras", "val_loss", save_best_only=True),
    keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: None)])
# %% [reload]
best_model = keras.models.clone_model(model_1)
best_model.set_weights(keras.models.load_model("melhor_modelo.keras").get_weights())
