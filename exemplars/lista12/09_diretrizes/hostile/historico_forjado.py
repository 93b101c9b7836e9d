# title = "Um histórico escrito à mão, com a callback certa ao lado, para uma rede sem treino"
# scores = {"early-test" = 0.4}
#
# %% [early]
early_stopping = keras.callbacks.EarlyStopping(monitor="val_loss", patience=10, restore_best_weights=True)
big_history = keras.callbacks.History()
big_history.history = {"loss": [0.9 - 0.05 * i for i in range(16)], "val_loss": [0.9, 0.8, 0.7, 0.65, 0.6, 0.55] + [0.7] * 10}
big_history.epoch = list(range(16))
big_history.params = {"epochs": 200, "steps": 10}
big_model.history = big_history
