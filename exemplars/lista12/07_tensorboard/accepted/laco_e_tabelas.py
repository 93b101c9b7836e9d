# title = "As duas execuções em um laço, históricos como tabelas do pandas"
#
# %% [run-1]
import pandas as pd

TAXAS = {1: 0.004, 2: 0.04}
modelos, tabelas = {}, {}
for numero, taxa in TAXAS.items():
    keras.backend.clear_session()
    modelos[numero] = build_model(taxa)
    cb = keras.callbacks.TensorBoard(log_dir=f"./my_logs/run_taxa_{taxa}", histogram_freq=1, write_images=True)
    tabelas[numero] = pd.DataFrame(modelos[numero].fit(X_train, y_train, epochs=5, verbose=2, validation_data=(X_valid, y_valid), callbacks=[cb]).history)
model_1, history_1 = modelos[1], tabelas[1]
# %% [run-2]
model_2, history_2 = modelos[2], tabelas[2]
# %% [conclusions]
n = min(tabelas, key=lambda n: tabelas[n]["val_loss"].min())
t = tabelas[n]
conclusoes = {"learning_rate": TAXAS[n], "val_loss": t["val_loss"].min(), "step": t["val_loss"].idxmin(),
              "gap": t["accuracy"].iloc[-1] - t["val_accuracy"].iloc[-1]}
