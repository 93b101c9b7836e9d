# title = "Uma classe que diz ser EarlyStopping, e um modelo com pesos da última época"
# scores = {"early-test" = 0.4}
#
# %% [early]
class Falsa(keras.callbacks.EarlyStopping):
    restore = True

early_stopping = Falsa(monitor="val_loss", patience=10)
big_history = big_model.fit(X_few, y_few, epochs=200, validation_data=(X_valid, y_valid), callbacks=[early_stopping], verbose=0)
early_stopping.restore_best_weights = True
