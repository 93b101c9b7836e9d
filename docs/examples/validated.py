# %% given
import numpy as np

X_valid, y_valid = np.eye(4), np.ones(4)
# %% right
def model(X, training=False):
    return np.zeros((len(X), 1))

history = {"loss": [1.5, 1.1], "val_loss": [1.4, 1.0]}
check.validated(history, model, X_valid, y_valid, loss="mse")
# %% wrong
def model(X, training=False):
    return np.zeros((len(X), 1))

history = {"loss": [0.5, 0.1], "val_loss": [0.4, 0.1]}
check.validated(history, model, X_valid, y_valid, loss="mse")
