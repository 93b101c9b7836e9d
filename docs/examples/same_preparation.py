# %% given
import numpy as np

images = np.arange(256).repeat(2).reshape(32, 16)
X_valid = images / 255


def model(X):
    brightness = X.mean(axis=1)
    return np.stack([brightness, 1 - brightness], axis=1)
# %% right
def prever(X):
    return model(X / 255)


check.same_preparation(prever, model, X_valid)
# %% wrong
def prever(X):
    return model(X)


check.same_preparation(prever, model, X_valid)
