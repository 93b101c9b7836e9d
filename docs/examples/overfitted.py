# %% right
history = {"loss": [0.9, 0.2], "val_loss": [0.8, 0.7]}

check.overfitted(history, ratio=0.5)
# %% wrong
history = {"loss": [0.9, 0.6], "val_loss": [0.8, 0.7]}

check.overfitted(history, ratio=0.5)
