# %% right
history = {"val_loss": [0.9, 0.5, 0.6, 0.7]}

check.early_stopped(history, patience=2, max_epochs=10)
# %% wrong
history = {"val_loss": [0.9, 0.5, 0.6, 0.7, 0.8, 0.9]}

check.early_stopped(history, patience=2, max_epochs=10)
