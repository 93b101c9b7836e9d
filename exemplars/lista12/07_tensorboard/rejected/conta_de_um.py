# title = "Conta as épocas a partir de 1, e inverte a diferença das acurácias"
# scores = {"conclusions-test" = 1.2}
#
# %% [conclusions]
melhor, taxa = (history_1, 0.005) if min(history_1.history["val_loss"]) < min(history_2.history["val_loss"]) else (history_2, 0.1)
conclusoes = {"learning_rate": taxa, "val_loss": min(melhor.history["val_loss"]), "step": int(np.argmin(melhor.history["val_loss"])) + 1,
              "gap": melhor.history["val_accuracy"][-1] - melhor.history["accuracy"][-1]}
