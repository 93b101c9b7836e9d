# %% right
history = {"loss": [0.9, 0.6, 0.5], "val_loss": [0.8, 0.7, 0.65]}

check.trained(history, epochs_at_least=3, metrics=("loss", "val_loss"))
# %% wrong
history = {"loss": [0.9, 0.6], "val_loss": [0.8, 0.7]}

check.trained(history, epochs_at_least=3, metrics=("loss", "val_loss"))
