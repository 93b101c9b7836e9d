# title = "Treina a rede grande com todas as imagens, em lotes de 100 como na parte 2"
# scores = {"early-test" = 0.8666666666666667}
#
# %% [early]
early_stopping = keras.callbacks.EarlyStopping(monitor="val_loss", patience=10, restore_best_weights=True)
big_history = big_model.fit(
    X_train, y_train, epochs=60, batch_size=100, validation_data=(X_valid, y_valid), callbacks=[early_stopping], verbose=0
)
