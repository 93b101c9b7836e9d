# title = "Todos os argumentos por nome, verbose, pathlib"
#
# %% [checkpoint]
from pathlib import Path

arquivo = Path.cwd() / "melhor_modelo.keras"
model_1 = build_model()
history_1 = model_1.fit(x=X_train, y=y_train, batch_size=32, epochs=30, verbose=0, shuffle=True, validation_data=(X_valid, y_valid),
                        callbacks=[keras.callbacks.ModelCheckpoint(filepath=arquivo, monitor="val_loss", mode="min", save_best_only=True,
                                                                   save_weights_only=False, save_freq="epoch", verbose=1)])
# %% [reload]
best_model = keras.saving.load_model(str(arquivo), compile=False)
# %% [early-stopping]
model_2 = build_model()
history_2 = model_2.fit(X_train, y_train, epochs=100, verbose=2, validation_data=(X_valid, y_valid),
                        callbacks=keras.callbacks.EarlyStopping(monitor="val_loss", min_delta=0, patience=10, verbose=1, mode="auto", restore_best_weights=True))
