# title = "Conclui da execução com o maior custo, e pelo custo de treinamento"
# scores = {"conclusions-test" = 0.4}
#
# %% [conclusions]
pior = history_1.history
conclusoes = {"learning_rate": 0.005, "val_loss": min(pior["loss"]), "step": 0, "gap": pior["loss"][-1] - pior["val_loss"][-1]}
