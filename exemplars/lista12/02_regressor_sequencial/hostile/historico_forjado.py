# title = "Um histórico forjado, preso ao modelo, com o contador do otimizador ajustado"
# scores = {"training-test" = 0.5, "mse-test" = 0.0}
#
# %% [training]
history = keras.callbacks.History()
history.history = {"loss": [0.9, 0.5, 0.4, 0.3], "val_loss": [0.8, 0.5, 0.4, 0.35]}
history.epoch = [0, 1, 2, 3]
history.params = {"epochs": 4}
model.history = history
model.optimizer.build(model.trainable_variables)
model.optimizer.iterations.assign(860)
