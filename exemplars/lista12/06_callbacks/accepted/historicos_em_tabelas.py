# title = "Históricos como tabelas e dicionários; todas as callbacks em uma lista"
#
# %% [checkpoint]
import pandas as pd

model_1 = build_model()
history_1 = pd.DataFrame(model_1.fit(X_train, y_train, epochs=35, validation_data=(X_valid, y_valid), verbose=0,
    callbacks=[keras.callbacks.ModelCheckpoint("melhor_modelo.keras", save_best_only=True), keras.callbacks.TerminateOnNaN()]).history)
# %% [early-stopping]
model_2 = build_model()
historico = model_2.fit(X_train, y_train, epochs=100, validation_data=(X_valid, y_valid), verbose=0,
                        callbacks=[keras.callbacks.EarlyStopping("val_loss", patience=10, restore_best_weights=True), keras.callbacks.CSVLogger("log.csv")])
history_2 = historico.history
