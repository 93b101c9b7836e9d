# title = "Nenhum treinamento: histórico inventado e contador do otimizador ajustado"
# scores = {"save-test" = 0.6, "optimizer-test" = 0.0}
#
# %% [train]
model = criar_modelo()
history = keras.callbacks.History()
history.history = {"loss": [1.6, 0.38, 0.29]}
history.epoch = [0, 1, 2]
history.params = {"epochs": 3}
model.history = history
model.optimizer.build(model.trainable_variables)
model.optimizer.iterations.assign(96)
