# title = "Treina a rede grande com todas as imagens"
# scores = {"early-test" = 0.8}
#
# %% [early]
early_stopping = keras.callbacks.EarlyStopping(monitor="val_loss", patience=10, restore_best_weights=True)
big_history = big_model.fit(X_train, y_train, epochs=60, validation_data=(X_valid, y_valid), callbacks=[early_stopping], verbose=0)
